/* SPDX-License-Identifier: ISC */
/*
 * tcp: a connection over TCP as a transport.
 */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "net/transport.h"

struct registry;

/* Takes over fd, an accepted connection. NULL: out of memory, and fd is still the caller's. */
struct transport *tcp_new(int fd, const struct os_net_peer *peer);

/* Takes over fd, for which there is no memory: turn_away tells the client, and closes the transport
 * that it gets, before it returns. */
void tcp_turn_away(int fd, const struct os_net_peer *peer, struct registry *r,
                   void (*turn_away)(struct registry *r, struct transport *t));

#endif
