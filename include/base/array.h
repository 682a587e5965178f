/* SPDX-License-Identifier: ISC */
/*
 * array: an array that grows, whose owner keeps its length. Pure, except for memory.
 */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>

/*
 * Makes room for one more element in an array that has room for *cap elements of this size and has
 * n of them; at first it is NULL, and *cap is 0. Returns the array, which may have moved. NULL: out
 * of memory, and nothing was changed.
 */
void *array_room(void *array, size_t n, size_t *cap, size_t element_bytes);

#endif
