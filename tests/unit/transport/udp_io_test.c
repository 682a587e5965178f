/* SPDX-License-Identifier: ISC */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>

#include "random.h"
#include "udp_io_pair.h"

/* --- a thread at one end --- */

struct worker {
    struct udp_io *u;
    atomic_bool wanted;
    struct span bytes;
    enum io_result result;
    pthread_t thread;
};

static bool is_wanted(void *ctx)
{
    struct worker *w = ctx;

    return atomic_load(&w->wanted);
}

static void start(struct worker *w, struct udp_io *u, void *(*run)(void *))
{
    w->u = u;
    atomic_store(&w->wanted, false);
    u->net.interrupted = is_wanted;
    u->net.ctx = w;
    pthread_create(&w->thread, NULL, run, w);
}

static void want(struct worker *w)
{
    atomic_store(&w->wanted, true);
    pthread_kill(w->thread, OS_WAKE);
}

static void *read_once(void *arg)
{
    struct worker *w = arg;
    char byte;
    size_t n;

    w->result = read_at(w->u, &byte, 1, in_ms(PATIENT_MS), &n);
    return NULL;
}

static void *write_all(void *arg)
{
    struct worker *w = arg;

    w->result = write_at(w->u, w->bytes, in_ms(PATIENT_MS));
    return NULL;
}

static void *finish(void *arg)
{
    write_all(arg);
    udp_io_finish(((struct worker *)arg)->u);
    return NULL;
}

/* Sends back all that comes, until the session is over or the thread is wanted. */
static void *echo(void *arg)
{
    struct worker *w = arg;
    char bytes[5000];
    size_t n;

    while (read_at(w->u, bytes, sizeof bytes, in_ms(PATIENT_MS), &n) == IO_OK)
        if (write_at(w->u, span_of(bytes, n), in_ms(PATIENT_MS)) != IO_OK)
            break;
    udp_io_finish(w->u);
    return NULL;
}

/* Ends the test after a failure that would make each of the following ones wait in vain. */
static void go_on_if(bool good, const char *why)
{
    if (good)
        return;
    printf("Bail out! %s\n", why);
    exit(1);
}

/* --- both ways --- */

/* Random frames of at least this many bytes together. */
static struct span frames(size_t bytes, size_t payload_max)
{
    char *p = malloc(bytes + payload_max + 11);
    size_t n = 0;

    while (n < bytes) {
        size_t payload = random_below(payload_max + 1);
        n += (size_t)snprintf(p + n, 11, "%010zu", payload);
        for (size_t i = 0; i < payload; i++)
            p[n++] = (char)(random_below(255 - '\r') + '\r' + 1); /* which version 1 can send */
    }
    return span_of(p, n);
}

static void frames_free(struct span s)
{
    void *p;

    /* NOLINTNEXTLINE(clang-analyzer-alpha.core.SizeofPtr): the pointer is copied. */
    memcpy(&p, &s.p, sizeof p);
    free(p);
}

/* Several datagrams sent with one call must arrive like those sent one by one. */
static void test_pieces(void)
{
    struct pair p;
    struct span all = frames(20000, 20000);
    char bytes[65536];
    struct datagram d;
    unsigned n = 0;
    ssize_t got;

    pair_open(&p, 2);
    write_at(&p.client, all, INT64_MIN);
    while ((got = recv(p.server.net.fd, bytes, sizeof bytes, 0)) > 0)
        n += datagram_parse_2(span_of(bytes, (size_t)got), &d) && d.number == n + 1;
    is_int(n, p.client.two.count.sent, "udp_io: datagrams sent with one call arrive one by one");
    ok(n > 5 && !p.client.one_by_one, "udp_io: this system can send several with one call");
    go_on_if(n == p.client.two.count.sent, "without datagrams nothing comes");
    pair_close(&p);
    frames_free(all);
}

/* Writes a stream in pieces and reads what comes back. Returns false if it differs. */
static bool there_and_back(struct udp_io *u, struct span all, size_t ahead)
{
    size_t sent = 0, got = 0, n;
    char bytes[7000];

    while (got < all.n) {
        struct span piece = span_first(span_skip(all, sent), ahead + got - sent);
        if (piece.n > 0 && write_at(u, piece, in_ms(PATIENT_MS)) != IO_OK)
            return false;
        sent += piece.n;
        if (read_at(u, bytes, sizeof bytes, in_ms(PATIENT_MS), &n) != IO_OK || n > all.n - got ||
            memcmp(bytes, all.p + got, n) != 0)
            return false;
        got += n;
    }
    return true;
}

