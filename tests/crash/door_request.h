/* SPDX-License-Identifier: ISC */
/*
 * door_request: what a client of a campaign asks as a mail program or a mail server does: it sends
 * by submission or LMTP, and reads by POP3. For the client's thread.
 */
#ifndef DOOR_REQUEST_H
#define DOOR_REQUEST_H

#include "client.h"

/* A group, whose members are the first users. */
#define DOOR_GROUP   "crew"
#define DOOR_MEMBERS 3

/* Says what comes before the first request on a connection of r->way: a login, where there is one.
 */
enum reply_result door_begin(struct client *c, enum server_way way);

/*
 * Sends r->body to the mailboxes of r->copies, and to DOOR_GROUP if r->to_group. Of LMTP a repeat
 * goes to all again, or to those who were not answered for.
 */
request_ask door_send;

/*
 * A session of POP3: reads some messages, deletes some of them, and ends it with QUIT or, at times,
 * without. A repeat finds out whether QUIT took effect. The connection ends with it.
 */
request_ask door_read;

#endif
