/* SPDX-License-Identifier: ISC */
#include "random.h"
#include "udp2_pair.h"

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
    is_int(n, DATAGRAM_AROUND + 22, "udp2_poll: a short frame is one datagram");
    ok(memcmp(datagram, "00000000010000000000000abcD0000000011Show all|0|\002", 49) == 0,
       "udp2_poll: the bytes of that datagram");
    udp2_receive(&there, span_of(datagram, n), 0);
    is_str(read_all(&there, 0), "0000000011Show all|0|", "udp2_read: the peer reads that frame");
    is_int(udp2_poll(&there, datagram, 999), 0, "udp2_poll: the acknowledgement is delayed");
    is_int(udp2_timer(&there), 1000, "udp2_timer: the acknowledgement is delayed by 1 ms");
    n = udp2_poll(&there, datagram, 1000);
    is_int(n, DATAGRAM_AROUND + 30, "udp2_poll: then the acknowledgement is sent");
    ok(memcmp(datagram, "00000000010000000000000abc\006000000025700000000010000001000", 57) == 0,
       "udp2_poll: the bytes of the acknowledgement");
    udp2_receive(&here, span_of(datagram, n), 1200);
    ok(udp2_all_acked(&here), "udp2_all_acked: true after the acknowledgement");
    is_int(here.srtt_us, 200, "udp2: the delay does not count as part of the round trip");
    is_int(udp2_timer(&here), INT64_MAX, "udp2_timer: then nothing is left to do");
    end();
}

/* rtt_us: the round trip; least_us: the shortest one before. */
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
    is_int(pass(&there, &here, 3 * rtt_us), 1,
           "udp2_poll: a datagram out of order is acknowledged at once");
    is_int(pass(&here, &there, 8 * rtt_us), 1, "udp2_poll: the lost datagram is repeated");
    is_str(read_all(&there, 8 * rtt_us), "0000000001x0000000001x0000000001x0000000001a0000000001b",
           "udp2_read: the repeated data stands in its place");
    is_int(here.count.repeated, 1, "udp2_poll: only the lost datagram is repeated");
    is_int(here.cwnd, window, "udp2: a loss reduces the window: %s", why);
    end();
}

/* Writes a frame of this many bytes. Returns the types of the datagrams sent, in a string. */
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
    is_str(types_of(2000), "DD",
           "udp2_poll: two datagrams do not ask for an acknowledgement at once");
    here.srtt_us = 2 * MS;
    is_int(udp2_timer(&here), 2 * MS + 250 + 1 * MS,
           "udp2_timer: the timer allows for a delayed acknowledgement");
    end();
    begin();
    is_str(types_of(19000), "DdDdDdDdDd",
           "udp2_poll: a full window asks for an acknowledgement several times");
    here.srtt_us = 2 * MS;
    is_int(udp2_timer(&here), 2 * MS + 250,
           "udp2_timer: no delay is allowed for if an acknowledgement was asked for");
    end();
    begin();
    here.cwnd = 1;
    udp2_write(&here, SPAN("0000000001x0000000001y0000000001z"));
    pass(&here, &there, 0);
    is_int(pass(&there, &here, 0), 1, "udp2_poll: an acknowledgement asked for once is sent once");
    here.cwnd = 2;
    pass(&here, &there, 0);
    is_int(pass(&there, &here, 0), 2,
           "udp2_poll: an acknowledgement asked for twice is sent twice");
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
    ok(here.state == UDP2_OPEN || here.why == UDP2_SILENT,
       "udp2: the session is open, or failed because of silence");
    pass(&here, NULL, 30 * S);
    is_int(here.state, UDP2_FAILED, "udp2_poll: the session fails after 30 s of silence");
    ok(sent > 6 && sent < 20, "udp2_poll: the data was sent %d times in 30 s", sent);
    is_int(udp2_timer(&here), INT64_MAX, "udp2_timer: a failed session does nothing more");
    end();
}

