/* SPDX-License-Identifier: ISC */
/*
 * relay: stands between the client and the server, and counts what comes by. So a campaign can let
 * something happen at each step of sending, without looking at a clock. The server may be another
 * one for each connection: the client always calls the same port. For one thread.
 */
#ifndef RELAY_H
#define RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "../crash/server.h"

enum { RELAY_FDS = 3, RELAY_FRAME_BYTES = 65536 };

/* One direction: what has come of a frame that is not complete. */
struct relay_way {
    char bytes[RELAY_FRAME_BYTES];
    size_t n;
};

struct relay {
    const struct server *server;
    int listener, client, peer; /* peer: to the server, or -1 */
    unsigned port;
    struct relay_way up, down; /* from the client, and to it */
    bool away;                 /* the server cannot be reached */

    /* A frame makes three steps: it has come, half of it was passed on, all of it was. */
    unsigned step;             /* how many there were */
    unsigned stop_at;          /* at this one at_step is called; 0: never */
    bool (*at_step)(void *of); /* false: both are hung up on */
    void *of;
};

/* Listens on a free port of 127.0.0.1. False: it cannot, see errno. */
bool relay_init(struct relay *r, const struct server *server);

/* What to wait for, and what to do when poll() has returned. */
void relay_wants(const struct relay *r, struct pollfd fds[RELAY_FDS]);
void relay_serve(struct relay *r, const struct pollfd fds[RELAY_FDS]);

/* Hangs up on both. */
void relay_cut(struct relay *r);

#endif
