/*
 * registry: who is connected. One thread a connection; this starts them, tells them to end, and
 * joins them. Safe for threads.
 */
#ifndef NET_REGISTRY_H
#define NET_REGISTRY_H

#include "net/peers.h"
#include "net/transport.h"
#include "session/session.h"

struct registry;

#define REGISTRY_PROXIES 16

struct registry_limits {
    uint64_t clients;   /* at a time */
    uint64_t forgeable; /* of them, whose addresses may be forged */
    struct peers_limits address;

    /* Who connects from there is to say for whom, and only then counts, as that one. */
    struct address_net proxy[REGISTRY_PROXIES];
    unsigned proxies;
};

/*
 * Takes none until it has its limits, of clients at most so many. NULL: out of memory. The service
 * outlives the registry.
 */
struct registry *registry_new(const struct service *service, uint64_t most_clients);

/* From here on takes so many. Those who are there already stay. */
void registry_set_limits(struct registry *r, const struct registry_limits *limits);

/* All connections have ended and are joined. */
void registry_free(struct registry *r);

/*
 * Takes over a connection and runs a session on it in a thread of its own. Where there are too
 * many or no thread can be had, the client gets an Exit that says so and the connection is closed.
 */
void registry_start(struct registry *r, struct transport *t);

/* Sends away one for whom there is no descriptor. */
void registry_turn_away(struct registry *r, struct transport *t);

/* A connection, as an administrator sees it. */
struct registry_session {
    uint64_t number;  /* counted up from 1 since the server started */
    const char *user; /* "": not logged in */
    const char *address;
    unsigned port;
    int64_t seconds; /* since it was taken */
    const char *transport;
};

/* Calls each(ctx, session) for all connections, with the registry locked: to note it and return. */
void registry_each(struct registry *r, void (*each)(void *ctx, const struct registry_session *s),
                   void *ctx);
unsigned registry_count(struct registry *r);

/*
 * Gives all sessions of an account (generation "": whichever), or the one of a number, a reason to
 * end, a constant. Returns how many.
 */
unsigned registry_end_account(struct registry *r, const struct who *who, const char *reason);
unsigned registry_end_session(struct registry *r, uint64_t number, const char *reason);

/* From here on turns everyone away who comes. False: it did already. */
bool registry_drain(struct registry *r);

/* Joins the threads whose sessions have ended. */
void registry_reap(struct registry *r);

/* Ends all sessions with this reason (a constant), and joins them. For one thread, at the end. */
void registry_end_all(struct registry *r, const char *reason);

#endif
