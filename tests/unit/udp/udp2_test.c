#include "udp/udp2.h"

#include "random.h"
#include "tap.h"

#define MS INT64_C(1000)
#define S  INT64_C(1000000)

static struct udp2 here, there;
static char datagram[DATAGRAM_SIZE_2_MAX];

static void begin(void)
{
    udp2_init(&here, 0xabc, 1200, 0);
    udp2_init(&there, 0xabc, 1200, 0);
}

static void end(void)
{
    udp2_free(&here);
    udp2_free(&there);
}

/* All that a has to send now, to b, or nowhere. */
static int pass(struct udp2 *a, struct udp2 *b, int64_t now_us)
{
    int count = 0;
    size_t n;

    for (; (n = udp2_poll(a, datagram, now_us)) > 0; count++)
        if (b)
            udp2_receive(b, span_of(datagram, n), now_us);
    return count;
}

static const char *read_all(struct udp2 *u, int64_t now_us)
{
    static char text[4000];

    text[udp2_read(u, text, sizeof text - 1, now_us)] = 0;
    return text;
}

static void test_bytes(void)
{
    begin();
    udp2_write(&here, SPAN("0000000011Show all|0|"));
    size_t n = udp2_poll(&here, datagram, 0);
    is_int(n, DATAGRAM_AROUND + 22, "a request is one datagram");
    ok(memcmp(datagram, "00000000010000000000000abcD0000000011Show all|0|\002", 49) == 0,
       "... of these bytes");
    udp2_receive(&there, span_of(datagram, n), 0);
    is_str(read_all(&there, 0), "0000000011Show all|0|", "... and read");
    is_int(udp2_poll(&there, datagram, 999), 0, "its acknowledgement waits for company");
    is_int(udp2_timer(&there), 1000, "... for a millisecond");
    n = udp2_poll(&there, datagram, 1000);
    is_int(n, DATAGRAM_AROUND + 30, "... and comes");
    ok(memcmp(datagram, "00000000010000000000000abc\006000000025700000000010000001000", 57) == 0,
       "... with these bytes");
    udp2_receive(&here, span_of(datagram, n), 1200);
    ok(udp2_all_acked(&here), "then all is acknowledged");
    is_int(here.srtt_us, 200, "... and the wait is no part of the round trip");
    is_int(udp2_timer(&here), INT64_MAX, "... and nothing is left to do");
    end();
}

/* least_us: what round trips took at the least, where they take rtt_us. */
static void test_loss(int64_t rtt_us, int64_t least_us, unsigned window, const char *why)
{
    begin();
    for (int i = 0; i < 3; i++)
        udp2_write(&here, SPAN("0000000001x"));
    pass(&here, &there, 0);
    udp2_hurry(&there, 0);
    pass(&there, &here, rtt_us);
    here.min_rtt_us = least_us;
    udp2_write(&here, SPAN("0000000001a"));
    udp2_poll(&here, datagram, 2 * rtt_us); /* lost */
    udp2_write(&here, SPAN("0000000001b"));
    pass(&here, &there, 2 * rtt_us);
    is_int(pass(&there, &here, 3 * rtt_us), 1, "out of order: acknowledged at once");
    is_int(pass(&here, &there, 8 * rtt_us), 1, "... and what is missing comes again");
    is_str(read_all(&there, 8 * rtt_us), "0000000001x0000000001x0000000001x0000000001a0000000001b",
           "... in its place");
    is_int(here.count.repeated, 1, "... alone");
    is_int(here.cwnd, window, "... and the window is less: %s", why);
    end();
}

/* The types of what is sent of so many bytes, in a string. */
static const char *types_of(size_t bytes)
{
    static char big[20000], types[64];
    size_t count = 0;

    memset(big, 'x', sizeof big);
    snprintf(big, sizeof big, "%010zu", bytes);
    big[10] = 'x';
    udp2_write(&here, span_of(big, 10 + bytes));
    while (count + 1 < sizeof types && udp2_poll(&here, datagram, 0) > 0)
        types[count++] = datagram[DATAGRAM_HEAD - 1];
    types[count] = 0;
    return types;
}

static void test_asking(void)
{
    begin();
    is_str(types_of(2000), "DD", "a short answer asks for no acknowledgement at once");
    here.srtt_us = 2 * MS;
    is_int(udp2_timer(&here), 2 * MS + 250 + 1 * MS, "... and is given the time it may wait");
    end();
    begin();
    is_str(types_of(19000), "DdDdDdDdDd", "a long one asks four times a window, and at its end");
    here.srtt_us = 2 * MS;
    is_int(udp2_timer(&here), 2 * MS + 250, "... and waits no longer than that takes");
    end();
    begin();
    here.cwnd = 1;
    udp2_write(&here, SPAN("0000000001x0000000001y0000000001z"));
    pass(&here, &there, 0);
    is_int(pass(&there, &here, 0), 1, "what was asked for once is said once");
    here.cwnd = 2;
    pass(&here, &there, 0);
    is_int(pass(&there, &here, 0), 2, "... more than once, twice");
    end();
}

