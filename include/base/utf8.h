/*
 * utf8: reading text of unknown origin (RFC 3629). Pure.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/span.h"

#define UTF8_INVALID UINT32_MAX

/*
 * Decodes the character at the start of s, which is not empty: returns how many bytes it takes (1
 * to 4) and sets *c. A byte that begins no valid character (stray, overlong, surrogate, beyond
 * U+10FFFF, cut off) counts 1 and sets *c to UTF8_INVALID.
 */
size_t utf8_decode(struct span s, uint32_t *c);

/*
 * Whether a character can be shown as it is: it is no control, and does not turn the reading
 * direction, so that text could pretend to be other text. UTF8_INVALID cannot.
 */
bool utf8_is_safe(uint32_t c);

#define UTF8_SPELT_BYTES 11 /* room for a character that was spelt out, with its NUL */

/*
 * Spells the character at the start of s, which is not empty, in ASCII: \x1b for one byte, valid or
 * not, \u202e for a longer character. Returns how many bytes that takes; s has utf8_decode's.
 */
size_t utf8_spell(struct span s, char out[UTF8_SPELT_BYTES]);

/*
 * The first line of s, up to the first CR or LF, at most max bytes, never cut inside a valid
 * character. Looks at no more than max + 3 bytes, which is how many the head of a longer text
 * needs.
 */
struct span utf8_first_line(struct span s, size_t max);

#endif
