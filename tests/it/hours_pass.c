/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into the server of a test: while the file that HOURS_PASS names exists, an hour passes
 * each time the housekeeper waits for its next round. The clock and the uptime of the machine
 * advance together, so the server sees a steady clock. What is measured on the monotonic clock,
 * such as the time that a client is idle, takes as long as ever.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define HOUR_S    3600
#define LONG_S    3000 /* nobody else waits for so long */
#define STEP_NS   20000000L
#define SECOND_NS 1000000000L

#ifdef __USE_TIME_BITS64 /* 32 bits: the header gives the functions below these names */
#define CLOCK_GETTIME "__clock_gettime64"
#define TIMEDWAIT     "__pthread_cond_timedwait64"
#else
#define CLOCK_GETTIME "clock_gettime"
#define TIMEDWAIT     "pthread_cond_timedwait"
#endif

static atomic_int hours;

int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
    int (*real)(clockid_t, struct timespec *) = NULL;

    *(void **)&real = dlsym(RTLD_NEXT, CLOCK_GETTIME);
    if (!real || real(clock_id, tp) != 0)
        return -1;
    if (clock_id == CLOCK_REALTIME || clock_id == CLOCK_BOOTTIME)
        tp->tv_sec += (time_t)atomic_load(&hours) * HOUR_S;
    return 0;
}

time_t time(time_t *timer)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_REALTIME, &now);
    if (timer)
        *timer = now.tv_sec;
    return now.tv_sec;
}

int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                           const struct timespec *abstime)
{
    int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *) = NULL;
    const char *file = getenv("HOURS_PASS");
    int error = ETIMEDOUT;

    *(void **)&real = dlsym(RTLD_NEXT, TIMEDWAIT);
    while (error == ETIMEDOUT) {
        struct timespec step = {0};
        clock_gettime(CLOCK_MONOTONIC, &step);
        if (!file || abstime->tv_sec - step.tv_sec < LONG_S)
            return real(cond, mutex, abstime);
        step.tv_nsec += STEP_NS;
        step.tv_sec += step.tv_nsec / SECOND_NS;
        step.tv_nsec %= SECOND_NS;
        error = real(cond, mutex, &step);
        if (error == ETIMEDOUT && access(file, F_OK) == 0) {
            atomic_fetch_add(&hours, 1);
            return error;
        }
    }
    return error;
}
