/* SPDX-License-Identifier: ISC */
#include "net/udp_session.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "random.h"
#include "tap.h"

#define BYTES 100000
#define BODY  900
#define EACH  (BODY + REORDER_BLOCK)

static struct budget memory;
static struct service service = {.memory = &memory};
static struct counters counters;
static struct udp_common common = {.counters = &counters,
                                   .service = &service,
                                   .mutex = PTHREAD_MUTEX_INITIALIZER,
                                   .settings = {.datagram = 1024, .gap_ms = 30000}};
static int others[8], others_n; /* the clients' sockets */

static struct udp_session *begin(const char *address, uint64_t id)
{
    struct os_udp_peer peer = {.port = 5555};
    struct udp_session *s;
    int fds[2];

    if (!address_parse(span_str(address), &peer.address) ||
        socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds) != 0)
        abort();
    peer.local = peer.address;
    others[others_n++] = fds[1];
    s = id ? udp_session_new_2(&common, fds[0], &peer, session_ids_begin(&common.ids, id, 0))
           : udp_session_new_1(&common, fds[0], &peer);
    if (!s)
        abort();
    return s;
}

static void end(struct udp_session *s)
{
    s->transport.kind->close(&s->transport, true);
    os_net_close(others[--others_n]);
}

static void hand_in(struct udp_session *s, uint64_t id, uint64_t number)
{
    char out[1024];

    memset(out, '0', sizeof out); /* empty frames */
    size_t n =
        id ? datagram_close_2(out, number, id, 'D', BODY) : datagram_close_1(out, number, BODY);
    udp_io_take(&s->io, span_of(out, n));
}

/* Hands in all datagrams that there is room for, but the first. */
static void flood(struct udp_session *s, uint64_t id)
{
    for (uint64_t number = REORDER_FIRST; number > 1; number--)
        hand_in(s, id, number);
}

/* By how much a flood makes the budget's use grow. */
static size_t taken(struct udp_session *s, uint64_t id)
{
    size_t before = budget_used(&memory);

    flood(s, id);
    return budget_used(&memory) - before;
}

static bool is_about(size_t bytes, size_t want)
{
    return bytes < want + EACH && bytes + EACH > want;
}

static void test_forged(void)
{
    struct udp_session *one = begin("192.0.2.1", 0), *two = begin("192.0.2.2", 0);

    ok(is_about(taken(one, 0), BYTES / 2),
       "version 1: datagrams that come early take at most half of the memory");
    is_int(taken(two, 0), 0, "... for all addresses together, since they may be forged");
    end(one);
    is_int(budget_used(&memory), 0, "... and give it back when the session ends");
    ok(is_about(taken(two, 0), BYTES / 2), "... to another session");
    end(two);
    is_int(budget_used(&memory), 0, "... which gives it back, too");
}

static void test_proven(void)
{
    struct udp_session *forged = begin("192.0.2.1", 0), *one = begin("192.0.2.1", 1),
                       *same = begin("192.0.2.1", 2), *other = begin("192.0.2.2", 3);

    flood(forged, 0);
    ok(is_about(taken(one, 1), BYTES / 4),
       "version 2: an address gets half of what forged ones have left");
    is_int(taken(same, 2), 0, "... over all its sessions");
    ok(is_about(taken(other, 3), BYTES / 8), "... and another address half of what is left then");
    end(other);
    end(same);
    end(one);
    end(forged);
    is_int(budget_used(&memory), 0, "version 2: all is given back when the sessions end");
}

/* Nobody reads what comes. */
static void test_unread(void)
{
    struct udp_session *one = begin("192.0.2.1", 0), *two = begin("192.0.2.2", 4);

    for (uint64_t number = 1; number <= REORDER_FIRST; number++) {
        hand_in(one, 0, number);
        hand_in(two, 4, number);
    }
    ok(budget_used(&memory) > BYTES / 2 && budget_used(&memory) <= BYTES,
       "unread: datagrams in order count, too, in both versions");
    end(two);
    end(one);
    is_int(budget_used(&memory), 0, "unread: all is given back when the sessions end");
}

/* How far the window grows, and how much is kept to be sent, with a budget of this many bytes. */
static void grow(size_t budget, size_t *window, size_t *room)
{
    static char read[REORDER_FIRST * BODY];
    struct udp_session *s = begin("192.0.2.1", 5 + budget);
    struct udp2 *u = &s->io.two;

    budget_resize(&memory, budget);
    udp2_round_trip(u, 1000000);
    for (uint64_t number = 1; number <= 1000; number++) {
        hand_in(s, 5 + budget, number);
        udp2_read(u, read, sizeof read, 0);
    }
    *window = u->in.window;
    ok(budget_used(&memory) < budget / 2, "a window takes less than half of %zu bytes", budget);
    u->limit = 2 * UDP2_SEND_MAX;
    u->cwnd = UDP2_SEND_MAX;
    for (int i = 0; i < 5000; i++)
        udp2_write(u, SPAN("0000000001x"));
    *room = u->room;
    ok(budget_used(&memory) < budget / 2, "... and with what is kept, too");
    end(s);
    is_int(budget_used(&memory), 0, "... and all is given back");
    budget_resize(&memory, BYTES);
}

static void test_grow(void)
{
    size_t window, room;

    grow(BYTES, &window, &room);
    is_int(window, REORDER_FIRST, "version 2: the window does not grow without memory");
    is_int(room, UDP2_SEND_FIRST, "... and no more is kept to be sent than at first");
    grow(4000000, &window, &room);
    is_int(window, 1024, "version 2: the window grows as far as there is memory");
    is_int(room, 2048, "... and so does what is kept to be sent");
}

int main(void)
{
    static const unsigned char key[SIPHASH_KEY_BYTES] = {1};

    budget_init(&memory, BYTES);
    service.limits.v6_bits = 64;
    service.login_throttle = login_throttle_new(key);
    if (!service.login_throttle)
        abort();
    test_forged();
    test_proven();
    test_unread();
    test_grow();
    login_throttle_free(service.login_throttle);
    budget_destroy(&memory);
    return done_testing();
}
