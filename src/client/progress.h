/* SPDX-License-Identifier: ISC */
/*
 * progress: a bar on standard error, while a command works on many messages, if that is a terminal
 * that obeys sequences (os_tty_has_sequences). For one thread.
 */
#ifndef CLIENT_PROGRESS_H
#define CLIENT_PROGRESS_H

#include <stdint.h>

/* Shows that done of total units are done; at most ten times a second, but the last one always. */
void progress_show(uint64_t done, uint64_t total);

/* Removes the bar, before something else is written. */
void progress_hide(void);

#endif
