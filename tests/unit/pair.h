/* SPDX-License-Identifier: ISC */
/*
 * pair: a TCP connection within this machine, for tests.
 */
#ifndef UNIT_PAIR_H
#define UNIT_PAIR_H

#include "os/clock.h"
#include "os/net.h"
#include "os/wait.h"
#include "tap.h"

#define SOON_MS    50
#define PATIENT_MS 20000 /* only a defect makes a test wait this long */

static inline int64_t in_ms(int64_t ms)
{
    return os_clock_ms() + ms;
}

/* Two connected sockets, and the listener that accepted one of them. */
struct pair {
    int listener, client, server;
    struct os_net_peer peer; /* the client, as the server sees it */
    struct address_place place;
};

/* recv_ms: how long a recv of the server's end waits; 0: it is non-blocking. */
static inline bool pair_open_waiting(struct pair *p, int recv_ms)
{
    char address[OS_NET_ADDRESS_BYTES];
    unsigned port = 0;
    const char *why = "nothing";

    address_parse_place(SPAN("127.0.0.1:0"), &p->place);
    p->client = p->server = -1;
    if (os_net_listen(&p->place, 8, &p->listener, 1, &why) != 1 ||
        !os_net_local(p->listener, address, &port)) {
        diag("no listener: %s", why);
        return false;
    }
    snprintf(p->place.port, sizeof p->place.port, "%u", port);
    p->client = os_net_connect(&p->place, in_ms(PATIENT_MS), NULL, &why);
    if (os_wait_input(&p->listener, 1, in_ms(PATIENT_MS)))
        p->server = os_net_accept(p->listener, recv_ms, &p->peer);
    return p->client >= 0 && p->server >= 0;
}

static inline bool pair_open(struct pair *p)
{
    return pair_open_waiting(p, 0);
}

static inline void pair_close(struct pair *p)
{
    os_net_close(p->client);
    os_net_close(p->server);
    os_net_close(p->listener);
}

#endif
