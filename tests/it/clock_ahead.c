/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into the server of a test: a clock that is ten years ahead. If CLOCK_AHEAD names a
 * file, only while that file exists.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define AHEAD_S (10LL * 365 * 24 * 3600)

static int is_ahead(void)
{
    const char *file = getenv("CLOCK_AHEAD");
    return !file || access(file, F_OK) == 0;
}

int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
    int (*real)(clockid_t, struct timespec *) = NULL;

    *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    if (!real || real(clock_id, tp) != 0)
        return -1;
    if (clock_id == CLOCK_REALTIME && is_ahead())
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
