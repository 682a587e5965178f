/* SPDX-License-Identifier: ISC */
/*
 * probe: a thread that carries out a check which may wait for the store for ever, on behalf of
 * threads that must not. Safe for threads.
 */
#ifndef STORE_PROBE_H
#define STORE_PROBE_H

#include <stdbool.h>
#include <stdint.h>

struct probe;

enum probe_result {
    PROBE_GOOD,
    PROBE_BAD,
    PROBE_LATE /* the check has not ended in time; it goes on */
};

/* Starts the thread, which calls check(ctx) whenever it is asked to. NULL: errno. */
struct probe *probe_start(bool (*check)(void *ctx), void *ctx);

/*
 * Has the check carried out once more, from its beginning, and waits for its result until then, a
 * time of os_clock_ms. All who ask at the same time share one check.
 */
enum probe_result probe_ask(struct probe *p, int64_t until_ms);

/* When the last check that was good began: a time of os_clock_boot_ms; long ago before
 * the first. Needs no lock. */
int64_t probe_good_ms(const struct probe *p);

/* Waits for the end of a check that is under way, and frees p, which may be NULL. Nobody may wait
 * for a result any more. */
void probe_stop(struct probe *p);

#endif
