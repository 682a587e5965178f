/* SPDX-License-Identifier: ISC */
/*
 * answer_limit: how much the server answers in version 1 over UDP before a login: at most three
 * times the bytes that came (RFC 9000, 8.1, has the same limit). So whoever forges an address
 * cannot have the server send many bytes there for few. Pure.
 */
#ifndef NET_ANSWER_LIMIT_H
#define NET_ANSWER_LIMIT_H

#include "base/buf.h"

#define ANSWER_LIMIT_TIMES 3

struct answer_limit { /* all zeros at the beginning of a session */
    uint64_t sent;    /* bytes of all datagrams */
};

/*
 * Appends whole frames in length form to out, for datagrams of this size. One that would exceed the
 * limit is replaced by one that says so, or, if that would, too, is left out. received: the bytes
 * of all datagrams that came in the session.
 */
void answer_limit_apply(struct answer_limit *l, uint64_t received, size_t datagram,
                        struct span frames, struct buf *out);

#endif
