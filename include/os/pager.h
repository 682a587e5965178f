/* SPDX-License-Identifier: ISC */
/*
 * os_pager: a program that shows a long text page by page. For one thread.
 */
#ifndef OS_PAGER_H
#define OS_PAGER_H

#include <stdbool.h>

/*
 * From now on descriptor 1 leads to the command, which /bin/sh or cmd.exe runs and which handles
 * Ctrl-C. NULL: less if it is installed, otherwise more; on Windows more. Returns false if nothing
 * was started, and sets errno.
 */
bool os_pager_start(const char *command);

/* Waits until the user leaves the pager. Afterwards descriptor 1 and Ctrl-C are as before. */
void os_pager_end(void);

#endif
