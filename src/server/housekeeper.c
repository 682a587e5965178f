#include "housekeeper.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "os_clock.h"

#define INTERVAL_S 3600

struct housekeeper {
    struct store *store;
    pthread_t thread;
    pthread_mutex_t mutex; /* leaf lock: guards stopping */
    pthread_cond_t changed;
    bool stopping;
};

static bool is_stopping(void *ctx)
{
    struct housekeeper *h = ctx;
    bool stopping;

    pthread_mutex_lock(&h->mutex);
    stopping = h->stopping;
    pthread_mutex_unlock(&h->mutex);
    return stopping;
}

static void *run(void *arg)
{
    struct housekeeper *h = arg;

    while (!is_stopping(h)) {
        struct timespec until = {.tv_sec = (time_t)os_clock_now() + INTERVAL_S};

        store_clean(h->store, is_stopping, h);
        pthread_mutex_lock(&h->mutex);
        while (!h->stopping && pthread_cond_timedwait(&h->changed, &h->mutex, &until) != ETIMEDOUT)
            continue;
        pthread_mutex_unlock(&h->mutex);
    }
    return NULL;
}

static void release(struct housekeeper *h)
{
    pthread_cond_destroy(&h->changed);
    pthread_mutex_destroy(&h->mutex);
    free(h);
}

struct housekeeper *housekeeper_start(struct store *s)
{
    struct housekeeper *h = calloc(1, sizeof *h);
    int error;

    if (!h)
        return NULL;
    h->store = s;
    pthread_mutex_init(&h->mutex, NULL);
    pthread_cond_init(&h->changed, NULL);
    error = pthread_create(&h->thread, NULL, run, h);
    if (error == 0)
        return h;
    release(h);
    errno = error;
    return NULL;
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
    release(h);
}
