/* SPDX-License-Identifier: ISC */
#include "store/position_set.h"

#include <stdlib.h>

size_t position_set_next(const struct position_set *s, size_t from)
{
    size_t i = from > s->begin ? from - s->begin : 0;
    uint64_t mask = UINT64_MAX << i % 64;
    for (size_t w = i / 64; w < s->words; w++, mask = UINT64_MAX)
        if (s->bits[w] & mask)
            return s->begin + w * 64 + (size_t)__builtin_ctzll(s->bits[w] & mask);
    return POSITION_NONE;
}

void position_set_remove(struct position_set *s, size_t position)
{
    size_t i = position - s->begin;
    s->bits[i / 64] &= ~(UINT64_C(1) << i % 64);
}

void position_set_free(struct position_set *s)
{
    free(s->bits);
    *s = (struct position_set){.bits = NULL};
}
