/* SPDX-License-Identifier: ISC */
/*
 * verbs_ids: does something with each of the messages that a verb is about. For one thread.
 */
#ifndef CLIENT_VERBS_IDS_H
#define CLIENT_VERBS_IDS_H

#include "client/ids.h"
#include "client/verbs_run.h"

/* A walk over messages. act may read the first members and set stop. */
struct verbs_ids {
    struct verbs_run *run;
    struct ids ids;
    size_t at; /* ids.id[at] is the message's id */
    bool stop; /* go no further */
    void *ctx;

    /* Does it with one message. If the result is not ERROR_NONE, it has said why. */
    enum error_code (*act)(struct verbs_ids *walk);
};

/* Whether no message follows. */
bool verbs_ids_last(const struct verbs_ids *walk);

/* Sends a request whose first argument is the message's id; state, if not NULL, is the second. */
enum reply_result verbs_ids_ask(struct verbs_ids *walk, enum opcode op, const char *state);

/*
 * Gets the message. It keeps its state, unless may_mark is true and the server can show a message
 * only by marking it as read. The spans of *m are valid until the next request.
 */
enum error_code verbs_ids_message(struct verbs_ids *walk, bool may_mark, struct message *m);

/* Says which message a request failed for, and why. Returns the exit code. */
enum error_code verbs_ids_failed(struct verbs_ids *walk, enum reply_result result);

/*
 * Walks over the messages that text means (see ids_find) in the order of their ids. After a failure
 * it goes on with the next message, unless act stops the walk or the connection cannot be used any
 * more. Returns the first failure; ERROR_NOTHING if there are no messages.
 */
enum error_code verbs_ids_walk(struct verbs_run *run, const char *text, enum opcode list,
                               enum error_code (*act)(struct verbs_ids *walk), void *ctx);

#endif
