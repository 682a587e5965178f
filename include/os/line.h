/* SPDX-License-Identifier: ISC */
/*
 * os_line: writes lines to a pipe, a terminal or a socket from which perhaps nobody reads. Never
 * waits. Thread-safe.
 */
#ifndef OS_LINE_H
#define OS_LINE_H

#include <stddef.h>

/*
 * Returns a descriptor for the same file as fd on which a write does not wait. Opens a pipe or a
 * terminal a second time, because other processes may use fd. Returns fd itself if that is not
 * possible or not needed.
 */
int os_line_open(int fd);

/* Writes a line, with its end, and returns how many of its n bytes were taken at once. */
size_t os_line_write(int fd, const char *line, size_t n);

#endif
