/* SPDX-License-Identifier: ISC */
/*
 * request: what a client of a campaign can ask, and how it takes the answer into the ledger. For
 * the client's thread.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include "client.h"

/* One request, and what it is about. */
struct request {
    const char *what;
    enum reply_result (*ask)(struct client *c, struct request *r);
    unsigned to;     /* mailbox */
    uint32_t number; /* of a letter */
    char token[LINK_TOKEN_BYTES + 1];
    bool again;     /* it was asked before, and its outcome is not known */
    unsigned start; /* of the server it was sent to last */
    bool sure;      /* what the server shows of the outcome of the one before will last */
};

/* The next of a sequence of numbers that look like chance. */
uint64_t request_chance(uint64_t *state);

/*
 * The body of an author and a number, which is always the same; its first line says which it is. In
 * c->body until the next call.
 */
struct span request_body(struct client *c, struct ledger_body which);

/* As any user, with one of the two passwords. */
enum reply_result request_login(struct client *c, const char *name, unsigned password);

/* Goes through an answer of messages: each is held against the ledger, then given its number to
 * each. */
enum reply_result request_messages(struct client *c, bool whole,
                                   void (*each)(struct client *c, uint32_t number));

/* To be asked until one is REPLY_OK or REPLY_END. */
typedef enum reply_result request_ask(struct client *c, struct request *r);

request_ask request_send, request_send_again, request_resend, request_show_unread,
    request_show_list, request_show_exact, request_delete, request_restore, request_password,
    request_register, request_delete_user, request_whether_gone;

#endif
