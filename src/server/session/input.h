/* SPDX-License-Identifier: ISC */
/*
 * input: what a client has sent, within the limits of time and memory. request.h finds the frames
 * of the protocol in it, doors/ the lines of others. For the session's thread.
 */
#ifndef SESSION_INPUT_H
#define SESSION_INPUT_H

#include "base/span.h"
#include "session/state.h"

#define INPUT_BASE_BYTES 8192 /* of the input buffer: every session has them */

/* The bytes that have arrived and are not done with. They point into s->in. */
struct span input_waiting(const struct session *s);

/* Whether nothing of the next request has arrived. */
bool input_is_between(const struct session *s);

/* The first n of the bytes that wait belong to the request that is being read, and are done with.
 */
void input_drop(struct session *s, size_t n);

enum input_result {
    INPUT_MORE,      /* some bytes were added to those that wait */
    INPUT_NO_MEMORY, /* no room for more; s->in.cap is 0: not even to drop bytes */
    INPUT_WOKEN,     /* the host woke the session; call again */
    INPUT_CLOSED,    /* the client has closed its side: no more will come */
    INPUT_ENDED /* the session is closing: a deadline has passed, or the connection is broken */
};

/*
 * Waits for more bytes; the span of those that wait is no longer valid. Writes s->out before it
 * waits. whole: how many bytes the awaited request has, if that is known, otherwise 0.
 */
enum input_result input_more(struct session *s, uint64_t whole);

/*
 * The request that was read, the next s->request_bytes, has been answered: its bytes are done with,
 * and the limits of time begin again for the next one. Gives memory back.
 */
void input_done(struct session *s);

#endif
