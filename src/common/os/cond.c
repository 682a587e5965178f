/* SPDX-License-Identifier: ISC */
#include "os/cond.h"

#include <sched.h>
#include <time.h>

void os_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

bool os_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t deadline_ms)
{
    const struct timespec until = {(time_t)(deadline_ms / 1000), deadline_ms % 1000 * 1000000};
    return pthread_cond_timedwait(cond, mutex, &until) == 0;
}

void os_cond_yield(pthread_mutex_t *mutex)
{
    pthread_mutex_unlock(mutex);
    sched_yield();
    pthread_mutex_lock(mutex);
}
