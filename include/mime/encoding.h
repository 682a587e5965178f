/* SPDX-License-Identifier: ISC */
/*
 * encoding: the transfer encodings of MIME (RFC 2045, section 6). Pure.
 */
#ifndef MIME_ENCODING_H
#define MIME_ENCODING_H

#include "base/buf.h"
#include "base/span.h"

enum encoding {
    ENCODING_NONE, /* 7bit, 8bit, binary */
    ENCODING_BASE64,
    ENCODING_QUOTED, /* quoted-printable */
    ENCODING_UNKNOWN
};

/* The encoding with this name; no name is ENCODING_NONE. */
enum encoding encoding_find(struct span name);

/* The byte that two hexadecimal digits, of either case, at the beginning of s stand for, or -1. */
int encoding_hex_pair(struct span s);

/* Appends s in base64, in lines of 76 characters, each ended by LF. */
bool encoding_base64_add(struct buf *out, struct span s);

/* How many bytes encoding_base64_add appends for n bytes. n is at most UINT64_MAX / 2. */
uint64_t encoding_base64_bytes(uint64_t n);

/*
 * Appends s decoded to out; with out NULL only counts. *n is set to the number of decoded bytes,
 * which is at most s.n. Returns false if out failed, or if s is damaged or its encoding unknown:
 * then what could be decoded has been appended.
 */
bool encoding_decode(enum encoding e, struct span s, struct buf *out, size_t *n);

#endif
