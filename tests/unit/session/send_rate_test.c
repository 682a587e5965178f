/* SPDX-License-Identifier: ISC */
/* Messages and bytes a minute, of one user. */
#include "session/send_rate.h"

#include "tap.h"

static const unsigned char key[SIPHASH_KEY_BYTES] = "0123456789abcde";
static struct send_rate *rate;
static bool of_bytes;

static int64_t take(struct send_limits limits, uint64_t bytes, int64_t now_ms)
{
    return send_rate_take(rate, SPAN("ann"), limits, bytes, now_ms, &of_bytes);
}

static void test_messages(void)
{
    const struct send_limits limits = {.messages = 60};

    for (int i = 0; i < 60; i++)
        if (take(limits, 1 << 30, 0) != 0)
            ok(false, "messages: 60 at once");
    is_int(take(limits, 1, 0), 1000, "messages: the next one waits for a second");
    ok(!of_bytes, "messages: ... because of their number");
    is_int(take(limits, 1, 1000), 0, "messages: ... and goes then");
}

static void test_bytes(void)
{
    const struct send_limits limits = {.bytes = 60000};

    is_int(take(limits, 30000, 1000000), 0, "bytes: half of a minute's at once");
    is_int(take(limits, 29000, 1000000), 0, "bytes: the other half");
    int64_t wait_ms = take(limits, 10000, 1000000);
    ok(wait_ms >= 9000 && wait_ms <= 9001, "bytes: a thousandth of a minute for each thousandth");
    ok(of_bytes, "bytes: ... because of their size");
    is_int(take(limits, 10000, 1000000 + wait_ms), 0, "bytes: ... and then it goes");
    ok(take(limits, 1000000, 1060000) > 0, "bytes: more than a minute's is not sent at once");
    is_int(take(limits, 1000000, 1200000), 0, "bytes: ... but after a pause");
    ok(take(limits, 1, 1200000 + 900000) > 0, "bytes: ... and is paid for afterwards");
    is_int(take(limits, 1, 1200000 + 1000002), 0, "bytes: ... as long as it takes");
}

static void test_given_back(void)
{
    const struct send_limits limits = {.messages = 10, .bytes = 1000};
    const int64_t now_ms = 10000000;

    for (int i = 0; i < 100; i++) {
        if (take(limits, 900, now_ms) != 0)
            ok(false, "given back: what was not stored does not count");
        send_rate_give_back(rate, SPAN("ann"), limits, 900, now_ms);
    }
    is_int(take(limits, 900, now_ms), 0, "given back: once more");
    ok(take(limits, 900, now_ms) > 0, "given back: what was stored counts");
    is_int(send_rate_take(rate, SPAN("bob"), limits, 900, now_ms, &of_bytes), 0,
           "given back: another user has a limit of his own");
}

static void test_no_limit(void)
{
    const struct send_limits none = {0, 0};

    for (int i = 0; i < 100000; i++)
        if (take(none, 1 << 30, 20000000) != 0)
            ok(false, "no limit: nothing waits");
    is_int(take(none, UINT64_MAX, 20000000), 0, "no limit: nothing waits");
}

int main(void)
{
    rate = send_rate_new(key);
    test_messages();
    test_bytes();
    test_given_back();
    test_no_limit();
    send_rate_free(rate);
    return done_testing();
}
