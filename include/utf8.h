/*
 * utf8: reading text of unknown origin (RFC 3629). Pure.
 */
#ifndef UTF8_H
#define UTF8_H

#include "span.h"

#define UTF8_INVALID UINT32_MAX

/*
 * Decodes the character at the start of s, which is not empty: returns how many bytes it takes (1
 * to 4) and sets *c. A byte that begins no valid character (stray, overlong, surrogate, beyond
 * U+10FFFF, cut off) counts 1 and sets *c to UTF8_INVALID.
 */
size_t utf8_decode(struct span s, uint32_t *c);

/*
 * The first line of s, up to the first CR or LF, at most max bytes, never cut inside a valid
 * character. Looks at no more than max + 3 bytes, which is how many the head of a longer text
 * needs.
 */
struct span utf8_first_line(struct span s, size_t max);

#endif
