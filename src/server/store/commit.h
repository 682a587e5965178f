/* SPDX-License-Identifier: ISC */
/*
 * commit: one sync of a directory for all threads that wait for one.
 *
 * A sync covers all renames that came before it began, whichever thread asked for it. So a thread
 * that finds a sync running waits for the next one, together with all that arrive meanwhile, and
 * one of them does it for all.
 */
#ifndef STORE_COMMIT_H
#define STORE_COMMIT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct commit {
    pthread_mutex_t mutex; /* leaf lock: nothing is called while holding it */
    pthread_cond_t changed;
    uint64_t asked; /* how many syncs were asked for */
    uint64_t done;  /* how many of these are done */
    bool running;
    bool failed; /* for good: a failed sync is never tried again */
    int error;   /* the errno of that */
};

void commit_init(struct commit *c);
void commit_destroy(struct commit *c);

/*
 * Returns true once a sync of the directory dir that began after this call has succeeded; false
 * (errno) if it failed, or if any sync before it did. All callers pass the same directory for one
 * commit. Safe for threads.
 */
bool commit_sync(struct commit *c, int dir);

/* Whether a sync has failed. Safe for threads. */
bool commit_failed(struct commit *c);

/* Records a failure (errno) to sync a file in the directory: from now on commit_failed is true.
 * Safe for threads. */
void commit_fail(struct commit *c);

#endif
