/* SPDX-License-Identifier: ISC */
#include "base/bucket.h"

#define MINUTE_US INT64_C(60000000)

struct bucket_rule bucket_per_minute(uint64_t per_minute)
{
    int64_t each_us = MINUTE_US / (int64_t)per_minute;
    return (struct bucket_rule){each_us, each_us * (int64_t)per_minute};
}

/* When the bucket would be full again if this were taken now. */
static int64_t full_after_us(const struct bucket *b, struct bucket_rule rule, int64_t now_us)
{
    return (b->full_us > now_us ? b->full_us : now_us) + rule.cost_us;
}

int64_t bucket_wait_ms(const struct bucket *b, struct bucket_rule rule, int64_t now_us)
{
    int64_t wait_us = full_after_us(b, rule, now_us) - now_us - rule.burst_us;
    return wait_us > 0 ? (wait_us + 999) / 1000 : 0;
}

int64_t bucket_take(struct bucket *b, struct bucket_rule rule, int64_t now_us)
{
    int64_t wait_ms = bucket_wait_ms(b, rule, now_us);
    if (wait_ms == 0)
        b->full_us = full_after_us(b, rule, now_us);
    return wait_ms;
}

void bucket_give_back(struct bucket *b, struct bucket_rule rule)
{
    b->full_us -= rule.cost_us;
}

int64_t bucket_full_ms(const struct bucket *b)
{
    return b->full_us / 1000 + 1;
}
