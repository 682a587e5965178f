/* SPDX-License-Identifier: ISC */
#include "transport/udp_io.h"

#include <errno.h>
#include <string.h>

#include "os/clock.h"
#include "os/net.h"
#include "os/udp.h"

#define GAP_MS       30000
#define BURST_PIECES 32 /* sent by one call at most */
#define BURST_BYTES  (BURST_PIECES * DATAGRAM_SIZE_2_MAX)
#define COME_BYTES   65536 /* received by one call at most */
#define COME_CALLS   32    /* in a row, before what is due is sent */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* --- datagrams in --- */

static void take_one(struct udp_io *u, struct span datagram)
{
    int64_t now_us = os_clock_us();
    if (u->version == 2) {
        udp2_receive(&u->two, datagram, now_us);
        return;
    }
    u->received += datagram.n;
    if (udp1_receive(&u->one, datagram, now_us) != UDP1_RESTART)
        return;
    u->first_bytes = datagram.n < sizeof u->first ? datagram.n : sizeof u->first;
    memmove(u->first, datagram.p, u->first_bytes); /* after a restart, it lies in u->first */
    u->end = UDP_IO_RESTART;
}

/*
 * Receives with one call. Returns false if nothing waits or the session is over (u->end). Only
 * version 2 receives several datagrams at once: in version 1, when a client begins a new session,
 * those after its first datagram must stay in the socket.
 */
static bool receive_some(struct udp_io *u)
{
    char bytes[COME_BYTES];
    size_t piece;
    if (!u->started)
        os_udp_gather(u->net.fd, u->version == 2);
    u->started = true;
    int64_t n = os_udp_receive_pieces(u->net.fd, bytes, sizeof bytes, &piece);
    if (n < 0) {
        if (errno != EAGAIN)
            u->end = UDP_IO_BROKEN;
        return false;
    }
    struct span rest = span_of(bytes, (size_t)n);
    while (rest.n > 0 && u->end == UDP_IO_ON) {
        take_one(u, span_first(rest, piece));
        rest = span_skip(rest, piece);
    }
    return u->end == UDP_IO_ON;
}

/* --- datagrams out --- */

/* Version 2: datagrams of one size, except the last, which may be shorter. One call sends them. */
struct burst {
    char bytes[BURST_BYTES];
    size_t n, piece, pieces;
};

/* A datagram that cannot be sent counts as lost, and is repeated. Returns false and sets errno. */
static bool send_pieces(struct udp_io *u, struct span bytes, size_t size)
{
    if (os_udp_send_pieces(u->net.fd, bytes, size))
        return true;
    if (errno == ECONNREFUSED)
        u->end = UDP_IO_BROKEN;
    return false;
}

/* Falls back to one call a datagram where the system or the network device cannot send several. */
static void send_burst(struct udp_io *u, struct burst *b)
{
    struct span rest = span_of(b->bytes, b->n);
    b->n = b->pieces = 0;
    if (rest.n == 0)
        return;
    if (!u->one_by_one && (send_pieces(u, rest, b->piece) || rest.n <= b->piece))
        return;
    if (errno == EINVAL || errno == EIO || errno == EMSGSIZE || errno == EOPNOTSUPP)
        u->one_by_one = true;
    for (; u->one_by_one && rest.n > 0; rest = span_skip(rest, b->piece)) {
        struct span one = span_first(rest, b->piece);
        send_pieces(u, one, one.n);
    }
}

static void add_to_burst(struct udp_io *u, struct burst *b, struct span datagram)
{
    if (b->pieces > 0 && datagram.n > b->piece)
        send_burst(u, b);
    if (b->pieces == 0)
        b->piece = datagram.n;
    memcpy(b->bytes + b->n, datagram.p, datagram.n);
    b->n += datagram.n;
    b->pieces++;
    if (datagram.n < b->piece || b->pieces == BURST_PIECES)
        send_burst(u, b);
}

static void send_all_2(struct udp_io *u)
{
    char datagram[DATAGRAM_SIZE_2_MAX];
    int64_t now_us = os_clock_us();
    struct burst b;
    size_t n;
    b.n = b.pieces = 0;
    while ((n = udp2_poll(&u->two, datagram, now_us)) > 0)
        add_to_burst(u, &b, span_of(datagram, n));
    send_burst(u, &b);
}

