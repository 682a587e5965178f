/* SPDX-License-Identifier: ISC */
/*
 * conversation: what is said over a connection: the protocol of Pochta (session.h), or one of those
 * that mail programs speak (doors/).
 */
#ifndef SESSION_CONVERSATION_H
#define SESSION_CONVERSATION_H

#include "proto/dialect.h"
#include "proto/frame.h"
#include "proto/io.h"
#include "session/host.h"
#include "session/service.h"

struct conversation {
    /*
     * Runs a session until the client ends it, the connection closes or breaks, a deadline passes,
     * or the host has a reason to end it. Before it returns, everything that could be answered has
     * been written; the caller closes the connection.
     */
    void (*run)(const struct service *service, struct io *io, struct session_host *host);

    /*
     * Writes into out the last answer to a client, with the reason why the server stops serving it,
     * or does not serve it at all. Allocates nothing. Only the protocol of Pochta uses the dialect.
     * Returns the number of bytes in out.
     */
    size_t (*farewell)(char out[FRAME_EXIT_BYTES], struct dialect d, const char *reason);
};

#endif
