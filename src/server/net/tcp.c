/* SPDX-License-Identifier: ISC */
#include "net/tcp.h"

#include <stdlib.h>

#include "os/clock.h"
#include "session/session.h"

#define LINGER_MS    1000 /* how long to wait for the client to close its side after us */
#define LINGER_BYTES (16 * 1024 * 1024)
#define AWAY_BYTES   (64 * 1024) /* that a client we refuse may have sent already */

struct tcp {
    struct transport transport; /* first: a pointer to one is a pointer to the other */
    struct socket_io net;
    bool on_stack;
};

void tcp_pause(struct transport *t, int64_t ms)
{
    socket_io_pause(t->net, ms);
}

/* Reads what has arrived: closing with unread input would discard our last answer. */
const char *tcp_close(struct transport *t, bool turned_away)
{
    struct tcp *tcp = (struct tcp *)t;
    if (turned_away)
        os_net_linger_close(t->net->fd, AWAY_BYTES, os_clock_ms());
    else
        os_net_linger_close(t->net->fd, LINGER_BYTES, os_clock_ms() + LINGER_MS);
    if (!tcp->on_stack)
        free(tcp);
    return NULL;
}

const struct transport_kind tcp_kind = {.name = "tcp",
                                        .talk = &session_conversation,
                                        .proxies = true,
                                        .pause = tcp_pause,
                                        .close = tcp_close};

static void tcp_init(struct tcp *tcp, const struct transport_kind *kind, int fd,
                     const struct os_net_peer *peer)
{
    socket_io_init(&tcp->net, fd);
    tcp->transport = (struct transport){kind, &tcp->net, *peer};
}

struct transport *tcp_new(const struct transport_kind *kind, int fd, const struct os_net_peer *peer)
{
    struct tcp *tcp = calloc(1, sizeof *tcp);
    if (!tcp)
        return NULL;
    tcp_init(tcp, kind, fd, peer);
    return &tcp->transport;
}

void tcp_turn_away(const struct transport_kind *kind, int fd, const struct os_net_peer *peer,
                   struct registry *r, void (*turn_away)(struct registry *r, struct transport *t))
{
    struct tcp tcp = {.on_stack = true};
    tcp_init(&tcp, kind, fd, peer);
    turn_away(r, &tcp.transport);
}
