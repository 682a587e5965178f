/* SPDX-License-Identifier: ISC */
/*
 * client: a connection that costs its machine as little as can be, since it shares the cores with
 * the server that is measured. It speaks version 2, one request at a time.
 */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "os/clock.h"
#include "os/net.h"
#include "proto/frame.h"

#define CLIENT_PASSWORD   "secret" /* of all accounts that fill makes */
#define CLIENT_CONNECT_MS 10000
#define CLIENT_SILENCE_S  60
#define CLIENT_PIECE      65536
#define CLIENT_ANY        UINT64_MAX /* number of arguments */

static const struct dialect client_dialect = {FORM_LENGTH, 2, false};

struct client {
    int fd; /* blocking: a read that has to wait is one system call, not three */
    struct buf in, out;
    size_t used; /* of in: the answer that was given out last */
};

static inline void client_connect(struct client *c, const struct address_place *place)
{
    struct timeval silence = {.tv_sec = CLIENT_SILENCE_S};
    const char *why;

    c->fd = os_net_connect(place, os_clock_ms() + CLIENT_CONNECT_MS, NULL, &why);
    if (c->fd < 0)
        bench_fail("cannot connect", span_str(why));
    fcntl(c->fd, F_SETFL, fcntl(c->fd, F_GETFL) & ~O_NONBLOCK);
    setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
    buf_init(&c->in, SIZE_MAX / 4);
    buf_init(&c->out, SIZE_MAX / 4);
    c->used = 0;
}

static inline void client_close(struct client *c)
{
    close(c->fd);
    buf_free(&c->in);
    buf_free(&c->out);
}

/* Sends a request. */
static inline void client_ask(struct client *c, const char *op, const struct span *args,
                              size_t nargs)
{
    size_t mark;

    buf_clear(&c->out);
    mark = frame_open(&c->out, client_dialect, op, nargs);
    for (size_t i = 0; i < nargs; i++)
        frame_arg(&c->out, client_dialect, args[i]);
    frame_close(&c->out, client_dialect, mark);
    if (send(c->fd, c->out.p, c->out.n, MSG_NOSIGNAL) != (ssize_t)c->out.n)
        bench_fail("cannot send", span_str(op));
}

/* Waits for some bytes and adds them to what is in the buffer. */
static inline void client_receive(struct client *c)
{
    char *room = buf_space(&c->in, CLIENT_PIECE);
    ssize_t n = room ? recv(c->fd, room, CLIENT_PIECE, 0) : -1;

    if (n <= 0)
        bench_fail("no answer, but", buf_span(&c->in));
    buf_added(&c->in, (size_t)n);
}

/* Waits for some bytes of an answer. True: it is whole, valid until the next call. */
static inline bool client_hear(struct client *c, struct span *payload)
{
    struct frame_scan scan;

    buf_consume(&c->in, c->used);
    c->used = 0;
    client_receive(c);
    if (frame_scan(buf_span(&c->in), FORM_LENGTH, SIZE_MAX, &scan) != FRAME_DONE)
        return false;
    *payload = scan.payload;
    c->used = scan.total;
    return true;
}

/* Cuts an answer, which must be Yes, down to its other arguments; returns how many these are. */
static inline uint64_t client_check(struct span *payload)
{
    struct span whole = *payload, op, yes;
    uint64_t nargs;

    if (!frame_head(payload, &op, &nargs) || !span_eq(op, SPAN("Answer")) || nargs < 1 ||
        !span_cut(payload, '|', &yes) || !span_eq(yes, SPAN("Yes")))
        bench_fail("wrong answer", whole);
    return nargs - 1;
}

/* Waits for an answer: Yes, and so many arguments. Returns these. */
static inline struct span client_get(struct client *c, uint64_t expected)
{
    struct span payload;
    uint64_t n;

    while (!client_hear(c, &payload))
        ;
    n = client_check(&payload);
    if (n != expected && expected != CLIENT_ANY)
        bench_fail("not so many arguments were expected", payload);
    return payload;
}

/* Both. */
static inline struct span client_do(struct client *c, const char *op, const struct span *args,
                                    size_t nargs, uint64_t expected)
{
    client_ask(c, op, args, nargs);
    return client_get(c, expected);
}

static inline void client_start(struct client *c, const struct address_place *place)
{
    client_connect(c, place);
    client_do(c, "Start", (struct span[]){SPAN("2")}, 1, 1);
}

static inline void client_ask_login(struct client *c, const char *user)
{
    client_ask(c, "Login", (struct span[]){span_str(user), SPAN(CLIENT_PASSWORD)}, 2);
}

/* Connects and logs in. */
static inline void client_log_in(struct client *c, const struct address_place *place,
                                 const char *user)
{
    client_start(c, place);
    client_ask_login(c, user);
    client_get(c, 0);
}

/* How many messages are in the mailbox of the user who is logged in. */
static inline uint64_t client_messages(struct client *c)
{
    struct span answer = client_do(c, "Status", NULL, 0, 5), total;
    uint64_t n;

    if (!span_cut(&answer, '|', &total) || !span_u64(total, UINT64_MAX, &n))
        bench_fail("Status has no total", answer);
    return n;
}

#endif
