/*
 * watch: which sessions watch which accounts (PROTOCOL 2, Watch), so that whoever has stored a
 * message finds those whom it concerns. Safe for threads.
 *
 * Nothing is queued. A watcher is told that there is news, once until it looks; it then asks its
 * mailbox what has come. So who stores a message never waits for a watcher, and a watcher that does
 * not look costs no memory.
 */
#ifndef SESSION_WATCH_H
#define SESSION_WATCH_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/store.h"

#define WATCH_LISTS 1024

struct session_host;

/* Belongs to who watches. From watch_join to watch_leave only news is touched. */
struct watcher {
    struct who who;            /* the account, its generation too */
    struct session_host *host; /* woken when there is news, by any thread */
    atomic_bool news;          /* set by watch_tell, taken back by who looks */
    struct watcher *next;      /* private */
};

struct watch {
    pthread_mutex_t mutex;                        /* leaf lock: guards the lists */
    _Atomic(struct watcher *) first[WATCH_LISTS]; /* that one is empty can be seen without it */
};

void watch_init(struct watch *w);
void watch_destroy(struct watch *w);

/*
 * A message that was durable before watch_join may be told or not: the watcher joins, and then asks
 * its mailbox where it begins. After watch_leave its host is not called any more.
 */
void watch_join(struct watch *w, struct watcher *x);
void watch_leave(struct watch *w, struct watcher *x);

/* Something durable has come for this account, of this generation. Does not wait for anyone. */
void watch_tell(struct watch *w, const struct who *who);

#endif
