/* SPDX-License-Identifier: ISC */
/*
 * gate: lets a fixed number of threads in at a time. Those that wait are let in by turns of the
 * clients they work for, so that one client with a thousand connections delays another by one turn.
 * Many people may share a client's address, so a client's turns go to its users in the same way.
 * Safe for threads.
 */
#ifndef SESSION_GATE_H
#define SESSION_GATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct gate_waiter;

struct gate {
    pthread_mutex_t mutex;     /* leaf lock: guards all */
    struct gate_waiter *first; /* in the order in which they are let in */
    uint64_t turn;             /* of the one that was let in last */
    unsigned waiting, free;
};

void gate_init(struct gate *g, unsigned places);
void gate_destroy(struct gate *g); /* nobody waits any more */

/*
 * Waits for a place until until_ms (os_clock_ms). client, user: numbers that stand for them.
 * stop(ctx), which may be NULL, is asked every two seconds whether to give up. True: the thread has
 * a place, and gives it back with gate_leave.
 */
bool gate_enter(struct gate *g, uint64_t client, uint64_t user, int64_t until_ms,
                bool (*stop)(void *ctx), void *ctx);
void gate_leave(struct gate *g);

#endif
