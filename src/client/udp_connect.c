/* SPDX-License-Identifier: ISC */
#include "client/udp_connect.h"

#include <errno.h>
#include <string.h>

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
    int fd;
    size_t size;
    unsigned asked;
    int64_t asked_us, give_up_us;
    char second[DATAGRAM_MAX]; /* version 1: a datagram that has overtaken the first one */
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
        *why = os_error_text(errno);
    return false;
}

/* Asks one address until it answers or it is time to give up. */
static bool try_address(struct udp_io *u, struct attempt *a, const char **why)
{
    *why = NULL;
    for (int64_t retry_us = COOKIE_RETRY_US; os_clock_us() < a->give_up_us;
         retry_us = COOKIE_RETRY_MAX_US) {
        char datagram[DATAGRAM_SIZE_MIN];
        size_t n = cookie_ask(datagram);
        os_udp_send(a->fd, span_of(datagram, n));
        a->asked++;
        a->asked_us = os_clock_us();
        int64_t until_us = a->asked_us + retry_us;
        until_us = until_us < a->give_up_us ? until_us : a->give_up_us;
        do {
            if (take_answer(u, a, why))
                return true;
            if (*why)
                return false;
        } while (os_wait_input(&a->fd, 1, until_us / 1000 + 1));
    }
    *why = "no answer";
    return false;
}

bool udp_connect(struct udp_io *u, const struct address_place *place, size_t size, const char **why)
{
    int fds[ADDRESSES];
    int n = os_udp_connect(place, fds, ADDRESSES, why);
    bool answered = false;
    for (int i = 0; i < n; i++) {
        struct attempt a = {
            .fd = fds[i], .size = size, .give_up_us = os_clock_us() + COOKIE_GIVE_UP_US / n};
        answered = answered || try_address(u, &a, why);
        if (!answered || u->net.fd != fds[i])
            os_net_close(fds[i]);
    }
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
