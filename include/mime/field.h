/* SPDX-License-Identifier: ISC */
/*
 * field: the fields of a MIME header, and the parameters of their values (RFC 2045, 2047, 2231).
 * Pure. Nothing here recurses.
 */
#ifndef MIME_FIELD_H
#define MIME_FIELD_H

#include "base/buf.h"
#include "base/span.h"
#include "mime/charset.h"

#define FIELD_BYTES      8192                           /* of a value; the rest is ignored */
#define FIELD_TEXT_BYTES (CHARSET_GROWTH * FIELD_BYTES) /* the most that a decoded value has */

struct field {
    struct span name;  /* without the spaces and tabs before the colon */
    struct span value; /* may contain line ends: it is not unfolded */
};

/*
 * Takes the next field from a header; lines that are not a field are skipped. Returns false if
 * the header has no more fields. The spans point into the header.
 */
bool field_next(struct span *header, struct field *f);

/*
 * Whether a mail program could take a name for the known one. Some allow a line end after it; some
 * compare only as many letters as there are, so that `Fro: x` stands for the sender in the list of
 * messages of Thunderbird.
 */
bool field_may_be(struct span name, struct span known);

/* The first word of a value, without comments and without what follows: text/plain, or base64. */
struct span field_word(struct span value);

/*
 * Appends a value that is a text, such as a subject, as one line: without the spaces around it,
 * with its encoded words decoded and converted to UTF-8 (charset.h), and with a space for each
 * TAB, CR and LF. Ignores what a value has beyond FIELD_BYTES; appends at most FIELD_TEXT_BYTES.
 */
void field_text(struct span value, struct buf *out);

/*
 * Appends the parameter with this name: filename="a.txt", filename*=utf-8''%C3%A4.txt, the same in
 * sections (filename*0, filename*1*), or with encoded words, as some programs write it. Where it
 * names its character set, it is converted to UTF-8 (charset.h). Returns false if there is no such
 * parameter, or if out failed. Ignores what a value has beyond FIELD_BYTES; appends at most
 * FIELD_TEXT_BYTES.
 */
bool field_param(struct span value, const char *name, struct buf *out);

#endif
