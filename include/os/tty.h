/* SPDX-License-Identifier: ISC */
/*
 * os_tty: the terminal. For one thread.
 */
#ifndef OS_TTY_H
#define OS_TTY_H

#include <stdbool.h>

#include "base/buf.h"

bool os_tty_is_terminal(int fd);

/*
 * Reads one line from descriptor 0 into *line, without its LF; clears *line first. With echo false
 * the input is not shown, and the terminal is restored afterwards, even if a signal ends the
 * process. Returns false at the end of input if nothing was read, or if the buffer failed.
 */
bool os_tty_line(struct buf *line, bool echo);

/*
 * Waits until descriptor 0 can be read or is at its end, and returns true; or until fd can be read,
 * and returns false. Returns true if both can be read.
 */
bool os_tty_wait(int fd);

/*
 * Something else to do while these functions wait: when fd can be read, act is called; once it
 * returns false, it is not called again. aside may be NULL, and stays the caller's.
 */
struct os_tty_aside {
    int fd;
    bool (*act)(void *ctx);
    void *ctx;
};

void os_tty_meanwhile(const struct os_tty_aside *aside);

/* Waits for one key on a terminal, otherwise for a line. Returns false at the end of input. */
bool os_tty_key(void);

#endif
