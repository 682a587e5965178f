/* SPDX-License-Identifier: ISC */
/*
 * charset: texts in the character sets of older mail, as UTF-8. Pure.
 *
 * Known are US-ASCII and UTF-8, whose bytes stay as they are; ISO 8859-1, -2, -5 and -15; Windows
 * code pages 1250, 1251 and 1252; KOI8-R (RFC 1489) and KOI8-U (RFC 2319). ISO 8859-1 is read as
 * 1252, as other mail programs do: where it has control characters, 1252 has quotation marks and
 * dashes. A byte above 127 for which a set has no character becomes U+FFFD.
 */
#ifndef MIME_CHARSET_H
#define MIME_CHARSET_H

#include "base/buf.h"
#include "base/span.h"

#define CHARSET_GROWTH 3 /* a byte becomes at most this many */

/*
 * Appends s in UTF-8. name is that of a character set: case, - and _ do not matter, and cp1251 is
 * windows-1251; an empty one is US-ASCII. Returns false if the set is not known: then the bytes
 * are appended as they are. Bytes that are not UTF-8 stay in a text that says it is, so whoever
 * shows it must be ready for them (base/utf8.h), as in any other text of a sender.
 */
bool charset_add(struct buf *out, struct span name, struct span s);

#endif
