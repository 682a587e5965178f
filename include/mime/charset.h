/* SPDX-License-Identifier: ISC */
/*
 * charset: converts texts in the character sets of mail to UTF-8. Pure.
 *
 * It knows US-ASCII and UTF-8, whose bytes stay as they are; ISO 8859-1, -2, -5 and -15; Windows
 * code pages 1250, 1251 and 1252; KOI8-R (RFC 1489) and KOI8-U (RFC 2319). As in other mail
 * programs, ISO 8859-1 is read as 1252, which has quotation marks and dashes in place of control
 * characters. A byte above 127 for which a set has no character becomes U+FFFD.
 */
#ifndef MIME_CHARSET_H
#define MIME_CHARSET_H

#include "base/buf.h"
#include "base/span.h"

#define CHARSET_GROWTH 3 /* a byte becomes at most this many */

/*
 * Appends s in UTF-8. name: of the character set; case, - and _ are ignored, cp1251 is
 * windows-1251, and an empty name is US-ASCII. Returns false if the set is not known; the bytes are
 * then appended as they are. Bytes that are not UTF-8 stay in a text that is declared as UTF-8, so
 * the result may not be valid (base/utf8.h), like any other text of a sender.
 */
bool charset_add(struct buf *out, struct span name, struct span s);

#endif
