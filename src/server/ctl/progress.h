/* SPDX-License-Identifier: ISC */
/*
 * progress: a line on standard error that shows how far a command has come, if standard error is a
 * terminal that obeys sequences (os_tty_has_sequences). For one thread.
 */
#ifndef CTL_PROGRESS_H
#define CTL_PROGRESS_H

#include <stdbool.h>

/* Whether lines are shown at all. Callers can ask before they compute what to show. */
bool ctl_progress_shows(void);

/* Shows a line in place of the last one, at most ten times a second. */
void ctl_progress_show(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Removes the line, before something else is written. */
void ctl_progress_hide(void);

#endif
