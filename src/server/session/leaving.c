/* SPDX-License-Identifier: ISC */
#include "session/leaving.h"

bool leaving_begin(struct leaving *l, int64_t refuse_ms)
{
    int64_t before = atomic_load(&l->refuse_ms);
    while (before == 0 || refuse_ms < before)
        if (atomic_compare_exchange_weak(&l->refuse_ms, &before, refuse_ms))
            return true;
    return false;
}

bool leaving_has_begun(const struct leaving *l)
{
    return atomic_load(&l->refuse_ms) != 0;
}

bool leaving_refuses(const struct leaving *l, int64_t now_ms)
{
    int64_t refuse_ms = atomic_load(&l->refuse_ms);
    return refuse_ms != 0 && now_ms >= refuse_ms;
}
