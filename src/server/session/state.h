/* SPDX-License-Identifier: ISC */
/*
 * state: one session's data, for the modules of this room and of doors. One thread, the session's,
 * uses it.
 */
#ifndef SESSION_STATE_H
#define SESSION_STATE_H

#include "base/buf.h"
#include "proto/dialect.h"
#include "proto/io.h"
#include "session/conversation.h"
#include "session/host.h"
#include "session/service.h"

struct session {
    const struct service *service;
    struct io *io;
    struct session_host *host;
    const struct conversation *talk;

    struct dialect dialect;
    bool logged_in;
    struct who who;       /* while logged_in */
    uint64_t proven;      /* a keyed hash of the password proven last (auth.c); 0: none */
    int64_t try_again_ms; /* how long the last password had to wait; 0: not at all */

    bool watching;
    struct watcher watcher; /* while watching */
    uint32_t announced;     /* the last message that was announced or was there before Watch */
    bool unannounced;       /* some later messages could not be announced yet */

    /* Input: see input.c. */
    struct buf in;
    size_t taken;              /* bytes at the start of in that are done with; 0 while reading */
    uint64_t dropped;          /* bytes of the current request that were done with before them */
    size_t request_bytes;      /* of the request that follows them, once it is complete */
    struct budget_share share; /* for the bytes of in beyond INPUT_BASE_BYTES */
    uint64_t bytes_in;
    int64_t started_ms;  /* when the session began */
    int64_t received_ms; /* when the current request was complete */
    int64_t heard_ms;    /* when the last byte arrived */
    int64_t begun_ms;    /* when the first byte of the awaited request arrived */
    bool rested;         /* since heard_ms its thread has given back what it can */

    /* Frames: see request.c. */
    size_t frame_limit; /* of the frame that is awaited; fixed when it begins */
    uint64_t skip;      /* bytes of a refused frame that are still to come */
    bool first_line;    /* nothing but CR and LF has arrived yet */

    /* Output: see reply.c. */
    struct buf out; /* answers not yet written */
    uint64_t bytes_out;
    uint64_t whole;     /* bytes_out at the end of the last frame that is complete in out */
    uint64_t edge;      /* bytes_out when what was written last ended with a frame */
    uint64_t written;   /* bytes of this answer and of those written with it */
    int64_t write_ms;   /* how long that took */
    bool closing;       /* no other request follows this one */
    bool broken;        /* nothing more can be written */
    const char *ending; /* why, once it is closing; valid to the end */
};

/* How long a client at the lowest rate allowed takes for these bytes. */
static inline int64_t session_slowest_ms(const struct session *s, uint64_t bytes)
{
    return (int64_t)(bytes * 1000 / s->service->limits.minimum_rate);
}

#endif
