/*
 * bucket: how often something may happen: so many a minute, and so many at once after a pause.
 * Pure: the time is handed in, in milliseconds of a clock that only goes forward.
 *
 * It is a token bucket, kept as one number: the moment at which it will be full again (the virtual
 * scheduling algorithm of ITU-T I.371). So a bucket that is full is as good as none.
 */
#ifndef BASE_BUCKET_H
#define BASE_BUCKET_H

#include <stdint.h>

#define BUCKET_PER_MINUTE_MAX 1000000

struct bucket {
    int64_t full_us; /* 0: full from the beginning */
};

struct bucket_rule {
    uint64_t per_minute; /* 1 to BUCKET_PER_MINUTE_MAX */
    uint64_t burst;      /* what a full bucket holds, at least 1, at most BUCKET_PER_MINUTE_MAX */
};

/* Takes one: 0. Where there is none, how many milliseconds until there is; nothing is taken then.
 */
int64_t bucket_take(struct bucket *b, struct bucket_rule rule, int64_t now_ms);

/* Gives one back that was taken lately. */
void bucket_give_back(struct bucket *b, struct bucket_rule rule);

#endif
