/* SPDX-License-Identifier: ISC */
/*
 * array: an array that grows, whose owner keeps its length. Pure, except for memory.
 */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>

/*
 * Makes room for one more element after the n that are in an array of *cap elements of this size;
 * NULL and 0 at first. Returns the array, which may have moved. NULL: out of memory, and nothing
 * was changed.
 */
void *array_room(void *array, size_t n, size_t *cap, size_t element_bytes);

#endif
