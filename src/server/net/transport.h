/*
 * transport: what carries a connection, a stream of frames each way. Used by one thread at a time:
 * who makes it, then the registry's.
 */
#ifndef NET_TRANSPORT_H
#define NET_TRANSPORT_H

#include "os/net.h"
#include "transport/socket_io.h"

struct transport;

struct transport_kind {
    const char *name; /* as administrators see it */
    bool proxies;     /* who connects may be a proxy, see registry_limits */
    bool forgeable;   /* that the client has its address is not proved */
    bool version_1;   /* it carries no newer version of the protocol */

    /* Waits, or less when it is interrupted. */
    void (*pause)(struct transport *t, int64_t ms);

    /* After a session: whether the client has begun another on it. NULL: it never does. */
    bool (*again)(struct transport *t);

    /*
     * Ends the connection so that the client still gets what was written last, and frees the
     * transport. One who is turned away is not waited for. Returns what went wrong in words, a
     * constant, or NULL.
     */
    const char *(*close)(struct transport *t, bool turned_away);
};

struct transport {
    const struct transport_kind *kind;
    struct socket_io *net; /* how the session reads and writes */
    struct os_net_peer peer;
};

#endif
