/* SPDX-License-Identifier: ISC */
/* The protocols whose answers say how long they are: Pochta's, Redis's (RESP 2), and the echo. */
#include <string.h>

#include "generator.h"
#include "proto/frame.h"

#define HEAD_BYTES 4096 /* enough for an answer up to its first message's body */

static void compose(struct work *w, char *body)
{
    memset(body, 'x', w->bytes);
    w->body = span_of(body, w->bytes);
}

/* --- Pochta --- */

static const struct dialect dialect = {FORM_LENGTH, 2, false};

static void ask_frame(struct connection *c, const char *op, const struct span *args, size_t n)
{
    size_t mark = frame_open(&c->out, dialect, op, n);

    for (size_t i = 0; i < n; i++)
        frame_arg(&c->out, dialect, args[i]);
    frame_close(&c->out, dialect, mark);
}

static void ask_send(struct connection *c)
{
    ask_frame(c, "Send mes",
              (struct span[]){span_str(c->to), c->work->body, span_str(connection_token(c))}, 3);
}

static void ask_show(struct connection *c)
{
    char id[12];

    snprintf(id, sizeof id, "%u", connection_message(c));
    ask_frame(c, "Show exact", (struct span[]){span_str(id)}, 1);
}

static void ask_pochta(struct connection *c, unsigned stage)
{
    if (stage == 0)
        ask_frame(c, "Start", (struct span[]){SPAN("2")}, 1);
    else if (stage == 1)
        ask_frame(c, "Login", (struct span[]){span_str(c->from), SPAN(GENERATOR_PASSWORD)}, 2);
    else if (c->work->operation == OP_SEND)
        ask_send(c);
    else if (c->work->operation == OP_SHOW)
        ask_show(c);
    else
        ask_frame(c, "Show all", NULL, 0);
}

/* How many arguments follow the Yes of an operation. */
static uint64_t arguments(const struct connection *c)
{
    return c->work->operation == OP_ALL ? c->work->count : 1;
}

static void check_pochta(struct connection *c, unsigned stage)
{
    struct span in = span_first(buf_span(&c->in), HEAD_BYTES), yes, op;
    struct span payload = span_skip(in, FRAME_LENGTH_DIGITS);
    uint64_t n, bodies = arguments(c);

    if (!frame_head(&payload, &op, &n) || !span_eq(op, SPAN("Answer")) ||
        !span_cut(&payload, '|', &yes) || !span_eq(yes, SPAN("Yes")))
        bench_fail("wrong answer", in);
    if (stage < 2)
        return;
    if (n != bodies + 1 || (c->work->operation != OP_SEND && c->in.n < bodies * c->work->bytes))
        bench_fail("another number of messages, or bytes", in);
}

static size_t whole_pochta(struct connection *c, unsigned stage)
{
    struct span in = buf_span(&c->in);
    uint64_t length;

    if (in.n < FRAME_LENGTH_DIGITS)
        return 0;
    if (!span_u64(span_first(in, FRAME_LENGTH_DIGITS), FRAME_LENGTH_MAX, &length))
        bench_fail("not a frame", in);
    c->expected = FRAME_LENGTH_DIGITS + length;
    if (in.n < c->expected)
        return 0;
    check_pochta(c, stage);
    return c->expected;
}

const struct protocol protocol_pochta = {
    "pochta", 2, {[OP_SEND] = 1, [OP_SHOW] = 1, [OP_ALL] = 1}, compose, ask_pochta, whole_pochta};

/* --- Redis: a mailbox is a list --- */

static void add_bulk(struct buf *out, struct span s)
{
    buf_add_char(out, '$');
    buf_add_u64(out, s.n, 0);
    buf_add_str(out, "\r\n");
    buf_add(out, s);
    buf_add_str(out, "\r\n");
}

static void ask_redis(struct connection *c, unsigned stage)
{
    char index[12];
    (void)stage;

    if (c->work->operation == OP_SEND) {
        buf_add_str(&c->out, "*3\r\n");
        add_bulk(&c->out, SPAN("LPUSH"));
        add_bulk(&c->out, span_str(c->to));
        add_bulk(&c->out, c->work->body);
        return;
    }
    snprintf(index, sizeof index, "%u", connection_message(c) - 1);
    buf_add_str(&c->out, "*4\r\n");
    add_bulk(&c->out, SPAN("LRANGE"));
    add_bulk(&c->out, span_str(c->from));
    add_bulk(&c->out, c->work->operation == OP_SHOW ? span_str(index) : SPAN("0"));
    add_bulk(&c->out, c->work->operation == OP_SHOW ? span_str(index) : SPAN("-1"));
}

/* ":17": the list's length after it. */
static size_t whole_number(struct connection *c)
{
    struct span in = buf_span(&c->in), line = span_first(in, span_find(in, '\r'));
    uint64_t n;

    if (in.n == 0 || in.p[in.n - 1] != '\n')
        return 0;
    if (line.p[0] != ':' || !span_u64(span_skip(line, 1), UINT64_MAX, &n) || n == 0)
        bench_fail("wrong answer", in);
    return in.n;
}

/* "*N", then "$BYTES" and a message, N times. */
static size_t whole_list(struct connection *c)
{
    const struct work *w = c->work;
    unsigned n = w->operation == OP_ALL ? w->count : 1;
    struct span in = buf_span(&c->in);
    char head[32], bulk[32];
    size_t head_bytes = (size_t)snprintf(head, sizeof head, "*%u\r\n", n);
    size_t bulk_bytes = (size_t)snprintf(bulk, sizeof bulk, "$%u\r\n", w->bytes);

    if (in.n < head_bytes + bulk_bytes && in.p[0] == '*')
        return 0;
    if (!span_starts(in, span_str(head)) || !span_starts(span_skip(in, head_bytes), span_str(bulk)))
        bench_fail("wrong answer", in);
    c->expected = head_bytes + n * (bulk_bytes + w->bytes + 2);
    if (in.n < c->expected)
        return 0;
    if (memcmp(in.p + c->expected - w->bytes - 2 - bulk_bytes, bulk, bulk_bytes) != 0)
        bench_fail("another message", in);
    return c->expected;
}

static size_t whole_redis(struct connection *c, unsigned stage)
{
    (void)stage;
    return c->work->operation == OP_SEND ? whole_number(c) : whole_list(c);
}

const struct protocol protocol_redis = {
    "redis", 0, {[OP_SEND] = 1, [OP_SHOW] = 1, [OP_ALL] = 1}, compose, ask_redis, whole_redis};

/* --- the echo: so many bytes for so many bytes, see echo.c --- */

static void compose_request(struct work *w, char *body)
{
    memset(body, 'x', w->request);
    w->body = span_of(body, w->request);
}

static void ask_echo(struct connection *c, unsigned stage)
{
    (void)stage;
    buf_add(&c->out, c->work->body);
}

static size_t whole_echo(struct connection *c, unsigned stage)
{
    (void)stage;
    c->expected = c->work->bytes;
    if (c->in.n < c->expected)
        return 0;
    if (c->in.p[0] != 'x' || c->in.p[c->expected - 1] != 'x')
        bench_fail("wrong answer", buf_span(&c->in));
    return c->expected;
}

const struct protocol protocol_echo = {"echo",          0,        {[OP_SHOW] = 1, [OP_ALL] = 1},
                                       compose_request, ask_echo, whole_echo};
