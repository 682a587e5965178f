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
    _Atomic int64_t heard_ms;     /* when its client sent something last; INT64_MAX: see host.h */

    /* Guarded by the registry's mutex. */
    struct connection *next, **link; /* in the list live or ended */
    struct peers_slot *slot;         /* where its address is counted; may be NULL */
    bool logged_in;
    bool early;   /* counted in early: nobody has logged in */
    bool leaving; /* counted in leaving: it was told to end, to make room */
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
    unsigned early[2];        /* connections before login, by whether the address may be forged */
    unsigned leaving;         /* forgeable ones that will end soon */
    struct registry_limits limits;
    struct peers *peers;
    struct peers *forged;   /* addresses that may be forged: real ones are not limited by them */
    uint64_t numbers;       /* the last number given to a connection */
    struct reject refusals; /* needs no lock */
};

/* Adds a connection to live. The caller holds the mutex. */
void registry_add(struct registry *r, struct connection *c);

/* The user of a connection, or NULL. Takes the mutex. */
void registry_set_user(struct connection *c, const struct who *who);

/*
 * With the mutex held: tells the connection before login that has been silent longest to end, of
 * those whose address may be forged or of the others. False: there is none, or all wait for us.
 */
bool registry_make_room(struct registry *r, bool forgeable);

/* Whether a connection ends to make room. Needs no lock. */
bool registry_is_leaving(const struct connection *c);

/* With the mutex held: how many connections of either kind there may be before login. */
unsigned registry_early_share(const struct registry *r, bool forgeable);

/* Moves a connection from live to ended and uncounts its address. Takes the mutex. */
void registry_move_ended(struct registry *r, struct connection *c);

#endif
