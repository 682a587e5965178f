/* SPDX-License-Identifier: ISC */
/*
 * peek: gets a message without changing its state, and marks it as read when it has been written
 * out. For one thread.
 */
#ifndef CLIENT_PEEK_H
#define CLIENT_PEEK_H

#include "client/link.h"

/*
 * Gets one message; m is valid until the next call on the link. may_mark: from a server that does
 * not know Peek mes, get it by Show exact, which marks it; otherwise the call fails with such a
 * server, and link_lacks() is true. An answer that is not this whole message is REPLY_BROKEN.
 */
enum reply_result peek_message(struct link *l, uint64_t id, bool may_mark, struct message *m);

/*
 * Marks a message as read. If the server refuses, the message stays unread, which does no harm and
 * is REPLY_OK. Other results: the connection cannot be used any more.
 */
enum reply_result peek_mark_read(struct link *l, uint64_t id);

#endif
