/*
 * link: requests to a server over an io, and their answers. Length form only.
 *
 * One request at a time: what the caller did not read of an answer is dropped by the next request.
 * Before a request is sent the link looks whether the server has ended the connection meanwhile, so
 * that its reason is not lost. For one thread.
 */
#ifndef CLIENT_LINK_H
#define CLIENT_LINK_H

#include "client/reply.h"
#include "proto/opcode.h"

#define LINK_ARG_LIMIT   ((size_t)64 << 20) /* bytes of the largest argument taken */
#define LINK_IDLE_MS     60000
#define LINK_TOKEN_BYTES 32

struct link {
    struct reply reply;
    struct buf out;
};

/* The io stays the caller's and must outlive the link. */
void link_init(struct link *l, struct io *io, size_t arg_limit, int64_t idle_ms);
void link_free(struct link *l);

/* Begins the session: version 2 where the server knows it, else version 1. */
enum reply_result link_start(struct link *l);

/* The same where the request has been sent already, by whoever made the io. */
enum reply_result link_started(struct link *l);

/* 1 or 2. */
unsigned link_version(const struct link *l);

/*
 * Sends a request, and reads the head of its answer. REPLY_OK: Yes, and its arguments follow with
 * link_next or link_next_message; see reply.h for the rest.
 */
enum reply_result link_ask(struct link *l, enum opcode op, const struct span *args, size_t nargs);

/*
 * Send mes, or Resend, with a token by which the server knows a repeat (NULL: without). The token
 * is left out in version 1.
 */
enum reply_result link_send(struct link *l, struct span name, struct span body, const char *token);
enum reply_result link_resend(struct link *l, struct span name, struct span id, const char *token);

enum reply_result link_next(struct link *l, struct span *arg);
enum reply_result link_next_message(struct link *l, struct message *m);

/*
 * Watch: from now on the watcher is told of mail in the midst of any of these functions. It stays
 * the caller's and must outlive the link.
 */
enum reply_result link_watch(struct link *l, struct reply_watcher *watcher);

/*
 * Takes what the server sends by itself, as reply_wait does; link_check without waiting. REPLY_OK
 * while the server has not ended the connection.
 */
enum reply_result link_wait(struct link *l, int64_t deadline_ms);
enum reply_result link_check(struct link *l);

/* Whether it failed since the connection broke. */
bool link_lost(const struct link *l);

/* Why the last call failed; see reply_words. */
struct span link_words(const struct link *l);

#endif
