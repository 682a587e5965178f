/* SPDX-License-Identifier: ISC */
/*
 * probe: a thread that carries out a check for other threads. The check may wait for the store for
 * ever; the other threads must not. Safe for threads.
 */
#ifndef STORE_PROBE_H
#define STORE_PROBE_H

#include <stdbool.h>
#include <stdint.h>

struct probe;

enum probe_result {
    PROBE_GOOD,
    PROBE_BAD,
    PROBE_LATE /* the check did not end in time; it goes on */
};

/* Starts the thread, which calls check(ctx) whenever it is asked to. NULL: errno. */
struct probe *probe_start(bool (*check)(void *ctx), void *ctx);

/*
 * Asks for a check that begins after this call, and waits for its result until until_ms, a time of
 * os_clock_ms. Threads that ask at the same time share one check.
 */
enum probe_result probe_ask(struct probe *p, int64_t until_ms);

/* When the last good check began, a time of os_clock_boot_ms; before the first one, a time long
 * ago. Needs no lock. */
int64_t probe_good_ms(const struct probe *p);

/* Waits for the end of a check that is under way, and frees p, which may be NULL. Nobody may wait
 * for a result any more. */
void probe_stop(struct probe *p);

#endif
