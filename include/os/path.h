/* SPDX-License-Identifier: ISC */
/*
 * os_path: the paths that a user writes. Thread-safe.
 */
#ifndef OS_PATH_H
#define OS_PATH_H

#include <stdbool.h>

/* Whether a path does not depend on the working directory. */
bool os_path_is_absolute(const char *path);

/* A constant text for an error message about a path in a file of settings; it follows "is not". */
const char *os_path_rule(void);

/* The last name in a path; it points into path. */
const char *os_path_name(const char *path);

#endif
