/* SPDX-License-Identifier: ISC */
#include "session/watch.h"

#include <string.h>

#include "session/host.h"

void watch_init(struct watch *w, const unsigned char key[SIPHASH_KEY_BYTES])
{
    memcpy(w->key, key, sizeof w->key);
    pthread_mutex_init(&w->mutex, NULL);
    for (size_t i = 0; i < WATCH_LISTS; i++)
        atomic_init(&w->first[i], NULL);
}

void watch_destroy(struct watch *w)
{
    pthread_mutex_destroy(&w->mutex);
}

static _Atomic(struct watcher *) *list_of(struct watch *w, const struct who *who)
{
    return &w->first[siphash(w->key, span_str(who->name)) % WATCH_LISTS];
}

void watch_join(struct watch *w, struct watcher *x)
{
    _Atomic(struct watcher *) *first = list_of(w, &x->who);

    pthread_mutex_lock(&w->mutex);
    x->next = atomic_load(first);
    atomic_store(first, x);
    pthread_mutex_unlock(&w->mutex);
}

void watch_leave(struct watch *w, struct watcher *x)
{
    _Atomic(struct watcher *) *first = list_of(w, &x->who);

    pthread_mutex_lock(&w->mutex);
    struct watcher *at = atomic_load(first);
    if (at == x) {
        atomic_store(first, x->next);
    } else {
        while (at->next != x)
            at = at->next;
        at->next = x->next;
    }
    pthread_mutex_unlock(&w->mutex);
}

/*
 * Most lists are empty, which is seen without the lock: then no watcher had joined when the message
 * became durable, and one that joins later starts after that message.
 */
void watch_tell(struct watch *w, const struct who *who)
{
    _Atomic(struct watcher *) *first = list_of(w, who);

    if (!atomic_load(first))
        return;
    pthread_mutex_lock(&w->mutex);
    for (struct watcher *x = atomic_load(first); x; x = x->next)
        if (strcmp(x->who.name, who->name) == 0 &&
            strcmp(x->who.generation, who->generation) == 0 && !atomic_exchange(&x->news, true))
            x->host->wake(x->host);
    pthread_mutex_unlock(&w->mutex);
}
