/* SPDX-License-Identifier: ISC */
/*
 * shell_word: paths in commands that an administrator is told to run. Pure.
 */
#ifndef BASE_SHELL_WORD_H
#define BASE_SHELL_WORD_H

#include "base/buf.h"

/*
 * Appends a path as one word of a shell command, quoted if necessary. A relative path that a
 * command could take for an option or an operator gets ./ before it, and slashes at the end are
 * left out, so that more may be appended. The buffer remembers failures.
 */
void shell_word_add(struct buf *out, const char *path);

#endif
