/* SPDX-License-Identifier: ISC */
/*
 * registry_private: the connections of a server, for the modules that accept and run them.
 */
#ifndef NET_REGISTRY_PRIVATE_H
#define NET_REGISTRY_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "net/registry.h"
#include "net/reject.h"

struct connection {
    struct transport *transport; /* used by the connection's thread alone */
    const struct transport_kind *kind;
    struct session_host host;
    struct registry *registry;
    pthread_t thread;
    uint64_t number;
    bool proxied; /* it comes from a proxy, which will tell the client's address */

    /* If proxied, changed once to the client's, with the registry's mutex held. */
    struct os_net_peer peer;
    char address[ADDRESS_TEXT_BYTES]; /* the peer's */

    int64_t since_ms;
    _Atomic(const char *) reason; /* why it must end; set once */

    /* Guarded by the registry's mutex. */
    struct connection *next, **link; /* in the list live or ended */
    struct peers_slot *slot;         /* where its address is counted; may be NULL */
    bool logged_in;
    struct who who;
};

struct registry {
    const struct service *service;
    pthread_mutex_t mutex; /* leaf lock: guards the rest. The threads it wakes do not need it */
    pthread_cond_t moved;  /* a connection went from live to ended */
    struct connection *live;
    struct connection *ended; /* their threads have not been joined yet */
    unsigned count;           /* length of live */
    unsigned forgeable;       /* of these, connections whose client address may be forged */
    struct registry_limits limits;
    struct peers *peers;
    struct peers *forged;   /* addresses that may be forged: the real ones do not pay for them */
    uint64_t numbers;       /* the last number given to a connection */
    atomic_bool draining;   /* needs no lock */
    struct reject refusals; /* needs no lock */
};

/* Adds a connection to live. The caller holds the mutex. */
void registry_add(struct registry *r, struct connection *c);

/* Moves a connection from live to ended and uncounts its address. Takes the mutex. */
void registry_move_ended(struct registry *r, struct connection *c);

#endif
