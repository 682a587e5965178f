/* SPDX-License-Identifier: ISC */
#include "net/udp_rate.h"

#include "os/attached.h"
#include "udp/datagram.h"

#define SECOND_US INT64_C(1000000)

static int64_t cost_us(uint64_t bytes, uint64_t rate)
{
    return (int64_t)((bytes * (uint64_t)SECOND_US + rate - 1) / rate);
}

/* No limit: costs nothing, so that it never waits. */
static struct bucket_rule rule_of(uint64_t rate, size_t bytes)
{
    if (rate == 0)
        return (struct bucket_rule){0, INT64_MAX};
    return (struct bucket_rule){cost_us(bytes, rate),
                                rate < DATAGRAM_MAX ? cost_us(DATAGRAM_MAX, rate) : SECOND_US};
}

int64_t udp_rate_take(struct udp_rate *r, const struct udp_rates *rates, const struct address *a,
                      size_t bytes, int64_t now_us)
{
    const struct bucket_rule rule = rule_of(rates->each, bytes),
                             rule_all = rule_of(rates->all, bytes);
    struct address client = os_attached_client(a, (unsigned)rates->v6_bits);
    uint64_t hash = siphash(r->key, span_of((const char *)client.b, sizeof client.b));
    struct bucket *each = &r->each[hash % UDP_RATE_PLACES];

    int64_t wait_ms = bucket_wait_ms(each, rule, now_us);
    int64_t wait_all_ms = bucket_wait_ms(&r->all, rule_all, now_us);
    if (wait_ms > 0 || wait_all_ms > 0)
        return wait_ms > wait_all_ms ? wait_ms : wait_all_ms;
    bucket_take(each, rule, now_us);
    bucket_take(&r->all, rule_all, now_us);
    return 0;
}
