/* SPDX-License-Identifier: ISC */
/*
 * hello: what the first datagram from an address is, for a server that hears of a new client and
 * for a client that has asked for a cookie (docs/udp.md). Pure.
 */
#ifndef UDP_HELLO_H
#define UDP_HELLO_H

#include "udp/datagram.h"

enum hello {
    HELLO_STRANGE,   /* none of these */
    HELLO_ASKS,      /* a client asks for a cookie; in version 1 the same as HELLO_BEGINS */
    HELLO_BEGINS,    /* a client's first datagram in version 1: a frame that is not an answer */
    HELLO_VERSION_2, /* a datagram in version 2, from either side */
    HELLO_COOKIE,    /* a server's cookie */
    HELLO_WELCOME,   /* a server that knows only version 1 has begun a session: "Answer|1|Yes|" */
    HELLO_ANSWER,    /* any other answer of a server in version 1 */
    HELLO_REFUSED    /* a server in version 1 refuses the session: "Exit|1|" */
};

/*
 * Says what a datagram is. *d is its parsed form for HELLO_VERSION_2, and d->id is the cookie's id
 * for HELLO_COOKIE; otherwise *d is undefined.
 */
enum hello hello_read(struct span datagram, struct datagram *d);

#endif
