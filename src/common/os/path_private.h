/* SPDX-License-Identifier: ISC */
/*
 * os_path_private: paths and names on Windows. The caller frees what is returned. NULL or false:
 * errno is set. Thread-safe.
 *
 * Windows refuses some characters in a name in a directory, such as the colon in the names of a
 * Maildir. As Cygwin and WSL do, 0xf000 is added to such a character.
 */
#ifndef OS_PATH_PRIVATE_H
#define OS_PATH_PRIVATE_H

#include "os/path.h"

#include <stddef.h>

#include "windows_private.h"

/* The whole path of a name in a directory, or of a path if dir is OS_FILE_CWD. */
WCHAR *os_path_wide(int dir, const char *name);

/* The pattern for FindFirstFileW that finds all names in a directory. */
WCHAR *os_path_pattern(int dir);

/* A name that the system has returned, as the program sees it. */
char *os_path_name_of(const WCHAR *name);

/* The path of an open file, as a user would write it. */
bool os_path_of(int fd, char *path, size_t size);

#endif
