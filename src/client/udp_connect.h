/* SPDX-License-Identifier: ISC */
/*
 * udp_connect: begins and ends the client's side of a session over UDP (docs/udp.md). For one
 * thread.
 */
#ifndef CLIENT_UDP_CONNECT_H
#define CLIENT_UDP_CONNECT_H

#include "base/address.h"
#include "os/net.h"
#include "transport/udp_io.h"

/*
 * Asks the addresses of a server for a session, until one answers: each begins OS_NET_NEXT_MS after
 * the one before, or when that has failed. On success *u is the session, with datagrams of at most
 * size bytes; the caller frees it and closes its socket. If the server knows only version 1, Start
 * has been sent, and its answer comes first. On failure returns false and sets *why (a constant).
 * waiting may be NULL.
 */
bool udp_connect(struct udp_io *u, const struct address_place *place, size_t size,
                 struct os_net_waiting *waiting, const char **why);

/*
 * Ends a session. Version 2 has a handshake for this, which may take some seconds. In version 1 it
 * sends Exit and does not wait for the answer. The caller frees and closes the session afterwards.
 */
void udp_connect_leave(struct udp_io *u);

#endif
