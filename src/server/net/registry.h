/* SPDX-License-Identifier: ISC */
/*
 * registry: all connections of the server. Each has a thread, which the registry tells to end and
 * joins. Safe for threads.
 */
#ifndef NET_REGISTRY_H
#define NET_REGISTRY_H

#include "net/peers.h"
#include "net/transport.h"
#include "session/session.h"

struct registry;
struct connection;

#define REGISTRY_PROXIES 16

/*
 * Connections before login may take a quarter of the clients: those whose address may be forged,
 * and the others, each. When a share is full, the one that has been silent longest makes room for
 * the next. With few clients, each may be of either kind.
 */
struct registry_limits {
    uint64_t clients;   /* connections at a time */
    uint64_t forgeable; /* of these, connections whose client address may be forged */
    struct peers_limits address;

    /*
     * A connection from these networks must begin with the address of the client it is for. It
     * counts from then on, at that address.
     */
    struct address_net proxy[REGISTRY_PROXIES];
    unsigned proxies;
};

/*
 * Accepts no connection until registry_set_limits was called. most_clients: the highest limit of
 * clients that will be set. NULL: out of memory. The service must outlive the registry.
 */
struct registry *registry_new(const struct service *service, uint64_t most_clients);

/* Sets the limits for new connections. Existing ones stay. */
void registry_set_limits(struct registry *r, const struct registry_limits *limits);

/* All connections must have been joined, see registry_end_all. r may be NULL. */
void registry_free(struct registry *r);

/* A connection as administrators see it. */
struct registry_session {
    uint64_t number;  /* counts from 1 when the server starts */
    const char *user; /* "": not logged in */
    const char *address;
    unsigned port;
    int64_t seconds; /* since it was accepted */
    const char *transport;
};

/*
 * Calls each(ctx, session) for the connections whose numbers are below this one, the newest first,
 * but at most for `most`. Returns the number of the last one, below which the caller can go on, or
 * 0 if there are no more. The registry is locked meanwhile: each must not wait or call it. session
 * is valid only during the call.
 */
uint64_t registry_each(struct registry *r, uint64_t below, unsigned most,
                       void (*each)(void *ctx, const struct registry_session *s), void *ctx);
unsigned registry_count(struct registry *r);

/*
 * Tells sessions to end, and does not wait for that: all those of an account (generation "": of any
 * generation) except the one of the connection but, which may be NULL; or the session with this
 * number. reason is a constant. Returns the number of sessions.
 */
unsigned registry_end_account(struct registry *r, const struct who *who,
                              const struct connection *but, const char *reason);
unsigned registry_end_session(struct registry *r, uint64_t number, const char *reason);

/*
 * Ends connections before login that have been silent for 30 s, once there are more of them than
 * half their share. To be called about each second.
 */
void registry_end_silent(struct registry *r);

/* Joins the threads of connections that have ended. Does not wait. */
void registry_reap(struct registry *r);

/*
 * Ends all sessions with this reason (a constant) and joins their threads. No other thread may use
 * the registry any more, except those of its connections.
 */
void registry_end_all(struct registry *r, const char *reason);

/*
 * For a process that is about to end without an orderly stop: gives all sessions this reason (a
 * constant) to end, waits for them until a deadline (os_clock_ms), and shuts down the connections
 * of those that cannot end, because they wait for a disk.
 */
void registry_abandon(struct registry *r, const char *reason, int64_t until_ms);

#endif
