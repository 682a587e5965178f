/* SPDX-License-Identifier: ISC */
/* A client that waits for its user still answers a server that probes it. How servers are reached
 * is tested in udp_connect_test, proxy_test and tests/it. */
#include "client/call.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/udp.h"
#include "os/wait.h"
#include "tap.h"
#include "udp/cookie.h"

#define ID         UINT64_C(0x0123456789abcdef)
#define PATIENT_MS 20000 /* only a defect makes a test wait so long */

struct server {
    int bound, terminal; /* where the user's line is typed */
    atomic_bool waits;   /* the client, for its user */
    bool acknowledged;
    pthread_t thread;
};

static bool wait_for_one(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, PATIENT_MS) == 1;
}

/* Answers the request for a cookie, and Start; gives the session. */
static bool begin(struct server *s, struct udp_io *u)
{
    static const char yes[] = "0000000015Answer|2|Yes|2|";
    char bytes[DATAGRAM_MAX], cookie[COOKIE_ANSWER_BYTES];
    struct os_udp_peer peer;
    int64_t n;

    if (!wait_for_one(s->bound) || os_udp_receive(s->bound, bytes, sizeof bytes, &peer) < 0)
        return false;
    os_udp_answer(s->bound, &peer, span_of(cookie, cookie_answer(cookie, ID)));
    if (!wait_for_one(s->bound) || (n = os_udp_receive(s->bound, bytes, sizeof bytes, &peer)) < 0)
        return false;
    udp_io_init_2(u, os_udp_session(s->bound, &peer), ID, DATAGRAM_SIZE_DEFAULT);
    udp_io_take(u, span_of(bytes, (size_t)n));
    return u->net.io.write(&u->net.io, yes, sizeof yes - 1, os_clock_ms() + PATIENT_MS) == IO_OK;
}

/* Whether an acknowledgement comes for a probe. One that came before does not count. */
static bool probe(int fd)
{
    char bytes[DATAGRAM_MAX];
    struct datagram d;
    int64_t n;

    while (os_udp_receive(fd, bytes, sizeof bytes, NULL) >= 0)
        ;
    os_udp_send(fd, span_of(bytes, datagram_close_2(bytes, 1, ID, 'P', 0)));
    return wait_for_one(fd) && (n = os_udp_receive(fd, bytes, sizeof bytes, NULL)) > 0 &&
           datagram_parse_2(span_of(bytes, (size_t)n), &d) && d.type == 0x06;
}

static void *serve(void *arg)
{
    struct server *s = arg;
    struct udp_io u;

    if (begin(s, &u)) {
        char over[DATAGRAM_SIZE_2_MIN];
        while (!atomic_load(&s->waits))
            poll(NULL, 0, 1);
        s->acknowledged = probe(u.net.fd);
        os_udp_send(u.net.fd, span_of(over, udp2_farewell(over, ID, 1, true)));
        os_net_close(u.net.fd);
        udp_io_free(&u);
    }
    if (write(s->terminal, "a line\n", 7) != 7)
        diag("no line: %s", strerror(errno));
    return NULL;
}

/* The terminal is a pipe: nothing is asked of it but lines. */
static bool open_server(struct server *s, struct address_place *place)
{
    char address[OS_NET_ADDRESS_BYTES];
    const char *why;
    unsigned port;
    int ends[2];

    address_parse_place(SPAN("127.0.0.1:0"), place);
    if (os_udp_bind(place, &s->bound, 1, &why) != 1 || os_udp_share(s->bound) != 0 ||
        !os_net_local(s->bound, address, &port) || pipe(ends) != 0 ||
        dup2(ends[0], STDIN_FILENO) < 0)
        return false;
    snprintf(place->port, sizeof place->port, "%u", port);
    s->terminal = ends[1];
    return pthread_create(&s->thread, NULL, serve, s) == 0;
}

static void test_thinking(void)
{
    struct call_way way = {.udp_datagram = DATAGRAM_SIZE_DEFAULT, .idle_ms = 60000};
    struct address_place place;
    struct server s = {.acknowledged = false};
    struct call call;
    struct buf line;

    if (!open_server(&s, &place))
        return ok(false, "call: the test has a server and a terminal"), (void)0;
    call_init(&call, &way);
    is_int(call_open(&call, &place), REPLY_OK, "call_open: begins a session in version 2 over UDP");
    atomic_store(&s.waits, true);
    buf_init(&line, 100);
    ok(os_tty_line(&line, true) && span_eq(buf_span(&line), SPAN("a line")),
       "a line is waited for");
    pthread_join(s.thread, NULL);
    ok(s.acknowledged, "call_open: the server's question is answered while the user types");
    call_close(&call);
    buf_free(&line);
    os_net_close(s.bound);
}

int main(void)
{
    os_wake_setup();
    test_thinking();
    return done_testing();
}
