/*
 * knock: how a session over UDP begins, seen from the client (docs/udp.md).
 */
#ifndef CLIENT_UDP_CONNECT_H
#define CLIENT_UDP_CONNECT_H

#include "base/address.h"
#include "transport/udp_io.h"

/*
 * Asks a server for a session and waits for its answer, at each of its addresses in turn. True: *u
 * is one end of a session with datagrams of at most size bytes, to be freed and its socket closed.
 * In version 1, which is had where the server knows no other, Start has then been asked for, and
 * the answer is what comes first. False: *why says why (a constant).
 */
bool udp_connect(struct udp_io *u, const struct address_place *place, size_t size,
                 const char **why);

/*
 * Ends a session: version 2 in order, which may take some seconds; version 1, which has no end of
 * its own, with Exit, whose answer nobody awaits. To be freed and closed after.
 */
void udp_connect_leave(struct udp_io *u);

#endif
