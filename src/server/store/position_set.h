/* SPDX-License-Identifier: ISC */
/*
 * position_set: a copy of one of the sets of positions that an index has. The copy stays the same
 * while the index changes. Pure.
 */
#ifndef STORE_POSITION_SET_H
#define STORE_POSITION_SET_H

#include <stddef.h>
#include <stdint.h>

#define POSITION_NONE SIZE_MAX

/* index_copy_set makes one; all 0 is an empty one. position_set_free frees it. */
struct position_set {
    uint64_t *bits; /* bit i % 64 of word i / 64 stands for position begin + i */
    size_t words;
    size_t begin; /* a multiple of 64 */
};

/* The first position in the set that is not before from, or POSITION_NONE. */
size_t position_set_next(const struct position_set *s, size_t from);

/* Removes a position, which must be in the set. */
void position_set_remove(struct position_set *s, size_t position);

/* Frees the memory. Afterwards the set is empty. */
void position_set_free(struct position_set *s);

#endif
