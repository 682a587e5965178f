/* SPDX-License-Identifier: ISC */
#include "server/stop_deadline.h"

#include <sysexits.h>

#include "log/log.h"
#include "os/clock.h"
#include "os/cond.h"
#include "os/process.h"

static void *wait_for_end(void *arg)
{
    struct stop_deadline *d = arg;
    int64_t until_ms = os_clock_ms() + STOP_DEADLINE_MS;
    bool early = true;
    pthread_mutex_lock(&d->mutex);
    while (!d->done && early)
        early = os_cond_wait(&d->changed, &d->mutex, until_ms);
    bool done = d->done;
    pthread_mutex_unlock(&d->mutex);
    if (done)
        return NULL;
    log_trouble("not stopped within %d s: a thread still waits, perhaps for a disk that does not "
                "answer; ended all the same",
                STOP_DEADLINE_MS / 1000);
    os_process_end(EX_TEMPFAIL);
}

/* Without a thread the server stops all the same, unless something hangs. */
void stop_deadline_begin(struct stop_deadline *d)
{
    *d = (struct stop_deadline){.done = false};
    pthread_mutex_init(&d->mutex, NULL);
    os_cond_init(&d->changed);
    d->started = pthread_create(&d->thread, NULL, wait_for_end, d) == 0;
}

void stop_deadline_end(struct stop_deadline *d)
{
    pthread_mutex_lock(&d->mutex);
    d->done = true;
    pthread_cond_signal(&d->changed);
    pthread_mutex_unlock(&d->mutex);
    if (d->started)
        pthread_join(d->thread, NULL);
    pthread_cond_destroy(&d->changed);
    pthread_mutex_destroy(&d->mutex);
}
