/* SPDX-License-Identifier: ISC */
#include "client/link.h"

#include "client/language.h"
#include "os/clock.h"
#include "os/crypt.h"
#include "proto/escape.h"
#include "proto/frame.h"

#define CHUNK_BYTES    ((size_t)65536)
#define EXIT_MS        2000
#define ALIVE_MS       5000
#define OVERHEAD_BYTES 256 /* of a request: opcode, numbers, token, a message's other fields */

void link_init(struct link *l, struct io *io, size_t arg_limit, int64_t idle_ms)
{
    reply_init(&l->reply, io, arg_limit, idle_ms);
    l->lacks = false;
    l->last = OP_START;
    buf_init(&l->out, SIZE_MAX / 4);
}

void link_free(struct link *l)
{
    reply_free(&l->reply);
    buf_free(&l->out);
}

unsigned link_version(const struct link *l)
{
    return l->reply.version;
}

struct span link_words(const struct link *l)
{
    return reply_words(&l->reply);
}

bool link_lost(const struct link *l)
{
    return l->reply.failed == REPLY_LOST;
}

bool link_usable(const struct link *l)
{
    return l->reply.failed == REPLY_OK;
}

bool link_lacks(const struct link *l)
{
    return l->lacks;
}

void link_patience(struct link *l, struct reply_patience *patience)
{
    l->reply.patience = patience;
}

enum reply_result link_next(struct link *l, struct span *arg)
{
    return reply_next(&l->reply, arg);
}

enum reply_result link_next_message(struct link *l, struct message *m)
{
    return reply_next_message(&l->reply, m);
}

static struct dialect dialect(const struct link *l)
{
    return (struct dialect){FORM_LENGTH, link_version(l), false};
}

enum reply_result link_wait(struct link *l, int64_t deadline_ms)
{
    enum reply_result result = reply_skip(&l->reply);
    return result == REPLY_END ? reply_wait(&l->reply, deadline_ms) : result;
}

enum reply_result link_check(struct link *l)
{
    return link_wait(l, os_clock_ms());
}

/* Writes in pieces, each with its own deadline: a slow connection may go on, a stalled one ends. */
static enum io_result write_out(struct link *l)
{
    struct io *io = l->reply.io;
    for (struct span s = buf_span(&l->out); s.n > 0;) {
        struct span piece = span_first(s, CHUNK_BYTES);
        enum io_result result = io->write(io, piece.p, piece.n, os_clock_ms() + l->reply.idle_ms);
        if (result != IO_OK)
            return result;
        s = span_skip(s, piece.n);
    }
    return IO_OK;
}

/*
 * Sends l->out and reads the head of the answer, even if the server has stopped reading halfway: it
 * may have said why.
 */
static enum reply_result exchange(struct link *l)
{
    bool whole = buf_ok(&l->out);
    enum io_result written = whole ? write_out(l) : IO_OK;
    /* It may contain a password. */
    if (l->out.p)
        os_crypt_wipe(l->out.p, l->out.n);
    if (!whole)
        return reply_fail(&l->reply, REPLY_MEMORY, _("out of memory"));
    enum reply_result result = reply_begin(&l->reply);
    if (written != IO_OK && result == REPLY_OK)
        return reply_fail(&l->reply, REPLY_BROKEN,
                          _("the server answered before the request was complete"));
    return result;
}

/* Empties l->out and reserves all its room now: a buffer that grows leaves copies of a password. */
static enum reply_result prepare(struct link *l, size_t bytes)
{
    enum reply_result result = link_check(l);
    if (result != REPLY_OK)
        return result;
    buf_clear(&l->out);
    buf_trim(&l->out, CHUNK_BYTES);
    if (!buf_reserve(&l->out, ESCAPE_GROWTH * bytes + OVERHEAD_BYTES))
        return reply_fail(&l->reply, REPLY_MEMORY, _("out of memory"));
    return REPLY_OK;
}

