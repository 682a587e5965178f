/* SPDX-License-Identifier: ISC */
/* The windows of version 2 over UDP: how they grow, on long links and within the memory. */
#include "udp2_pair.h"

#define RTT (600 * MS)

struct memory {
    size_t limit, taken;
};

static bool take_some(void *ctx, size_t bytes)
{
    struct memory *m = ctx;

    if (bytes > m->taken && bytes > m->limit)
        return false;
    m->taken = bytes;
    return true;
}

static char big[20000000];
static size_t most_room;

/*
 * Carries a frame for so many round trips of RTT, in each of which the reader reads at most so many
 * bytes.
 */
static void carry(int round_trips, size_t read_bytes)
{
    static char bytes[8000000];
    static size_t took;
    static int64_t t;

    if (here.full == 1)
        took = 0, t = 0, most_room = 0;
    memset(big, 'x', sizeof big);
    memcpy(big, "0019999990", 10);
    for (int i = 0; i < round_trips; i++, t += RTT) {
        do
            took += udp2_write(&here, span_of(big + took, sizeof big - took));
        while (pass(&here, &there, t) > 0);
        most_room = here.room > most_room ? here.room : most_room;
        udp2_read(&there, bytes, read_bytes, t);
        pass(&there, &here, t + RTT);
    }
}

static struct memory waiting, sent;

static void begin_long(size_t waiting_limit, size_t sent_limit)
{
    begin();
    waiting = (struct memory){.limit = waiting_limit};
    sent = (struct memory){.limit = sent_limit};
    there.in.memory = (struct reorder_memory){take_some, &waiting};
    here.memory = (struct reorder_memory){take_some, &sent};
    udp2_round_trip(&here, RTT);
    udp2_round_trip(&there, RTT);
}

static void test_window_grows(void)
{
    begin_long(SIZE_MAX, SIZE_MAX);
    carry(4, SIZE_MAX);
    is_int(there.in.window, 512, "udp2_read: the window grows when a quarter of it was read");
    carry(7, SIZE_MAX);
    is_int(there.in.window, UDP2_SEND_MAX,
           "... as far as the path carries more, up to its maximum");
    carry(2, SIZE_MAX);
    is_int(here.cwnd, UDP2_SEND_MAX, "... and the sender uses it");
    is_int(here.in_flight + here.lost, 0, "... and its acknowledgements are understood");
    is_int(there.count.beyond + here.count.repeated, 0, "... and nothing is sent in vain");
    is_int(most_room, UDP2_SEND_MAX, "... and as many datagrams are kept");
    end();
    is_int(waiting.taken, 0, "udp2_free: gives the window's memory back");
    is_int(sent.taken, 0, "udp2_free: gives the memory of what was kept back");
}

static void test_window_stays(void)
{
    begin_long(SIZE_MAX, SIZE_MAX);
    carry(20, 50000); /* about 43 datagrams */
    is_int(there.in.window, REORDER_FIRST, "udp2_read: a slow reader's window does not grow");
    end();
    begin_long(SIZE_MAX, SIZE_MAX);
    carry(20, 0);
    is_int(there.in.window, REORDER_FIRST, "udp2_read: nor if nobody reads");
    end();
    begin_long(SIZE_MAX, SIZE_MAX);
    there.srtt_us = 0;
    carry(20, SIZE_MAX);
    is_int(there.in.window, REORDER_FIRST, "udp2_read: nor while the round trip is not known");
    is_int(most_room, UDP2_SEND_FIRST, "udp2_write: then no more than that are kept");
    end();
}

static void test_window_memory(void)
{
    begin_long(3000000, SIZE_MAX);
    carry(20, SIZE_MAX);
    is_int(there.in.window, 1024, "udp2_read: the window grows no further than there is memory");
    is_int(there.count.beyond + here.count.repeated, 0, "... and nothing is sent in vain");
    end();
    begin_long(SIZE_MAX, 1000000);
    carry(20, SIZE_MAX);
    is_int(most_room, 1024, "udp2_write: no more is kept than there is memory for");
    ok(here.una > 10000, "... and all goes on");
    end();
    is_int(sent.taken, 0, "udp2_free: gives it back");
}

