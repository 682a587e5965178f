/* SPDX-License-Identifier: ISC */
/*
 * tcp: a connection over TCP as a transport.
 */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "net/transport.h"

/* Takes over fd, an accepted connection. NULL: out of memory, and fd is closed. */
struct transport *tcp_new(int fd, const struct os_net_peer *peer);

#endif
