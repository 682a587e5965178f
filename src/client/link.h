/* SPDX-License-Identifier: ISC */
/*
 * link: sends requests to a server over an io, in the length form, and reads the answers.
 *
 * One request at a time: a request drops what the caller has not read of the previous answer.
 * Before it sends a request, the link checks whether the server has ended the connection, so that
 * the server's reason is not lost. For one thread.
 */
#ifndef CLIENT_LINK_H
#define CLIENT_LINK_H

#include "client/reply.h"
#include "proto/opcode.h"

#define LINK_ARG_LIMIT   ((size_t)64 << 20) /* bytes of the largest argument accepted */
#define LINK_NOOP_MS     20000              /* a client that only waits sends Noop this often */
#define LINK_TOKEN_BYTES 32

struct link {
    struct reply reply;
    struct buf out;   /* the request */
    enum opcode last; /* what was requested last */
    bool lacks;       /* see link_lacks */
};

/* The io stays the caller's and must outlive the link. Limits as for reply_init(). */
void link_init(struct link *l, struct io *io, size_t arg_limit, int64_t idle_ms);
void link_free(struct link *l);

/* Begins the session, in version 2 if the server knows it, otherwise in version 1. */
enum reply_result link_start(struct link *l);

/* The same if the caller has already sent Start. */
enum reply_result link_started(struct link *l);

/* 1 or 2. */
unsigned link_version(const struct link *l);

/*
 * Sends a request and reads the head of its answer. REPLY_OK: the answer is Yes, and link_next or
 * link_next_message reads its arguments. Other results: see reply.h. In version 1 only operations
 * of the report are sent (OPCODE_REPORT); any other one gives REPLY_NOOP at once; see
 * link_lacks.
 */
enum reply_result link_ask(struct link *l, enum opcode op, const struct span *args, size_t nargs);

/*
 * Send mes, or Resend, with a token by which the server recognizes a repeat (NULL: without).
 * Version 1 has no tokens: there it is left out, and Resend names the id first.
 */
enum reply_result link_send(struct link *l, struct span name, struct span body, const char *token);
enum reply_result link_resend(struct link *l, struct span name, struct span id, const char *token);

/*
 * Asks the server to end the session, and waits for the answer for 2 s at most: over UDP a server
 * of the report may not answer.
 */
enum reply_result link_exit(struct link *l);

/* Sends Noop. A server that does not answer within 5 s is lost: nothing may hold up the user. */
enum reply_result link_keep_alive(struct link *l);

/* The same as reply_next and reply_next_message. */
enum reply_result link_next(struct link *l, struct span *arg);
enum reply_result link_next_message(struct link *l, struct message *m);

/*
 * Asks the server to announce new mail. From now on any function of the link may call the watcher,
 * which stays the caller's and must outlive the link.
 */
enum reply_result link_watch(struct link *l, struct reply_watcher *watcher);

/*
 * Drops the rest of the answer, then does the same as reply_wait; link_check does not wait.
 * REPLY_OK unless the server has ended the connection.
 */
enum reply_result link_wait(struct link *l, int64_t deadline_ms);
enum reply_result link_check(struct link *l);

/*
 * Has patience->tell called when an answer is late. patience stays the caller's and must outlive
 * the link; l->last says what it waits for.
 */
void link_patience(struct link *l, struct reply_patience *patience);

/* After link_ask: whether the request was refused because the server does not know it. */
bool link_lacks(const struct link *l);

/* Whether the connection broke. */
bool link_lost(const struct link *l);

/* Whether the connection can be used. */
bool link_usable(const struct link *l);

/* Why the last call failed; see reply_words(). */
struct span link_words(const struct link *l);

#endif
