/* SPDX-License-Identifier: ISC */
#include "base/digits.h"
#include "udp/udp1.h"

#include "random.h"
#include "tap.h"

#define S INT64_C(1000000)

static struct udp1 here, there;

static const char *read_all(struct udp1 *u)
{
    static char text[2000];

    text[udp1_read(u, text, sizeof text - 1)] = 0;
    return text;
}

static void test_report(void)
{
    char out[DATAGRAM_MAX];

    udp1_init(&here, 32, 0);
    here.sent = 4;
    is_int(udp1_write(&here, SPAN("0000000011Show all|0|")), 21, "udp1_write: takes a frame");
    is_int(udp1_write(&here, SPAN("0")), 0,
           "udp1_write: takes nothing while a datagram is complete");
    is_int(udp1_poll(&here, out), 32, "udp1_poll: the size of the report's fifth datagram");
    ok(memcmp(out, "00000000050000000011Show all|0|\002", 32) == 0,
       "udp1_poll: the bytes of that datagram");
    is_int(udp1_poll(&here, out), 0, "udp1_poll: returns a datagram once");
    udp1_free(&here);
}

/* 40 bytes of payload in datagrams of 32 bytes: 12, 22 and 6 bytes. */
static const struct span three[] = {
    {"00000000010000000040Send mes|2|b", 32},
    {"0000000002ob|0123456789\00212345678", 32},
    {"0000000003\0026789|\002garbage", 24},
};

static void test_order(void)
{
    udp1_init(&here, 32, 0);
    ok(!udp1_ready(&here) && here.gap_us == INT64_MAX, "udp1: nothing is missing at the beginning");
    is_int(udp1_receive(&here, three[2], 5 * S), UDP1_TAKEN,
           "udp1_receive: takes datagram 3 first");
    ok(!udp1_ready(&here) && here.gap_us == 5 * S,
       "udp1_ready: datagram 3 waits for those before it");
    is_int(udp1_receive(&here, three[0], 6 * S), UDP1_TAKEN, "udp1_receive: then takes datagram 1");
    is_str(read_all(&here), "0000000040Send mes|2|b", "udp1_read: datagram 1 can be read");
    is_int(here.gap_us, 6 * S, "udp1: datagram 2 is missing since datagram 1 came");
    is_int(udp1_receive(&here, three[0], 7 * S), UDP1_DROPPED,
           "udp1_receive: drops datagram 1 when it comes again");
    is_int(udp1_receive(&here, three[2], 7 * S), UDP1_DROPPED,
           "udp1_receive: drops datagram 3 when it comes again");
    is_int(udp1_receive(&here, three[1], 8 * S), UDP1_TAKEN, "udp1_receive: takes datagram 2");
    is_str(read_all(&here), "ob|0123456789\00212345678\0026789|",
           "udp1_read: the rest of the frame, without bytes after its end");
    is_int(here.gap_us, INT64_MAX, "udp1: nothing is missing any more");
    udp1_free(&here);
}

static bool take_none(void *ctx, size_t bytes)
{
    (void)ctx;
    return bytes == 0;
}

static void test_no_memory(void)
{
    udp1_init(&here, 32, 0);
    here.in.memory.take = take_none;
    is_int(udp1_receive(&here, three[1], 5 * S), UDP1_DROPPED,
           "udp1_receive: drops datagram 2, which comes early, if there is no memory");
    is_int(here.gap_us, 5 * S, "udp1: a datagram is missing since then");
    udp1_receive(&here, three[1], 6 * S);
    is_int(here.gap_us, 5 * S, "udp1: ... not since it came again");
    is_int(udp1_receive(&here, three[0], 7 * S), UDP1_TAKEN, "udp1_receive: takes datagram 1");
    is_int(here.gap_us, INT64_MAX, "udp1: nothing is missing any more");
    udp1_free(&here);
}

static void test_restart(void)
{
    udp1_init(&here, 32, 0);
    udp1_receive(&here, three[0], 0);
    is_int(udp1_receive(&here, three[0], 10 * S - 1), UDP1_DROPPED,
           "udp1_receive: number 1 within 10 s is a duplicate");
    is_int(udp1_receive(&here, three[0], 20 * S - 2), UDP1_DROPPED,
           "udp1_receive: a duplicate restarts the 10 s");
    is_int(udp1_receive(&here, three[0], 30 * S - 2), UDP1_RESTART,
           "udp1_receive: number 1 after 10 s of silence begins a new session");
    udp1_free(&here);
}

static void test_bounds(void)
{
    char far[32];
    int taken = 0;

    udp1_init(&here, 32, 0);
    is_int(udp1_receive(&here, SPAN("0000000000x"), 0), UDP1_DROPPED,
           "udp1_receive: drops number 0");
    for (int i = 2; i <= 1000; i++) {
        snprintf(far, sizeof far, "%010d%s", i, "0000000001x");
        taken += udp1_receive(&here, span_str(far), 0) == UDP1_TAKEN;
    }
    is_int(taken, REORDER_FIRST - 1,
           "udp1_receive: keeps at most REORDER_FIRST - 1 datagrams while the first is missing");
    udp1_free(&here);
}

/* Random frames in pieces of any size, over datagrams that are slightly reordered and duplicated.
 */
