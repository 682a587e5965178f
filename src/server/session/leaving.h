/* SPDX-License-Identifier: ISC */
/*
 * leaving: whether the server is being drained. At first it only tells load balancers that ask;
 * from a set time on it accepts no new clients. A server that is leaving cannot change back. Safe
 * for threads.
 */
#ifndef SESSION_LEAVING_H
#define SESSION_LEAVING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* All zeros: the server stays. */
struct leaving {
    _Atomic int64_t refuse_ms; /* from when new clients are refused; 0: never */
};

/*
 * From now on the server is leaving, and from refuse_ms (os_clock_ms, above 0) on it refuses new
 * clients. Of several such times, the earliest counts. False: this call has changed nothing.
 */
bool leaving_begin(struct leaving *l, int64_t refuse_ms);

/* Whether leaving_begin was called. */
bool leaving_has_begun(const struct leaving *l);

/* Whether new clients are refused at this time. */
bool leaving_refuses(const struct leaving *l, int64_t now_ms);

#endif