static void test_both_ways_2(bool gso, bool gro)
{
    struct pair p;
    struct worker w;
    struct span all = frames(8 << 20, 4 << 20);
    int64_t begin = os_clock_ms();

    pair_open(&p, 2);
    p.client.one_by_one = p.server.one_by_one = !gso;
    p.client.started = p.server.started = !gro;
    start(&w, &p.server, echo);
    ok(there_and_back(&p.client, all, 100000), "udp_io, version 2: %zu bytes there and back%s%s",
       all.n, gso ? "" : ", sent one by one", gro ? "" : ", received one by one");
    diag("%" PRId64 " ms, %" PRIu64 " acknowledgements, %" PRIu64 " datagrams, %" PRIu64
         " repeated",
         os_clock_ms() - begin, p.client.two.count.acks, p.client.two.count.sent,
         p.client.two.count.repeated);
    ok(p.client.one_by_one == !gso && p.server.one_by_one == !gso,
       "udp_io: each end keeps its way of sending");
    udp_io_finish(&p.client);
    ok(p.client.two.state == UDP2_ENDED && p.client.two.why == UDP2_WELL,
       "udp_io_finish: the session ends well");
    pthread_join(w.thread, NULL);
    ok(p.server.end == UDP_IO_OVER && p.server.two.state == UDP2_ENDED,
       "udp_io_finish: the session ends well at the other end, too");
    pair_close(&p);
    frames_free(all);
}

/*
 * One end only writes; the other reads now and then, and acknowledges everything at once. The
 * writer must go on at that acknowledgement, without waiting for a timer.
 */
static void test_one_way(void)
{
    struct pair p;
    struct worker w = {.bytes = frames(8 << 20, 4 << 20)};
    static char bytes[1 << 20];
    size_t total = 0, n;
    int silences = 0;

    pair_open(&p, 2);
    start(&w, &p.server, finish);
    while (total < w.bytes.n) {
        if (!udp2_ready(&p.client.two))
            poll(NULL, 0, 2);
        int64_t begin = os_clock_us();
        if (read_at(&p.client, bytes, sizeof bytes, in_ms(PATIENT_MS), &n) != IO_OK)
            break;
        silences += os_clock_us() - begin >= UDP2_LISTEN_US;
        total += n;
    }
    pthread_join(w.thread, NULL);
    is_int(total, w.bytes.n,
           "udp_io, version 2: everything that one end writes arrives at the other");
    ok(silences <= 1,
       "udp_io, version 2: the reader does not have to probe for it, except on a busy machine");
    pair_close(&p);
    frames_free(w.bytes);
}

/* Version 1 does not know how much room the other end has, so no more is sent than fits a buffer.
 */
static void test_both_ways_1(void)
{
    struct pair p;
    struct worker w;
    struct span all = frames(1 << 20, 30000);

    pair_open(&p, 1);
    start(&w, &p.server, echo);
    ok(there_and_back(&p.client, all, 32000), "udp_io, version 1: %zu bytes there and back", all.n);
    want(&w);
    pthread_join(w.thread, NULL);
    pair_close(&p);
    frames_free(all);
}

/* --- deadlines and wakes --- */

static void test_deadlines(unsigned version)
{
    struct pair p;
    char bytes[256];
    size_t n = 0;
    int64_t begin = os_clock_ms();

    pair_open(&p, version);
    is_int(read_at(&p.server, bytes, 256, in_ms(SOON_MS), &n), IO_TIMEOUT,
           "udp_io, version %u: reading times out if the peer is silent", version);
    ok(os_clock_ms() - begin >= SOON_MS, "udp_io: reading waits until the deadline");
    is_int(read_at(&p.server, bytes, 256, INT64_MIN, &n), IO_TIMEOUT,
           "udp_io: reading with a past deadline times out at once");
    is_int(write_at(&p.client, SPAN("0000000003abc0000000003def"), INT64_MIN), IO_OK,
           "udp_io: writing with a past deadline succeeds if there is room");
    ok(reads(&p.server, "0000000003a"), "udp_io: reads bytes");
    is_int(read_at(&p.server, bytes, 256, INT64_MIN, &n), IO_OK,
           "udp_io: a past deadline still takes the rest");
    is_int(n, 15, "udp_io: all of the rest");
    pair_close(&p);
}

