/* SPDX-License-Identifier: ISC */
/*
 * age: whether the clock can be trusted enough to destroy something for its age. A machine may
 * start with its clock years ahead, and be corrected minutes later. So nothing is destroyed for its
 * age until the clock has been steady for an hour while this process ran: until it has advanced as
 * much as the uptime of the machine has. Pure: the times are handed in. Not safe for threads.
 */
#ifndef STORE_AGE_H
#define STORE_AGE_H

#include <stdbool.h>
#include <stdint.h>

#define AGE_STEADY_S 3600
#define AGE_SLACK_S  60 /* a clock that is set by no more than this at a time is steady */

/* All times are in seconds: clock since 1970 in UTC, uptime since the machine started. */
struct age {
    int64_t offset; /* between the two, when we last looked */
    int64_t steady; /* the uptime since which the clock has been steady */
};

void age_begin(struct age *a, int64_t clock, int64_t uptime);

/* Looks at the clock. Returns by how much it was set since the last look, or 0. */
int64_t age_look(struct age *a, int64_t clock, int64_t uptime);

/* Whether the clock has been steady for long enough. Look first. */
bool age_is_known(const struct age *a, int64_t uptime);

#endif
