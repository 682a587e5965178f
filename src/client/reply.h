/* SPDX-License-Identifier: ISC */
/*
 * reply: reads what a server sends: heads, then one argument a call. For one thread.
 *
 * A pull parser over an io: it needs memory for the largest argument, not for the whole answer, so
 * a mailbox can be of any size. The server is not trusted: every length is checked against what
 * arrives.
 */
#ifndef CLIENT_REPLY_H
#define CLIENT_REPLY_H

#include "base/buf.h"
#include "base/span.h"
#include "proto/io.h"
#include "proto/message.h"

enum reply_result {
    REPLY_OK,   /* the answer is Yes; or here is one more argument */
    REPLY_END,  /* there are no more arguments */
    REPLY_NOOP, /* the server refused the request; the connection can still be used */
    /* After these the connection cannot be used any more: */
    REPLY_EXIT,    /* the server ended it */
    REPLY_LOST,    /* it broke */
    REPLY_TIMEOUT, /* the server was silent for too long */
    REPLY_BROKEN,  /* the server does not follow the protocol */
    REPLY_MEMORY,  /* out of memory */
    REPLY_NOBODY   /* there never was one: the server cannot be reached */
};

/* mail is called for new mail between answers, after Watch. m is valid during the call. */
struct reply_watcher {
    void (*mail)(struct reply_watcher *w, const struct message *m);
};

/* tell is called whenever the server has been silent for ms while an answer is due. */
struct reply_patience {
    int64_t ms;
    void (*tell)(struct reply_patience *p);
};

struct reply {
    struct io *io;
    struct reply_patience *patience; /* NULL: none */
    struct reply_watcher *watcher;   /* NULL: new mail is not announced */
    int64_t idle_ms;
    size_t arg_limit;
    unsigned version;         /* 2: escapes are undone */
    struct buf in;            /* bytes that have arrived */
    size_t pos;               /* in.p[0..pos) has been taken */
    size_t barless;           /* how many bytes from pos on are known to contain no | */
    uint64_t frame;           /* bytes of the current frame's payload from pos on, arrived or not */
    uint64_t args;            /* how many of its arguments have not been handed out */
    struct buf words;         /* why the last call failed */
    enum reply_result failed; /* why the connection cannot be used, or REPLY_OK */
};

/*
 * The io stays the caller's and must outlive the reply. arg_limit: bytes of the largest argument
 * accepted, escapes included. idle_ms: how long the server may be silent.
 */
void reply_init(struct reply *r, struct io *io, size_t arg_limit, int64_t idle_ms);
void reply_free(struct reply *r);

/*
 * Reads the head of the next answer, and announcements of mail before it. REPLY_OK: the answer is
 * Yes, and r->args arguments follow for reply_next. Otherwise reply_words() says why, in the
 * server's own words if it sent any.
 */
enum reply_result reply_begin(struct reply *r);

/*
 * Reads the next argument of a Yes answer and undoes its escapes; reply_next_message parses it as a
 * message. The spans are valid until the next call. REPLY_END after the last argument. In version
 * 1 a line feed after a body that is complete without it is cut: servers of the report add one.
 */
enum reply_result reply_next(struct reply *r, struct span *arg);
enum reply_result reply_next_message(struct reply *r, struct message *m);

/* Reads the rest of the answer and drops it. REPLY_END on success. */
enum reply_result reply_skip(struct reply *r);

/*
 * Between answers: waits until the deadline for announcements of mail, then takes all that have
 * arrived and calls the watcher. A deadline in the past does not wait. REPLY_OK unless the server
 * has ended the connection.
 */
enum reply_result reply_wait(struct reply *r, int64_t deadline_ms);

/* Sets the reason for a failure after which the connection cannot be used. Returns result. */
enum reply_result reply_fail(struct reply *r, enum reply_result result, const char *words);

/*
 * Sets the reason for a request that is not sent because the server would not carry it out. Returns
 * REPLY_NOOP.
 */
enum reply_result reply_refuse(struct reply *r, const char *format, ...)
    __attribute__((format(__printf__, 2, 3)));

/*
 * Why the last call returned neither OK nor END. It may be in the server's own words: pass it
 * through view_safe() before printing. Valid until the next call.
 */
struct span reply_words(const struct reply *r);

#endif
