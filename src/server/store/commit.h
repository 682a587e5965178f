/*
 * commit: one directory sync for all threads that wait for one.
 *
 * A sync that began after a rename covers it, whoever asked. So a thread that finds a sync running
 * waits for the next one, together with all who came meanwhile; one of them does it for all.
 */
#ifndef STORE_COMMIT_H
#define STORE_COMMIT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct commit {
    pthread_mutex_t mutex; /* leaf lock: nothing is called while holding it */
    pthread_cond_t changed;
    uint64_t asked; /* syncs that were asked for */
    uint64_t done;  /* of these, so many are covered */
    bool running;
    bool failed; /* for good: a failed sync is never tried again */
};

void commit_init(struct commit *c);
void commit_destroy(struct commit *c);

/*
 * Returns true once a sync of the directory dir that began after this call has succeeded; false
 * (EIO) when it failed, or any before it did. All callers of one commit pass
 * the same directory. Safe for threads.
 */
bool commit_sync(struct commit *c, int dir);

/* Whether a sync has failed. Set by commit_fail too, where a file of the directory failed. */
bool commit_failed(struct commit *c);
void commit_fail(struct commit *c);

#endif
