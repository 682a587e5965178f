/* SPDX-License-Identifier: ISC */
#include "session/budget.h"

void budget_init(struct budget *b, size_t bytes)
{
    atomic_init(&b->left, (ptrdiff_t)bytes);
    b->bytes = bytes;
}

void budget_resize(struct budget *b, size_t bytes)
{
    atomic_fetch_add(&b->left, (ptrdiff_t)bytes - (ptrdiff_t)b->bytes);
    b->bytes = bytes;
}

bool budget_share(struct budget *b, size_t *share, size_t want)
{
    ptrdiff_t left = atomic_load(&b->left);
    do {
        if (want > *share && (left < 0 || want - *share > (size_t)left))
            return false;
    } while (
        !atomic_compare_exchange_weak(&b->left, &left, left + (ptrdiff_t)*share - (ptrdiff_t)want));
    *share = want;
    return true;
}
