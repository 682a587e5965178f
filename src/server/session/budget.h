/*
 * budget: the memory that all sessions together may take for long frames. Safe for threads.
 */
#ifndef SESSION_BUDGET_H
#define SESSION_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct budget {
    atomic_ptrdiff_t left; /* negative: more is out than there is to be */
    size_t bytes;          /* what there is to be */
};

void budget_init(struct budget *b, size_t bytes);

/*
 * Makes it larger or smaller. What is out stays out: until enough of it has come back nobody gets
 * more. For one thread at a time, beside any that share.
 */
void budget_resize(struct budget *b, size_t bytes);

/*
 * Changes one holder's share: *share is what it has, want what it is to have. Giving back always
 * succeeds; false, nothing changed, when there is not enough left to take.
 */
bool budget_share(struct budget *b, size_t *share, size_t want);

#endif
