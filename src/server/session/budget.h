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
    atomic_ptrdiff_t left; /* negative after a resize: more is in use than the new size */
    size_t bytes;          /* the whole budget */
};

void budget_init(struct budget *b, size_t bytes);

/*
 * Changes the size. Shares that are in use stay. If they exceed the new size, no share can grow
 * until enough has been given back. Only one thread at a time may call it; others may call
 * budget_share meanwhile.
 */
void budget_resize(struct budget *b, size_t bytes);

/*
 * Changes one holder's share from *share to want bytes, and sets *share. Giving back always
 * succeeds. False: not enough is left, and nothing was changed.
 */
bool budget_share(struct budget *b, size_t *share, size_t want);

#endif
