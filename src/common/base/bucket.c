#include "base/bucket.h"

#define MINUTE_US INT64_C(60000000)

static int64_t each_us(struct bucket_rule rule)
{
    return MINUTE_US / (int64_t)rule.per_minute;
}

int64_t bucket_take(struct bucket *b, struct bucket_rule rule, int64_t now_ms)
{
    int64_t now_us = now_ms * 1000;
    int64_t full_us = (b->full_us > now_us ? b->full_us : now_us) + each_us(rule);
    int64_t wait_us = full_us - now_us - each_us(rule) * (int64_t)rule.burst;

    if (wait_us > 0)
        return (wait_us + 999) / 1000;
    b->full_us = full_us;
    return 0;
}

void bucket_give_back(struct bucket *b, struct bucket_rule rule)
{
    b->full_us -= each_us(rule);
}
