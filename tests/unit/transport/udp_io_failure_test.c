/* SPDX-License-Identifier: ISC */
/* Sessions over UDP whose system refuses to send, or to receive, for a while or for good. */
#include "udp_io_pair.h"

/* --- the system --- */

static struct {
    int error, calls; /* the next calls fail with this errno */
} pieces, write_calls, receive_calls;
static int sent_pieces; /* calls that sent several datagrams */

#define REPLACED(type, name, parameters)                  \
    type real_##name parameters __asm__("__real_" #name); \
    type here_##name parameters __asm__("__wrap_" #name); \
    type here_##name parameters

#define FAILS(what) ((what).calls > 0 && ((what).calls--, errno = (what).error))

REPLACED(bool, os_udp_send_pieces, (int fd, struct span bytes, size_t size))
{
    if (FAILS(pieces))
        return false;
    sent_pieces += bytes.n > size;
    return real_os_udp_send_pieces(fd, bytes, size);
}

REPLACED(int64_t, os_net_write, (int fd, const void *bytes, size_t size))
{
    return FAILS(write_calls) ? -1 : real_os_net_write(fd, bytes, size);
}

REPLACED(int64_t, os_udp_receive_pieces, (int fd, char *bytes, size_t size, size_t *piece))
{
    return FAILS(receive_calls) ? -1 : real_os_udp_receive_pieces(fd, bytes, size, piece);
}

static char text[20000];

/* Frames of so many bytes together. */
static struct span frame_of(size_t bytes)
{
    snprintf(text, 11, "%010zu", bytes - 10);
    memset(text + 10, 'x', bytes - 10);
    return span_of(text, bytes);
}

static bool arrives(struct pair *p, size_t bytes)
{
    size_t total = 0, n;
    char got[20000];

    while (total < bytes &&
           read_at(&p->server, got + total, sizeof got - total, in_ms(PATIENT_MS), &n) == IO_OK)
        total += n;
    return total == bytes && memcmp(got, text, bytes) == 0;
}

/* --- version 2 --- */

/* A system or a device that cannot send several datagrams with one call. */
static void test_one_by_one(void)
{
    static const int errors[] = {EINVAL, EIO, EMSGSIZE, EOPNOTSUPP};

    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        struct pair p;
        pair_open(&p, 2);
        pieces.error = errors[i];
        pieces.calls = 1;
        is_int(write_at(&p.client, frame_of(5000), in_ms(PATIENT_MS)), IO_OK,
               "udp_io: several datagrams cannot be sent at once: error %d", errors[i]);
        ok(p.client.one_by_one, "... so from now on each has a call of its own");
        ok(arrives(&p, 5000) && p.client.two.count.repeated == 0, "... and nothing is lost");
        sent_pieces = 0;
        write_at(&p.client, frame_of(5000), in_ms(PATIENT_MS));
        is_int(sent_pieces, 0, "... nor tried again");
        pair_close(&p);
    }
}

/* Datagrams that cannot be sent now are lost, and come later. */
static void test_lost(void)
{
    struct pair p;

    pair_open(&p, 2);
    pieces.error = ENOBUFS;
    pieces.calls = 1;
    is_int(write_at(&p.client, frame_of(5000), in_ms(PATIENT_MS)), IO_OK,
           "udp_io: the system has no room for datagrams");
    ok(!p.client.one_by_one && p.client.end == UDP_IO_ON, "... which is no reason to do otherwise");
    pieces.calls = 1;
    is_int(write_at(&p.client, SPAN("0000000001x"), in_ms(PATIENT_MS)), IO_OK,
           "udp_io: nor if it is only one datagram");
    pair_close(&p);
}

static void test_refused(void)
{
    struct pair p;
    char byte;
    size_t n;

    pair_open(&p, 2);
    pieces.error = ECONNREFUSED;
    pieces.calls = 1;
    is_int(write_at(&p.client, frame_of(5000), in_ms(PATIENT_MS)), IO_OK,
           "udp_io: nobody is there any more");
    is_int(p.client.end, UDP_IO_BROKEN, "... so the session is broken");
    is_int(write_at(&p.client, SPAN("0000000000"), in_ms(PATIENT_MS)), IO_CLOSED, "... for writes");
    is_int(read_at(&p.client, &byte, 1, in_ms(PATIENT_MS), &n), IO_CLOSED, "... and for reads");
    udp_io_take(&p.client, SPAN("anything"));
    int64_t begin_ms = os_clock_ms();
    udp_io_pause(&p.client, PATIENT_MS);
    ok(os_clock_ms() - begin_ms < PATIENT_MS, "udp_io_pause: does not wait in a broken session");
    pair_close(&p);
}

