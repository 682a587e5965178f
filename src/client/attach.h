/* SPDX-License-Identifier: ISC */
/*
 * attach: the files of --attach. For one thread.
 */
#ifndef CLIENT_ATTACH_H
#define CLIENT_ATTACH_H

#include "base/buf.h"
#include "client/error.h"
#include "client/options.h"

/*
 * Whether all files can be read, and fit into a message. Reads none of them. If not, it has written
 * an error message.
 */
enum error_code attach_check(const struct options *o);

/* Replaces a text by a MIME text of it and the files. Errors as attach_check; then it stays. */
enum error_code attach_add(const struct options *o, struct buf *body);

#endif
