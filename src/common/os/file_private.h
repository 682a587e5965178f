/* SPDX-License-Identifier: ISC */
/*
 * os_file_private: what the sources of os_file share. Functions that return -1 or false set errno.
 */
#ifndef OS_FILE_PRIVATE_H
#define OS_FILE_PRIVATE_H

#include "os/file.h"

#define OS_FILE_STANDARD 0 /* the descriptor of standard input */

/* Opens a file of any kind by its path, to be read from its beginning. */
int os_file_open_stream(const char *path);

/* --- only on Windows: for other sources X_windows.c --- */

/* Opens a regular file to be read and written. */
int os_file_open_to_write(int dir, const char *name);

/* The same by a path that the user has given; makes the file if it does not exist. */
int os_file_open_to_edit(const char *path);

/* --- on both systems --- */

/* Reads up to size bytes at the file position, and moves it. Returns how many; 0 at the end. */
int64_t os_file_read_next(int fd, void *bytes, size_t size);

/* Removes an empty directory. */
bool os_file_remove_dir(int dir, const char *name);

#endif
