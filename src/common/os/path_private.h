/* SPDX-License-Identifier: ISC */
/*
 * os_path_private: paths and names on Windows. What is returned is for free; NULL or false: errno
 * is set. Thread-safe.
 *
 * A name in a directory may have characters that Windows refuses, such as the colon in the names of
 * a Maildir. They stand for others there, as Cygwin and WSL have it: 0xf000 is added to them.
 */
#ifndef OS_PATH_PRIVATE_H
#define OS_PATH_PRIVATE_H

#include "os/path.h"

#include <stddef.h>

#include "windows_private.h"

/* The whole path of a name in a directory, or of a path if dir is OS_FILE_CWD. */
WCHAR *os_path_wide(int dir, const char *name);

/* For FindFirstFileW: all names in a directory. */
WCHAR *os_path_pattern(int dir);

/* A name that the system gives. */
char *os_path_name_of(const WCHAR *name);

/* The path of an open file, as the user writes it. */
bool os_path_of(int fd, char *path, size_t size);

#endif
