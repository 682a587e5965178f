/*
 * allowance: how many messages each user may send, whatever connections he has. Safe for threads;
 * the time is handed in.
 *
 * A user has a bucket (bucket.h) that holds a minute's worth. The table of them is of fixed size,
 * see recent.h: where it overflows, the bucket that is nearest to full is taken for full.
 */
#ifndef ALLOWANCE_H
#define ALLOWANCE_H

#include "siphash.h"
#include "span.h"

struct allowance;

/* NULL: out of memory. */
struct allowance *allowance_new(const unsigned char key[SIPHASH_KEY_BYTES]);
void allowance_free(struct allowance *a);

/*
 * Counts one message of a user, of whom so many a minute are allowed; 0: any number. Returns 0, or
 * when there may be another, in milliseconds; then it is not counted.
 */
int64_t allowance_take(struct allowance *a, struct span user, uint64_t per_minute, int64_t now_ms);

/* What was counted was none after all. */
void allowance_give_back(struct allowance *a, struct span user, uint64_t per_minute,
                         int64_t now_ms);

#endif
