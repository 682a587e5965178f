/* SPDX-License-Identifier: ISC */
/*
 * wrap: breaks the program's own texts at spaces, before the terminal breaks them inside words.
 * Pure, thread-safe.
 */
#ifndef CLIENT_WRAP_H
#define CLIENT_WRAP_H

#include "base/buf.h"

/*
 * Appends text, which has no control character but LF. Where a row would have more than this many
 * columns, an LF takes the place of a space; a word that is wider than a row is left to the
 * terminal. columns 0: nothing is broken. *at: the column where the text begins; it becomes the one
 * where it ends.
 */
void wrap_text(struct buf *out, struct span text, unsigned columns, size_t *at);

#endif
