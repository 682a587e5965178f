/* SPDX-License-Identifier: ISC */
/*
 * session: one client's conversation, from the first byte to the last, over any io (PROTOCOL 1 to 5
 * and 7). One thread runs it. It knows nothing of sockets, so tests and fuzzers can run whole
 * sessions from memory.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "proto/io.h"
#include "session/host.h"
#include "session/service.h"

/*
 * Runs a session to its end: the client sends Exit, the connection closes or breaks, a deadline
 * passes, or the host has a reason to end it. By then everything that could be answered has been
 * written; the caller closes the connection.
 */
void session_run(const struct service *service, struct io *io, struct session_host *host);

#endif
