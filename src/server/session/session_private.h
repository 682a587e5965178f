/*
 * session_private: the state of one session, which its modules share (request, reply, session_log,
 * args, auth, wire and the commands). Used by the session's thread alone.
 */
#ifndef SESSION_SESSION_PRIVATE_H
#define SESSION_SESSION_PRIVATE_H

#include "base/buf.h"
#include "proto/dialect.h"
#include "session/session.h"

#define SESSION_BASE_BYTES 8192 /* of the input buffer; every session has at least these */

struct session {
    const struct service *service;
    struct io *io;
    struct session_host *host;

    struct dialect dialect;
    bool logged_in;
    struct who who;       /* while logged_in */
    int64_t try_again_ms; /* the delay of the last password that was checked; 0: none */
    bool watching;
    struct watcher watcher; /* while watching */
    uint32_t announced;     /* messages up to this id were announced, or came before Watch */
    bool behind;            /* some news could not be announced yet */

    struct buf in;
    size_t taken;       /* bytes at the start of in that are handled; 0 while reading */
    size_t frame_bytes; /* of the current request, once it is complete */
    size_t frame_limit; /* of the frame that is awaited; fixed when it begins */
    uint64_t skip;      /* bytes of a refused frame still to come; see request.c */
    uint64_t skipped;   /* bytes of it that came and were dropped */
    size_t share;       /* of the service's memory, for what in has above SESSION_BASE_BYTES */
    uint64_t bytes_in, bytes_out;
    int64_t started_ms; /* when the session began */
    int64_t asked_ms;   /* when the current request was complete */
    int64_t heard_ms;   /* when the last byte came */
    int64_t begun_ms;   /* when the first byte of the awaited frame came */
    bool first_line;    /* only CR and LF came so far */

    struct buf out;     /* answers not yet written */
    uint64_t written;   /* bytes of the current answer that are written */
    int64_t write_ms;   /* how long writing them took */
    bool closing;       /* no further request is handled */
    bool broken;        /* nothing more can be written */
    const char *ending; /* while closing: the reason; valid until the session has ended */
};

#endif
