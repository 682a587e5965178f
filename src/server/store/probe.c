/* SPDX-License-Identifier: ISC */
#include "store/probe.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "os/clock.h"
#include "os/cond.h"

struct probe {
    bool (*check)(void *ctx);
    void *ctx;
    pthread_t thread;
    _Atomic int64_t good_ms;
    pthread_mutex_t mutex; /* leaf lock: guards the rest */
    pthread_cond_t asked_for, ended;
    uint64_t asked; /* checks are numbered; the last one that somebody waits for */
    uint64_t done;  /* the last one that has ended */
    bool good;      /* its result */
    bool stopping;
};

/* With the mutex held. What is asked for from now on needs another check. */
static void carry_out(struct probe *p)
{
    uint64_t number = p->asked;
    pthread_mutex_unlock(&p->mutex);
    int64_t began_ms = os_clock_boot_ms();
    bool good = p->check(p->ctx);
    if (good)
        atomic_store(&p->good_ms, began_ms);
    pthread_mutex_lock(&p->mutex);
    p->done = number;
    p->good = good;
    pthread_cond_broadcast(&p->ended);
}

static void *run_probe(void *arg)
{
    struct probe *p = arg;
    pthread_mutex_lock(&p->mutex);
    while (!p->stopping) {
        if (p->done < p->asked)
            carry_out(p);
        else
            pthread_cond_wait(&p->asked_for, &p->mutex);
    }
    pthread_mutex_unlock(&p->mutex);
    return NULL;
}

static void free_probe(struct probe *p)
{
    pthread_cond_destroy(&p->asked_for);
    pthread_cond_destroy(&p->ended);
    pthread_mutex_destroy(&p->mutex);
    free(p);
}

struct probe *probe_start(bool (*check)(void *ctx), void *ctx)
{
    struct probe *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->check = check;
    p->ctx = ctx;
    atomic_init(&p->good_ms, INT64_MIN / 2);
    pthread_mutex_init(&p->mutex, NULL);
    pthread_cond_init(&p->asked_for, NULL);
    os_cond_init(&p->ended);
    int error = pthread_create(&p->thread, NULL, run_probe, p);
    if (error == 0)
        return p;
    free_probe(p);
    errno = error;
    return NULL;
}

/* A check that began before the call does not count, so the next but one may be needed. */
enum probe_result probe_ask(struct probe *p, int64_t until_ms)
{
    bool early = true;
    pthread_mutex_lock(&p->mutex);
    uint64_t mine = ++p->asked;
    pthread_cond_signal(&p->asked_for);
    while (p->done < mine && early)
        early = os_cond_wait(&p->ended, &p->mutex, until_ms);
    enum probe_result result = p->done < mine ? PROBE_LATE : p->good ? PROBE_GOOD : PROBE_BAD;
    pthread_mutex_unlock(&p->mutex);
    return result;
}

int64_t probe_good_ms(const struct probe *p)
{
    return atomic_load(&p->good_ms);
}

void probe_stop(struct probe *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->mutex);
    p->stopping = true;
    pthread_cond_signal(&p->asked_for);
    pthread_mutex_unlock(&p->mutex);
    pthread_join(p->thread, NULL);
    free_probe(p);
}
