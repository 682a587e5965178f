/* SPDX-License-Identifier: ISC */
/*
 * width: how many columns text takes on a terminal, by Unicode 17.0.0. The system's wcwidth depends
 * on the locale; in the C locale it knows only ASCII. Pure.
 */
#ifndef BASE_WIDTH_H
#define BASE_WIDTH_H

#include "base/span.h"

#define WIDTH_UNICODE "17.0.0"

/* The columns of a character that is not a control character: 0, 1 or 2. */
unsigned width_of(uint32_t c);

/*
 * The columns of UTF-8 text without control characters. A byte that is not valid UTF-8 counts as
 * one.
 */
size_t width_text(struct span s);

/*
 * The longest beginning of s that fits into that many columns, with the marks that belong to its
 * last character. *columns becomes what it takes.
 */
struct span width_first(struct span s, size_t *columns);

#endif
