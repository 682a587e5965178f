/*
 * reply: reading what a server sends: heads, then one argument a call.
 *
 * A pull parser over an io: memory is bounded by the largest single argument, never by the answer,
 * so that a mailbox of any size streams through. The server is not trusted: every length it gives
 * is checked against what really comes.
 */
#ifndef CLIENT_REPLY_H
#define CLIENT_REPLY_H

#include "base/buf.h"
#include "base/span.h"
#include "proto/io.h"
#include "proto/message.h"

enum reply_result {
    REPLY_OK,      /* Yes; or: here is one more argument */
    REPLY_END,     /* there are no more arguments */
    REPLY_NOOP,    /* the server refused; the connection goes on */
    REPLY_EXIT,    /* the server ended the connection. From here on it is of no more use: */
    REPLY_LOST,    /* it broke */
    REPLY_TIMEOUT, /* nothing came for too long */
    REPLY_BROKEN,  /* what came is not the protocol */
    REPLY_MEMORY,  /* out of memory */
    REPLY_NOBODY   /* there never was one: the server could not be reached */
};

/* Told of mail that comes between answers, once Watch was asked for. m dies on return. */
struct reply_watcher {
    void (*mail)(struct reply_watcher *w, const struct message *m);
};

struct reply {
    struct io *io;
    struct reply_watcher *watcher; /* NULL: news of mail is dropped */
    int64_t idle_ms;               /* how long nothing may come */
    size_t arg_limit;              /* bytes of the largest argument, as it travels */
    unsigned version;              /* 2: escapes are undone */
    struct buf in;                 /* what came and is not done with */
    size_t pos;                    /* in.p[0..pos) is done with */
    size_t barless;                /* so many bytes from pos on were searched and hold no | */
    uint64_t frame;   /* bytes of the current frame's payload from pos on, here or still to come */
    uint64_t args;    /* its arguments not handed out yet */
    struct buf words; /* what the last failure was, in words */
    enum reply_result failed; /* REPLY_EXIT or worse once that happened, else REPLY_OK */
};

void reply_init(struct reply *r, struct io *io, size_t arg_limit, int64_t idle_ms);
void reply_free(struct reply *r);

/*
 * Reads the head of the next answer, and news before it. REPLY_OK: Yes, and r->args arguments
 * follow for reply_next. Otherwise reply_words() says why, the server's own words first of all.
 */
enum reply_result reply_begin(struct reply *r);

/*
 * The next argument of a Yes answer, escapes undone; or, as a message, those of its body. It points
 * into r and dies at the next call. REPLY_END follows the last one.
 */
enum reply_result reply_next(struct reply *r, struct span *arg);
enum reply_result reply_next_message(struct reply *r, struct message *m);

/* Reads what is left of the answer and drops it. REPLY_END when that went well. */
enum reply_result reply_skip(struct reply *r);

/*
 * Takes, between answers, what the server sends by itself: news for the watcher. Waits until the
 * deadline for some, then takes all that are there; one in the past does not wait. REPLY_OK while
 * the server has not ended the connection.
 */
enum reply_result reply_wait(struct reply *r, int64_t deadline_ms);

/* Notes a failure in words and returns it. */
enum reply_result reply_fail(struct reply *r, enum reply_result result, const char *words);

/* Why the last call was neither OK nor END. May be the server's own words: not safe to print as is.
 * Dies at the next call. */
struct span reply_words(const struct reply *r);

#endif
