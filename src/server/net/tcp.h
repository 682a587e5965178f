/*
 * tcp: connections over TCP.
 */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "net/transport.h"

/* Takes over an accepted connection. NULL: out of memory, and it is closed. */
struct transport *tcp_new(int fd, const struct os_net_peer *peer);

#endif