static void test_round_trip(size_t size)
{
    static char stream[300000], got[300000];
    static struct {
        char p[DATAGRAM_MAX];
        size_t n;
    } sent[20000];
    size_t n = 0, count = 0, have = 0;

    for (int i = 0; i < 100; i++) {
        size_t payload = random_below(random_below(2) ? 60 : 2500);
        n += (size_t)snprintf(stream + n, sizeof stream - n, "%010zu", payload);
        for (size_t j = 0; j < payload; j++) {
            char c = (char)random_below(random_below(2) ? 4 : 256);
            stream[n++] = c == '\r' || c == '\0' || c == '\2' ? ' ' : c;
        }
    }
    udp1_init(&here, size, 0);
    udp1_init(&there, size, 0);
    here.size = size; /* the other end has sent such a datagram */
    for (size_t at = 0; at < n;) {
        at += udp1_write(&here, span_of(stream + at, 1 + random_below(n - at)));
        if ((sent[count].n = udp1_poll(&here, sent[count].p)) > 0)
            count++;
    }
    size_t largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = sent[i].n > largest ? sent[i].n : largest;
    is_int(largest, size, "udp1_poll: the largest datagram has %zu bytes", size);
    for (size_t i = 0; i + 1 < count; i += 1 + random_below(3)) { /* neighbours change places */
        sent[count] = sent[i];
        sent[i] = sent[i + 1];
        sent[i + 1] = sent[count];
    }
    for (size_t i = 0; i < count; i++) {
        struct span s = exact(span_of(sent[i].p, sent[i].n));
        udp1_receive(&there, s, 0);
        if (random_below(4) == 0)
            udp1_receive(&there, s, 0);
        exact_free(s);
        have += udp1_read(&there, got + have, random_below(4000));
    }
    have += udp1_read(&there, got + have, sizeof got - have);
    ok(have == n && memcmp(got, stream, n) == 0,
       "udp1_read: random frames arrive over reordered and duplicated datagrams");
    udp1_free(&here);
    udp1_free(&there);
}

static void test_size(void)
{
    static const char payload[3000];
    char longer[DATAGRAM_MAX + 1], out[DATAGRAM_MAX];

    udp1_init(&here, 200, 0);
    udp1_write(&here, SPAN("0000003000"));
    udp1_write(&here, span_of(payload, sizeof payload));
    is_int(udp1_poll(&here, out), 32, "udp1_poll: datagrams have 32 bytes at first");
    udp1_receive(&here, SPAN("0000000001000000003"), 0);
    udp1_write(&here, span_of(payload, sizeof payload));
    is_int(udp1_poll(&here, out), 32, "udp1_poll: a shorter datagram that comes changes nothing");
    memset(longer, 'x', sizeof longer);
    memcpy(longer, "00000000020000003000", 20);
    udp1_write(&here, SPAN("begun"));
    udp1_receive(&here, span_of(longer, 40), 0);
    udp1_write(&here, span_of(payload, sizeof payload));
    is_int(udp1_poll(&here, out), 40, "udp1_poll: as long as the longest that came");
    longer[9] = '3';
    udp1_receive(&here, span_of(longer, 1400), 0);
    udp1_write(&here, span_of(payload, sizeof payload));
    is_int(udp1_poll(&here, out), 200, "udp1_poll: never longer than udp1_init was told");
    udp1_free(&here);
    udp1_init(&here, 5000, 0);
    udp1_receive(&here, span_of(longer, sizeof longer), 0);
    is_int((int)here.size, 32, "udp1_receive: a datagram that is dropped says nothing");
    longer[9] = '1';
    udp1_receive(&here, span_of(longer, DATAGRAM_MAX), 0);
    is_int((int)here.size, DATAGRAM_MAX, "udp1_init: DATAGRAM_MAX is the limit");
    udp1_free(&here);
}

static void test_spaces(void)
{
    char out[DATAGRAM_MAX];

    udp1_init(&here, 32, 0);
    udp1_write(&here, SPAN("0000000011a\rb\0c\2d\ne\377|"));
    is_int(udp1_poll(&here, out), 32, "udp1_poll: a datagram with control bytes");
    ok(memcmp(out, "00000000010000000011a b c d\ne\377|\2", 32) == 0,
       "udp1_poll: CR, NUL and the end mark go as spaces, others unchanged");
    udp1_free(&here);
}

static void test_pace(void)
{
    int at_once = 0, in_a_second = 0;

    udp1_init(&here, 32, 0);
    while (at_once < 1000 && udp1_pace_ms(&here, S) == 0)
        at_once++;
    is_int(at_once, 64, "udp1_pace_ms: 64 datagrams at once");
    is_int(udp1_pace_ms(&here, S), 1, "udp1_pace_ms: the next one waits a millisecond");
    for (int64_t us = S; us < 2 * S; us += 1000)
        in_a_second += udp1_pace_ms(&here, us) == 0;
    is_int(in_a_second, 999, "udp1_pace_ms: then one a millisecond");
    for (at_once = 0; udp1_pace_ms(&here, 10 * S) == 0;)
        at_once++;
    is_int(at_once, 64, "udp1_pace_ms: after a pause 64 again");
    udp1_free(&here);
}

static void test_garbage(void)
{
    char bytes[100];

    udp1_init(&here, 32, 0);
    for (int i = 0; i < 200000; i++) {
        struct span s = exact(random_bytes(bytes, sizeof bytes));
        if (s.n >= 10 && random_below(2))
            digits_put(exact_bytes(s), random_below(300), DATAGRAM_NUMBER);
        udp1_receive(&here, s, 0);
        exact_free(s);
        if (random_below(8) == 0)
            udp1_read(&here, bytes, sizeof bytes);
    }
    ok(true, "udp1_receive: survives random bytes");
    udp1_free(&here);
}

int main(void)
{
    random_begin();
    test_report();
    test_order();
    test_no_memory();
    test_restart();
    test_bounds();
    test_round_trip(32);
    test_round_trip(1024);
    test_size();
    test_spaces();
    test_pace();
    test_garbage();
    return done_testing();
}
