/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into the server of a test: a clock that is ten years ahead.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <time.h>

#define AHEAD_S (10LL * 365 * 24 * 3600)

int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
    int (*real)(clockid_t, struct timespec *) = NULL;

    *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    if (!real || real(clock_id, tp) != 0)
        return -1;
    if (clock_id == CLOCK_REALTIME)
        tp->tv_sec += AHEAD_S;
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
