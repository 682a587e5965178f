/* SPDX-License-Identifier: ISC */
/*
 * os_clock: the time. Thread-safe.
 */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Milliseconds and microseconds of a monotonic clock, for deadlines. */
int64_t os_clock_ms(void);
int64_t os_clock_us(void);

/* Converts a time of os_clock_ms to one of os_clock_us. INT64_MAX stays INT64_MAX. */
int64_t os_clock_ms_to_us(int64_t ms);

/* Sleeps for some milliseconds. A signal does not cut it short. */
void os_clock_sleep(int64_t ms);

/* Seconds since 1970 in UTC. */
int64_t os_clock_now(void);

/* Seconds since the machine was started, including those in which it slept. */
int64_t os_clock_uptime(void);

/* The same in milliseconds, for intervals in which the machine may sleep. A virtual machine that
 * was paused from outside may not have noticed the time that passed. */
int64_t os_clock_boot_ms(void);

#define OS_CLOCK_BOOT_BYTES 48

/*
 * Names this boot of the machine: a text of digits, letters and "-" that no other boot has. False:
 * the system does not tell, and the text is empty.
 */
bool os_clock_boot(char boot[OS_CLOCK_BOOT_BYTES]);

/* Whether the system synchronizes its clock with another one; also true if this is unknown. */
bool os_clock_is_kept_right(void);

/*
 * Converts seconds since 1970 to the local time zone, or to UTC. A time outside the years 0 to 9999
 * becomes the nearest one inside them. os_clock_utc leaves tm_yday 0.
 */
void os_clock_local(int64_t seconds, struct tm *tm);
void os_clock_utc(int64_t seconds, struct tm *tm);

/* The reverse of os_clock_utc. Ignores tm_wday, tm_yday and tm_isdst. */
int64_t os_clock_from_utc(const struct tm *tm);

#endif
