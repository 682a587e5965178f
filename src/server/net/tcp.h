/* SPDX-License-Identifier: ISC */
/*
 * tcp: a connection over TCP, or over a Unix socket, as a transport. What is said over it is up to
 * its kind.
 */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "net/transport.h"

struct registry;

/* Our own protocol over TCP. */
extern const struct transport_kind tcp_kind;

/* The functions of every kind of such connections (net/transport.h). */
void tcp_pause(struct transport *t, int64_t ms);
const char *tcp_close(struct transport *t, bool turned_away);

/* Takes over fd, an accepted connection. NULL: out of memory, and fd is still the caller's. */
struct transport *tcp_new(const struct transport_kind *kind, int fd,
                          const struct os_net_peer *peer);

/* Takes over fd, for which there is no memory: turn_away tells the client, and closes the transport
 * that it gets, before it returns. */
void tcp_turn_away(const struct transport_kind *kind, int fd, const struct os_net_peer *peer,
                   struct registry *r, void (*turn_away)(struct registry *r, struct transport *t));

#endif
