/* SPDX-License-Identifier: ISC */
/*
 * transport: carries the frames of one connection in both directions. For one thread at a time:
 * first the listener that creates it, then the connection's.
 */
#ifndef NET_TRANSPORT_H
#define NET_TRANSPORT_H

#include "log/event.h"
#include "os/net.h"
#include "session/conversation.h"
#include "transport/socket_io.h"

struct transport;

struct transport_kind {
    const char *name;                /* as administrators see it */
    const struct conversation *talk; /* what is said over it */
    bool proxies;                    /* the peer may be a proxy, see registry_limits */
    bool forgeable; /* the client's address is not proven: anyone may have sent this in its name */
    bool version_1; /* it carries version 1 of the protocol only */

    /* Waits for ms milliseconds, or until net->interrupted. */
    void (*pause)(struct transport *t, int64_t ms);

    /* A user has logged in. NULL: that changes nothing. */
    void (*logged_in)(struct transport *t);

    /* After a session: whether the client has begun another one. NULL: it never does. */
    bool (*again)(struct transport *t);

    /*
     * Ends the connection so that the client still gets what was written last, and frees the
     * transport. turned_away: does not wait for the client. Returns what went wrong, a constant for
     * the log, or NULL.
     */
    const char *(*close)(struct transport *t, bool turned_away);
};

struct transport {
    const struct transport_kind *kind;
    struct socket_io *net; /* how the session reads and writes */
    struct os_net_peer peer;
};

/*
 * Adds the client's address to an event. Programs that read the log, such as fail2ban, act against
 * an address; so one that may be forged has another key, and the transport stands before it.
 */
void transport_tell(const struct transport_kind *kind, const char *address, struct event *e);

#endif
