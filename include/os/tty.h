/* SPDX-License-Identifier: ISC */
/*
 * os_tty: the terminal. For one thread.
 */
#ifndef OS_TTY_H
#define OS_TTY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

bool os_tty_is_terminal(int fd);

/* How many columns a terminal has; 0 if fd is not a terminal or its size is unknown. */
unsigned os_tty_columns(int fd);

/*
 * Whether fd is a terminal that obeys sequences of ECMA-48, such as those for bold text: on Linux
 * if the variable TERM is set and not "dumb", on Windows if the console can do it.
 */
bool os_tty_has_sequences(int fd);

/*
 * Reads one line from descriptor 0 into *line, without its LF; clears *line first. With echo false
 * the input is not shown, and the terminal is restored afterwards, even if a signal ends the
 * process. Returns false at the end of input if nothing was read (errno is 0), if the input cannot
 * be read (errno), or if the buffer failed. If an error cuts a line off, no part of it is returned.
 */
bool os_tty_line(struct buf *line, bool echo);

/*
 * Appends what one read from descriptor 0 gives: on a terminal, a line, or what was typed before
 * Ctrl-D. Sets *end at the end of input: on a terminal at the first Ctrl-D, wherever in a line it
 * is typed, and on Windows at Ctrl-Z, too. Returns false and sets errno if the input cannot be
 * read, or if the buffer failed.
 */
bool os_tty_part(struct buf *text, bool *end);

/*
 * Makes the process's own terminal descriptor 0, whatever that was, until os_tty_leave. *before is
 * for os_tty_leave. Returns false and changes nothing if the process has no terminal.
 */
bool os_tty_enter(int *before);
void os_tty_leave(int before);

/* Writes to the terminal that is descriptor 0. A failure is not noticed. */
void os_tty_say(const char *text);

/*
 * Waits until descriptor 0 or fd (-1: none) can be read, or os_clock_ms() reaches until_ms. Returns
 * true if descriptor 0 can be read or is at its end, false otherwise.
 */
bool os_tty_wait(int fd, int64_t until_ms);

/*
 * Something else to do while these functions wait: they call act whenever fd can be read, until it
 * returns false. On Windows act is not called while the user edits a line in line mode. aside may
 * be NULL: nothing. It stays the caller's.
 */
struct os_tty_aside {
    int fd;
    bool (*act)(void *ctx);
    void *ctx;
};

void os_tty_meanwhile(const struct os_tty_aside *what);

/* Throws away what was typed on the terminal and has not been read. */
void os_tty_forget(void);

/*
 * Raw mode: every key arrives as it is pressed, and is not shown. What is pasted arrives between
 * ESC[200~ and ESC[201~, if the terminal can do that. The terminal is put back by os_tty_raw_end,
 * before a signal ends or stops the process, and before a crash ends it. False: descriptors 0 and 1
 * are not both a terminal, or the variable TERM is "dumb" or, on Linux, not set.
 */
bool os_tty_raw_begin(void);
void os_tty_raw_end(void);

enum os_tty_event {
    OS_TTY_INPUT,
    OS_TTY_ENDED, /* the input has ended: the terminal is gone */
    OS_TTY_READY, /* fd can be read */
    OS_TTY_TIME,  /* the time has come */
    OS_TTY_REDRAW /* draw again: the size has changed, or the process was stopped */
};

/*
 * In raw mode: waits for input, for fd (-1: none) or until os_clock_ms() reaches until_ms. After
 * OS_TTY_INPUT *n of the size bytes are input.
 */
enum os_tty_event os_tty_raw_wait(int fd, int64_t until_ms, char *bytes, size_t size, size_t *n);

/*
 * In raw mode: act is called when os_tty_raw_wait finds that the terminal is gone, and before it
 * lets a signal through that may end the process. NULL: nothing is called.
 */
void os_tty_raw_at_end(void (*act)(void *ctx), void *ctx);

/*
 * In raw mode: stops the process and its job as Ctrl-Z does. Returns when it goes on. On Windows,
 * where a process cannot be stopped, Ctrl-Z arrives as Ctrl-D, and this function does nothing.
 */
void os_tty_raw_stop(void);

/*
 * Writes to the terminal at descriptor 1; the caller has flushed earlier output before. The text is
 * UTF-8 with CR and LF. It may have only these sequences: ESC[nA and ESC[nC, which move the cursor;
 * ESC[J and ESC[K, which clear from the cursor on; ESC[H and ESC[2J. Errors are not reported.
 */
void os_tty_draw(struct span text);

/* The size of the terminal at descriptor 1; 80 and 24 if it is unknown. */
void os_tty_size(unsigned *columns, unsigned *rows);

/* Waits for one key on a terminal, otherwise for a line. Returns false at the end of input. */
bool os_tty_key(void);

#endif
