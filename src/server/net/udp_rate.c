#include "net/udp_rate.h"

#include "udp/datagram.h"

#define SECOND_US INT64_C(1000000)

static int64_t cost_us(uint64_t bytes, uint64_t rate)
{
    return (int64_t)((bytes * (uint64_t)SECOND_US + rate - 1) / rate);
}

/* How many microseconds too early it is; *next: how it stands once they have been sent. */
static int64_t early_us(int64_t made_up_us, uint64_t rate, size_t bytes, int64_t now_us,
                        int64_t *next)
{
    int64_t burst_us = SECOND_US;

    *next = made_up_us;
    if (rate == 0)
        return 0;
    if (rate < DATAGRAM_MAX)
        burst_us = cost_us(DATAGRAM_MAX, rate);
    *next = (made_up_us > now_us ? made_up_us : now_us) + cost_us(bytes, rate);
    return *next - now_us - burst_us;
}

int64_t udp_rate_take(struct udp_rate *r, const struct udp_rates *rates, const struct address *a,
                      size_t bytes, int64_t now_us)
{
    struct address who = address_client(a);
    uint64_t hash = siphash(r->key, span_of((const char *)who.b, sizeof who.b));
    int64_t *place = &r->each_us[hash % UDP_RATE_PLACES];
    int64_t next, next_all, early, early_all;

    if (address_is_loopback(a))
        return 0;
    early = early_us(*place, rates->each, bytes, now_us, &next);
    early_all = early_us(r->all_us, rates->all, bytes, now_us, &next_all);
    if (early_all > early)
        early = early_all;
    if (early > 0)
        return (early + 999) / 1000;
    *place = next;
    r->all_us = next_all;
    return 0;
}
