#include "budget.h"

void budget_init(struct budget *b, size_t bytes)
{
    atomic_init(&b->left, bytes);
}

bool budget_share(struct budget *b, size_t *share, size_t want)
{
    size_t left = atomic_load(&b->left);

    do {
        if (want > *share && want - *share > left)
            return false;
    } while (!atomic_compare_exchange_weak(&b->left, &left, left + *share - want));
    *share = want;
    return true;
}
