#include "base/bucket.h"

#include "random.h"
#include "tap.h"

static void test_rate(void)
{
    const struct bucket_rule rule = {.per_minute = 600, .burst = 10};
    struct bucket b = {0};
    int taken = 0;

    while (bucket_take(&b, rule, 5000) == 0)
        taken++;
    is_int(taken, 10, "a full bucket gives its burst");
    is_int(bucket_take(&b, rule, 5000), 100, "then says when there is another");
    is_int(bucket_take(&b, rule, 5099), 1, "which is not earlier");
    is_int(bucket_take(&b, rule, 5100), 0, "nor later");
    is_int(bucket_take(&b, rule, 5100), 100, "and is one");
    bucket_give_back(&b, rule);
    is_int(bucket_take(&b, rule, 5100), 0, "one that was given back can be taken");
    for (taken = 0; bucket_take(&b, rule, 10000000) == 0;)
        taken++;
    is_int(taken, 10, "after any pause no more than the burst");
}

/* At any rate and moments, over a minute: no more than the burst and what the minute brings. */
static void test_bound(void)
{
    int wrong = 0;

    for (int i = 0; i < 300; i++) {
        struct bucket_rule rule = {1 + random_below(5000), 1 + random_below(100)};
        struct bucket b = {0};
        uint64_t taken = 0;
        int64_t now = (int64_t)random_below(1000000), end = now + 60000;

        for (; now < end; now += (int64_t)random_below(40))
            taken += bucket_take(&b, rule, now) == 0;
        wrong += taken > rule.per_minute + rule.burst + 1;
        wrong += taken < 1;
    }
    is_int(wrong, 0, "never more than the rate and the burst");
    if (wrong)
        random_diag();
}

static void test_extremes(void)
{
    const struct bucket_rule most = {BUCKET_PER_MINUTE_MAX, BUCKET_PER_MINUTE_MAX};
    const struct bucket_rule least = {1, 1};
    struct bucket b = {0};
    int taken = 0;

    while (bucket_take(&b, most, 1) == 0)
        taken++;
    is_int(taken, BUCKET_PER_MINUTE_MAX, "a million at once");
    b.full_us = 0;
    is_int(bucket_take(&b, least, 1), 0, "one a minute");
    is_int(bucket_take(&b, least, 1), 60000, "is one a minute");
}

int main(void)
{
    random_begin();
    test_rate();
    test_bound();
    test_extremes();
    return done_testing();
}
