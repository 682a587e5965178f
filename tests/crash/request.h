/* SPDX-License-Identifier: ISC */
/*
 * request: what a client of a campaign can ask, and how it takes the answer into the ledger. For
 * the client's thread.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include "client.h"

/* As any user, with one of the two passwords. */
enum reply_result request_login(struct client *c, const char *name, unsigned password);

/* Goes through an answer of messages: each is held against the ledger, then given its number to
 * each. */
enum reply_result request_messages(struct client *c, bool whole,
                                   void (*each)(struct client *c, uint32_t number));

request_ask request_send, request_send_again, request_resend, request_show_unread,
    request_show_list, request_show_exact, request_delete, request_restore, request_password,
    request_register, request_delete_user, request_whether_gone;

#endif
