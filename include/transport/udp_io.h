/* SPDX-License-Identifier: ISC */
/*
 * udp_io: one end of a session over UDP as a struct io (docs/udp.md). It carries the same stream of
 * frames in length form as socket_io. Only the owner's calls drive the protocol: between them
 * nothing is acknowledged or repeated. For one thread.
 */
#ifndef TRANSPORT_UDP_IO_H
#define TRANSPORT_UDP_IO_H

#include "transport/socket_io.h"
#include "udp/udp1.h"
#include "udp/udp2.h"

enum udp_io_end {
    UDP_IO_ON,
    UDP_IO_GAP,     /* version 1: a datagram was missing for too long; writes still work */
    UDP_IO_RESTART, /* version 1: the client begins a new session: udp_io_restart */
    UDP_IO_OVER,    /* version 2: udp2's state and why tell more */
    UDP_IO_BROKEN   /* the system says that nobody is there, or is out of memory */
};

struct udp_io {
    struct socket_io net; /* first: a pointer to one is a pointer to the other */
    unsigned version;     /* 1 or 2 */
    union {
        struct udp1 one;
        struct udp2 two;
    };
    enum udp_io_end end;
    int64_t gap_ms;    /* version 1: how long to wait for a missing datagram */
    uint64_t received; /* version 1: bytes of all datagrams that came in this session */

    /*
     * Version 1, where the client's address may be forged: returns for how many milliseconds a
     * datagram of this size must wait before it may be sent; 0 if it may be sent now, and then
     * counts it as sent. NULL: nothing has to wait for more than udp1_pace_ms.
     */
    int64_t (*hold_ms)(void *ctx, size_t bytes);
    void *hold_ctx;

    bool started;    /* private: has received from the socket itself */
    bool one_by_one; /* version 2: one call for each datagram, if the system cannot do better */

    char first[DATAGRAM_MAX]; /* UDP_IO_RESTART: the first datagram of the new session */
    size_t first_bytes;
};

/*
 * Begins a session on a connected socket, which stays the caller's, with datagrams of at most size
 * bytes; in version 1 they may be shorter (udp1.h). Set the other members afterwards. Until the
 * first read, write or pause the caller may receive from the socket with os_udp_receive.
 */
void udp_io_init_1(struct udp_io *u, int fd, size_t size);
void udp_io_init_2(struct udp_io *u, int fd, uint64_t id, size_t size);

/*
 * Limits the memory for datagrams that wait, and in version 2 for a larger window, see reorder.h;
 * and in version 2 for more than the first UDP2_SEND_FIRST datagrams kept until they are
 * acknowledged. By default there is no limit.
 */
void udp_io_limit(struct udp_io *u, struct reorder_memory memory);
void udp_io_limit_sent(struct udp_io *u, struct reorder_memory memory);

/* Frees the memory. Does not close the socket. */
void udp_io_free(struct udp_io *u);

/* Hands in a datagram that came to another socket, as the first ones of a session do. */
void udp_io_take(struct udp_io *u, struct span datagram);

/* After UDP_IO_RESTART: begins the new session with the same client on the same socket. */
void udp_io_restart(struct udp_io *u);

/* Like socket_io_pause; keeps the session alive meanwhile. */
void udp_io_pause(struct udp_io *u, int64_t ms);

/* Version 2: ends the session, and returns when all data is delivered or udp2 gives up. */
void udp_io_finish(struct udp_io *u);

#endif
