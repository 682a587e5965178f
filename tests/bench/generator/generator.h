/* SPDX-License-Identifier: ISC */
/*
 * generator: one load for servers of several protocols: as many connections, each waiting for its
 * answer before it asks again, with the same sizes and counts. A protocol is a row: what a
 * connection sends in each of its stages, and when the answer to that is whole. Every answer is
 * checked; a wrong one ends the program.
 */
#ifndef BENCH_GENERATOR_H
#define BENCH_GENERATOR_H

#include "../bench.h"
#include "base/address.h"
#include "base/buf.h"

#define GENERATOR_PASSWORD "secret" /* of all users */

enum operation {
    OP_SEND,  /* one message, to the connection's recipient, until it is durable */
    OP_SHOW,  /* one message of the connection's mailbox, another one each time */
    OP_ALL,   /* all messages of the connection's mailbox, in one answer */
    OP_CHECK, /* what a mail program does to look for mail: a new connection, a login, a list of
                 the ids of all messages, and the end that the protocol has for it */
    OPERATIONS
};

/* What the command line says. */
struct work {
    const struct protocol *protocol;
    struct address_place place;
    enum operation operation;
    const char *user;     /* names of the users are this and a number from 0 on */
    unsigned connections; /* connection i is of user i, */
    unsigned mailboxes;   /* and sends to user i % mailboxes */
    unsigned threads;
    unsigned seconds, times; /* until so much time is over; or, if not 0, so many operations each */
    unsigned bytes;          /* of a message */
    unsigned count;          /* messages in each mailbox that is shown */
    unsigned request;        /* bytes of a request of the echo */
    struct span body;        /* a message in the form of the protocol; a request of the echo */
};

struct connection {
    const struct work *work;
    unsigned number;
    int fd;
    unsigned stage;                     /* of the protocol's */
    struct buf out;                     /* the request */
    struct buf in;                      /* as much of its answer as has come */
    size_t expected;                    /* bytes of that answer, when they are known; else 0 */
    size_t request_bytes, answer_bytes; /* of the last operation */
    uint64_t operations;                /* answered */
    uint64_t asked_ns;                  /* when the operation under way began */
    char token[32 + 1];                 /* of the message: see connection_token */
    char from[40], to[40];              /* users */
};

/*
 * A connection goes through the stages from 0 on; after the opening ones it repeats those of its
 * operation, which follow, for ever. OP_CHECK has no opening ones: it begins at 0, with a new
 * connection each time.
 */
struct protocol {
    const char *name;
    unsigned opening;            /* stages that log in */
    unsigned stages[OPERATIONS]; /* of an operation; 0: the protocol has no such operation */

    /* Makes work->body, in room for work->bytes and for work->request. */
    void (*compose)(struct work *w, char *body);

    /* Adds a stage's request to c->out, or nothing: the server speaks first. */
    void (*ask)(struct connection *c, unsigned stage);

    /*
     * Returns the bytes of the stage's answer if all of it is in c->in, else 0. When it can tell
     * how long the answer will be it sets c->expected, and is called again when so much is there.
     * Ends the program with bench_fail if the answer is not the right one.
     */
    size_t (*whole)(struct connection *c, unsigned stage);
};

/* NULL if there is none of this name. */
const struct protocol *protocol_find(const char *name);

extern const struct protocol protocol_pochta, protocol_lmtp, protocol_smtp, protocol_pop3,
    protocol_redis, protocol_echo;

/* Which of the mailbox's messages is shown in this operation: 1 to count. */
static inline unsigned connection_message(const struct connection *c)
{
    return (unsigned)((c->operations + c->number) % c->work->count) + 1;
}

/* The token of the message that is sent in this operation, which no other one has. */
const char *connection_token(struct connection *c);

/* What each thread counted. */
struct tally {
    uint32_t *took; /* tenths of a microsecond, of each operation */
    size_t n, cap;
    uint64_t last_ns;                   /* the last answer */
    size_t request_bytes, answer_bytes; /* of the last operation */
};

struct start; /* where threads wait for each other: all are logged in before the clock starts */

struct start *start_new(unsigned threads);
uint64_t start_ns(const struct start *s);  /* when they began to ask */
double start_cores(const struct start *s); /* how many cores this process has used since */

/* Connects every connection whose number is thread + i * threads, logs in, and runs the load. */
void load_run(const struct work *w, unsigned thread, struct start *s, struct tally *t);

#endif
