/* SPDX-License-Identifier: ISC */
/*
 * tcp_listener: takes clients over TCP. If there is no descriptor left for a client, it uses one
 * kept in reserve to send the client away with Exit.
 */
#ifndef NET_TCP_LISTENER_H
#define NET_TCP_LISTENER_H

#include "net/listener.h"

extern const struct listener_kind tcp_listener_kind;

#endif
