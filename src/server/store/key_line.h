/* SPDX-License-Identifier: ISC */
/*
 * key_line: reads text files that consist of lines "key value". Pure.
 */
#ifndef STORE_KEY_LINE_H
#define STORE_KEY_LINE_H

#include "base/span.h"

/*
 * Takes the first line off s if it begins with key, which includes the separator: *value becomes
 * the rest of the line. False: the first line is another, or has no end; nothing is changed.
 */
bool key_line_take(struct span *s, struct span key, struct span *value);

/* The same for a decimal number of at most max. */
bool key_line_take_number(struct span *s, struct span key, uint64_t max, uint64_t *value);

/* The same for text that becomes a C string of at most size - 1 bytes, none of them NUL. */
bool key_line_take_text(struct span *s, struct span key, char *value, size_t size);

#endif
