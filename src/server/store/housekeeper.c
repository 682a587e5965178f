/* SPDX-License-Identifier: ISC */
#include "store/housekeeper.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "os/clock.h"
#include "os/cond.h"
#include "store/cache.h"
#include "store/deleted_accounts.h"
#include "store/invite.h"
#include "store/mailbox_private.h"
#include "store/store_private.h"
#include "store/trash.h"

#define INTERVAL_S 3600

struct housekeeper {
    struct store *store;
    pthread_t thread;
    pthread_mutex_t mutex; /* leaf lock: guards stopping and woken */
    pthread_cond_t changed;
    bool stopping, woken;
};

struct sweep {
    struct store *store;
    bool (*stop)(void *ctx);
    void *ctx;
};

static bool sweep_mailbox(void *ctx, const char *name)
{
    struct sweep *sweep = ctx;
    struct who who = {.generation = ""};
    struct trash trash = {.index = NULL};
    struct mailbox *mb;
    if (!name_fold(span_str(name), who.name) || mailbox_open(sweep->store, &who, &mb) != ST_OK)
        return true;
    if (mailbox_lock(mb) == ST_OK) {
        trash_begin_sweep(mb, &trash);
        mailbox_show_hidden(mb);
        mailbox_unlock(mb);
        trash_end(mb, &trash);
    }
    mailbox_close_once(mb);
    return !sweep->stop(sweep->ctx);
}

void housekeeper_sweep(struct store *s, bool (*stop)(void *ctx), void *ctx)
{
    struct sweep sweep = {s, stop, ctx};
    store_each_user(s, sweep_mailbox, &sweep);
}

static bool is_stopping(void *ctx)
{
    struct housekeeper *h = ctx;
    pthread_mutex_lock(&h->mutex);
    bool stopping = h->stopping;
    pthread_mutex_unlock(&h->mutex);
    return stopping;
}

/* Waits until it is time, until someone wakes us, or until we are to stop. True: it is time. */
static bool wait_until(struct housekeeper *h, int64_t ms)
{
    bool early = true;
    pthread_mutex_lock(&h->mutex);
    while (!h->stopping && !h->woken && early)
        early = os_cond_wait(&h->changed, &h->mutex, ms);
    h->woken = false;
    pthread_mutex_unlock(&h->mutex);
    return !early;
}

static void *keep_house(void *arg)
{
    struct housekeeper *h = arg;
    int64_t next = 0;
    while (!is_stopping(h)) {
        deleted_accounts_purge(h->store, is_stopping, h);
        if (wait_until(h, next)) {
            next = os_clock_ms() + INTERVAL_S * INT64_C(1000);
            invite_purge(h->store);
            housekeeper_sweep(h->store, is_stopping, h);
            cache_let_go(h->store, INTERVAL_S * INT64_C(1000));
        }
    }
    return NULL;
}

static void free_housekeeper(struct housekeeper *h)
{
    pthread_cond_destroy(&h->changed);
    pthread_mutex_destroy(&h->mutex);
    free(h);
}

struct housekeeper *housekeeper_start(struct store *s)
{
    struct housekeeper *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    h->store = s;
    pthread_mutex_init(&h->mutex, NULL);
    os_cond_init(&h->changed);
    int error = pthread_create(&h->thread, NULL, keep_house, h);
    if (error == 0)
        return h;
    free_housekeeper(h);
    errno = error;
    return NULL;
}

void housekeeper_wake(struct housekeeper *h)
{
    if (!h)
        return;
    pthread_mutex_lock(&h->mutex);
    h->woken = true;
    pthread_cond_signal(&h->changed);
    pthread_mutex_unlock(&h->mutex);
}

void housekeeper_stop(struct housekeeper *h)
{
    if (!h)
        return;
    pthread_mutex_lock(&h->mutex);
    h->stopping = true;
    pthread_cond_signal(&h->changed);
    pthread_mutex_unlock(&h->mutex);
    pthread_join(h->thread, NULL);
    free_housekeeper(h);
}
