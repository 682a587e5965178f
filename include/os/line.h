/* SPDX-License-Identifier: ISC */
/*
 * os_line: writes lines to where perhaps nobody reads them: a pipe, a terminal after Ctrl-S, a
 * socket. Never waits. Thread-safe.
 */
#ifndef OS_LINE_H
#define OS_LINE_H

#include <stddef.h>

/*
 * A descriptor that leads where fd leads and does not wait. A pipe or a terminal is opened anew for
 * that, since other processes may use fd. If that is not possible, or not needed, returns fd.
 */
int os_line_open(int fd);

/* Writes a line, with its end, and returns how many of its n bytes were taken at once. */
size_t os_line_write(int fd, const char *line, size_t n);

#endif
