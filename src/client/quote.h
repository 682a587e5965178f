/* SPDX-License-Identifier: ISC */
/*
 * quote: makes a new letter out of a message: an answer that quotes it, or a copy that says whose
 * letter it was. Pure, except for the local time zone and random numbers; thread-safe.
 */
#ifndef CLIENT_QUOTE_H
#define CLIENT_QUOTE_H

#include "base/buf.h"
#include "proto/message.h"

/*
 * Appends the beginning of an answer: a line "Subject: Re: ", unless the message has no text, then
 * who wrote when, and the text with "> " before each line. Of a MIME text that is its first text
 * part. Lines end with LF; the answer itself is for the caller to add after a blank line. If memory
 * is short, out fails (buf.h).
 */
void quote_reply(struct buf *out, const struct message *m);

/*
 * Appends a quoted text as the screen, which is this many columns wide, shows it: indented, so that
 * it cannot look like a text of the client.
 */
void quote_show(struct buf *out, struct span text, unsigned columns);

/*
 * Appends a copy of a message for somebody else: a line "Subject: Fwd: " and a line that names the
 * author, then the body, byte for byte. A MIME text stays one: there the line about the author is
 * put before its first text part, or into a new part if it has none that can take it.
 */
void quote_copy(struct buf *out, const struct message *m);

#endif
