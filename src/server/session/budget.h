/* SPDX-License-Identifier: ISC */
/*
 * budget: the memory that all sessions together may take for long frames. Safe for threads.
 */
#ifndef SESSION_BUDGET_H
#define SESSION_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct budget {
    atomic_ptrdiff_t left; /* negative: more is in use than there is since a resize */
    size_t bytes;          /* the whole budget */
};

void budget_init(struct budget *b, size_t bytes);

/*
 * Changes the size. What is in use stays so; if it is more than the new size, nobody gets more
 * until enough has been given back. One thread at a time may call it, while others call
 * budget_share.
 */
void budget_resize(struct budget *b, size_t bytes);

/*
 * Changes one holder's share from *share to want bytes, and sets *share. Giving back always
 * succeeds. False: not enough is left, and nothing was changed.
 */
bool budget_share(struct budget *b, size_t *share, size_t want);

#endif
