/* SPDX-License-Identifier: ISC */
/*
 * compose: writes a MIME text: a text, then files in base64 (RFC 2046, multipart/mixed). Pure.
 *
 * Its first line is PARTS_FIRST_LINE, by which it is known. Lines end with LF, as those of other
 * messages here. The text comes back byte for byte: it stands as it is, or in base64 if its bytes
 * or the length of its lines could not pass other mail systems.
 */
#ifndef MIME_COMPOSE_H
#define MIME_COMPOSE_H

#include "base/buf.h"
#include "base/span.h"

#define COMPOSE_CHANCE_BYTES 16
#define COMPOSE_BOUNDARY     (2 + 2 * COMPOSE_CHANCE_BYTES) /* characters */

struct compose {
    struct buf *out;
    char boundary[COMPOSE_BOUNDARY + 1];
};

/*
 * Begins with the text. chance: random bytes, of which the boundary between the parts is made; no
 * part contains it, whatever they are. out stays the caller's; after a failure (buf.h) nothing is
 * added, so the caller checks it at the end.
 */
void compose_begin(struct compose *c, struct buf *out, struct span text,
                   const unsigned char chance[COMPOSE_CHANCE_BYTES]);

/* Adds a file. Its name may have any bytes; what is not ASCII is written by RFC 2231. */
void compose_file(struct compose *c, struct span name, struct span content);

/* Adds a part that has a header already, such as another MIME text. */
void compose_part(struct compose *c, struct span part);

void compose_end(struct compose *c);

/* The most that compose_file() adds for a name and a content of these sizes. */
uint64_t compose_file_bytes(size_t name_bytes, uint64_t content_bytes);

/*
 * Appends the fields that describe a text, and the empty line that ends the header. Returns whether
 * the text must follow in base64, because it cannot pass other mail systems as it is, or contains
 * the boundary. with_crlf: each line end may become CR LF, and need not come back as it was.
 */
bool compose_describe(struct buf *out, struct span text, struct span boundary, bool with_crlf);

/*
 * Appends a text with the fields that describe it: the end of a header, an empty line, and the text
 * as it is or in base64. It does not contain the boundary, unless that is empty.
 */
void compose_text(struct buf *out, struct span text, struct span boundary);

#endif
