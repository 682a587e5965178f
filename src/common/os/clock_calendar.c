/* SPDX-License-Identifier: ISC */
/*
 * The part of os_clock that only computes.
 */
#include "clock_private.h"

/* Years have four digits in every time zone: 0 to 9999. */
#define EARLIEST INT64_C(-62167132800) /* 0000-01-02T00:00:00Z */
#define LATEST   INT64_C(253402214399) /* 9999-12-30T23:59:59Z */

/* The first of March of a year before all of them that begins an era: see os_clock_utc. */
#define EARLIEST_YEAR    (-400)
#define EARLIEST_MARCH   INT64_C(-74784816000)
#define EARLIEST_WEEKDAY 3
#define DAYS_OF_ERA      146097
#define DAY_S            86400

int64_t os_clock_ms_to_us(int64_t ms)
{
    if (ms > INT64_MAX / 1000)
        return INT64_MAX;
    return ms < INT64_MIN / 1000 ? INT64_MIN : ms * 1000;
}

int64_t os_clock_within(int64_t seconds)
{
    if (seconds < EARLIEST)
        return EARLIEST;
    return seconds > LATEST ? LATEST : seconds;
}

/*
 * gmtime_r would take the lock of the C library's time zone, for which all threads queue. Years
 * begin on the first of March here, so that the leap day is the last one of a year; 400 of them
 * have DAYS_OF_ERA days.
 */
void os_clock_utc(int64_t seconds, struct tm *tm)
{
    int64_t since = os_clock_within(seconds) - EARLIEST_MARCH;
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