/* The wake comes at a random moment before or during the wait; it must never be missed. */
static void test_wake(unsigned version)
{
    struct pair p;
    struct worker w;
    int woken = 0, news = 0;
    char byte;
    size_t n;

    pair_open(&p, version);
    for (int i = 0; i < 500; i++) {
        start(&w, &p.server, read_once);
        for (size_t spin = random_below(100000); spin > 0; spin--)
            atomic_load(&w.wanted);
        want(&w);
        pthread_join(w.thread, NULL);
        woken += w.result == IO_INTERRUPT;
    }
    is_int(woken, 500, "udp_io, version %u: a wake interrupts a read, whenever it comes", version);
    write_at(&p.client, SPAN("0000000000"), in_ms(PATIENT_MS));
    is_int(read_at(&p.server, &byte, 1, in_ms(PATIENT_MS), &n), IO_INTERRUPT,
           "udp_io: a read is interrupted even if bytes have come");
    atomic_store(&w.wanted, false);
    ok(reads(&p.server, "0000000000"), "udp_io: those bytes can be read afterwards");
    for (int i = 0; i < 100 && news == i; i++) {
        start(&w, &p.server, read_once);
        for (size_t spin = random_below(100000); spin > 0; spin--)
            atomic_load(&w.wanted);
        pthread_kill(w.thread, OS_WAKE);
        pthread_join(w.thread, NULL);
        news += w.result == IO_INTERRUPT;
    }
    is_int(news, 100, "udp_io: a wake ends a read even if the owner is not wanted");
    go_on_if(news == 100, "whoever is woken waits on");
    pthread_kill(pthread_self(), OS_WAKE);
    udp_io_pause(&p.server, SOON_MS);
    is_int(read_at(&p.server, &byte, 1, in_ms(SOON_MS), &n), IO_INTERRUPT,
           "udp_io_pause: a wake during a pause ends the next read");
    is_int(read_at(&p.server, &byte, 1, in_ms(SOON_MS), &n), IO_TIMEOUT,
           "udp_io_pause: it ends only one read");
    pair_close(&p);
}

/* The other end acknowledges nothing, so writing stops when its window is full. */
static void test_hurry(void)
{
    struct pair p;
    struct worker w = {.bytes = frames(1 << 20, 100000)};
    int64_t begin, spent_ms;

    pair_open(&p, 2);
    is_int(write_at(&p.server, w.bytes, in_ms(SOON_MS)), IO_TIMEOUT,
           "udp_io: writing times out if the peer does not read");
    p.server.net.hurry_ms = SOON_MS;
    begin = os_clock_ms();
    start(&w, &p.server, write_all);
    want(&w);
    pthread_join(w.thread, NULL);
    spent_ms = os_clock_ms() - begin;
    is_int(w.result, IO_TIMEOUT, "udp_io: a waiting write ends when the owner is wanted");
    ok(spent_ms >= SOON_MS && spent_ms < PATIENT_MS, "udp_io: it gets hurry_ms first");
    begin = os_clock_ms();
    for (int i = 0; i < 400; i++)
        write_at(&p.server, w.bytes, IO_FOREVER);
    ok(os_clock_ms() - begin < 400 * SOON_MS, "udp_io: later writes get no more time");
    pair_close(&p);
    frames_free(w.bytes);
}

static atomic_bool flooding;

static void *flood(void *arg)
{
    const int *fd = arg;

    while (atomic_load(&flooding))
        send(*fd, "garbage", 7, MSG_DONTWAIT);
    return NULL;
}

/* Useless datagrams must not keep a thread from its deadlines. */
static void test_flood(unsigned version)
{
    struct pair p;
    pthread_t thread;
    char byte;
    size_t n;

    pair_open(&p, version);
    atomic_store(&flooding, true);
    pthread_create(&thread, NULL, flood, &p.client.net.fd);
    is_int(read_at(&p.server, &byte, 1, in_ms(SOON_MS), &n), IO_TIMEOUT,
           "udp_io, version %u: endless garbage does not delay a deadline", version);
    atomic_store(&flooding, false);
    pthread_join(thread, NULL);
    pair_close(&p);
}