/* The window is full when the system can receive no more. */
static void test_broken_write(void)
{
    struct pair p;
    static char many[1 << 20];

    memcpy(many, "0001048566", 10);
    pair_open(&p, 2);
    is_int(write_at(&p.client, span_of(many, sizeof many), in_ms(SOON_MS)), IO_TIMEOUT,
           "udp_io: the window is full");
    receive_calls.error = ENOMEM;
    receive_calls.calls = 1;
    is_int(write_at(&p.client, span_of(many, sizeof many), in_ms(PATIENT_MS)), IO_CLOSED,
           "udp_io: a write ends if nothing can be received");
    is_int(p.client.end, UDP_IO_BROKEN, "... because the session is broken");
    pair_close(&p);
}

/* --- version 1 --- */

static void test_room(void)
{
    struct pair p;

    pair_open(&p, 1);
    write_calls.error = EAGAIN;
    write_calls.calls = 3;
    is_int(write_at(&p.client, frame_of(100), in_ms(PATIENT_MS)), IO_OK,
           "udp_io, version 1: waits for room");
    ok(write_calls.calls == 0 && arrives(&p, 100), "... and then sends");
    write_calls.calls = 1 << 30;
    is_int(write_at(&p.client, frame_of(100), in_ms(SOON_MS)), IO_TIMEOUT,
           "udp_io, version 1: until the deadline");
    is_int(p.client.end, UDP_IO_ON, "... which breaks nothing");
    write_calls.error = EPERM;
    write_calls.calls = 1;
    is_int(write_at(&p.client, frame_of(100), in_ms(PATIENT_MS)), IO_CLOSED,
           "udp_io, version 1: a datagram that cannot be sent ends the session");
    is_int(p.client.end, UDP_IO_BROKEN, "... which is broken");
    pair_close(&p);
}

/* The first datagram of a new session has the largest size that there is. */
static void test_largest_restart(void)
{
    struct pair p;
    char datagram[DATAGRAM_MAX], byte;
    size_t n, body = sizeof datagram - DATAGRAM_NUMBER;

    pair_open(&p, 1);
    write_at(&p.client, SPAN("0000000003abc"), in_ms(PATIENT_MS));
    ok(reads(&p.server, "0000000003abc"), "udp_io, version 1: a session");
    p.server.one.heard_us -= UDP1_RESTART_US;
    memset(datagram, '0', sizeof datagram);
    datagram[DATAGRAM_NUMBER - 1] = '1';
    memcpy(datagram + DATAGRAM_NUMBER, frame_of(body).p, body);
    send(p.client.net.fd, datagram, sizeof datagram, 0);
    is_int(read_at(&p.server, &byte, 1, in_ms(PATIENT_MS), &n), IO_CLOSED,
           "udp_io, version 1: another session begins with the largest datagram");
    is_int(p.server.end, UDP_IO_RESTART, "... so this one ends");
    udp_io_restart(&p.server);
    ok(arrives(&p, body), "udp_io_restart: all of it is there");
    pair_close(&p);
}

/* --- both --- */

static bool is_second(void *ctx)
{
    int *asked = ctx;

    return ++*asked > 1;
}

/* The owner is wanted while a read waits, and no signal says so. */
static void test_late_want(unsigned version)
{
    struct pair p;
    int asked = 0;
    char byte;
    size_t n;

    pair_open(&p, version);
    p.server.net.interrupted = is_second;
    p.server.net.ctx = &asked;
    is_int(read_at(&p.server, &byte, 1, in_ms(SOON_MS), &n), IO_INTERRUPT,
           "udp_io, version %u: at the deadline a read tells that its owner is wanted", version);
    pair_close(&p);
}

static bool refuse_memory(void *ctx, size_t bytes)
{
    int *asked = ctx;

    ++*asked;
    return bytes == 0;
}

static void test_limit_sent(void)
{
    struct pair p;
    int asked = 0;

    pair_open(&p, 1);
    udp_io_limit_sent(&p.client, (struct reorder_memory){refuse_memory, &asked});
    is_int(write_at(&p.client, frame_of(100), in_ms(PATIENT_MS)), IO_OK,
           "udp_io_limit_sent: version 1 keeps nothing that it has sent");
    ok(arrives(&p, 100) && asked == 0, "... so there is nothing to limit");
    pair_close(&p);
}

int main(void)
{
    test_one_by_one();
    test_lost();
    test_refused();
    test_broken_write();
    test_room();
    test_largest_restart();
    test_late_want(1);
    test_late_want(2);
    test_limit_sent();
    return done_testing();
}
