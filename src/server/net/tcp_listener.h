/* SPDX-License-Identifier: ISC */
/*
 * tcp_listener: takes clients over TCP and Unix sockets. If there is no descriptor left for a
 * client, it uses one kept in reserve to send the client away.
 */
#ifndef NET_TCP_LISTENER_H
#define NET_TCP_LISTENER_H

#include "net/listener.h"

extern const struct listener_kind tcp_listener_kind;

/* The functions of every kind of listener that takes such clients (net/listener.h). */
struct listener *tcp_listener_create(const struct listener_kind *kind, struct registry *registry,
                                     struct counters *counters);
void tcp_listener_destroy(struct listener *listener);
bool tcp_listener_listen(int fd);
void tcp_listener_serve(struct listener *listener);

/* These functions, in the definition of a kind. */
#define TCP_LISTENER                                                                               \
    .create = tcp_listener_create, .destroy = tcp_listener_destroy, .listen = tcp_listener_listen, \
    .serve = tcp_listener_serve

#endif
