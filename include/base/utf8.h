/* SPDX-License-Identifier: ISC */
/*
 * utf8: reading text that may not be valid UTF-8 (RFC 3629). Pure.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/span.h"

#define UTF8_INVALID UINT32_MAX

/*
 * Decodes the first character of s, which must not be empty. Returns its size, 1 to 4 bytes, and
 * sets *c. A byte that does not begin a valid character (stray, overlong, surrogate, above
 * U+10FFFF, cut off) has size 1 and sets *c to UTF8_INVALID.
 */
size_t utf8_decode(struct span s, uint32_t *c);

/* Whether all of s is valid UTF-8. */
bool utf8_is_valid(struct span s);

/*
 * Whether a character can be shown as it is: it is not a control character, does not end a line
 * (U+2028, U+2029), and does not change the direction of writing, which could make one text look
 * like another. False for UTF8_INVALID.
 */
bool utf8_is_safe(uint32_t c);

#define UTF8_SPELT_BYTES 11 /* room for a character spelt out, with its NUL */

/*
 * Spells out the first character of s, which must not be empty, in ASCII: \x1b for a single byte,
 * valid or not, \u202e for a longer character. Returns the length of that text. utf8_decode tells
 * how many bytes of s it stands for.
 */
size_t utf8_spell(struct span s, char out[UTF8_SPELT_BYTES]);

/*
 * The first line of s up to the first CR or LF, cut to at most max bytes but never inside a valid
 * character. Looks at no more than max + 3 bytes, so a caller that has only the beginning of a
 * longer text needs that many.
 */
struct span utf8_first_line(struct span s, size_t max);

#endif