/* However much has come, what is due must be done in between. */
static void test_turn(unsigned version)
{
    struct pair p;
    char byte;
    size_t n;

    pair_open(&p, version);
    for (int i = 0; i < 100; i++)
        send(p.client.net.fd, "garbage", 7, 0);
    is_int(read_at(&p.server, &byte, 1, INT64_MIN, &n), IO_TIMEOUT,
           "udp_io, version %u: reading garbage ends at a past deadline", version);
    ok(recv(p.server.net.fd, &byte, 1, 0) == 1, "udp_io: before all of the garbage was received");
    pair_close(&p);
}

/* --- ends --- */

static void test_gone(unsigned version)
{
    struct pair p;
    char byte;
    size_t n;

    pair_open(&p, version);
    os_net_close(p.server.net.fd);
    os_net_close(p.bound);
    p.server.net.fd = p.bound = -1;
    is_int(write_at(&p.client, SPAN("0000000000"), in_ms(PATIENT_MS)), IO_OK,
           "udp_io: writing succeeds if nobody is there");
    is_int(read_at(&p.client, &byte, 1, in_ms(PATIENT_MS), &n), IO_CLOSED,
           "udp_io, version %u: reading fails if nobody is there", version);
    is_int(p.client.end, UDP_IO_BROKEN, "udp_io: the session is broken");
    is_int(write_at(&p.client, SPAN("0000000000"), in_ms(PATIENT_MS)), IO_CLOSED,
           "udp_io: writing fails once the session is broken");
    pair_close(&p);
}

/* An end acknowledges before and during a pause. */
static void test_acknowledging(void)
{
    struct pair p;
    struct span rest = frames(200000, 1000);
    char bytes[64];
    size_t n;

    pair_open(&p, 2);
    write_at(&p.client, SPAN("00000000"), in_ms(PATIENT_MS));
    write_at(&p.client, SPAN("03abc"), in_ms(PATIENT_MS));
    is_int(read_at(&p.server, bytes, sizeof bytes, in_ms(PATIENT_MS), &n), IO_OK,
           "udp_io: reads a request");
    udp_io_pause(&p.server, 0);
    udp_io_pause(&p.client, 0);
    ok(udp2_all_acked(&p.client.two), "udp_io_pause: a request is acknowledged before a pause");
    write_at(&p.client, span_first(rest, 100000), in_ms(PATIENT_MS));
    udp_io_pause(&p.server, SOON_MS);
    udp_io_pause(&p.client, 0);
    ok(p.client.two.una > 2, "udp_io_pause: data is acknowledged during a pause");
    pair_close(&p);
    frames_free(rest);
}

/* Data written before the end must arrive before it. */
static void test_finish(void)
{
    struct pair p;
    struct worker w = {.bytes = frames(100000, 50000)};
    char bytes[3000];
    size_t total = 0, n;
    enum io_result result;

    pair_open(&p, 2);
    start(&w, &p.server, finish);
    while ((result = read_at(&p.client, bytes, sizeof bytes, in_ms(PATIENT_MS), &n)) == IO_OK)
        total += n;
    pthread_join(w.thread, NULL);
    is_int(total, w.bytes.n, "udp_io_finish: all data written before the end arrives");
    is_int(result, IO_CLOSED, "udp_io_finish: then the session ends");
    ok(p.client.two.state == UDP2_ENDED && p.server.two.state == UDP2_ENDED,
       "udp_io_finish: it ends well at both ends");
    pair_close(&p);
    frames_free(w.bytes);
}

/* --- version 1 --- */