/* All slots are given back as soon as nothing has to be kept. */
static void test_slots_back(void)
{
    begin_long(SIZE_MAX, SIZE_MAX);
    udp2_write(&here, SPAN("0000800000"));
    here.cwnd = 1000;
    here.limit = 1000;
    for (int i = 0; i < 8000; i++)
        udp2_write(&here, span_of(big, 100));
    udp2_write(&here, SPAN("0000000003a"));
    ok(here.room > UDP2_SEND_FIRST && sent.taken > 0, "udp2_write: keeps more than at first");
    reorder_grow(&there.in);
    reorder_grow(&there.in);
    pass(&here, &there, 0);
    pass(&there, &here, RTT);
    is_int(here.una, here.next, "... until all is acknowledged");
    is_int(here.una, here.full, "... but the datagram that is being written");
    is_int(here.room, UDP2_SEND_FIRST, "udp2_receive: then gives the slots back");
    is_int(sent.taken, 0, "... and their memory");
    udp2_write(&here, SPAN("bc"));
    pass(&here, &there, RTT);
    is_int(udp2_read(&there, big, sizeof big, RTT), 800010 + 13, "... and all has come");
    ok(memcmp(big + 800010, "0000000003abc", 13) == 0, "... with what was being written");
    end();
}

/* What came far behind a gap is reported in blocks, in as many acknowledgements as it takes. */
static void test_far(void)
{
    begin();
    here.limit = here.cwnd = 1000;
    while (reorder_grow(&there.in) && there.in.window < 1024)
        ;
    for (int i = 0; i < 700; i++)
        udp2_write(&here, SPAN("0000000001x"));
    udp2_poll(&here, datagram, 0); /* lost */
    for (int i = 0; i < 256; i++) {
        size_t n = udp2_poll(&here, datagram, 0);
        udp2_receive(&there, span_of(datagram, n), 0);
    }
    size_t n = udp2_poll(&there, datagram, 0);
    is_int(n, DATAGRAM_AROUND + 30 + 64, "udp2_poll: an acknowledgement tells of 256 numbers");
    pass(&here, &there, 0);
    n = udp2_poll(&there, datagram, 0);
    is_int(n, DATAGRAM_AROUND + 30 + 64 + 10 + 64, "... and of a block of others further away");
    ok(memcmp(datagram + DATAGRAM_HEAD + 94, "0000000256ffff", 14) == 0, "... named by its first");
    udp2_receive(&here, span_of(datagram, n), MS);
    is_int(here.in_flight + here.lost, 1 + 700 - 511, "udp2_receive: takes note of both");
    n = udp2_poll(&there, datagram, 0);
    udp2_receive(&here, span_of(datagram, n), MS);
    is_int(here.in_flight + here.lost, 1, "udp2_poll: the next one tells the rest");
    while ((n = udp2_poll(&there, datagram, 0)) > 0)
        udp2_receive(&here, span_of(datagram, n), MS);
    ok(here.una == 1 && here.in_flight + here.lost == 1, "... and only the lost one is missing");
    end();
}

/*
 * Sends a window of 100 at 0, all of which is acknowledged a round trip of RTT later. Returns the
 * window then.
 */
static unsigned grown(int64_t least_us, unsigned middle, int64_t from_us)
{
    begin();
    udp2_round_trip(&here, RTT);
    here.min_rtt_us = least_us;
    here.limit = 999;
    here.cwnd = here.ssthresh = 100;
    here.cubic.from_us = from_us;
    here.cubic.middle = middle;
    for (int i = 0; i < 150; i++)
        udp2_write(&here, SPAN("0000000001x"));
    pass(&here, NULL, 0);
    take_ack(100, "", RTT);
    unsigned window = here.cwnd;
    end();
    return window;
}

static void test_growth(void)
{
    is_int(grown(RTT, 100, INT64_MIN), 101, "udp2: the window grows by one in a round trip");
    is_int(grown(RTT, 110, 0), 110, "... and soon back to what it was before a loss");
    is_int(grown(RTT, 1000, 0), 150, "... but at most by half in a round trip");
    is_int(grown(RTT / 2, 1000, 0), 101, "... and only by one if there is a queue");
    is_int(grown(RTT, 100, -10 * S), 150, "... and by more and more after that");
    begin();
    udp2_round_trip(&here, RTT);
    udp2_write(&here, SPAN("0000000001x0000000001y0000000001z"));
    pass(&here, NULL, 0);
    here.cwnd = 1000;
    take_ack(0, "3", 2 * RTT);
    is_int(here.cwnd, 800, "udp2: a loss reduces the window");
    is_int(here.cubic.middle, 1000, "... which it should have again");
    is_int(here.cubic.middle_ms, 7937, "... after the cube root of 200 / 0.4 seconds (RFC 9438)");
    end();
}

int main(void)
{
    test_window_grows();
    test_window_stays();
    test_window_memory();
    test_slots_back();
    test_far();
    test_growth();
    return done_testing();
}
