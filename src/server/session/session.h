/* SPDX-License-Identifier: ISC */
/*
 * session: one client's conversation, from the first byte to the last, over any io (PROTOCOL 1 to 5
 * and 7). One thread runs it. It knows nothing of sockets, so tests and fuzzers can run whole
 * sessions from memory.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "session/conversation.h"

extern const struct conversation session_conversation;

/* Its function run (conversation.h). */
void session_run(const struct service *service, struct io *io, struct session_host *host);

#endif
