/* SPDX-License-Identifier: ISC */
#include "os/clock.h"

#include <signal.h>
#include <sys/time.h>

#include "random.h"
#include "tap.h"

static void test_utc(void)
{
    struct tm tm;

    os_clock_utc(1512305493, &tm);
    ok(tm.tm_year == 117 && tm.tm_mon == 11 && tm.tm_mday == 3 && tm.tm_hour == 12 &&
           tm.tm_min == 51 && tm.tm_sec == 33 && tm.tm_wday == 0,
       "os_clock_utc: the parts of a time in 2017");
    is_int(os_clock_from_utc(&tm), 1512305493, "os_clock_from_utc: the same time");
}

static void test_local(void)
{
    struct tm tm;

    setenv("TZ", "XYZ-3", 1);
    tzset();
    os_clock_local(1512305493, &tm);
    ok(tm.tm_hour == 15 && tm.tm_min == 51, "os_clock_local: a time zone three hours east of UTC");
}

static void test_round_trips(void)
{
    int trips = 0;

    for (; trips < 20000; trips++) {
        int64_t t = (int64_t)random_below(253402214400);
        struct tm tm;
        os_clock_utc(t, &tm);
        tm.tm_wday = tm.tm_yday = tm.tm_isdst = -1;
        if (os_clock_from_utc(&tm) != t)
            break;
    }
    is_int(trips, 20000, "os_clock_from_utc: restores random times");
    if (trips < 20000)
        random_diag();
}

/* The first and last second of days around the ends of months, as the C library sees them. */
static void test_days(void)
{
    int wrong = 0;

    for (int64_t t = INT64_C(-62167132800); t < INT64_C(253402214400);
         t += 86400 * (t % 7 ? 11 : 1) - 1) {
        time_t time = (time_t)t;
        struct tm tm, theirs;
        os_clock_utc(t, &tm);
        gmtime_r(&time, &theirs);
        wrong += tm.tm_year != theirs.tm_year || tm.tm_mon != theirs.tm_mon ||
                 tm.tm_mday != theirs.tm_mday || tm.tm_hour != theirs.tm_hour ||
                 tm.tm_min != theirs.tm_min || tm.tm_sec != theirs.tm_sec ||
                 tm.tm_wday != theirs.tm_wday;
    }
    is_int(wrong, 0, "os_clock_utc: ten thousand years, as gmtime_r");
}

static void test_range(void)
{
    struct tm tm;

    os_clock_utc(INT64_MAX, &tm);
    is_int(tm.tm_year + 1900, 9999, "os_clock_utc: a time that is too late gives the year 9999");
    os_clock_local(INT64_MAX, &tm);
    is_int(tm.tm_year + 1900, 9999, "os_clock_local: a time that is too late gives the year 9999");
    os_clock_utc(INT64_MIN, &tm);
    is_int(tm.tm_year + 1900, 0, "os_clock_utc: a time that is too early gives the year 0");
    os_clock_local(INT64_MIN, &tm);
    is_int(tm.tm_year + 1900, 0, "os_clock_local: a time that is too early gives the year 0");
}

static void test_sleep(void)
{
    int64_t begin_ms = os_clock_ms();

    os_clock_sleep(20);
    ok(os_clock_ms() - begin_ms >= 20, "os_clock_sleep: sleeps for at least the given time");
    begin_ms = os_clock_ms();
    os_clock_sleep(-20000);
    ok(os_clock_ms() - begin_ms < 20000, "os_clock_sleep: a negative time does not wait");
}

static volatile sig_atomic_t signals;

static void note_signal(int number)
{
    (void)number;
    signals++;
}

static void test_interrupted_sleep(void)
{
    struct sigaction act = {.sa_handler = note_signal};
    struct itimerval soon = {.it_value = {.tv_usec = 5000}};
    int64_t begin_ms = os_clock_ms();

    sigaction(SIGALRM, &act, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    os_clock_sleep(30);
    ok(signals == 1 && os_clock_ms() - begin_ms >= 30, "os_clock_sleep: a signal does not end it");
}

int main(void)
{
    test_interrupted_sleep();
    test_sleep();
    random_begin();
    test_utc();
    test_local();
    test_round_trips();
    test_days();
    test_range();
    int64_t before = os_clock_ms();
    ok(os_clock_ms() >= before, "os_clock_ms: goes forward");
    ok(os_clock_us() >= os_clock_ms_to_us(before), "os_clock_us: goes forward");
    ok(os_clock_ms_to_us(INT64_MAX) == INT64_MAX && os_clock_ms_to_us(INT64_MIN) == INT64_MIN &&
           os_clock_ms_to_us(-7) == -7000,
       "os_clock_ms_to_us: extremes stay extremes");
    ok(os_clock_now() > 1512305493, "os_clock_now: is later than the report of 2017");
    return done_testing();
}
