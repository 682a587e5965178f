/* SPDX-License-Identifier: ISC */
/*
 * watch: which sessions watch which accounts (PROTOCOL 2, Watch). Safe for threads.
 *
 * Nothing is queued. A watcher is woken once and then asks its mailbox what is new. So storing a
 * message never waits for a watcher, and a slow watcher costs no memory.
 */
#ifndef SESSION_WATCH_H
#define SESSION_WATCH_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/siphash.h"
#include "store/store.h"

#define WATCH_LISTS 1024

struct session_host;

/* Belongs to the session that watches. From join to leave, it changes only news. */
struct watcher {
    struct who who;            /* the account, with its generation */
    struct session_host *host; /* woken when there is news, by any thread */
    atomic_bool news;          /* set by watch_tell, cleared by the session when it looks */
    struct watcher *next;      /* private */
};

struct watch {
    unsigned char key[SIPHASH_KEY_BYTES];
    pthread_mutex_t mutex; /* leaf lock: guards the lists */

    /* Also read without the mutex, to see whether a list is empty. */
    _Atomic(struct watcher *) first[WATCH_LISTS];
};

/* The key must be secret: it keeps chosen names from meeting in one list. */
void watch_init(struct watch *w, const unsigned char key[SIPHASH_KEY_BYTES]);
void watch_destroy(struct watch *w);

/*
 * A message that was durable before watch_join may or may not wake the watcher. So a session joins
 * first and then asks its mailbox for the last message. After watch_leave the host is not called.
 */
void watch_join(struct watch *w, struct watcher *x);
void watch_leave(struct watch *w, struct watcher *x);

/*
 * Tells the watchers of this account and generation that a durable message has arrived. Does not
 * wait for them.
 */
void watch_tell(struct watch *w, const struct who *who);

#endif
