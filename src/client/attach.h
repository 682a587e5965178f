/* SPDX-License-Identifier: ISC */
/*
 * attach: the files that go with a letter. For one thread.
 *
 * While a letter is written, its draft only names the files, so that its text can still be edited.
 * The files are read when the letter is sent.
 */
#ifndef CLIENT_ATTACH_H
#define CLIENT_ATTACH_H

#include "client/draft.h"
#include "client/error.h"
#include "client/options.h"

/*
 * Whether all files of --attach can be read, and fit into a message. Reads none of them. If not, it
 * has written an error message.
 */
enum error_code attach_check(const struct options *o);

/* Names the files of --attach in a draft. On failure it has written an error message. */
enum error_code attach_name(const struct options *o, struct draft *d);

/*
 * Reads the files that a draft names, and replaces its text by a MIME text of at most limit bytes
 * that contains the text and the files. On failure the draft stays as it is, and the reason is
 * appended to why, not yet safe to print.
 */
enum error_code attach_read(struct draft *d, uint64_t limit, struct buf *why);

#endif
