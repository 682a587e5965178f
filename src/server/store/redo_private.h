/* SPDX-License-Identifier: ISC */
/*
 * redo_private: the delivery log as redo.c, which appends to it, and redo_checkpoint.c, which makes
 * room in it, see it.
 */
#ifndef STORE_REDO_PRIVATE_H
#define STORE_REDO_PRIVATE_H

#include <pthread.h>

#include "store/redo.h"
#include "store/redo_segment.h"

#define REDO_SEGMENTS 32 /* at most */
#define REDO_BATCHES  4  /* under way: one that is written, one that is filled, two between them */

struct segment {
    int fd;
    char name[REDO_NAME_BYTES];
    uint64_t size;
    uint64_t serial; /* of this use; 0: free */
    uint64_t used;   /* bytes that are written, or are in a batch that takes no more */
    unsigned open;   /* messages in it that do not have their names yet */
    int64_t since;   /* the earliest date of its messages */
};

/* Records that are written and synced together. Batch i is in batches[i % REDO_BATCHES]. */
struct batch {
    char *bytes; /* n of cap are in use; cap is a whole number of blocks */
    size_t n, cap;
    unsigned segment;
    uint64_t offset;       /* in the segment: a whole number of blocks */
    pthread_cond_t synced; /* it is synced, has failed, or is the next to be written */
};

struct redo {
    struct store *store;
    int dir; /* the store's, not ours to close */
    uint64_t log;
    uint64_t limit; /* bytes of all segments together */
    size_t block;

    pthread_mutex_t mutex;  /* leaf lock: guards all below; not held while anything is written */
    pthread_cond_t changed; /* for the thread: there may be something to do */
    struct segment segments[REDO_SEGMENTS];
    unsigned n;
    unsigned current; /* the segment of the batch that is filled */
    uint64_t serial;  /* the highest in use */
    uint64_t sequence;
    uint64_t oldest; /* records with a lower serial are no longer needed */
    uint64_t freed;  /* segments with a lower serial are free */
    struct batch batches[REDO_BATCHES];
    uint64_t filled; /* the batch that is filled */
    uint64_t done;   /* this batch and all before it are synced */
    bool writing, failed;
    bool stopping;
    struct redo_counts counts;

    pthread_t thread; /* makes checkpoints */
    uint64_t suspect; /* its own: since a sync of the file system has failed, messages with a serial
                         up to this one may not be on the disk, although they have names */
};

/* With the mutex held: appends a record without content, for which there is always room. */
void redo_append_mark(struct redo *r, struct redo_ticket *ticket);

/* With the mutex held: goes on to another segment. False: this one has no message, or none is free.
 */
bool redo_leave_segment(struct redo *r);

/* With the mutex held: the bytes of the segments that are free, and of what is left of the current
 * one. */
uint64_t redo_free_bytes(const struct redo *r);

/* Makes one more segment, and syncs it if sync says so. Called by one thread at a time, without the
 * mutex. */
bool redo_add_segment(struct redo *r, uint64_t size, bool sync);

/* The thread. */
void *redo_keep(void *arg);

#endif
