/* SPDX-License-Identifier: ISC */
#include "clock_private.h"

#include "windows_private.h"

#define UNIT_S    10000000             /* units of 100 ns in a second */
#define EPOCH_S   INT64_C(11644473600) /* 1970, in seconds since 1601 */
#define DAYS_1970 719468               /* from the first of March of the year 0 */
#define DAY_S     86400

int64_t os_clock_us(void)
{
    LARGE_INTEGER now, per_second;
    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&per_second);
    int64_t whole = now.QuadPart / per_second.QuadPart, rest = now.QuadPart % per_second.QuadPart;
    return whole * 1000000 + rest * 1000000 / per_second.QuadPart;
}

int64_t os_clock_ms(void)
{
    return os_clock_us() / 1000;
}

void os_clock_sleep(int64_t ms)
{
    Sleep(ms < 0 ? 0 : ms < INFINITE ? (DWORD)ms : INFINITE - 1);
}

int64_t os_clock_now(void)
{
    FILETIME now;
    GetSystemTimeAsFileTime(&now);
    return (((int64_t)now.dwHighDateTime << 32) + now.dwLowDateTime) / UNIT_S - EPOCH_S;
}

/* By the rules of the year of the time, not of this year. Before 1601 the time is UTC. */
void os_clock_local(int64_t seconds, struct tm *tm)
{
    SYSTEMTIME utc, local;
    os_clock_utc(seconds, tm);
    utc = (SYSTEMTIME){.wYear = (WORD)(tm->tm_year + 1900),
                       .wMonth = (WORD)(tm->tm_mon + 1),
                       .wDay = (WORD)tm->tm_mday,
                       .wHour = (WORD)tm->tm_hour,
                       .wMinute = (WORD)tm->tm_min,
                       .wSecond = (WORD)tm->tm_sec};
    if (!SystemTimeToTzSpecificLocalTime(NULL, &utc, &local))
        return;
    *tm = (struct tm){.tm_year = local.wYear - 1900,
                      .tm_mon = local.wMonth - 1,
                      .tm_mday = local.wDay,
                      .tm_hour = local.wHour,
                      .tm_min = local.wMinute,
                      .tm_sec = local.wSecond,
                      .tm_wday = local.wDayOfWeek,
                      .tm_isdst = -1};
}

/* As in os_clock_utc, years begin on the first of March. */
int64_t os_clock_from_utc(const struct tm *tm)
{
    int64_t months = (int64_t)tm->tm_mon + 10;
    int64_t year = (int64_t)tm->tm_year + 1900 - 1 + months / 12;
    int64_t day = (153 * (months % 12) + 2) / 5 + tm->tm_mday - 1;
    int64_t leaps = year / 4 - year / 100 + year / 400;
    return (365 * year + leaps + day - DAYS_1970) * DAY_S + tm->tm_hour * 3600 + tm->tm_min * 60 +
           tm->tm_sec;
}
