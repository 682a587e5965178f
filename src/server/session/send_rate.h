/* SPDX-License-Identifier: ISC */
/*
 * send_rate: how many messages and bytes a minute each user may send, over all of the user's
 * connections. Safe for threads; the time is passed in.
 *
 * Each user has a bucket (base/bucket.h) that holds one minute's worth of messages, and one of
 * bytes. A message larger than that may be sent when the bucket is full. The buckets are in a table
 * of fixed size (base/recent.h): if it overflows, the bucket that is nearest to full is forgotten,
 * which makes it full.
 */
#ifndef SESSION_SEND_RATE_H
#define SESSION_SEND_RATE_H

#include <stdbool.h>

#include "base/siphash.h"
#include "base/span.h"

struct send_rate;

/* The key must be secret: it keeps chosen names apart in the table. NULL: out of memory. */
struct send_rate *send_rate_new(const unsigned char key[SIPHASH_KEY_BYTES]);
void send_rate_free(struct send_rate *s);

struct send_limits {   /* a minute; 0: none */
    uint64_t messages; /* at most BUCKET_PER_MINUTE_MAX */
    uint64_t bytes;
};

/*
 * Counts one message of this many bytes and returns 0. If the user has sent too many messages or
 * too many bytes, counts nothing, sets *of_bytes to whether it was the bytes, and returns in how
 * many milliseconds the user may send again.
 */
int64_t send_rate_take(struct send_rate *s, struct span user, struct send_limits limits,
                       uint64_t bytes, int64_t now_ms, bool *of_bytes);

/* Uncounts one message that was counted but not stored. */
void send_rate_give_back(struct send_rate *s, struct span user, struct send_limits limits,
                         uint64_t bytes, int64_t now_ms);

#endif
