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
 * Reads one line from descriptor 0 into *line, without its LF; clears *line first. With echo false
 * the input is not shown, and the terminal is restored afterwards, even if a signal ends the
 * process. Returns false at the end of input if nothing was read, or if the buffer failed.
 */
bool os_tty_line(struct buf *line, bool echo);

/*
 * Waits until descriptor 0 or fd (-1: none) can be read, or os_clock_ms() reaches until_ms. Returns
 * true if descriptor 0 can be read or is at its end, false otherwise.
 */
bool os_tty_wait(int fd, int64_t until_ms);

/*
 * Something else to do while these functions wait: they call act whenever fd can be read, until it
 * returns false. aside may be NULL: nothing. It stays the caller's.
 */
struct os_tty_aside {
    int fd;
    bool (*act)(void *ctx);
    void *ctx;
};

void os_tty_meanwhile(const struct os_tty_aside *aside);

/* Throws away what was typed on the terminal and has not been read. */
void os_tty_forget(void);

/* Waits for one key on a terminal, otherwise for a line. Returns false at the end of input. */
bool os_tty_key(void);

#endif
