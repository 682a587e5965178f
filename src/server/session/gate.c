/* SPDX-License-Identifier: ISC */
#include "session/gate.h"

#include "os/clock.h"
#include "os/cond.h"

#define LOOK_MS 2000

struct gate_waiter {
    struct gate_waiter *next;
    uint64_t client, user, turn;
    unsigned before; /* others of this client and user who were waiting when it came */
    pthread_cond_t entered;
    bool in;
};

void gate_init(struct gate *g, unsigned places)
{
    *g = (struct gate){.free = places};
    pthread_mutex_init(&g->mutex, NULL);
}

void gate_destroy(struct gate *g)
{
    pthread_mutex_destroy(&g->mutex);
}

/* With the mutex held. Those who have the same turn are let in in the order in which they came. */
static void insert(struct gate *g, struct gate_waiter *w)
{
    struct gate_waiter **at = &g->first;
    while (*at && (*at)->turn <= w->turn)
        at = &(*at)->next;
    w->next = *at;
    *at = w;
    g->waiting++;
}

/* A client's first waiter has the next turn, its second the one after that. */
static void line_up(struct gate *g, struct gate_waiter *w)
{
    w->turn = g->turn;
    for (const struct gate_waiter *other = g->first; other; other = other->next)
        if (other->client == w->client) {
            w->turn = other->turn;
            w->before += other->user == w->user;
        }
    w->turn++;
    insert(g, w);
}

static void step_out(struct gate *g, const struct gate_waiter *w)
{
    struct gate_waiter **at = &g->first;
    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    g->waiting--;
}

/*
 * Takes out the waiter that is let in next: it is the turn of the first one's client, who spends it
 * on the user with the fewest. The first one then has the turn of that one.
 */
static struct gate_waiter *take_next(struct gate *g)
{
    struct gate_waiter *first = g->first, *best = first;
    for (struct gate_waiter *w = first; w; w = w->next)
        if (w->client == first->client && w->before < best->before)
            best = w;
    step_out(g, best);
    g->turn = first->turn;
    if (best != first) {
        step_out(g, first);
        first->turn = best->turn;
        insert(g, first);
    }
    return best;
}

bool gate_enter(struct gate *g, uint64_t client, uint64_t user, int64_t until_ms,
                bool (*stop)(void *ctx), void *ctx)
{
    struct gate_waiter w = {.client = client, .user = user};
    pthread_mutex_lock(&g->mutex);
    if (g->free > 0) {
        g->free--;
        pthread_mutex_unlock(&g->mutex);
        return true;
    }
    os_cond_init(&w.entered);
    line_up(g, &w);
    int64_t now_ms = os_clock_ms();
    while (!w.in && now_ms < until_ms && !(stop && stop(ctx))) {
        os_cond_wait(&w.entered, &g->mutex,
                     until_ms - now_ms < LOOK_MS ? until_ms : now_ms + LOOK_MS);
        now_ms = os_clock_ms();
    }
    if (!w.in)
        step_out(g, &w);
    pthread_mutex_unlock(&g->mutex);
    pthread_cond_destroy(&w.entered);
    return w.in;
}

void gate_leave(struct gate *g)
{
    pthread_mutex_lock(&g->mutex);
    if (g->first) {
        struct gate_waiter *w = take_next(g);
        w->in = true;
        pthread_cond_signal(&w->entered);
    } else {
        g->free++;
    }
    pthread_mutex_unlock(&g->mutex);
}
