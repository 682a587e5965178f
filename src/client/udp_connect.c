/* SPDX-License-Identifier: ISC */
#include "client/udp_connect.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client/language.h"
#include "os/clock.h"
#include "os/error.h"
#include "os/udp.h"
#include "os/wait.h"
#include "udp/cookie.h"
#include "udp/hello.h"

#define ADDRESSES 8
#define LEAVE_MS  1000

/* One address, how often it was asked, and when. */
struct attempt {
    int fd; /* -1: it has failed */
    size_t size;
    unsigned asked;
    int64_t asked_us, again_us; /* when it was asked last, and when to ask next */
    char second[DATAGRAM_MAX];  /* version 1: a datagram that has overtaken the first one */
    size_t second_n;
};

static void begin_1(struct udp_io *u, const struct attempt *a, struct span answer)
{
    char sent[DATAGRAM_MAX];
    udp_io_init_1(u, a->fd, a->size);
    udp1_write(&u->one, SPAN(COOKIE_REQUEST));
    udp1_poll(&u->one, sent);
    udp_io_take(u, answer);
    udp_io_take(u, span_of(a->second, a->second_n));
}

/* In version 1 an answer may have two datagrams. */
static void keep_second(struct attempt *a, struct span datagram)
{
    struct datagram d;
    if (!datagram_parse_1(datagram, &d) || d.number != 2)
        return;
    memcpy(a->second, datagram.p, datagram.n);
    a->second_n = datagram.n;
}

static void begin_2(struct udp_io *u, const struct attempt *a, uint64_t id)
{
    udp_io_init_2(u, a->fd, id, a->size);
    if (a->asked == 1)
        udp2_round_trip(&u->two, os_clock_us() - a->asked_us);
}

/* Reads what has arrived. False: no answer yet; *why is set when there will never be one. */
static bool take_answer(struct udp_io *u, struct attempt *a, const char **why)
{
    char bytes[DATAGRAM_MAX];
    struct datagram d;
    int64_t n;
    while ((n = os_udp_receive(a->fd, bytes, sizeof bytes, NULL)) >= 0) {
        struct span answer = span_of(bytes, (size_t)n);
        switch (hello_read(answer, &d)) {
        case HELLO_COOKIE:
            begin_2(u, a, d.id);
            return true;
        case HELLO_WELCOME: /* the server took the request for the first frame of a session */
        case HELLO_ANSWER:
        case HELLO_REFUSED:
            begin_1(u, a, answer);
            return true;
        case HELLO_STRANGE:
            keep_second(a, answer);
            break;
        case HELLO_ASKS:
        case HELLO_BEGINS:
        case HELLO_VERSION_2:
            break;
        }
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK)
        *why = _(os_error_text(errno));
    return false;
}

/* The addresses of a server, in the order in which they are asked. */
struct race {
    struct attempt attempts[ADDRESSES];
    int n;
    int64_t give_up_us;
};

static void ask(struct attempt *a)
{
    char datagram[DATAGRAM_SIZE_MIN];
    os_udp_send(a->fd, span_of(datagram, cookie_ask(datagram)));
    a->asked_us = os_clock_us();
    a->again_us = a->asked_us + (a->asked == 0 ? COOKIE_RETRY_US : COOKIE_RETRY_MAX_US);
    a->asked++;
}

/* Asks the addresses whose time has come. Returns when to look again. */
static int64_t ask_those_due(struct race *r)
{
    int64_t now_us = os_clock_us(), next_us = r->give_up_us;
    for (int i = 0; i < r->n; i++) {
        struct attempt *a = &r->attempts[i];
        if (a->fd < 0)
            continue;
        if (a->again_us <= now_us)
            ask(a);
        next_us = a->again_us < next_us ? a->again_us : next_us;
    }
    return next_us;
}

/* An address has failed: the next one that has not been asked has waited for this. */
static void advance(struct race *r)
{
    for (int i = 0; i < r->n; i++)
        if (r->attempts[i].fd >= 0 && r->attempts[i].asked == 0) {
            r->attempts[i].again_us = os_clock_us();
            return;
        }
}

/* Waits until then for the addresses that have not failed. Returns false if all have. */
static bool wait_for_any(const struct race *r, int64_t until_us)
{
    int fds[ADDRESSES], n = 0;
    for (int i = 0; i < r->n; i++)
        if (r->attempts[i].fd >= 0)
            fds[n++] = r->attempts[i].fd;
    if (n > 0)
        os_wait_input(fds, n, until_us / 1000 + 1);
    return n > 0;
}

static bool take_any_answer(struct race *r, struct udp_io *u, const char **why)
{
    for (int i = 0; i < r->n; i++) {
        struct attempt *a = &r->attempts[i];
        const char *failed = NULL;
        if (a->fd < 0)
            continue;
        if (take_answer(u, a, &failed))
            return true;
        if (!failed)
            continue;
        *why = failed;
        os_net_close(a->fd);
        a->fd = -1;
        advance(r);
    }
    return false;
}

static void tell_race(const struct race *r, struct os_net_waiting *waiting)
{
    char tried[ADDRESSES * (OS_NET_ADDRESS_BYTES + 2)] = "";
    unsigned port;
    size_t n = 0;
    if (!os_net_is_time(waiting))
        return;
    for (int i = 0; i < r->n; i++) {
        char address[OS_NET_ADDRESS_BYTES];
        if (r->attempts[i].fd >= 0 && os_net_remote(r->attempts[i].fd, address, &port))
            n += (size_t)snprintf(tried + n, sizeof tried - n, "%s%s", n > 0 ? ", " : "", address);
    }
    os_net_tell(waiting, tried);
}

/* Asks until one answers, all have failed, or it is time to give up. */
static bool run_race(struct race *r, struct udp_io *u, struct os_net_waiting *waiting,
                     const char **why)
{
    while (os_clock_us() < r->give_up_us) {
        int64_t next_us = ask_those_due(r);
        int64_t tell_us = waiting ? os_clock_ms_to_us(waiting->at_ms) : OS_FOREVER;
        if (!wait_for_any(r, next_us < tell_us ? next_us : tell_us))
            return false;
        if (take_any_answer(r, u, why))
            return true;
        tell_race(r, waiting);
    }
    *why = _("no answer");
    return false;
}

bool udp_connect(struct udp_io *u, const struct address_place *place, size_t size,
                 struct os_net_waiting *waiting, const char **why)
{
    int fds[ADDRESSES];
    struct race r = {.n = os_udp_connect(place, fds, ADDRESSES, waiting, why)};
    int64_t begin_us = os_clock_us();
    r.give_up_us = begin_us + COOKIE_GIVE_UP_US;
    for (int i = 0; i < r.n; i++)
        r.attempts[i] = (struct attempt){
            .fd = fds[i], .size = size, .again_us = begin_us + i * OS_NET_NEXT_MS * INT64_C(1000)};
    bool answered = r.n > 0 && run_race(&r, u, waiting, why);
    for (int i = 0; i < r.n; i++)
        if (!answered || r.attempts[i].fd != u->net.fd)
            os_net_close(r.attempts[i].fd);
    return answered;
}

void udp_connect_leave(struct udp_io *u)
{
    static const char exit_frame[] = "0000000007Exit|0|";
    if (u->version == 1)
        u->net.io.write(&u->net.io, exit_frame, sizeof exit_frame - 1, os_clock_ms() + LEAVE_MS);
    else
        udp_io_finish(u);
}
