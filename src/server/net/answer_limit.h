/* SPDX-License-Identifier: ISC */
/*
 * answer_limit: how much the server answers in version 1 over UDP before a login: at most three
 * times the bytes that came (RFC 9000, 8.1, has the same limit). So nobody who forges an address
 * can make the server send many bytes there for a few. Pure.
 *
 * Words that would exceed the limit are replaced by short ones. No answer may use up the bytes that
 * short answers to the requests after it need, so each request is answered: a short answer takes 56
 * bytes in datagrams of 32, and a request has at least 20.
 */
#ifndef NET_ANSWER_LIMIT_H
#define NET_ANSWER_LIMIT_H

#include "base/buf.h"
#include "udp/frame_bounds.h"

#define ANSWER_LIMIT_TIMES 3

struct answer_limit { /* all zeros at the beginning of a session */
    uint64_t sent;    /* bytes of all datagrams */
    uint64_t open;    /* requests that have been read, at least in part, and not been answered */
    bool within;      /* a part of one has been read */
    struct frame_bounds bounds;
};

/* Notes what the session has read. */
void answer_limit_read(struct answer_limit *l, struct span bytes);

/* What the limit depends on. */
struct answer_limit_state {
    uint64_t received; /* bytes of all datagrams that came in the session */
    uint64_t waiting;  /* datagrams that have not been read */
    size_t datagram;   /* size of the largest datagram to send */
};

/*
 * Appends whole frames in length form to out. In place of one that would exceed the limit there is
 * one that says so, or, if that would, too, none.
 */
void answer_limit_apply(struct answer_limit *l, const struct answer_limit_state *now,
                        struct span frames, struct buf *out);

#endif
