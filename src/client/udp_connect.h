/*
 * udp_connect: the client's side of how a session over UDP begins (docs/udp.md). For one thread.
 */
#ifndef CLIENT_UDP_CONNECT_H
#define CLIENT_UDP_CONNECT_H

#include "base/address.h"
#include "transport/udp_io.h"

/*
 * Asks each address of a server in turn for a session, until one answers. True: *u is our end of
 * the session, with datagrams of at most size bytes; the caller frees it and closes its socket.
 * With a server that knows only version 1, Start has already been sent, and its answer is the first
 * thing to read. False: *why says why (a constant).
 */
bool udp_connect(struct udp_io *u, const struct address_place *place, size_t size,
                 const char **why);

/*
 * Ends a session: in version 2 properly, which may take some seconds; in version 1, which has no
 * such end, by Exit without waiting for the answer. The caller frees and closes it afterwards.
 */
void udp_connect_leave(struct udp_io *u);

#endif
