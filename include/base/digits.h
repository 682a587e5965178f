/* SPDX-License-Identifier: ISC */
/*
 * digits: numbers written with a fixed count of digits, decimal or lower-case hexadecimal. Pure.
 * span.h reads decimal numbers.
 */
#ifndef BASE_DIGITS_H
#define BASE_DIGITS_H

#include "base/span.h"

/*
 * Writes the lowest n digits of v to out, with leading zeros and without a NUL. Higher digits are
 * left out.
 */
void digits_put(char *out, uint64_t v, size_t n);
void digits_put_hex(char *out, uint64_t v, size_t n);

/* Whether s is one or more of 0-9 a-f and nothing else. */
bool digits_is_hex(struct span s);

/*
 * Reads a hexadecimal number: 1 to 16 lower-case digits and nothing else. Returns false and leaves
 * *v unchanged for anything else.
 */
bool digits_get_hex(struct span s, uint64_t *v);

/* The same, with letters of either case. */
bool digits_get_hex_folded(struct span s, uint64_t *v);

#endif
