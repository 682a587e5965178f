/*
 * request: reads the next request of a session (PROTOCOL 1 and 7). For the session's thread.
 */
#ifndef SESSION_REQUEST_H
#define SESSION_REQUEST_H

#include "session/session_private.h"

enum request_result {
    REQUEST_READY,   /* a payload is there */
    REQUEST_REFUSED, /* a frame came for which there was no memory; it was dropped */
    REQUEST_WOKEN,   /* the host has woken the session: look for news, then call again */
    REQUEST_ENDED    /* the session is closing; the client has been told why */
};

/*
 * Reads until one request is complete. *payload points into s->in and is valid until request_done.
 * Writes out the answers in s->out before it waits.
 */
enum request_result request_next(struct session *s, struct span *payload);

/* Ends the request that request_next returned as ready or refused. */
void request_done(struct session *s);

#endif
