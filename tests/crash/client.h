/* SPDX-License-Identifier: ISC */
/*
 * client: one user of a campaign, in a thread: sends, reads, deletes, restores and resends at
 * random, repeats what the server did not live to answer, and enters in the ledger what it was
 * told. Some also speak as a mail program does.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <pthread.h>
#include <stdatomic.h>

#include "client/link.h"
#include "door.h"
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

struct client;
struct request;

/* To be asked until one is REPLY_OK or REPLY_END. */
typedef enum reply_result request_ask(struct client *c, struct request *r);

/* A letter of a mailbox that a request is about. */
struct copy {
    unsigned mailbox;
    uint32_t number;
    bool answered; /* for */
    bool by_group; /* its owner is a member of the group to which it is sent */
};

/* One request, and what it is about. */
struct request {
    const char *what;
    enum server_way way;
    request_ask *ask;
    uint32_t number;                  /* of a letter in the client's own mailbox */
    struct ledger_body body;          /* of what is sent */
    struct copy copies[LEDGER_USERS]; /* that are sent, or deleted together */
    unsigned copy_n;
    bool to_group, to_all; /* see door_request.h; to_all: also to those who were answered for */
    char token[LINK_TOKEN_BYTES + 1];
    bool again;        /* it was asked before, and its outcome is not known */
    unsigned asked_at; /* moment: when it was asked first */
    unsigned start;    /* of the server it was sent to last */
    bool sure;         /* what the server shows of the outcome of the one before will last */
};

struct client {
    struct campaign *campaign;
    unsigned me;
    pthread_t thread;
    uint64_t chance;
    bool connected;
    enum server_way way; /* of this connection: it has wire and link, or the door */
    struct client_wire wire;
    struct link link;
    struct door door;
    unsigned start;    /* to which start of the server */
    unsigned password; /* which of the two it has; password_open: or the other */
    bool password_open;
    uint32_t bodies, flies; /* made so far */
    struct buf body;
    struct buf list, mail;    /* what came by POP3 */
    struct request *sendings; /* those that were answered */
    size_t sending_n, sending_cap;
    uint64_t requests, repeats, by_doors; /* counted */
    int64_t slowest_ms;                   /* of the requests that were answered */
    atomic_bool done;
};

/* The way of a user, beside frames. */
enum server_way client_way(const struct campaign *campaign, unsigned user);

/* Whether messages of this author are sent as mail programs do. */
bool client_is_mail(const struct client *c, unsigned author);

/* A body, which stays in c->body until the next call. */
struct span client_body(struct client *c, struct ledger_body which);

/* By chance, a number below end. */
uint32_t client_below(struct client *c, uint32_t end);

/* Ends the connection, if there is one. */
void client_disconnect(struct client *c);

/*
 * Asks until the outcome is known. Where storage fails, a server that has answered neither Yes nor
 * Noop may show what will not last; what the next one shows will.
 */
void client_perform(struct client *c, struct request *r);

/* Whether a violation makes going on useless. */
bool client_is_over(const struct client *c);

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
 * found. The answer must be the first one. True: it was sent, to several mailboxes, so that the
 * answer does not tell whether it is there twice.
 */
bool client_repeat(struct client *c);

#endif
