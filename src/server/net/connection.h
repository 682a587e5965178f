/* SPDX-License-Identifier: ISC */
/*
 * connection: runs the sessions of one client in a thread of its own. Safe for threads.
 */
#ifndef NET_CONNECTION_H
#define NET_CONNECTION_H

#include "net/registry.h"

/*
 * Takes over a transport and runs sessions on it in a thread of its own. If a limit is reached, or
 * there is no thread or memory, the client gets an Exit that says so and the transport is closed.
 */
void connection_start(struct registry *r, struct transport *t);

/* Sends away a client for which there is no descriptor, and closes the transport. */
void connection_turn_away(struct registry *r, struct transport *t);

#endif
