/* SPDX-License-Identifier: ISC */
#include "os/clock.h"

#include <errno.h>
#include <sys/timex.h>

/* Years have four digits in every time zone: 0 to 9999. */
#define EARLIEST INT64_C(-62167132800) /* 0000-01-02T00:00:00Z */
#define LATEST   INT64_C(253402214399) /* 9999-12-30T23:59:59Z */

/* The first of March of a year before all of them that begins an era: see os_clock_utc. */
#define EARLIEST_YEAR    (-400)
#define EARLIEST_MARCH   INT64_C(-74784816000)
#define EARLIEST_WEEKDAY 3
#define DAYS_OF_ERA      146097
#define DAY_S            86400

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

/*
 * gmtime_r would take the lock of the C library's time zone, for which all threads queue. Years
 * begin on the first of March here, so that the leap day is the last one of a year; 400 of them
 * have DAYS_OF_ERA days.
 */
void os_clock_utc(int64_t seconds, struct tm *tm)
{
    int64_t since = within_range(seconds) - EARLIEST_MARCH;
    int64_t day = since / DAY_S, era = day / DAYS_OF_ERA;
    int second = (int)(since % DAY_S), of_era = (int)(day % DAYS_OF_ERA);
    int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int of_year = of_era - (365 * year + year / 4 - year / 100);
    int month = (5 * of_year + 2) / 153;
    year += (int)era * 400 + EARLIEST_YEAR;
    *tm = (struct tm){.tm_sec = second % 60,
                      .tm_min = second / 60 % 60,
                      .tm_hour = second / 3600,
                      .tm_mday = of_year - (153 * month + 2) / 5 + 1,
                      .tm_mon = month < 10 ? month + 2 : month - 10,
                      .tm_year = year + (month >= 10) - 1900,
                      .tm_wday = (int)((day + EARLIEST_WEEKDAY) % 7)};
}

int64_t os_clock_from_utc(const struct tm *tm)
{
    struct tm copy = *tm;
    return (int64_t)timegm(&copy);
}
