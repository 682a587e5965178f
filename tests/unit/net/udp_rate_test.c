/* SPDX-License-Identifier: ISC */
#include "net/udp_rate.h"

#include <stdlib.h>

#include "random.h"
#include "tap.h"

#define SECOND_US      INT64_C(1000000)
#define DATAGRAM_BYTES 1472

static struct udp_rate rate;

static struct address address(const char *text)
{
    struct address a = {{0}};

    if (!address_parse(span_str(text), &a))
        abort();
    return a;
}

static int64_t take(const char *text, struct udp_rates rates, size_t bytes, int64_t now_us)
{
    struct address a = address(text);

    rates.v6_bits = 64;
    return udp_rate_take(&rate, &rates, &a, bytes, now_us);
}

static void test_one(void)
{
    const struct udp_rates rates = {.each = 1000};

    memset(&rate, 0, sizeof rate);
    is_int(take("192.0.2.1", rates, 700, 0), 0,
           "udp_rate: 700 bytes may be sent at 1000 bytes a second");
    is_int(take("192.0.2.1", rates, 300, 0), 0, "udp_rate: 300 bytes more may be sent at once");
    /* A burst is a datagram at least: 472 are left. */
    is_int(take("192.0.2.1", rates, 500, 0), 28, "udp_rate: 500 bytes more have to wait 28 ms");
    is_int(take("192.0.2.1", rates, 500, 28000), 0,
           "udp_rate: the 500 bytes may be sent after 28 ms");
    is_int(take("192.0.2.2", rates, 1472, 28000), 0, "udp_rate: another address has its own rate");
    is_int(take("2001:db8::1", rates, 1472, 28000), 0, "udp_rate: a /64 has its own rate");
    is_int(take("2001:db8::ffff:1", rates, 1472, 28000), 1472,
           "udp_rate: addresses of one /64 share its rate");
    is_int(take("2001:db8:0:1::1", rates, 1472, 28000), 0,
           "udp_rate: the next /64 has its own rate");
    is_int(take("192.0.2.1", rates, 1472, 100 * SECOND_US), 0,
           "udp_rate: after a pause one datagram may be sent");
    ok(take("192.0.2.1", rates, 1, 100 * SECOND_US) > 0,
       "udp_rate: after a pause no more than one datagram may be sent at once");
}

static void test_all(void)
{
    const struct udp_rates rates = {.each = 5000, .all = 10000};
    char text[32];
    int taken = 0;

    memset(&rate, 0, sizeof rate);
    for (int i = 1; i <= 20; i++) {
        snprintf(text, sizeof text, "192.0.2.%d", i);
        taken += take(text, rates, 1000, 0) == 0;
    }
    is_int(taken, 10, "udp_rate: the limit for all addresses together holds");
    is_int(take("192.0.2.99", rates, 1000, 0), 100,
           "udp_rate: the limit for all addresses tells how long to wait");
    is_int(take("192.0.2.99", rates, 5000, 500000), 0,
           "udp_rate: bytes that were refused are not counted");
}

static void test_exempt(void)
{
    const struct udp_rates none = {0, 0, 64}, one = {1, 1, 64};

    memset(&rate, 0, sizeof rate);
    for (int i = 0; i < 10; i++)
        take("192.0.2.1", none, 1 << 30, 0);
    is_int(take("192.0.2.1", none, 1 << 30, 0), 0, "udp_rate: a limit of 0 is no limit");
    is_int(take("127.0.0.1", one, 1472, 0) + take("::1", one, 1472, INT64_C(9000000000)), 0,
           "udp_rate: 127.0.0.1 and ::1 may be sent one datagram");
    ok(take("127.0.0.1", one, 1472, 0) > 0 && take("::1", one, 1472, INT64_C(9000000000)) > 0,
       "udp_rate: 127.0.0.1 and ::1 have the same limit as others");
}

/* At any rate and time: no more than the burst and the rate allow, and not much less. */
static void test_bound(void)
{
    int over = 0, under = 0;

    for (int i = 0; i < 300; i++) {
        const struct udp_rates rates = {.each = 1000 + random_below(1000000)};
        int64_t now = (int64_t)random_below(1000000), begun = now, end = now + 10 * SECOND_US;
        uint64_t sent = 0;

        memset(&rate, 0, sizeof rate);
        while (now < end) {
            size_t bytes = 1 + random_below(DATAGRAM_BYTES);
            int64_t ms = take("192.0.2.1", rates, bytes, now);
            sent += ms == 0 ? bytes : 0;
            now += ms * 1000 + (int64_t)random_below(20);
        }
        uint64_t brought = rates.each * (uint64_t)(now - begun) / SECOND_US;
        over += sent > brought + rates.each + DATAGRAM_BYTES;
        under += sent < brought * 9 / 10;
    }
    is_int(over, 0, "udp_rate: random sizes never exceed the rate and the burst");
    is_int(under, 0, "udp_rate: a sender that waits as told gets at least nine tenths of the rate");
}

int main(void)
{
    test_one();
    test_all();
    test_exempt();
    test_bound();
    return done_testing();
}
