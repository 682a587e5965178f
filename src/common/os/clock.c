/* SPDX-License-Identifier: ISC */
#include "os/clock.h"

#include <errno.h>
#include <sys/timex.h>

/* Years have four digits in every time zone: 0 to 9999. */
#define EARLIEST INT64_C(-62167132800) /* 0000-01-02T00:00:00Z */
#define LATEST   INT64_C(253402214399) /* 9999-12-30T23:59:59Z */

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

int64_t os_clock_ms_to_us(int64_t ms)
{
    if (ms > INT64_MAX / 1000)
        return INT64_MAX;
    return ms < INT64_MIN / 1000 ? INT64_MIN : ms * 1000;
}

void os_clock_sleep(int64_t ms)
{
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

int64_t os_clock_now(void)
{
    return (int64_t)time(NULL);
}

int64_t os_clock_uptime(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec;
}

bool os_clock_is_kept_right(void)
{
    struct timex t = {.modes = 0};
    return ntp_adjtime(&t) != TIME_ERROR;
}

static time_t within_range(int64_t seconds)
{
    if (seconds < EARLIEST)
        return (time_t)EARLIEST;
    return (time_t)(seconds > LATEST ? LATEST : seconds);
}

void os_clock_local(int64_t seconds, struct tm *tm)
{
    time_t t = within_range(seconds);
    localtime_r(&t, tm);
}

void os_clock_utc(int64_t seconds, struct tm *tm)
{
    time_t t = within_range(seconds);
    gmtime_r(&t, tm);
}

int64_t os_clock_from_utc(const struct tm *tm)
{
    struct tm copy = *tm;
    return (int64_t)timegm(&copy);
}
