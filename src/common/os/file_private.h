/* SPDX-License-Identifier: ISC */
/*
 * os_file_private: what the sources of os_file share. Functions that return -1 or false set errno.
 */
#ifndef OS_FILE_PRIVATE_H
#define OS_FILE_PRIVATE_H

#include "os/file.h"

/* --- only on Windows: for other sources X_windows.c --- */

/* Opens a regular file to be read and written. */
int os_file_open_to_write(int dir, const char *name);

/* The same by a path that the user has given; makes the file if it does not exist. */
int os_file_open_to_edit(const char *path);

#endif
