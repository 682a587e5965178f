/* SPDX-License-Identifier: ISC */
#include "base/bucket.h"

#include "random.h"
#include "tap.h"

#define MINUTE_US INT64_C(60000000)

static void test_rate(void)
{
    const struct bucket_rule rule = {.cost_us = MINUTE_US / 600, .burst_us = MINUTE_US / 60};
    struct bucket b = {0};
    int taken = 0;

    while (bucket_take(&b, rule, 5000000) == 0)
        taken++;
    is_int(taken, 10, "a full bucket gives its burst");
    is_int(bucket_take(&b, rule, 5000000), 100, "an empty bucket tells how long to wait");
    is_int(bucket_take(&b, rule, 5099000), 1, "1 ms earlier it is still empty");
    is_int(bucket_take(&b, rule, 5100000), 0, "after that wait it gives one");
    is_int(bucket_take(&b, rule, 5100000), 100, "... and only one");
    bucket_give_back(&b, rule);
    is_int(bucket_take(&b, rule, 5100000), 0, "what was given back can be taken");
    for (taken = 0; bucket_take(&b, rule, 10000000000) == 0;)
        taken++;
    is_int(taken, 10, "after a long pause it gives no more than its burst");
}

/* At any rate, taken at random times for a minute: no more than the burst and the rate allow. */
static void test_bound(void)
{
    int wrong = 0;

    for (int i = 0; i < 300; i++) {
        uint64_t per_minute = 1 + random_below(5000), burst = 1 + random_below(100);
        struct bucket_rule rule = {MINUTE_US / (int64_t)per_minute,
                                   MINUTE_US / (int64_t)per_minute * (int64_t)burst};
        struct bucket b = {0};
        uint64_t taken = 0;
        int64_t now = (int64_t)random_below(1000000), end = now + 60000;

        for (; now < end; now += (int64_t)random_below(40))
            taken += bucket_take(&b, rule, now * 1000) == 0;
        wrong += taken > per_minute + burst + 1;
        wrong += taken < 1;
    }
    is_int(wrong, 0, "random rates: never more than the rate and the burst");
    if (wrong)
        random_diag();
}

static void test_extremes(void)
{
    const struct bucket_rule most = bucket_per_minute(BUCKET_PER_MINUTE_MAX);
    const struct bucket_rule least = bucket_per_minute(1);
    struct bucket b = {0};
    int taken = 0;

    while (bucket_take(&b, most, 1000) == 0)
        taken++;
    is_int(taken, BUCKET_PER_MINUTE_MAX, "the highest rate: a million at once");
    b.full_us = 0;
    is_int(bucket_take(&b, least, 1000), 0, "the lowest rate: one");
    is_int(bucket_take(&b, least, 1000), 60000, "... and the next a minute later");
}

int main(void)
{
    random_begin();
    test_rate();
    test_bound();
    test_extremes();
    return done_testing();
}
