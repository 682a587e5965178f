/*
 * os_clock: the time. Safe for threads.
 */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Milliseconds of a clock that only goes forward; for deadlines. */
int64_t os_clock_ms(void);

/* The same clock's microseconds, and a moment of it in these; INT64_MAX stays so. */
int64_t os_clock_us(void);
int64_t os_clock_ms_to_us(int64_t ms);

/* Seconds since 1970 in UTC. */
int64_t os_clock_now(void);

/* Whether the system keeps the clock right by another one; true, too, where it does not tell. */
bool os_clock_is_kept_right(void);

/* A moment in the local time zone, and in UTC. A moment out of range gives the nearest possible. */
void os_clock_local(int64_t seconds, struct tm *tm);
void os_clock_utc(int64_t seconds, struct tm *tm);

/* The reverse of os_clock_utc. Ignores tm_wday, tm_yday and tm_isdst. */
int64_t os_clock_from_utc(const struct tm *tm);

#endif
