/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into the server of a test: a clock that is ten years ahead, or as many years as
 * CLOCK_AHEAD_YEARS says. If CLOCK_AHEAD names a file, only while that file exists.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define YEARS  10
#define YEAR_S (365LL * 24 * 3600)

#ifdef __USE_TIME_BITS64 /* 32 bits: the header gives the functions below these names */
#define CLOCK_GETTIME "__clock_gettime64"
#else
#define CLOCK_GETTIME "clock_gettime"
#endif

static long long years_ahead(void)
{
    const char *years = getenv("CLOCK_AHEAD_YEARS");
    return years ? strtoll(years, NULL, 10) : YEARS;
}

static int is_ahead(void)
{
    const char *file = getenv("CLOCK_AHEAD");
    return !file || access(file, F_OK) == 0;
}

int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
    int (*real)(clockid_t, struct timespec *) = NULL;

    *(void **)&real = dlsym(RTLD_NEXT, CLOCK_GETTIME);
    if (!real || real(clock_id, tp) != 0)
        return -1;
    if (clock_id == CLOCK_REALTIME && is_ahead())
        tp->tv_sec += years_ahead() * YEAR_S;
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
