/* SPDX-License-Identifier: ISC */
/*
 * os_edit: changes files of the user's own, beyond what os_file.h does. Functions that return -1 or
 * false set errno. Thread-safe.
 */
#ifndef OS_EDIT_H
#define OS_EDIT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Opens a regular file by its path for reading and writing, and makes it with mode 0600 if there is
 * none. Follows symbolic links. EISDIR: it is a directory; EINVAL: some other kind of file.
 */
int os_edit_open(const char *path);

/* Sets when an open file was last modified, in seconds since 1970. */
bool os_edit_date(int fd, int64_t seconds);

/* Cuts an open file off after this many bytes. */
bool os_edit_cut(int fd, uint64_t bytes);

#endif
