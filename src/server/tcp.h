/*
 * tcp: connections over TCP.
 */
#ifndef TCP_H
#define TCP_H

#include "transport.h"

/* Takes over an accepted connection. NULL: out of memory, and it is closed. */
struct transport *tcp_new(int fd, const struct os_net_peer *peer);

#endif
