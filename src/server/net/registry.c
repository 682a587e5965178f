/* SPDX-License-Identifier: ISC */
#include "net/registry.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "net/registry_private.h"
#include "os/clock.h"
#include "os/random.h"
#include "os/wait.h"

#define SPARE_SLOTS 4096 /* for addresses that have no connection, but whose rate still counts */

static void push_connection(struct connection **list, struct connection *c)
{
    c->next = *list;
    c->link = list;
    if (c->next)
        c->next->link = &c->next;
    *list = c;
}

static void unlink_connection(struct connection *c)
{
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
}

void registry_add(struct registry *r, struct connection *c)
{
    push_connection(&r->live, c);
    r->count++;
    r->forgeable += c->kind->forgeable;
}

void registry_move_ended(struct registry *r, struct connection *c)
{
    pthread_mutex_lock(&r->mutex);
    unlink_connection(c);
    r->count--;
    r->forgeable -= c->kind->forgeable;
    peers_leave(c->slot);
    push_connection(&r->ended, c);
    pthread_cond_signal(&r->moved);
    pthread_mutex_unlock(&r->mutex);
}

struct registry *registry_new(const struct service *service, uint64_t most_clients)
{
    struct registry *r = calloc(1, sizeof *r);
    unsigned char key[SIPHASH_KEY_BYTES];
    if (!r)
        return NULL;
    r->service = service;
    os_random_bytes(key, sizeof key);
    /* Two slots for each client, even if all have different addresses. */
    r->peers = peers_new(2 * (size_t)most_clients + SPARE_SLOTS, key);
    r->forged = peers_new(2 * (size_t)most_clients + SPARE_SLOTS, key);
    if (!r->peers || !r->forged) {
        peers_free(r->peers);
        peers_free(r->forged);
        free(r);
        return NULL;
    }
    reject_init(&r->refusals, service->counters);
    pthread_mutex_init(&r->mutex, NULL);
    pthread_cond_init(&r->moved, NULL);
    return r;
}

void registry_free(struct registry *r)
{
    if (!r)
        return;
    assert(!r->live && !r->ended);
    pthread_cond_destroy(&r->moved);
    pthread_mutex_destroy(&r->mutex);
    reject_destroy(&r->refusals);
    peers_free(r->peers);
    peers_free(r->forged);
    free(r);
}

void registry_set_limits(struct registry *r, const struct registry_limits *limits)
{
    pthread_mutex_lock(&r->mutex);
    r->limits = *limits;
    pthread_mutex_unlock(&r->mutex);
}

/* The caller holds the mutex, so that the thread cannot have been joined yet. */
static void end_connection(struct connection *c, const char *reason)
{
    const char *none = NULL;
    if (atomic_compare_exchange_strong(&c->reason, &none, reason))
        pthread_kill(c->thread, OS_WAKE);
}

static bool belongs_to(const struct connection *c, const struct who *who)
{
    return c->logged_in && strcmp(c->who.name, who->name) == 0 &&
           (!who->generation[0] || strcmp(c->who.generation, who->generation) == 0);
}

unsigned registry_end_account(struct registry *r, const struct who *who,
                              const struct connection *but, const char *reason)
{
    unsigned ended = 0;
    pthread_mutex_lock(&r->mutex);
    for (struct connection *c = r->live; c; c = c->next) {
        if (c == but || !belongs_to(c, who))
            continue;
        end_connection(c, reason);
        ended++;
    }
    pthread_mutex_unlock(&r->mutex);
    return ended;
}

unsigned registry_end_session(struct registry *r, uint64_t number, const char *reason)
{
    unsigned ended = 0;
    pthread_mutex_lock(&r->mutex);
    for (struct connection *c = r->live; c && !ended; c = c->next) {
        if (c->number != number)
            continue;
        end_connection(c, reason);
        ended = 1;
    }
    pthread_mutex_unlock(&r->mutex);
    return ended;
}

void registry_each(struct registry *r, void (*each)(void *ctx, const struct registry_session *s),
                   void *ctx)
{
    int64_t now_ms = os_clock_ms();
    pthread_mutex_lock(&r->mutex);
    for (struct connection *c = r->live; c; c = c->next) {
        struct registry_session s = {.number = c->number,
                                     .user = c->logged_in ? c->who.name : "",
                                     .address = c->address,
                                     .port = c->peer.port,
                                     .seconds = (now_ms - c->since_ms) / 1000,
                                     .transport = c->kind->name};
        each(ctx, &s);
    }
    pthread_mutex_unlock(&r->mutex);
}

unsigned registry_count(struct registry *r)
{
    pthread_mutex_lock(&r->mutex);
    unsigned count = r->count;
    pthread_mutex_unlock(&r->mutex);
    return count;
}

bool registry_drain(struct registry *r)
{
    return !atomic_exchange(&r->draining, true);
}

/*
 * Removes a connection from ended. If there is none and wait is true, waits for one as long as
 * there are live ones. NULL: there is none.
 */
static struct connection *take_ended(struct registry *r, bool wait)
{
    pthread_mutex_lock(&r->mutex);
    while (wait && !r->ended && r->live)
        pthread_cond_wait(&r->moved, &r->mutex);
    struct connection *c = r->ended;
    if (c)
        unlink_connection(c);
    pthread_mutex_unlock(&r->mutex);
    return c;
}

static void join_ended(struct registry *r, bool wait)
{
    struct connection *c;
    while ((c = take_ended(r, wait))) {
        pthread_join(c->thread, NULL);
        free(c);
    }
}

void registry_reap(struct registry *r)
{
    join_ended(r, false);
}

void registry_end_all(struct registry *r, const char *reason)
{
    pthread_mutex_lock(&r->mutex);
    for (struct connection *c = r->live; c; c = c->next)
        end_connection(c, reason);
    pthread_mutex_unlock(&r->mutex);
    join_ended(r, true);
}
