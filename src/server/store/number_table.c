/* SPDX-License-Identifier: ISC */
#include "store/number_table.h"

#include <stdlib.h>

size_t number_table_first(const struct number_table *t, uint64_t hash)
{
    return hash & (t->size - 1);
}

size_t number_table_next(const struct number_table *t, size_t place)
{
    return (place + 1) & (t->size - 1);
}

void number_table_put(struct number_table *t, uint64_t hash, uint32_t number)
{
    size_t i = number_table_first(t, hash);
    while (t->places[i])
        i = number_table_next(t, i);
    t->places[i] = number;
    t->used++;
}

bool number_table_reserve(struct number_table *t, size_t n,
                          uint64_t (*rehash)(const void *ctx, uint32_t number), const void *ctx)
{
    struct number_table bigger = {.size = t->size ? t->size * 2 : 16};
    if (t->size * 3 >= (t->used + n) * 4)
        return true;
    while (bigger.size * 3 < (t->used + n) * 4)
        bigger.size *= 2;
    bigger.places = calloc(bigger.size, sizeof *bigger.places);
    if (!bigger.places)
        return false;
    for (size_t i = 0; i < t->size; i++)
        if (t->places[i])
            number_table_put(&bigger, rehash(ctx, t->places[i]), t->places[i]);
    free(t->places);
    *t = bigger;
    return true;
}

uint64_t number_table_wasted(const struct number_table *t,
                             uint64_t (*rehash)(const void *ctx, uint32_t number), const void *ctx)
{
    uint64_t wasted = 0;
    for (size_t i = 0; i < t->size; i++)
        if (t->places[i])
            wasted += (i - number_table_first(t, rehash(ctx, t->places[i]))) & (t->size - 1);
    return wasted;
}
