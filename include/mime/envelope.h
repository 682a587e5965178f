/* SPDX-License-Identifier: ISC */
/*
 * envelope: turns messages of this system into mail of other programs (RFC 5322), and back. Pure.
 *
 * Mail has its sender, recipient, date and subject in its header, and so is itself a MIME text. In
 * this system a MIME text is a message whose first line is PARTS_FIRST_LINE. So mail becomes a
 * message by putting that line first, and comes back as it was.
 */
#ifndef MIME_ENVELOPE_H
#define MIME_ENVELOPE_H

#include <time.h>

#include "base/buf.h"

/* What the header says of a message. */
struct envelope {
    const char *const *to; /* the names of the recipients */
    size_t nto;
    struct span from;    /* the name of the sender */
    struct span host;    /* what stands after @: a host name or a numeric address; empty: unknown */
    struct span subject; /* in UTF-8; empty: none */
    struct span id;      /* unique: [a-z0-9._-]; empty: none */
    const struct tm *utc; /* NULL: the date is not known */
    bool own;             /* the sender is the owner of the mailbox: the header can be trusted */
};

/*
 * Appends a message as mail. The text comes back byte for byte when the mail is decoded. A body
 * that has a From field in its header is mail already: if it is the owner's own, it is appended as
 * it is. In that of another sender the fields that say who wrote it, to whom and when, get names
 * that begin with X-Original-, and the true ones are put before them.
 */
bool envelope_add(struct buf *out, const struct envelope *e, struct span body);

/*
 * Appends what envelope_add puts before a text, or in place of the header of a MIME text of another
 * sender: From, To, Date, Subject and Message-ID, as far as they are known; PARTS_FIRST_LINE; and
 * the fields of that header, renamed if they must not be believed. Lines end with LF. The size is
 * at most four times that of header, and what the fields of e need. Returns false if out failed.
 */
bool envelope_add_header(struct buf *out, const struct envelope *e, struct span header);

/*
 * Appends mail as the body of a message: PARTS_FIRST_LINE, the fields of the header but those that
 * are about its place in a mailbox (Status, X-Status, Content-Length, ENVELOPE_MARK), and the rest
 * as it is. Mail without a header gets an empty one.
 */
bool envelope_take(struct buf *out, struct span mail);

#define ENVELOPE_SUBJECT_BYTES 250 /* of a subject; the rest is left out */

#define ENVELOPE_MARK "X-Pochta-Export" /* a field by which an export recognizes its messages */

/* The header of mail, with its last line end but without the empty line after it. */
struct span envelope_header(struct span mail);

/* Finds the first field with this name. Its value may have several lines. Returns whether it did.
 */
bool envelope_field(struct span header, const char *name, struct span *value);

/*
 * Appends the fields of a header as they are, but for those that are about the place in a mailbox,
 * and MIME-Version unless with_mime.
 */
bool envelope_add_fields(struct buf *out, struct span header, bool with_mime);

/* Appends "name@host", of which the name may have any bytes; without a host the name alone. */
bool envelope_add_address(struct buf *out, struct span name, struct span host);

#endif
