/* SPDX-License-Identifier: ISC */
/*
 * udp_listener: takes clients over UDP and starts their sessions (docs/udp.md).
 */
#ifndef NET_UDP_LISTENER_H
#define NET_UDP_LISTENER_H

#include "net/listener.h"
#include "net/udp_session.h"

/* Sessions use its memory: free the listener after all sessions have ended. */
extern const struct listener_kind udp_listener_kind;

/*
 * Sets the settings of sessions that begin from now on. Call it once before the listener starts.
 * Safe for threads.
 */
void udp_listener_set(struct listener *listener, const struct udp_settings *settings);

#endif
