/* SPDX-License-Identifier: ISC */
/*
 * udp_io_pair: a session over UDP within this machine, for tests: both of its ends.
 */
#ifndef UDP_IO_PAIR_H
#define UDP_IO_PAIR_H

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "os/clock.h"
#include "os/udp.h"
#include "tap.h"
#include "transport/udp_io.h"

#define SOON_MS    50
#define PATIENT_MS 20000 /* only a defect makes a test wait this long */
#define ID         UINT64_C(0x0123456789abcdef)
#define SIZE       1024

static inline int64_t in_ms(int64_t ms)
{
    return os_clock_ms() + ms;
}

/* Two ends of a session, and the bound socket of the server. */
struct pair {
    int bound;
    struct udp_io client, server;
};

static inline bool sockets(struct pair *p, int *client, int *server)
{
    char address[OS_NET_ADDRESS_BYTES], bytes[8];
    struct address_place place;
    struct os_udp_peer peer;
    unsigned port = 0;
    const char *why = "nothing";

    address_parse_place(SPAN("127.0.0.1:0"), &place);
    if (os_udp_bind(&place, &p->bound, 1, &why) != 1 || os_udp_share(p->bound) != 0 ||
        !os_net_local(p->bound, address, &port)) {
        diag("no socket: %s", why);
        return false;
    }
    snprintf(place.port, sizeof place.port, "%u", port);
    if (os_udp_connect(&place, client, 1, NULL, &why) != 1)
        return false;
    send(*client, "hello", 5, 0);
    while (os_udp_receive(p->bound, bytes, sizeof bytes, &peer) < 0 && errno == EAGAIN)
        ;
    *server = os_udp_session(p->bound, &peer);
    return *server >= 0;
}

static inline void pair_open(struct pair *p, unsigned version)
{
    int client = -1, server = -1;

    if (!sockets(p, &client, &server)) {
        printf("Bail out! two sockets do not meet\n");
        exit(1);
    }
    if (version == 2) {
        udp_io_init_2(&p->client, client, ID, SIZE);
        udp_io_init_2(&p->server, server, ID, SIZE);
    } else {
        udp_io_init_1(&p->client, client, SIZE);
        udp_io_init_1(&p->server, server, SIZE);
        p->client.one.size = p->server.one.size = SIZE; /* each has heard such a datagram */
    }
}

static inline void end_close(struct udp_io *u)
{
    udp_io_free(u);
    os_net_close(u->net.fd);
}

static inline void pair_close(struct pair *p)
{
    end_close(&p->client);
    end_close(&p->server);
    os_net_close(p->bound);
}

static inline enum io_result read_at(struct udp_io *u, char *bytes, size_t size,
                                     int64_t deadline_ms, size_t *n)
{
    *n = 0;
    return u->net.io.read(&u->net.io, bytes, size, deadline_ms, n);
}

static inline enum io_result write_at(struct udp_io *u, struct span s, int64_t deadline_ms)
{
    return u->net.io.write(&u->net.io, s.p, s.n, deadline_ms);
}

/* Whether the next bytes are those of text. */
static inline bool reads(struct udp_io *u, const char *text)
{
    size_t wanted = strlen(text), got = 0, n;
    char bytes[256] = "";

    while (got < wanted) {
        if (read_at(u, bytes + got, wanted - got, in_ms(PATIENT_MS), &n) != IO_OK)
            return false;
        got += n;
    }
    return memcmp(bytes, text, wanted) == 0;
}

#endif