static void test_gap(void)
{
    struct pair p;
    char bytes[64];
    size_t n;

    pair_open(&p, 1);
    p.server.gap_ms = SOON_MS;
    udp_io_take(&p.server, SPAN("00000000010000000003abc"));
    send(p.client.net.fd, "00000000030000000003ghi", 23, 0);
    ok(reads(&p.server, "0000000003abc"), "udp_io, version 1: reads what is in order");
    is_int(read_at(&p.server, bytes, sizeof bytes, in_ms(PATIENT_MS), &n), IO_LOST,
           "udp_io, version 1: IO_LOST if a datagram is missing for too long");
    is_int(p.server.end, UDP_IO_GAP, "udp_io, version 1: the end is a gap");
    is_int(write_at(&p.server, SPAN("0000000003bye"), in_ms(PATIENT_MS)), IO_OK,
           "udp_io, version 1: writing still works after a gap");
    ok(reads(&p.client, "0000000003bye"), "udp_io, version 1: the other end reads that");
    is_int(read_at(&p.server, bytes, sizeof bytes, IO_FOREVER, &n), IO_LOST,
           "udp_io, version 1: reading fails for good after a gap");
    pair_close(&p);
}

static bool note_memory(void *ctx, size_t bytes)
{
    *(size_t *)ctx = bytes;
    return true;
}

static void test_anew(void)
{
    struct pair p;
    char bytes[64];
    size_t n, memory = 0;

    pair_open(&p, 1);
    udp_io_limit(&p.server, (struct reorder_memory){note_memory, &memory});
    write_at(&p.client, SPAN("0000000003abc"), in_ms(PATIENT_MS));
    ok(reads(&p.server, "0000000003abc"), "udp_io, version 1: a session");
    p.server.one.heard_us -= UDP1_RESTART_US;
    send(p.client.net.fd, "00000000010000000003def", 23, 0);
    send(p.client.net.fd, "00000000020000000003ghi", 23, 0);
    is_int(read_at(&p.server, bytes, sizeof bytes, in_ms(PATIENT_MS), &n), IO_CLOSED,
           "udp_io, version 1: reading fails when the client begins a new session");
    is_int(p.server.end, UDP_IO_RESTART, "udp_io, version 1: the end is a restart");
    is_int(write_at(&p.server, SPAN("0000000000"), IO_FOREVER), IO_CLOSED,
           "udp_io, version 1: writing fails then");
    udp_io_restart(&p.server);
    ok(reads(&p.server, "0000000003def0000000003ghi"),
       "udp_io_restart: the new session has all datagrams that came for it");
    udp_io_take(&p.server, SPAN("00000000040000000003jkl"));
    is_int(memory, 13 + REORDER_BLOCK, "... and the limit for those that wait");
    pair_close(&p);
    is_int(memory, 0, "udp_io_free: gives their memory back");
}

struct budget {
    size_t left;
    int64_t again_ms;
};

static int64_t hold(void *ctx, size_t bytes)
{
    struct budget *b = ctx;

    if (b->left < bytes && os_clock_ms() < b->again_ms)
        return b->again_ms - os_clock_ms();
    b->left -= bytes < b->left ? bytes : b->left;
    return 0;
}

static void test_hold(void)
{
    struct pair p;
    struct budget b = {.left = 25, .again_ms = in_ms(4 * SOON_MS)};

    pair_open(&p, 1);
    p.server.hold_ms = hold;
    p.server.hold_ctx = &b;
    is_int(write_at(&p.server, SPAN("0000000003abc0000000003def"), in_ms(SOON_MS)), IO_TIMEOUT,
           "udp_io, version 1: a held datagram waits until the deadline");
    ok(reads(&p.client, "0000000003abc"), "udp_io, version 1: a datagram that is not held is sent");
    is_int(write_at(&p.server, SPAN("0000000003ghi"), in_ms(PATIENT_MS)), IO_OK,
           "udp_io, version 1: writing succeeds once the datagram may be sent");
    ok(os_clock_ms() >= b.again_ms, "udp_io, version 1: not before it may be sent");
    pair_close(&p);
}

int main(void)
{
    random_begin();
    os_wake_setup();
    test_pieces();
    test_both_ways_2(true, true);
    test_both_ways_2(true, false);
    test_both_ways_2(false, true);
    test_both_ways_2(false, false);
    test_one_way();
    test_both_ways_1();
    for (unsigned version = 1; version <= 2; version++) {
        test_deadlines(version);
        test_wake(version);
        test_flood(version);
        test_turn(version);
        test_gone(version);
    }
    test_hurry();
    test_acknowledging();
    test_finish();
    test_gap();
    test_anew();
    test_hold();
    return done_testing();
}
