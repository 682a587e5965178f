/* SPDX-License-Identifier: ISC */
/*
 * plan: which letters a campaign writes: in which way, and what happens meanwhile. Pure.
 */
#ifndef PLAN_H
#define PLAN_H

#include <stdint.h>

#include "event.h"
#include "way.h"

enum { PLAN_EVENTS_MAX = 8192, PLAN_KINDS_MAX = 256 };

struct plan {
    struct {
        enum way way;
        struct event event;
    } events[PLAN_EVENTS_MAX]; /* to try */
    unsigned nevents;
    unsigned kinds[PLAN_KINDS_MAX]; /* where those of each kind begin */
    unsigned nkinds;
};

/* How many places a letter has at which something can happen. */
struct plan_extent {
    unsigned keys, waits, steps, calls;
    unsigned copies; /* how many recipients it has */
};

/* Adds all events for one way of writing; calls_only: those at system calls. */
void plan_add(struct plan *p, enum way way, const struct plan_extent *extent, bool calls_only);

/*
 * The event to try in a round. With fewer rounds than events, as many of each kind are tried, and
 * these are spread evenly over their kind.
 */
unsigned plan_choose(const struct plan *p, unsigned round, unsigned rounds, uint64_t seed);

#endif
