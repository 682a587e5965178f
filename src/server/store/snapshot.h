/*
 * snapshot: the messages that an answer was begun with, to be gone through as it is sent.
 *
 * It costs one bit a message of the mailbox. While it exists, no message in it loses its body, come
 * what may to it. For one thread; many snapshots of a mailbox may exist at a time.
 */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "store/index.h"
#include "store/mailbox.h"

struct snapshot {
    struct mailbox *mb;
    struct index *index; /* whose positions the set is about */
    uint64_t *set;
    size_t words;
    size_t begin, end; /* only positions between these count */
    size_t at;         /* the next one to look at */
    uint64_t count;    /* messages in it */
    uint64_t measured; /* sum of what measure() returned */
};

/*
 * Takes the messages of a set whose id is at least first, at most most of them. measure(ctx, m) is
 * called for each, in order, with the lock held. On ST_OK to be dropped again, before the mailbox
 * is closed.
 */
enum status snapshot_take(struct snapshot *snap, struct mailbox *mb, enum index_set set,
                          uint64_t first, uint64_t most,
                          uint64_t (*measure)(void *ctx, const struct mail *m), void *ctx);

/* The next messages, in the order of their ids, with the states they have now. *n 0: no more. */
enum status snapshot_next(struct snapshot *snap, struct mail *mails, size_t max, size_t *n);

/* Begins anew with the first message. */
void snapshot_rewind(struct snapshot *snap);

void snapshot_drop(struct snapshot *snap);

#endif
