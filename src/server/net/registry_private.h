/*
 * registry_private: what the modules of the registry (registry, admission, connection) share.
 */
#ifndef NET_REGISTRY_PRIVATE_H
#define NET_REGISTRY_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "net/registry.h"
#include "net/reject.h"

struct connection {
    struct transport *transport; /* its thread's alone */
    const struct transport_kind *kind;
    struct session_host host;
    struct registry *registry;
    pthread_t thread;
    uint64_t number;
    bool proxied; /* a proxy's: who is behind it will be said */

    /* Changed once, by who is behind a proxy, with the registry's mutex held. */
    struct os_net_peer peer;
    char address[ADDRESS_TEXT_BYTES]; /* the peer's */

    int64_t since_ms;
    _Atomic(const char *) reason; /* why it is to end; set once */

    /* Guarded by the registry's mutex. */
    struct connection *next, **link; /* in live or in ended */
    struct peers_slot *slot;         /* where its address is counted */
    bool logged_in;
    struct who who;
};

struct registry {
    const struct service *service;
    pthread_mutex_t mutex; /* leaf lock: guards what follows; a woken thread does not need it */
    pthread_cond_t moved;
    struct connection *live;
    struct connection *ended; /* their threads are to be joined */
    unsigned count;           /* of the live ones */
    unsigned forgeable;       /* of these, whose address may be forged */
    struct registry_limits limits;
    struct peers *peers;
    uint64_t numbers;       /* given so far */
    atomic_bool draining;   /* safe by itself */
    struct reject refusals; /* safe by itself */
};

/* registry: the lists. */

/* With the mutex held; the other one takes it. */
void registry_add(struct registry *r, struct connection *c);
void registry_move_ended(struct registry *r, struct connection *c);

/* Ends all sessions of an account but this one (NULL: all). */
unsigned registry_end_others(struct registry *r, const struct connection *but,
                             const struct who *who, const char *reason);

/* admission: who is taken. */

/*
 * Counts a connection at its address. False: *why. With the mutex held, by whichever thread knows
 * the address first.
 */
bool admission_count(struct registry *r, struct connection *c, enum refusal *why);

/* Tells one who is not taken. */
void admission_refuse(struct registry *r, struct transport *t, const char *address,
                      enum refusal why);

/* connection: what its thread does. */

/* NULL: out of memory. The transport is still the caller's until the thread has started. */
struct connection *connection_new(struct registry *r, struct transport *t);

/* Starts the thread, which ends as one of the ended. False: there is none. */
bool connection_start(struct connection *c);

#endif
