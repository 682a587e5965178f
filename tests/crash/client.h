/* SPDX-License-Identifier: ISC */
/*
 * client: one user of a campaign, in a thread: sends, reads, deletes, restores and resends at
 * random, repeats what the server did not live to answer, and enters in the ledger what it was
 * told.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <pthread.h>
#include <stdatomic.h>

#include "client/link.h"
#include "ledger.h"
#include "os/net.h"
#include "server.h"
#include "transport/socket_io.h"
#include "transport/udp_io.h"

/* What all clients of a campaign share. */
struct campaign {
    struct ledger *ledger;
    struct server *server;
    bool storage_fails; /* Noop may be because of it: to be repeated */
    unsigned mailboxes; /* to the first so many is sent; 0: to all */
    bool once;          /* each kind of request once, instead of at random until finishing */
    atomic_bool finishing;
    atomic_bool failed; /* a violation that makes going on useless */
};

/* A connection: over UDP it is a session in version 2. */
struct client_wire {
    bool udp;
    union {
        struct socket_io net;
        struct udp_io datagrams;
    };
};

/* What was sent with a token, and has been answered. */
struct sending {
    unsigned to;
    uint32_t number; /* in that mailbox */
    struct ledger_body body;
    char token[LINK_TOKEN_BYTES + 1];
};

struct client {
    struct campaign *campaign;
    unsigned me;
    pthread_t thread;
    uint64_t chance;
    struct client_wire wire;
    struct link link; /* in use, as wire is, while connected */
    bool connected;
    unsigned start;    /* to which start of the server */
    unsigned password; /* which of the two it has; password_open: or the other */
    bool password_open;
    uint32_t bodies, flies; /* made so far */
    struct buf body;
    struct sending *sendings;
    size_t sending_n, sending_cap;
    uint64_t requests, repeats; /* counted */
    int64_t slowest_ms;         /* of the requests that were answered */
    atomic_bool done;
};

/* Name and first password of a user. */
void client_name(unsigned user, char out[16]);
const char *client_password(unsigned which);

/*
 * Connects to the server as it is now: wire and link are the caller's, to be given to
 * client_hang_up. *start, where not NULL: how many times it had started.
 */
bool client_dial(struct server *server, struct client_wire *wire, struct link *link,
                 unsigned *start);
void client_hang_up(struct client_wire *wire, struct link *link);

void client_init(struct client *c, struct campaign *campaign, unsigned me, uint64_t seed);
void client_free(struct client *c);

/* Runs the client in a thread until campaign->finishing, or once; then all it began is known. */
bool client_start(struct client *c);
void client_join(struct client *c);

/* With the server up and the client's thread at its end: compares its mailbox with the ledger, as
 * it may have been at a moment; LEDGER_END for now. */
void client_compare(struct client *c, unsigned at);

/*
 * After all clients have compared: sends one of those messages of this client again that were
 * found. The answer must be the first one.
 */
void client_repeat(struct client *c);

#endif