/* The types and times, in seconds, of datagrams sent to a silent peer until the session is over. */
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
           "udp2_listen: probes while waiting for data, round trip unknown");
    end();

    begin();
    udp2_round_trip(&here, MS);
    udp2_listen(&here, true, 0);
    is_str(asks(0), all, "udp2_listen: probes at the speed of the network, and backs off");
    end();

    begin();
    udp2_round_trip(&here, MS);
    udp2_listen(&here, true, 0);
    for (int i = 0; i < 5; i++) {
        t = udp2_timer(&here);
        pass(&here, &there, t);
        pass(&there, &here, t);
    }
    is_int(t, (1 + 2 + 4 + 5 + 5) * S,
           "udp2_listen: probes less and less often if they are answered");
    udp2_write(&there, SPAN("0000000001x"));
    pass(&there, &here, 18 * S);
    is_str(read_all(&here, 18 * S), "0000000001x", "udp2_read: data comes after the probes");
    pass(&here, &there, 18 * S + MS);
    udp2_listen(&here, false, 18 * S + MS);
    is_int(udp2_timer(&here), INT64_MAX, "udp2_listen: does not probe while nobody waits for data");
    udp2_listen(&here, true, 20 * S);
    is_str(asks(20 * S), all, "udp2_listen: probes soon again after data has come");
    end();
}

/* A probe may bring an acknowledgement when those for the data were lost. */
static void test_listening_unacked(void)
{
    begin();
    udp2_write(&here, SPAN("0000000001x"));
    udp2_listen(&here, true, 0);
    ok(strstr(asks(0), "P1.0 ") != NULL, "udp2_listen: also probes while data is under way");
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
    is_int(there.in.next - 1, REORDER_FIRST,
           "udp2: a peer that does not read gets at most REORDER_FIRST datagrams");
    is_int(there.count.beyond, 0, "udp2: a peer gets no datagram that it has no room for");
    is_int(udp2_write(&here, SPAN("x")), 0,
           "udp2_write: takes nothing while the peer does not read");
    for (; t < 40 * S; t += 100 * MS) {
        pass(&here, &there, t);
        pass(&there, &here, t);
    }
    is_int(here.state, UDP2_OPEN,
           "udp2: a session stays open while the peer answers but does not read");
    ok(here.count.timeouts < 30, "udp2: a peer that does not read is not probed too often");
    udp2_read(&there, bytes, sizeof bytes, t);
    is_int(pass(&there, &here, t), 1,
           "udp2_poll: a peer that reads again sends an acknowledgement");
    ok(pass(&here, &there, t) > 0, "udp2_poll: then more data is sent");
    end();
}

static void test_end(void)
{
    begin();
    udp2_write(&here, SPAN("0000000001x"));
    udp2_end(&here, 0);
    is_int(udp2_write(&here, SPAN("0000000001y")), 0, "udp2_write: takes nothing after udp2_end");
    pass(&here, &there, 0);
    is_int(here.state, UDP2_ENDING, "udp2_end: waits for an acknowledgement");
    pass(&there, &here, MS);
    pass(&here, &there, MS);
    is_int(here.state, UDP2_ENDED, "udp2_end: the session has ended after the acknowledgement");
    is_int(there.state, UDP2_ENDED, "udp2_end: the session has ended at the peer, too");
    is_str(read_all(&there, MS), "0000000001x",
           "udp2_read: data can be read after the end of the session");
    end();

    begin();
    udp2_write(&here, SPAN("0000000001x"));
    udp2_end(&here, 0);
    pass(&here, NULL, 0);
    for (int64_t t = 0; t <= 5 * S; t += 100 * MS)
        pass(&here, t == 5 * S ? &there : NULL, t);
    is_int(here.why, UDP2_NOT_ACKED, "udp2_end: fails after 5 s without an acknowledgement");
    is_int(there.why, UDP2_CUT, "udp2_end: the peer knows that data is missing");
    end();
}

