/* SPDX-License-Identifier: ISC */
#include <errno.h>

#include "clock_private.h"

int64_t os_clock_ms(void)
{
    return os_clock_us() / 1000;
}

int64_t os_clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void os_clock_sleep(int64_t ms)
{
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

int64_t os_clock_now(void)
{
    return (int64_t)time(NULL);
}

void os_clock_local(int64_t seconds, struct tm *tm)
{
    time_t t = (time_t)os_clock_within(seconds);
    localtime_r(&t, tm);
}

int64_t os_clock_from_utc(const struct tm *tm)
{
    struct tm copy = *tm;
    return (int64_t)timegm(&copy);
}
