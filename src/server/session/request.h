/* SPDX-License-Identifier: ISC */
/*
 * request: reads a session's requests, within its limits of time, size and memory (input.h).
 */
#ifndef SESSION_REQUEST_H
#define SESSION_REQUEST_H

#include "session/state.h"

enum request_result {
    REQUEST_READY,   /* *payload is a request */
    REQUEST_REFUSED, /* a request was dropped, because there was no memory for it */
    REQUEST_WOKEN,   /* the host woke the session; call again */
    REQUEST_ENDED    /* no more will come; the session is closing */
};

/*
 * Reads one whole request. Writes s->out before it waits. *payload points into s->in and is
 * valid until request_done.
 */
enum request_result request_next(struct session *s, struct span *payload);

/* Ends a request that was ready or refused, after its answer is in s->out. */
void request_done(struct session *s);

#endif
