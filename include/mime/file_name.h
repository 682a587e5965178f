/* SPDX-License-Identifier: ISC */
/*
 * file_name: the names of files that come with mail, made harmless. Pure.
 */
#ifndef MIME_FILE_NAME_H
#define MIME_FILE_NAME_H

#include "base/span.h"

#define FILE_NAME_BYTES 241 /* room for a name, with its NUL; the caller may append to it */

/*
 * Writes a name for a new file: the last part of a path, whatever separates its parts. It is not
 * empty, does not begin with a dot or a minus sign, and contains neither slashes nor control
 * characters nor invalid UTF-8: an underscore stands in their place. It is cut if it is too long.
 */
void file_name_safe(struct span name, char out[FILE_NAME_BYTES]);

#endif
