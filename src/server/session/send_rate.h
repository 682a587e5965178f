/*
 * allowance: how many messages each user may send, whatever connections he has. Safe for threads;
 * the time is handed in.
 *
 * A user has a bucket (bucket.h) that holds a minute's worth. The table of them is of fixed size,
 * see recent.h: where it overflows, the bucket that is nearest to full is taken for full.
 */
#ifndef SESSION_SEND_RATE_H
#define SESSION_SEND_RATE_H

#include "base/siphash.h"
#include "base/span.h"

struct send_rate;

/* NULL: out of memory. */
struct send_rate *send_rate_new(const unsigned char key[SIPHASH_KEY_BYTES]);
void send_rate_free(struct send_rate *a);

/*
 * Counts one message of a user, of whom so many a minute are allowed; 0: any number. Returns 0, or
 * when there may be another, in milliseconds; then it is not counted.
 */
int64_t send_rate_take(struct send_rate *a, struct span user, uint64_t per_minute, int64_t now_ms);

/* What was counted was none after all. */
void send_rate_give_back(struct send_rate *a, struct span user, uint64_t per_minute,
                         int64_t now_ms);

#endif