/* Version 1: for how many milliseconds a datagram must wait. Asked until it is 0, which counts. */
static int64_t wait_ms_1(struct udp_io *u, size_t bytes, bool *paced)
{
    int64_t ms = *paced ? 0 : udp1_pace_ms(&u->one, os_clock_us());
    *paced = ms == 0;
    return ms == 0 && u->hold_ms ? u->hold_ms(u->hold_ctx, bytes) : ms;
}

/* Version 1: waits until the datagram may be sent and there is room, then sends it once. */
static enum io_result send_one_1(struct udp_io *u, struct span datagram, int64_t deadline_ms)
{
    int64_t hold_ms;
    bool paced = false;
    while ((hold_ms = wait_ms_1(u, datagram.n, &paced)) > 0) {
        int64_t until_ms = socket_io_write_until(&u->net, deadline_ms);
        if (os_clock_ms() >= until_ms)
            return IO_TIMEOUT;
        until_ms = earlier(until_ms, os_clock_ms() + hold_ms);
        socket_io_wait(&u->net, OS_WAIT_NOTHING, os_clock_ms_to_us(until_ms));
    }
    while (os_net_write(u->net.fd, datagram.p, datagram.n) < 0) {
        if (errno != EAGAIN) {
            u->end = UDP_IO_BROKEN;
            return IO_CLOSED;
        }
        int64_t until_ms = socket_io_write_until(&u->net, deadline_ms);
        if (socket_io_wait(&u->net, OS_WAIT_ROOM, os_clock_ms_to_us(until_ms)) == OS_TIMEOUT)
            return IO_TIMEOUT;
    }
    return IO_OK;
}

/* --- reading and writing --- */

static bool is_ready(const struct udp_io *u)
{
    return u->version == 2 ? udp2_ready(&u->two) : udp1_ready(&u->one);
}

/* When there is something to do even if nothing comes. */
static int64_t timer_us(const struct udp_io *u)
{
    if (u->version == 2)
        return udp2_timer(&u->two);
    return u->one.gap_us == INT64_MAX ? INT64_MAX : u->one.gap_us + os_clock_ms_to_us(u->gap_ms);
}

/* Whether nothing more will come. */
static bool is_over(struct udp_io *u)
{
    if (u->end != UDP_IO_ON)
        return true;
    if (u->version == 2 && (u->two.state == UDP2_ENDED || u->two.state == UDP2_FAILED))
        u->end = UDP_IO_OVER;
    if (u->version == 1 && os_clock_us() >= timer_us(u))
        u->end = UDP_IO_GAP;
    return u->end != UDP_IO_ON;
}

/* Receives what has come, within a bound, and sends what is due. */
static void receive_and_send(struct udp_io *u)
{
    for (int calls = 0; calls < COME_CALLS && u->end == UDP_IO_ON && receive_some(u); calls++)
        ;
    if (u->version == 2)
        send_all_2(u);
}

/* Waits for a datagram or the timer. */
static enum io_result await(struct udp_io *u, int64_t deadline_ms)
{
    int64_t deadline_us = os_clock_ms_to_us(deadline_ms);
    if (socket_io_wait(&u->net, OS_WAIT_INPUT, earlier(timer_us(u), deadline_us)) != OS_TIMEOUT)
        return IO_OK;
    return os_clock_us() < deadline_us ? IO_OK : IO_TIMEOUT;
}

static enum io_result await_data(struct udp_io *u, int64_t deadline_ms)
{
    enum io_result result = IO_OK;
    while (result == IO_OK) {
        if (socket_io_interrupted(&u->net))
            return IO_INTERRUPT;
        if (!is_ready(u))
            receive_and_send(u);
        if (is_ready(u))
            return IO_OK;
        if (is_over(u))
            return u->end == UDP_IO_GAP ? IO_LOST : IO_CLOSED;
        if (socket_io_take_wake(&u->net))
            return IO_INTERRUPT;
        result = await(u, deadline_ms);
    }
    if (result == IO_TIMEOUT && socket_io_interrupted(&u->net))
        return IO_INTERRUPT;
    return result;
}

static size_t read_2(struct udp_io *u, char *bytes, size_t size)
{
    int64_t now_us = os_clock_us();
    size_t n = udp2_read(&u->two, bytes, size, now_us);
    udp2_listen(&u->two, false, now_us);
    send_all_2(u);
    return n;
}

