/* SPDX-License-Identifier: ISC */
/* probe: a check that may take for ever. */
#include "store/probe.h"

#include <pthread.h>
#include <stdatomic.h>

#include "os/clock.h"
#include "tap.h"

#define LONG_MS 20000 /* a check that takes as long never ends */

static atomic_int checks;
static atomic_bool blocked, bad;

static bool check(void *ctx)
{
    (void)ctx;
    atomic_fetch_add(&checks, 1);
    while (atomic_load(&blocked))
        os_clock_sleep(1);
    return !atomic_load(&bad);
}

static enum probe_result ask(struct probe *p)
{
    return probe_ask(p, os_clock_ms() + LONG_MS);
}

static void test_results(struct probe *p)
{
    int64_t before_ms = os_clock_boot_ms();
    ok(probe_good_ms(p) < before_ms - LONG_MS, "probe: at first, the last good check was long ago");
    is_int(ask(p), PROBE_GOOD, "probe: a good check");
    int64_t good_ms = probe_good_ms(p);
    ok(good_ms >= before_ms && good_ms <= os_clock_boot_ms(),
       "probe: ... sets the time at which it began");
    atomic_store(&bad, true);
    os_clock_sleep(2);
    is_int(ask(p), PROBE_BAD, "probe: a bad check");
    ok(probe_good_ms(p) == good_ms, "probe: ... does not change that time");
    atomic_store(&bad, false);
    is_int(ask(p), PROBE_GOOD, "probe: a good check again");
    ok(probe_good_ms(p) > good_ms, "probe: ... sets a later time");
}

/* NULL: the result is not good. */
static void *ask_too(void *arg)
{
    return ask(arg) == PROBE_GOOD ? arg : NULL;
}

#define ASKING 8

/* A check that began before it was asked for may have looked too early. */
static void test_late(struct probe *p)
{
    pthread_t threads[ASKING];
    int before = atomic_load(&checks), good = 0;
    atomic_store(&blocked, true);
    is_int(probe_ask(p, os_clock_ms() + 20), PROBE_LATE,
           "probe: a check that does not end is late");
    is_int(probe_ask(p, os_clock_ms()), PROBE_LATE, "probe: ... also for other threads");
    for (int i = 0; i < ASKING; i++)
        pthread_create(&threads[i], NULL, ask_too, p);
    atomic_store(&bad, true);
    os_clock_sleep(20);
    is_int(atomic_load(&checks) - before, 1, "probe: no other check begins meanwhile");
    atomic_store(&bad, false);
    atomic_store(&blocked, false);
    for (int i = 0; i < ASKING; i++) {
        void *result;
        pthread_join(threads[i], &result);
        good += result == p;
    }
    is_int(good, ASKING, "probe: when it ends, all threads that wait get a result");
    ok(atomic_load(&checks) - before >= 2, "probe: ... from a check that began after they asked");
}

int main(void)
{
    struct probe *p = probe_start(check, NULL);
    test_results(p);
    test_late(p);
    probe_stop(p);
    probe_stop(NULL);
    return done_testing();
}
