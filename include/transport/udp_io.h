/*
 * udp_io: one end of a session over UDP as an io (docs/udp.md), as socket_io is one over TCP:
 * what is read and written is the same stream of frames in length form. Its owner's calls are all
 * that drives the protocol: between them nothing is acknowledged, and nothing repeated. For one
 * thread.
 */
#ifndef TRANSPORT_UDP_IO_H
#define TRANSPORT_UDP_IO_H

#include "transport/socket_io.h"
#include "udp/udp1.h"
#include "udp/udp2.h"

enum udp_io_end {
    UDP_IO_ON,
    UDP_IO_GAP,     /* version 1: a datagram was missing for too long; writes still go */
    UDP_IO_RESTART, /* version 1: the client begins anew, see udp_io_restart */
    UDP_IO_OVER,    /* version 2: udp2's state and why say more */
    UDP_IO_BROKEN   /* the system says that nobody is there, or has no more memory */
};

struct udp_io {
    struct socket_io net; /* first: a pointer to one is a pointer to the other */
    unsigned version;     /* 1 or 2 */
    union {
        struct udp1 one;
        struct udp2 two;
    };
    enum udp_io_end end;
    int64_t gap_ms; /* version 1: so long a missing datagram is waited for */

    /*
     * Version 1, where the address may be a forged one: for how many milliseconds so many bytes
     * have to wait before they may be sent there; 0: not at all, they are taken as sent. NULL:
     * nothing has to.
     */
    int64_t (*hold_ms)(void *ctx, size_t bytes);
    void *hold_ctx;

    bool started;    /* private: has received for itself */
    bool one_by_one; /* version 2: a call for each datagram, where the system can do no better */

    char first[DATAGRAM_MAX]; /* version 1: the datagram with which the client begins anew */
    size_t first_bytes;
};

/*
 * A session on a connected socket, with datagrams of at most so many bytes. Set the rest after.
 * Until the first read, write or pause the socket may be received from with os_udp_receive.
 */
void udp_io_init_1(struct udp_io *u, int fd, size_t size);
void udp_io_init_2(struct udp_io *u, int fd, uint64_t id, size_t size);

/* Does not close the socket. */
void udp_io_free(struct udp_io *u);

/* Hands in what came elsewhere: of a session that begins, the first datagrams. */
void udp_io_take(struct udp_io *u, struct span datagram);

/* UDP_IO_RESTART: begins another session with the same client on the same socket. */
void udp_io_restart(struct udp_io *u);

/* As socket_io_pause; meanwhile the session is kept alive. */
void udp_io_pause(struct udp_io *u, int64_t ms);

/* Version 2: brings over what has been written, as far as it can be until udp2 gives up. */
void udp_io_finish(struct udp_io *u);

#endif
