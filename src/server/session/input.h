/* SPDX-License-Identifier: ISC */
/*
 * input: reads what a client sends, within the limits of time and memory. request.h finds the
 * frames of our protocol in it; doors/ finds the lines of other protocols. For the session's
 * thread.
 */
#ifndef SESSION_INPUT_H
#define SESSION_INPUT_H

#include "base/span.h"
#include "session/state.h"

/* Why a session ends if its client is silent, or too slow. */
#define INPUT_IDLE "idle timeout"
#define INPUT_SLOW "the rest of the request did not arrive in time"

#define INPUT_BASE_BYTES 8192 /* of the input buffer, outside the budget that sessions share */

/* The bytes that have arrived and wait to be handled. They point into s->in. */
struct span input_waiting(const struct session *s);

/* Whether nothing of the next request has arrived. */
bool input_is_between(const struct session *s);

/* Drops the first n of the bytes that wait; they count as a part of the request that is being read.
 */
void input_drop(struct session *s, size_t n);

enum input_result {
    INPUT_MORE,      /* some bytes were added to those that wait */
    INPUT_NO_MEMORY, /* no room for more; if s->in.cap is 0, not even to read and drop bytes */
    INPUT_WOKEN,     /* the host woke the session; call again */
    INPUT_CLOSED,    /* the client has closed its side: no more will come */
    INPUT_ENDED /* the session is closing: a deadline has passed, or the connection is broken */
};

/*
 * Waits for more bytes; earlier results of input_waiting are no longer valid. Writes s->out before
 * it waits. whole: how many bytes the awaited request has; 0 if that is not known.
 */
enum input_result input_more(struct session *s, uint64_t whole);

/*
 * To be called when a request is complete: it is the server's turn, so the client's silence does
 * not count, and the time that the request takes begins.
 */
void input_complete(struct session *s);

/*
 * To be called when a request has been answered: it is the client's turn again. Drops its bytes,
 * the next s->request_bytes, gives memory back, and starts the limits of time again for the next
 * request.
 */
void input_done(struct session *s);

#endif
