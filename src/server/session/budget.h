/* SPDX-License-Identifier: ISC */
/*
 * budget: the memory that all sessions together may take for long frames, for datagrams that wait
 * to be read, and for large windows over UDP. Safe for threads.
 *
 * Each share has two owners, numbers that stand for its user and its client's address, in this
 * order. An address may not have more than is left for all others: one address alone gets half of
 * the budget, two get a third each. A user may not have more than the user's address can still
 * get: one user alone gets a third of the budget. So there is always something left for a new
 * address, and for another user of the same address.
 */
#ifndef SESSION_BUDGET_H
#define SESSION_BUDGET_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUDGET_OWNERS 4096 /* different owners may meet in one of these, and share what it has */

struct budget {
    pthread_mutex_t mutex; /* leaf lock: guards all */
    size_t bytes;          /* the whole budget */
    size_t used;           /* may exceed bytes after these were made fewer */
    size_t owned[BUDGET_OWNERS];
};

struct budget_share {
    size_t bytes;
    uint64_t owners[2]; /* keyed hashes, so that nobody can choose with whom to meet; 0: none. Kept
                           while there are bytes. */
};

void budget_init(struct budget *b, size_t bytes);
void budget_destroy(struct budget *b);

/*
 * Changes the size. Shares that are in use stay. If they exceed the new size, no share can grow
 * until enough has been given back.
 */
void budget_resize(struct budget *b, size_t bytes);

/*
 * Changes a share to want bytes. Giving back always succeeds. False: there is not enough for these
 * owners, and nothing was changed.
 */
bool budget_take(struct budget *b, struct budget_share *share, size_t want);

/* How many bytes all shares have together. */
size_t budget_used(struct budget *b);

#endif
