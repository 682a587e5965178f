/* SPDX-License-Identifier: ISC */
#include "store/under_way.h"

#include <semaphore.h>

#include "os/clock.h"
#include "os/cond.h"

/*
 * A thread that waits in under_way_wait_seen. Many wait at a time, so each is woken alone, and
 * finds its answer without the mutex.
 */
struct unseen {
    uint32_t id;
    bool seen;  /* the answer */
    sem_t over; /* it is there */
    struct unseen *next;
};

void under_way_init(struct under_way *u)
{
    *u = (struct under_way){.first = NULL};
    pthread_mutex_init(&u->mutex, NULL);
    os_cond_init(&u->ended);
}

void under_way_destroy(struct under_way *u)
{
    pthread_cond_destroy(&u->ended);
    pthread_mutex_destroy(&u->mutex);
}

void under_way_begin(struct under_way *u, struct delivery *d)
{
    pthread_mutex_lock(&u->mutex);
    d->next = u->first;
    u->first = d;
    u->last_id = d->mail.id;
    pthread_mutex_unlock(&u->mutex);
}

/* With the mutex held. */
static void move_watermark(struct under_way *u)
{
    uint32_t lowest = u->last_id + 1;
    if (u->failed_id)
        lowest = u->failed_id;
    for (const struct delivery *d = u->first; d; d = d->next)
        if (d->mail.id < lowest)
            lowest = d->mail.id;
    if (lowest - 1 > atomic_load(&u->durable))
        atomic_store(&u->durable, lowest - 1);
}

void under_way_pass(struct under_way *u, uint32_t id)
{
    pthread_mutex_lock(&u->mutex);
    u->last_id = id;
    move_watermark(u);
    pthread_mutex_unlock(&u->mutex);
}

/* With the mutex held: whether it is known that a message is seen, or that it will not be. */
static bool is_decided(const struct under_way *u, uint32_t id)
{
    return atomic_load(&u->durable) >= id || (u->failed_id && u->failed_id <= id);
}

/* With the mutex held. */
static void add_unseen(struct under_way *u, struct unseen *w)
{
    w->next = u->unseen;
    u->unseen = w;
}

/* With the mutex held: takes those that need not wait any more off the list, and wakes them. */
static void wake_decided(struct under_way *u)
{
    struct unseen **at = &u->unseen;
    while (*at) {
        struct unseen *w = *at;
        if (is_decided(u, w->id)) {
            *at = w->next;
            w->seen = atomic_load(&u->durable) >= w->id;
            sem_post(&w->over); /* and w is gone */
        } else {
            at = &w->next;
        }
    }
}

void under_way_end(struct under_way *u, struct delivery *d, bool durable)
{
    uint32_t id = d->mail.id;
    pthread_mutex_lock(&u->mutex);
    struct delivery **at = &u->first;
    while (*at != d)
        at = &(*at)->next;
    *at = d->next;
    if (!durable && (!u->failed_id || id < u->failed_id))
        u->failed_id = id;
    move_watermark(u);
    wake_decided(u);
    pthread_cond_broadcast(&u->ended);
    pthread_mutex_unlock(&u->mutex);
}

bool under_way_wait_seen(struct under_way *u, uint32_t id)
{
    struct unseen w = {.id = id};
    pthread_mutex_lock(&u->mutex);
    bool waits = !is_decided(u, id);
    w.seen = atomic_load(&u->durable) >= id;
    if (waits) {
        sem_init(&w.over, 0, 0);
        add_unseen(u, &w);
    }
    pthread_mutex_unlock(&u->mutex);
    if (waits) {
        while (sem_wait(&w.over) != 0) /* a signal */
            ;
        sem_destroy(&w.over);
    }
    return w.seen;
}

bool under_way_wait(struct under_way *u, uint32_t id, int64_t wait_ms)
{
    int64_t until_ms = os_clock_ms() + wait_ms;
    bool early = true;
    pthread_mutex_lock(&u->mutex);
    while (!is_decided(u, id) && early)
        early = os_cond_wait(&u->ended, &u->mutex, until_ms);
    bool seen = atomic_load(&u->durable) >= id;
    pthread_mutex_unlock(&u->mutex);
    return seen;
}

bool under_way_wait_all(struct under_way *u, int64_t wait_ms)
{
    int64_t until_ms = os_clock_ms() + wait_ms;
    bool early = true;
    pthread_mutex_lock(&u->mutex);
    while (u->first && early)
        early = os_cond_wait(&u->ended, &u->mutex, until_ms);
    bool none = !u->first;
    pthread_mutex_unlock(&u->mutex);
    return none;
}

bool under_way_add(struct under_way *u, struct index *ix)
{
    bool ok = true;
    pthread_mutex_lock(&u->mutex);
    for (const struct delivery *d = u->first; d && ok; d = d->next)
        ok = index_add(ix, &d->mail);
    pthread_mutex_unlock(&u->mutex);
    return ok;
}