static enum io_result udp_read(struct io *io, void *bytes, size_t size, int64_t deadline_ms,
                               size_t *n)
{
    struct udp_io *u = (struct udp_io *)(void *)io;
    if (u->version == 2)
        udp2_listen(&u->two, true, os_clock_us());
    enum io_result result = await_data(u, deadline_ms);
    if (result == IO_OK)
        *n = u->version == 2 ? read_2(u, bytes, size) : udp1_read(&u->one, bytes, size);
    return result;
}

/* Takes bytes from the front of *rest, and sends the datagram if it is complete. */
static enum io_result write_1(struct udp_io *u, struct span *rest, int64_t deadline_ms)
{
    char datagram[DATAGRAM_MAX];
    *rest = span_skip(*rest, udp1_write(&u->one, *rest));
    size_t n = udp1_poll(&u->one, datagram);
    return n > 0 ? send_one_1(u, span_of(datagram, n), deadline_ms) : IO_OK;
}

static enum io_result write_2(struct udp_io *u, struct span *rest, int64_t deadline_ms)
{
    uint64_t una = u->two.una;
    size_t n = udp2_write(&u->two, *rest);
    *rest = span_skip(*rest, n);
    send_all_2(u);
    if (n > 0)
        return IO_OK;
    receive_and_send(u);
    if (is_over(u))
        return IO_CLOSED;
    if (u->two.una > una)
        return IO_OK; /* there is room now */
    return await(u, socket_io_write_until(&u->net, deadline_ms));
}

static enum io_result udp_write(struct io *io, const void *bytes, size_t size, int64_t deadline_ms)
{
    struct udp_io *u = (struct udp_io *)(void *)io;
    struct span rest = span_of(bytes, size);
    enum io_result result = IO_OK;
    while (rest.n > 0 && result == IO_OK) {
        if (socket_io_must_end(&u->net))
            return IO_TIMEOUT;
        if (is_over(u) && u->end != UDP_IO_GAP)
            return IO_CLOSED;
        result = u->version == 2 ? write_2(u, &rest, deadline_ms) : write_1(u, &rest, deadline_ms);
    }
    return result;
}

/* --- a session --- */

static void init(struct udp_io *u, int fd, unsigned version)
{
    *u = (struct udp_io){.version = version, .gap_ms = GAP_MS};
    socket_io_init(&u->net, fd);
    u->net.io = (struct io){.read = udp_read, .write = udp_write};
}

void udp_io_init_1(struct udp_io *u, int fd, size_t size)
{
    init(u, fd, 1);
    udp1_init(&u->one, size, os_clock_us());
}

void udp_io_init_2(struct udp_io *u, int fd, uint64_t id, size_t size)
{
    init(u, fd, 2);
    udp2_init(&u->two, id, size, os_clock_us());
}

void udp_io_limit(struct udp_io *u, struct reorder_memory memory)
{
    if (u->version == 2)
        u->two.in.memory = memory;
    else
        u->one.in.memory = memory;
}

void udp_io_limit_sent(struct udp_io *u, struct reorder_memory memory)
{
    if (u->version == 2)
        u->two.memory = memory;
}

void udp_io_free(struct udp_io *u)
{
    if (u->version == 2)
        udp2_free(&u->two);
    else
        udp1_free(&u->one);
}

void udp_io_take(struct udp_io *u, struct span datagram)
{
    if (!is_over(u))
        take_one(u, datagram);
}

void udp_io_restart(struct udp_io *u)
{
    size_t size_max = u->one.size_max;
    udp1_free(&u->one);
    const struct reorder_memory memory = u->one.in.memory;
    udp1_init(&u->one, size_max, os_clock_us());
    udp_io_limit(u, memory);
    u->end = UDP_IO_ON;
    u->received = 0;
    take_one(u, span_of(u->first, u->first_bytes));
}

void udp_io_pause(struct udp_io *u, int64_t ms)
{
    int64_t until_ms = os_clock_ms() + ms;
    do
        receive_and_send(u);
    while (!socket_io_interrupted(&u->net) && !is_over(u) && await(u, until_ms) != IO_TIMEOUT);
    if (u->version == 2) {
        udp2_hurry(&u->two, os_clock_us());
        send_all_2(u);
    }
}

void udp_io_finish(struct udp_io *u)
{
    if (u->version != 2)
        return;
    udp2_end(&u->two, os_clock_us());
    while (receive_and_send(u), !is_over(u))
        await(u, IO_FOREVER);
}
