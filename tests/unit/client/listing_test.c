/* SPDX-License-Identifier: ISC */
#include "client/listing.h"

#include <stdlib.h>

#include "tap.h"

/* A server in memory: it has one list, and answers Peek mes with a MIME text. */
struct peer {
    struct io io;
    struct buf list; /* the arguments of the answer */
    size_t rows;
    struct buf answer;
    size_t taken;  /* of the answer */
    uint64_t gone; /* no message has this id any more */
    unsigned lists, peeks;
};

static enum io_result peer_read(struct io *io, void *bytes, size_t size, int64_t deadline_ms,
                                size_t *n)
{
    struct peer *p = (struct peer *)io;
    (void)deadline_ms;
    struct span piece = span_first(span_skip(buf_span(&p->answer), p->taken), size);
    if (piece.n > 0)
        memcpy(bytes, piece.p, piece.n);
    p->taken += piece.n;
    *n = piece.n;
    return piece.n > 0 ? IO_OK : IO_TIMEOUT;
}

static void answer(struct peer *p, const char *head, struct span args)
{
    buf_clear(&p->answer);
    p->taken = 0;
    buf_printf(&p->answer, "%010zu%s", strlen(head) + args.n, head);
    buf_add(&p->answer, args);
}

static enum io_result peer_write(struct io *io, const void *bytes, size_t size, int64_t deadline_ms)
{
    struct peer *p = (struct peer *)io;
    struct span asked = span_skip(span_of(bytes, size), 10);
    char text[300], body[200];
    (void)deadline_ms;
    if (!span_starts(asked, SPAN("Peek mes|1|"))) {
        p->lists++;
        snprintf(text, sizeof text, "Answer|%zu|Yes|", p->rows + 1);
        answer(p, text, buf_span(&p->list));
        return IO_OK;
    }
    p->peeks++;
    unsigned long long id = strtoull(asked.p + strlen("Peek mes|1|"), NULL, 10);
    snprintf(body, sizeof body, "MIME-Version: 1.0\nSubject: =?utf-8?Q?n_=33?=\n\ntext %llu", id);
    snprintf(text, sizeof text, "%llu^ann^D^%zu^2^%s^|", id, strlen(body), body);
    if (id == p->gone)
        answer(p, "Answer|2|Noop|", SPAN("no such message|"));
    else
        answer(p, "Answer|2|Yes|", span_str(text));
    return IO_OK;
}

static void add(struct peer *p, uint64_t id, uint64_t len, int state, const char *line)
{
    buf_printf(&p->list, "%llu^ann^D^%llu^%d^%s^|", (unsigned long long)id, (unsigned long long)len,
               state, line);
    p->rows++;
}

/* Writes down what it takes. */
struct writer {
    struct listing_taker taker;
    struct peer *peer;
    struct buf got;
    size_t taken, most;
    bool early; /* the first came before the answer had ended */
};

static bool take(struct listing_taker *t, const struct message *m)
{
    struct writer *w = (struct writer *)t;
    if (w->taken++ == 0)
        w->early = w->peer->taken < w->peer->answer.n;
    buf_printf(&w->got, "%llu %.*s %.*s;", (unsigned long long)m->id, SPAN_PRINTF(m->from),
               SPAN_PRINTF(m->body));
    return w->taken < w->most;
}

static void run(struct peer *p, struct writer *w, enum opcode op, size_t most)
{
    struct link l;
    p->lists = p->peeks = 0;
    *w = (struct writer){.taker = {take}, .peer = p, .most = most};
    buf_init(&w->got, 1 << 20);
    link_init(&l, &p->io, 1 << 20, 10);
    l.reply.version = 2;
    is_int(listing_each(&l, op, &w->taker), REPLY_OK, "listing_each: OK");
    buf_add_char(&w->got, '\0');
    link_free(&l);
}

static void test_texts(struct peer *p)
{
    struct writer w;
    add(p, 1, 3, 0, "one");
    add(p, 2, 100, 2, "MIME-Version: 1.0");
    add(p, 3, 100, 1, "MIME-Version: 1.0");
    add(p, 4, 4, 0, "four");
    add(p, 5, 100, 0, "MIME-Version: 1.0");
    p->gone = 5;
    run(p, &w, OP_SHOW_LIST, SIZE_MAX);
    is_str(w.got.p,
           "1 ann one;2 ann Subject: n 3\ntext 2;3 ann MIME-Version: 1.0;4 ann four;"
           "5 ann MIME-Version: 1.0;",
           "listing_each: in order, MIME texts by their subject and text");
    is_int(p->lists, 1, "listing_each: one list");
    is_int(p->peeks, 2, "listing_each: one request for each MIME text that is not deleted");
    buf_free(&w.got);
    run(p, &w, OP_SHOW_LIST, 2);
    is_int((long long)w.taken, 2, "listing_each: ends when the taker wants no more");
    is_int(p->peeks, 1, "listing_each: ... and asks for nothing more");
    buf_free(&w.got);
    run(p, &w, OP_SHOW_LIST, 1);
    is_str(w.got.p, "1 ann one;", "listing_each: ends before it has kept anything");
    buf_free(&w.got);
}

static void test_streams(struct peer *p)
{
    struct writer w;
    buf_clear(&p->list);
    p->rows = 0;
    for (uint64_t id = 1; id <= 20000; id++)
        add(p, id, 3, 0, "one");
    run(p, &w, OP_SHOW_LIST, SIZE_MAX);
    ok(w.early && w.taken == 20000, "listing_each: a list without MIME texts is not kept");
    buf_free(&w.got);
}

static void test_limits(struct peer *p)
{
    struct writer w;
    buf_clear(&p->list);
    p->rows = 0;
    for (uint64_t id = 1; id <= LISTING_TEXTS + 3; id++)
        add(p, id, 100, 2, "MIME-Version: 1.0");
    run(p, &w, OP_SHOW_LIST, SIZE_MAX);
    is_int((long long)w.taken, LISTING_TEXTS + 3, "listing_each: all of many");
    is_int(p->peeks, LISTING_TEXTS, "listing_each: the texts of so many alone are got");
    ok(strstr(w.got.p, ";3 ann MIME-Version: 1.0;4 ann Subject: n 3\ntext 4;") != NULL,
       "listing_each: ... of the newest");
    buf_free(&w.got);

    buf_clear(&p->list);
    p->rows = 0;
    add(p, 1, 100, 2, "MIME-Version: 1.0");
    add(p, 2, LISTING_BYTES, 2, "MIME-Version: 1.0");
    add(p, 3, 1, 2, "MIME-Version: 1.0");
    add(p, 4, UINT64_MAX, 2, "a long one");
    run(p, &w, OP_SHOW_LIST, SIZE_MAX);
    is_int(p->peeks, 1, "listing_each: only so many bytes are got");
    buf_free(&w.got);
}

int main(void)
{
    struct peer p = {.io = {peer_read, peer_write}};
    buf_init(&p.list, 1 << 20);
    buf_init(&p.answer, 1 << 20);
    test_texts(&p);
    p.gone = 0;
    test_streams(&p);
    test_limits(&p);
    buf_free(&p.list);
    buf_free(&p.answer);
    return done_testing();
}