static void test_silence(void)
{
    int64_t t = 0;
    int sent = 0;

    begin();
    udp2_write(&here, SPAN("0000000001x"));
    while (here.state == UDP2_OPEN && sent < 100) {
        sent += pass(&here, NULL, t);
        t = udp2_timer(&here);
        t = t < 0 ? 0 : t;
    }
    ok(here.state == UDP2_OPEN || here.why == UDP2_SILENT, "a silent peer is given up");
    pass(&here, NULL, 30 * S);
    is_int(here.state, UDP2_FAILED, "... after 30 s");
    ok(sent > 6 && sent < 20, "... in which it was tried %d times", sent);
    is_int(udp2_timer(&here), INT64_MAX, "... and then no more");
    end();
}

/* When it asks who waits and hears nothing, in seconds, until it is over. */
static const char *asks(int64_t from_us)
{
    static char text[400];
    size_t n = 0;

    text[0] = '\0';
    for (int64_t t = from_us; here.state == UDP2_OPEN; t = udp2_timer(&here))
        while (udp2_poll(&here, datagram, t) > 0)
            n += (size_t)snprintf(text + n, sizeof text - n, "%c%.1f ", datagram[DATAGRAM_HEAD - 1],
                                  (double)(t - from_us) / S);
    return text;
}

static void test_listening(void)
{
    static const char all[] = "P1.0 P1.2 P1.6 P2.4 P4.0 P7.2 P11.2 P15.2 P19.2 P23.2 P27.2 X30.0 ";
    int64_t t;

    begin();
    udp2_listen(&here, true, 0);
    is_str(asks(0),
           "P1.0 P2.0 P4.0 P6.0 P8.0 P10.0 P12.0 P14.0 P16.0 P18.0 P20.0 P22.0 P24.0 P26.0 P28.0 "
           "X30.0 ",
           "who waits asks");
    end();

    begin();
    udp2_round_trip(&here, MS);
    udp2_listen(&here, true, 0);
    is_str(asks(0), all, "... as fast as the network is, and backs off");
    end();

    begin();
    udp2_round_trip(&here, MS);
    udp2_listen(&here, true, 0);
    for (int i = 0; i < 5; i++) {
        t = udp2_timer(&here);
        pass(&here, &there, t);
        pass(&there, &here, t);
    }
    is_int(t, (1 + 2 + 4 + 5 + 5) * S, "where it is answered more and more seldom");
    udp2_write(&there, SPAN("0000000001x"));
    pass(&there, &here, 18 * S);
    is_str(read_all(&here, 18 * S), "0000000001x", "data comes");
    pass(&here, &there, 18 * S + MS);
    udp2_listen(&here, false, 18 * S + MS);
    is_int(udp2_timer(&here), INT64_MAX, "who does not wait asks nothing");
    udp2_listen(&here, true, 20 * S);
    is_str(asks(20 * S), all, "... and for what comes next soon again");
    end();
}

/* It goes on from an acknowledgement that came for a probe, where those for the data were lost. */
static void test_listening_unacked(void)
{
    begin();
    udp2_write(&here, SPAN("0000000001x"));
    udp2_listen(&here, true, 0);
    ok(strstr(asks(0), "P1.0 ") != NULL, "who waits asks while data is under way, too");
    end();
}

static void test_window(void)
{
    static char big[2000000];
    char bytes[5000];
    size_t took = 0;

    begin();
    memset(big, 'x', sizeof big);
    memcpy(big, "0001999990", 10);
    int64_t t = 0;
    for (; t < 2 * S; t += MS) { /* nobody reads */
        took += udp2_write(&here, span_of(big + took, sizeof big - took));
        pass(&here, &there, t);
        pass(&there, &here, t);
    }
    is_int(there.in.next - 1, REORDER_MAX, "a peer that does not read gets so many, no more");
    is_int(there.count.beyond, 0, "... none that it has no room for");
    is_int(udp2_write(&here, SPAN("x")), 0, "... and the writer has to wait");
    for (; t < 40 * S; t += 100 * MS) {
        pass(&here, &there, t);
        pass(&there, &here, t);
    }
    is_int(here.state, UDP2_OPEN, "however long: the peer answers");
    ok(here.count.timeouts < 30, "... and is asked now and then");
    udp2_read(&there, bytes, sizeof bytes, t);
    is_int(pass(&there, &here, t), 1, "once it reads, it says so");
    ok(pass(&here, &there, t) > 0, "... and more comes");
    end();
}

static void test_end(void)
{
    begin();
    udp2_write(&here, SPAN("0000000001x"));
    udp2_end(&here, 0);
    is_int(udp2_write(&here, SPAN("0000000001y")), 0, "after the end nothing is taken");
    pass(&here, &there, 0);
    is_int(here.state, UDP2_ENDING, "the end waits");
    pass(&there, &here, MS);
    pass(&here, &there, MS);
    is_int(here.state, UDP2_ENDED, "... for the acknowledgement");
    is_int(there.state, UDP2_ENDED, "... and the peer knows");
    is_str(read_all(&there, MS), "0000000001x", "... and can still read");
    end();

    begin();
    udp2_write(&here, SPAN("0000000001x"));
    udp2_end(&here, 0);
    pass(&here, NULL, 0);
    for (int64_t t = 0; t <= 5 * S; t += 100 * MS)
        pass(&here, t == 5 * S ? &there : NULL, t);
    is_int(here.why, UDP2_NOT_ACKED, "without an answer it waits 5 s");
    is_int(there.why, UDP2_CUT, "... and the peer knows that something is missing");
    end();
}

