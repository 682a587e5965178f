/* SPDX-License-Identifier: ISC */
#include "net/registry.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "net/registry_private.h"
#include "os/clock.h"
#include "os/cond.h"
#include "os/net.h"
#include "os/random.h"
#include "os/wait.h"

#define EARLY_PART  4  /* one part in this many of the clients may be before login */
#define EARLY_LEAST 16 /* but at least this many */
#define SILENT_MS   30000
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

/* All functions up to registry_add are called with the mutex held. */

/* The caller holds the mutex, so that the thread cannot have been joined yet. */
static void end_connection(struct connection *c, const char *reason)
{
    const char *none = NULL;
    if (atomic_compare_exchange_strong(&c->reason, &none, reason))
        pthread_kill(c->thread, OS_WAKE);
}

static const char not_logged_in[] = "too many clients have not logged in";

static void count_early(struct connection *c, bool early)
{
    unsigned *count = &c->registry->early[c->kind->forgeable];
    if (early && !c->early)
        ++*count;
    if (!early && c->early)
        --*count;
    c->early = early;
}

unsigned registry_early_share(const struct registry *r, bool forgeable)
{
    uint64_t all = r->limits.clients, share = all / EARLY_PART;
    if (share < EARLY_LEAST)
        share = all < EARLY_LEAST ? all : EARLY_LEAST;
    if (forgeable && share > r->limits.forgeable)
        share = r->limits.forgeable;
    return (unsigned)share;
}

static void end_early(struct registry *r, struct connection *c)
{
    count_early(c, false);
    c->leaving = true;
    r->leaving += c->kind->forgeable;
    end_connection(c, not_logged_in);
}

bool registry_make_room(struct registry *r, bool forgeable)
{
    struct connection *longest = NULL;
    for (struct connection *c = r->live; c; c = c->next)
        if (c->early && c->kind->forgeable == forgeable &&
            (!longest || atomic_load(&c->heard_ms) < atomic_load(&longest->heard_ms)))
            longest = c;
    if (!longest || atomic_load(&longest->heard_ms) == INT64_MAX)
        return false;
    end_early(r, longest);
    return true;
}

bool registry_is_leaving(const struct connection *c)
{
    return atomic_load(&c->reason) == not_logged_in;
}

void registry_add(struct registry *r, struct connection *c)
{
    count_early(c, true);
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
    r->leaving -= c->leaving && c->kind->forgeable;
    count_early(c, false);
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
    os_cond_init(&r->moved);
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

void registry_set_user(struct connection *c, const struct who *who)
{
    pthread_mutex_lock(&c->registry->mutex);
    c->logged_in = who != NULL;
    if (who)
        c->who = *who;
    /* It was told to end, but has logged in at the last moment. */
    const char *reason = not_logged_in;
    if (who && c->leaving && atomic_compare_exchange_strong(&c->reason, &reason, NULL)) {
        c->leaving = false;
        c->registry->leaving -= c->kind->forgeable;
    }
    count_early(c, !who && !c->leaving);
    pthread_mutex_unlock(&c->registry->mutex);
}

struct silent {
    int64_t heard_ms;
    struct connection *c;
};

static int by_silence(const void *a, const void *b)
{
    const struct silent *x = a, *y = b;
    return (x->heard_ms > y->heard_ms) - (x->heard_ms < y->heard_ms);
}

static bool is_half_full(struct registry *r, bool forgeable)
{
    return r->early[forgeable] > registry_early_share(r, forgeable) / 2;
}

/* Lists those that have been silent since then, at most max. Returns their number. */
static unsigned list_silent(struct registry *r, int64_t before_ms, struct silent *all, unsigned max)
{
    unsigned n = 0;
    for (struct connection *c = r->live; c && n < max; c = c->next) {
        int64_t heard_ms = atomic_load(&c->heard_ms);
        if (c->early && heard_ms < before_ms)
            all[n++] = (struct silent){heard_ms, c};
    }
    return n;
}

/*
 * The longest silent goes first. There may be thousands, so they are sorted; without memory for
 * that they stay until the next time.
 */
void registry_end_silent(struct registry *r)
{
    pthread_mutex_lock(&r->mutex);
    unsigned max = r->early[false] + r->early[true], n = 0;
    struct silent *all = NULL;
    if (is_half_full(r, false) || is_half_full(r, true))
        all = calloc(max, sizeof *all);
    if (all)
        n = list_silent(r, os_clock_ms() - SILENT_MS, all, max);
    if (n > 0)
        qsort(all, n, sizeof *all, by_silence);
    for (unsigned i = 0; i < n; i++)
        if (is_half_full(r, all[i].c->kind->forgeable))
            end_early(r, all[i].c);
    pthread_mutex_unlock(&r->mutex);
    free(all);
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

uint64_t registry_each(struct registry *r, uint64_t below, unsigned most,
                       void (*each)(void *ctx, const struct registry_session *s), void *ctx)
{
    int64_t now_ms = os_clock_ms();
    uint64_t last = 0;
    struct connection *c;
    pthread_mutex_lock(&r->mutex);
    for (c = r->live; c && most > 0; c = c->next) {
        if (c->number >= below)
            continue;
        struct registry_session s = {.number = c->number,
                                     .user = c->logged_in ? c->who.name : "",
                                     .address = c->address,
                                     .port = c->peer.port,
                                     .seconds = (now_ms - c->since_ms) / 1000,
                                     .transport = c->kind->name};
        each(ctx, &s);
        last = c->number;
        most--;
    }
    pthread_mutex_unlock(&r->mutex);
    return c ? last : 0;
}

unsigned registry_count(struct registry *r)
{
    pthread_mutex_lock(&r->mutex);
    unsigned count = r->count;
    pthread_mutex_unlock(&r->mutex);
    return count;
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

/* With the mutex held. */
static void tell_all(struct registry *r, const char *reason)
{
    for (struct connection *c = r->live; c; c = c->next)
        end_connection(c, reason);
}

void registry_end_all(struct registry *r, const char *reason)
{
    pthread_mutex_lock(&r->mutex);
    tell_all(r, reason);
    pthread_mutex_unlock(&r->mutex);
    join_ended(r, true);
}

/* A thread that closes its connection meanwhile does no harm: the process ends. */
void registry_abandon(struct registry *r, const char *reason, int64_t until_ms)
{
    bool early = true;
    pthread_mutex_lock(&r->mutex);
    leaving_begin(r->service->leaving, os_clock_ms());
    tell_all(r, reason);
    while (r->live && early)
        early = os_cond_wait(&r->moved, &r->mutex, until_ms);
    for (const struct connection *c = r->live; c; c = c->next)
        os_net_shut(c->transport->net->fd);
    pthread_mutex_unlock(&r->mutex);
}
