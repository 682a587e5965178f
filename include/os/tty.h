/*
 * os_tty: the terminal. For one thread.
 */
#ifndef OS_TTY_H
#define OS_TTY_H

#include <stdbool.h>

#include "base/buf.h"

bool os_tty_is_terminal(int fd);

/*
 * Reads one line without its LF from descriptor 0 into *line (cleared first). echo false: what is
 * typed does not show, and the terminal is as before afterwards, also when a signal ends the
 * process. Returns false at the end of input with nothing read, or when the buffer failed.
 */
bool os_tty_line(struct buf *line, bool echo);

/*
 * Waits until there is something to read from descriptor 0, or its end: true; or from fd: false,
 * when there is from fd alone.
 */
bool os_tty_wait(int fd);

/*
 * What else there is to do while these functions wait: when fd can be read, act is called, until it
 * returns false. NULL: nothing. *aside stays the caller's.
 */
struct os_tty_aside {
    int fd;
    bool (*act)(void *ctx);
    void *ctx;
};

void os_tty_meanwhile(const struct os_tty_aside *aside);

/* Waits for one key on a terminal, a line elsewhere. False at the end of input. */
bool os_tty_key(void);

#endif
