/* SPDX-License-Identifier: ISC */
/*
 * bucket: a token bucket, which limits how often something happens: at a steady rate, and in a
 * burst after a pause. Pure: the time is passed in, in microseconds of a clock that only goes
 * forward. Not safe for threads.
 *
 * A bucket is one number, the moment at which it is full again (the virtual scheduling algorithm of
 * ITU-T I.371). Each thing that happens moves this moment later by its cost. A full bucket
 * therefore equals a new one and may be forgotten.
 */
#ifndef BASE_BUCKET_H
#define BASE_BUCKET_H

#include <stdint.h>

#define BUCKET_PER_MINUTE_MAX 1000000

struct bucket {
    int64_t full_us; /* 0: full from the beginning */
};

struct bucket_rule {
    int64_t cost_us;  /* how long the bucket takes to regain what is taken at a time, above 0 */
    int64_t burst_us; /* how long an empty bucket takes to fill, at least cost_us */
};

/* The rule for things of which per_minute are allowed, 1 to BUCKET_PER_MINUTE_MAX; all at once
 * after a pause. */
struct bucket_rule bucket_per_minute(uint64_t per_minute);

/* How many milliseconds until bucket_take would succeed; 0: it would now. Takes nothing. */
int64_t bucket_wait_ms(const struct bucket *b, struct bucket_rule rule, int64_t now_us);

/* Takes from the bucket and returns 0, or takes nothing and returns what bucket_wait_ms returns. */
int64_t bucket_take(struct bucket *b, struct bucket_rule rule, int64_t now_us);

/* Undoes one bucket_take that succeeded under this rule. */
void bucket_give_back(struct bucket *b, struct bucket_rule rule);

/* The moment, in milliseconds, from which the bucket is full and may be forgotten. */
int64_t bucket_full_ms(const struct bucket *b);

#endif