static bool take_none(void *ctx, size_t bytes)
{
    (void)ctx;
    return bytes == 0;
}

/* A peer that has no memory for what must wait still gets everything, by repetition. */
static void test_no_memory(void)
{
    int64_t t = 0;
    size_t got = 0;

    begin();
    there.in.memory.take = take_none;
    udp2_round_trip(&here, MS);
    for (int i = 0; i < 5; i++)
        udp2_write(&here, SPAN("0000000001x"));
    udp2_poll(&here, datagram, t); /* lost */
    pass(&here, &there, t);
    is_int(there.in.highest, 0, "udp2_receive: without memory nothing that comes early is kept");
    for (; !udp2_all_acked(&here) && t < UDP2_SILENT_US; t += MS) {
        pass(&here, &there, t);
        pass(&there, &here, t);
        got += strlen(read_all(&there, t));
    }
    ok(udp2_all_acked(&here), "udp2: it is repeated until it comes in order");
    is_int(got, 55, "udp2_read: all of it can be read");
    end();
}

static void test_others(void)
{
    begin();
    udp2_write(&here, SPAN("0000000001x"));
    size_t n = udp2_poll(&here, datagram, 0);
    datagram_close_2(datagram, 1, 0xabd, 'D', n - DATAGRAM_AROUND);
    ok(!udp2_receive(&there, span_of(datagram, n), 0),
       "udp2_receive: drops a datagram with another id");
    memcpy(datagram + DATAGRAM_HEAD, "000000999900000000010000000000", 30);
    n = datagram_close_2(datagram, 5, 0xabc, '\006', 30);
    udp2_receive(&here, span_of(datagram, n), 0);
    ok(!udp2_all_acked(&here),
       "udp2_receive: drops an acknowledgement of a datagram that was never sent");
    is_int(here.limit, UDP2_WINDOW, "udp2_receive: ignores the limit in that acknowledgement");
    n = udp2_farewell(datagram, 0xabc, 0, true);
    udp2_receive(&there, span_of(datagram, n), 0);
    is_int(there.state, UDP2_ENDED, "udp2_receive: a farewell ends the session");
    end();
}

/* The gap is closed, and the numbers after it are not reported again. */
static void test_gap_closed(void)
{
    begin();
    udp2_round_trip(&here, MS);
    udp2_write(&here, SPAN("0000000001x0000000001y0000000001z"));
    pass(&here, NULL, 0);
    take_ack(0, "3", MS);
    is_int(here.una, 1, "udp2_receive: datagrams 2 and 3 are acknowledged, 1 is not");
    take_ack(1, "", 2 * MS);
    ok(udp2_all_acked(&here),
       "udp2_all_acked: true once datagram 1 is acknowledged without the gap");
    is_int(pass(&here, NULL, 10 * S), 0, "udp2_poll: then nothing is sent any more");
    end();
}

/* Well-formed datagrams with random contents, as anyone who knows the id could send. */
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
                      (here.una < here.next && here.slot[here.una % here.room].acked);
            if (random_below(4) == 0)
                udp2_read(&here, bytes, sizeof bytes, t);
        }
        end();
    }
    is_int(bounds, 0, "udp2_receive: random datagrams keep the counts in their bounds");
    is_int(stuck, 0, "udp2_poll: random datagrams do not make it send without end");
    if (bounds + stuck)
        random_diag();
}

int main(void)
{
    random_begin();
    test_bytes();
    test_loss(1 * MS, MS / 2, 5, "by half if there is a queue");
    test_loss(1 * MS, 1 * MS, 8, "by a fifth if there is no queue");
    test_loss(MS / 5, MS / 20, 8, "by a fifth if the queue is very short");
    test_asking();
    test_silence();
    test_listening();
    test_listening_unacked();
    test_window();
    test_end();
    test_no_memory();
    test_others();
    test_gap_closed();
    test_any();
    return done_testing();
}