/* The server does not know the request, or would not. */
static enum reply_result refuse_unknown(struct link *l, enum opcode op)
{
    l->lacks = true;
    return reply_refuse(&l->reply, _("this server does not know %s"), opcode_info(op)->wire);
}

enum reply_result link_ask(struct link *l, enum opcode op, const struct span *args, size_t nargs)
{
    size_t bytes = 0;
    l->lacks = false;
    l->last = op;
    /* A server of the report leaves any other operation without an answer. */
    if (link_version(l) < 2 && !(opcode_info(op)->flags & OPCODE_REPORT))
        return refuse_unknown(l, op);
    for (size_t i = 0; i < nargs; i++)
        bytes += args[i].n;
    enum reply_result result = prepare(l, bytes);
    if (result != REPLY_OK)
        return result;
    size_t mark = frame_open(&l->out, dialect(l), opcode_info(op)->wire, nargs);
    for (size_t i = 0; i < nargs; i++)
        frame_arg(&l->out, dialect(l), args[i]);
    frame_close(&l->out, dialect(l), mark);
    result = exchange(l);
    /* Older servers of this project answer so. */
    if (result == REPLY_NOOP && span_starts(link_words(l), SPAN("unknown command")))
        return refuse_unknown(l, op);
    return result;
}

/* Takes the version from the answer to Start; result is that of the answer's head. */
static enum reply_result take_version(struct link *l, enum reply_result result)
{
    struct span version;
    if (result != REPLY_OK)
        return result;
    result = link_next(l, &version);
    if (result == REPLY_OK && span_eq(version, SPAN("2")))
        l->reply.version = 2;
    return result == REPLY_END ? REPLY_OK : result;
}

enum reply_result link_start(struct link *l)
{
    struct span wanted = SPAN("2");
    return take_version(l, link_ask(l, OP_START, &wanted, 1));
}

enum reply_result link_started(struct link *l)
{
    return take_version(l, reply_begin(&l->reply));
}

enum reply_result link_exit(struct link *l)
{
    if (l->reply.idle_ms > EXIT_MS)
        l->reply.idle_ms = EXIT_MS;
    return link_ask(l, OP_EXIT, NULL, 0);
}

enum reply_result link_keep_alive(struct link *l)
{
    int64_t idle_ms = l->reply.idle_ms;
    if (idle_ms > ALIVE_MS)
        l->reply.idle_ms = ALIVE_MS;
    enum reply_result result = link_ask(l, OP_NOOP, NULL, 0);
    l->reply.idle_ms = idle_ms;
    return result;
}

enum reply_result link_watch(struct link *l, struct reply_watcher *watcher)
{
    l->reply.watcher = watcher;
    return link_ask(l, OP_WATCH, NULL, 0);
}

enum reply_result link_send(struct link *l, struct span name, struct span body, const char *token)
{
    enum reply_result result = prepare(l, name.n + body.n);
    l->last = OP_SEND;
    if (result != REPLY_OK)
        return result;
    bool has_token = token && link_version(l) >= 2;
    size_t mark = frame_open(&l->out, dialect(l), opcode_info(OP_SEND)->wire, has_token ? 3 : 2);
    frame_arg(&l->out, dialect(l), name);
    /* A message as a client sends it: the server sets all fields except the body. */
    const struct message m = {.from = SPAN(""), .date = SPAN("")};
    message_add_head(&l->out, &m);
    escape_add(&l->out, body, dialect(l), ESCAPE_FIELD);
    buf_add_str(&l->out, "^|");
    if (has_token)
        frame_arg(&l->out, dialect(l), span_str(token));
    frame_close(&l->out, dialect(l), mark);
    return exchange(l);
}

enum reply_result link_resend(struct link *l, struct span name, struct span id, const char *token)
{
    if (link_version(l) < 2)
        return link_ask(l, OP_RESEND, (struct span[]){id, name}, 2);
    struct span args[3] = {name, id, token ? span_str(token) : SPAN("")};
    return link_ask(l, OP_RESEND, args, token ? 3 : 2);
}
