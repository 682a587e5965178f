/* SPDX-License-Identifier: ISC */
/*
 * snapshot: the messages that a long answer consists of, to be walked through while it is sent.
 *
 * A snapshot costs at most one bit for each message of the mailbox. While it exists, no message in
 * it loses its body, whatever else becomes of the message. One snapshot is for one thread; a
 * mailbox may have many.
 */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "store/index.h"
#include "store/mailbox.h"

struct snapshot {
    struct mailbox *mb;
    struct index *index; /* the one whose positions the set is about */
    struct position_set set;
    size_t begin, end; /* only positions from begin up to, but not including, end count */
    size_t at;         /* the next position to look at */
    uint64_t count;    /* messages in the snapshot */
    uint64_t measured; /* the sum of what measure() returned */
};

/*
 * Takes the messages of a set with ids of at least first, at most `most` of them. Calls
 * measure(ctx, m) for each, in the order of ids, with the mailbox's lock held. On ST_OK the caller
 * drops the snapshot before it closes the mailbox. Other statuses: ST_NO_MEMORY, or why the mailbox
 * cannot be locked.
 */
enum status snapshot_take(struct snapshot *snap, struct mailbox *mb, enum index_set set,
                          uint64_t first, uint64_t most,
                          uint64_t (*measure)(void *ctx, const struct mail *m), void *ctx);

/*
 * Fetches the next messages, at most max, in the order of ids and with the states that they have
 * now. *n is their number; 0: there are no more. Takes the mailbox's lock.
 */
enum status snapshot_next(struct snapshot *snap, struct mail *mails, size_t max, size_t *n);

/* Starts again with the first message. */
void snapshot_rewind(struct snapshot *snap);

/* Frees the snapshot. Without a trash, this purges what was deleted meanwhile. */
void snapshot_drop(struct snapshot *snap);

#endif