static void test_others(void)
{
    begin();
    udp2_write(&here, SPAN("0000000001x"));
    size_t n = udp2_poll(&here, datagram, 0);
    datagram_close_2(datagram, 1, 0xabd, 'D', n - DATAGRAM_AROUND);
    ok(!udp2_receive(&there, span_of(datagram, n), 0), "a wrong id is dropped");
    memcpy(datagram + DATAGRAM_HEAD, "000000999900000000010000000000", 30);
    n = datagram_close_2(datagram, 5, 0xabc, '\006', 30);
    udp2_receive(&here, span_of(datagram, n), 0);
    ok(!udp2_all_acked(&here), "an acknowledgement of what was not sent is dropped");
    is_int(here.limit, UDP2_WINDOW, "... with all it says");
    n = udp2_farewell(datagram, 0xabc, 0, true);
    udp2_receive(&there, span_of(datagram, n), 0);
    is_int(there.state, UDP2_ENDED, "a farewell ends it");
    end();
}

/* An acknowledgement with these digits for what came behind the gap. */
static void take_ack(uint64_t up_to, const char *digits, int64_t now_us)
{
    size_t n = 30 + strlen(digits);

    snprintf(datagram + DATAGRAM_HEAD, 100, "000000099900000000000000000000%s", digits);
    n = datagram_close_2(datagram, up_to, 0xabc, '\006', n);
    udp2_receive(&here, span_of(datagram, n), now_us);
}

/* The gap is closed, and what was said to have come behind it is not said again. */
static void test_gap_closed(void)
{
    begin();
    udp2_round_trip(&here, MS);
    udp2_write(&here, SPAN("0000000001x0000000001y0000000001z"));
    pass(&here, NULL, 0);
    take_ack(0, "3", MS);
    is_int(here.una, 1, "the second and the third came");
    take_ack(1, "", 2 * MS);
    ok(udp2_all_acked(&here), "... and the first: that is all");
    is_int(pass(&here, NULL, 10 * S), 0, "... and nothing is sent any more");
    end();
}

/* Well-formed datagrams of any content, as one who knows the id could send. */
static void test_any(void)
{
    char bytes[300];
    static const char types[] = "DDDddP\006\006\006\006\006Z";
    int64_t t = 0;
    int bounds = 0, stuck = 0;

    for (int round = 0; round < 300; round++) {
        begin();
        for (int i = 0; i < 300; i++, t += (int64_t)random_below(2000)) {
            struct span body = random_bytes(bytes, 150);
            char *p = datagram + DATAGRAM_HEAD;
            memcpy(p, body.p, body.n);
            if (random_below(4))
                for (size_t j = 0; j < body.n; j++)
                    p[j] = "0123456789abcdef"[random_below(j < 30 ? 10 : 16)];
            if (body.n >= 30 && random_below(2))
                memcpy(p, "000000", 6);
            char type = random_below(1000) ? types[random_below(sizeof types - 1)] : 'X';
            size_t n = datagram_close_2(datagram, random_below(random_below(2) ? 12 : 400), 0xabc,
                                        type, body.n);
            struct span s = exact(span_of(datagram, n));
            udp2_receive(&here, s, t);
            exact_free(s);
            udp2_write(&here, SPAN("0000000001x"));
            for (n = 0; n < 1000 && udp2_poll(&here, datagram, t) > 0; n++)
                ;
            stuck += n == 1000;
            bounds += here.una > here.next || here.next > here.full ||
                      here.full > here.una + UDP2_SEND_MAX || here.in_flight > UDP2_SEND_MAX ||
                      here.lost > UDP2_SEND_MAX || here.cwnd < 1 || here.cwnd > UDP2_SEND_MAX ||
                      (here.una < here.next && here.slot[here.una % UDP2_SEND_MAX].acked);
            if (random_below(4) == 0)
                udp2_read(&here, bytes, sizeof bytes, t);
        }
        end();
    }
    is_int(bounds, 0, "whatever a peer says, the counts stay in their bounds");
    is_int(stuck, 0, "... and it is not flooded");
    if (bounds + stuck)
        random_diag();
}

int main(void)
{
    random_begin();
    test_bytes();
    test_loss(1 * MS, MS / 2, 5, "half, there is a queue");
    test_loss(1 * MS, 1 * MS, 8, "there is no queue");
    test_loss(MS / 5, MS / 20, 8, "a queue so short is none");
    test_asking();
    test_silence();
    test_listening();
    test_listening_unacked();
    test_window();
    test_end();
    test_others();
    test_gap_closed();
    test_any();
    return done_testing();
}
