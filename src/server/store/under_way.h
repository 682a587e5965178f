/* SPDX-License-Identifier: ISC */
/*
 * under_way: the deliveries into one mailbox that have an id and are not durable yet. They end in
 * any order, but nobody sees a message before all with lower ids: a watermark, above which nothing
 * is shown, moves over them. Safe for threads.
 */
#ifndef STORE_UNDER_WAY_H
#define STORE_UNDER_WAY_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/index.h"

/* One delivery. Belongs to its thread, and is in the list from begin to end. */
struct delivery {
    struct mail mail; /* as the index has it: pending */
    struct delivery *next;
};

struct under_way {
    pthread_mutex_t mutex; /* leaf lock: guards all below */
    pthread_cond_t ended;
    struct delivery *first;
    struct unseen *unseen; /* those that wait until their messages are seen */
    uint32_t last_id;      /* the highest that was given */
    uint32_t
        failed_id; /* the lowest whose delivery failed: the watermark stays below it. 0: none */
    atomic_uint durable; /* the watermark: all messages up to this id are durable */
};

void under_way_init(struct under_way *u);
void under_way_destroy(struct under_way *u);

/* A delivery has got the id in d->mail, higher than all before. With the mailbox's lock held. */
void under_way_begin(struct under_way *u, struct delivery *d);

/*
 * An id above all others was given without a delivery: its message becomes visible once all with
 * lower ids are durable. With the mailbox's lock held.
 */
void under_way_pass(struct under_way *u, uint32_t id);

/* A delivery has ended. If it is not durable, nobody knows whether its message is stored. */
void under_way_end(struct under_way *u, struct delivery *d, bool durable);

/*
 * After a delivery: waits until all with lower ids have ended, too, because only then the message
 * is seen. False: it will not be seen before the next start, because it, or one of those, has
 * failed.
 */
bool under_way_wait_seen(struct under_way *u, uint32_t id);

/*
 * For a repeat of a delivery under way: the same, but it waits no longer than wait_ms. False: it
 * will not be seen, or that takes longer.
 */
bool under_way_wait(struct under_way *u, uint32_t id, int64_t wait_ms);

/* Waits until none is under way. False: that takes longer than wait_ms. */
bool under_way_wait_all(struct under_way *u, int64_t wait_ms);

/* Adds all of them to an index that is not sorted yet. False: out of memory. */
bool under_way_add(struct under_way *u, struct index *ix);

#endif
