/* SPDX-License-Identifier: ISC */
/*
 * status_line: how far a long command is, in one line on standard error, if that is a terminal that
 * obeys sequences (os_tty_has_sequences). For one thread.
 */
#ifndef CTL_STATUS_LINE_H
#define CTL_STATUS_LINE_H

#include <stdbool.h>

/* Whether it is time to show the line again: at most ten times a second, and on no other output. */
bool status_line_is_due(void);

/* Shows this text in place of the line before. */
void status_line_show(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Removes the line, before something else is written. */
void status_line_hide(void);

#endif
