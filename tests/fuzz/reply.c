/* SPDX-License-Identifier: ISC */
/*
 * What a server says to a client, answers set off by 0xff: taken alike in any pieces, and harmless
 * when it is shown.
 */
#include "client/reply.h"

#include "base/utf8.h"
#include "client/letter.h"
#include "client/link.h"
#include "client/view.h"
#include "fuzz.h"

#define LIMIT 1000

struct peer {
    struct io io;
    struct span script; /* what the next requests are answered */
    struct span said;   /* what there is to read now */
    size_t step;
};

static enum io_result peer_read(struct io *io, void *bytes, size_t size, int64_t deadline_ms,
                                size_t *n)
{
    struct peer *p = (struct peer *)io;
    struct span s = span_first(p->said, size < p->step ? size : p->step);

    (void)deadline_ms;
    if (s.n == 0)
        return p->script.n > 0 ? IO_TIMEOUT : IO_CLOSED;
    memcpy(bytes, s.p, s.n);
    p->said = span_skip(p->said, s.n);
    *n = s.n;
    return IO_OK;
}

static enum io_result peer_write(struct io *io, const void *bytes, size_t size, int64_t deadline_ms)
{
    struct peer *p = (struct peer *)io;

    (void)bytes;
    (void)size;
    (void)deadline_ms;
    p->said = span_first(p->script, span_find(p->script, '\xff'));
    p->script = span_skip(p->script, p->said.n + 1);
    return IO_OK;
}

static bool is_mark(uint32_t c)
{
    return c == 0x061c || c == 0x200e || c == 0x200f;
}

static void check_harmless(struct span s, bool row)
{
    while (s.n > 0) {
        uint32_t c;
        s = span_skip(s, utf8_decode(s, &c));
        must(utf8_is_safe(c) || (!row && (c == '\n' || c == '\t' || is_mark(c))));
    }
}

/* After the header only what is said of a MIME text begins at the left margin. */
static void check_indented(struct span s, bool mime)
{
    struct span line;
    for (unsigned n = 0; span_cut(&s, '\n', &line); n++)
        must(n < 7 || line.n == 0 || line.p[0] == ' ' ||
             (mime && (span_starts(line, SPAN("FILE: ")) || span_starts(line, SPAN("NOTE: ")))));
}

/* Adds the message to what was heard, as it is shown. */
static void show(struct buf *heard, const struct message *m)
{
    size_t begun = heard->n;
    struct span row;

    view_row(heard, m);
    row = span_skip(buf_span(heard), begun);
    must(span_count(row, '\t') == 5 && span_find(row, '\n') == row.n - 1);
    for (struct span column; span_cut(&row, '\t', &column);)
        check_harmless(column, true);
    check_harmless(span_first(row, row.n - 1), true);
    begun = heard->n;
    letter_show(heard, m, NULL, 20 + (unsigned)(m->id % 100));
    check_harmless(span_skip(buf_span(heard), begun), false);
    check_indented(span_skip(buf_span(heard), begun), parts_is_mime(m->body));
}

struct hearer {
    struct reply_watcher watcher;
    struct buf heard;
};

static void hear(struct reply_watcher *w, const struct message *m)
{
    show(&((struct hearer *)w)->heard, m);
}

/* The words, without the bytes that they quote: those that had come, which depends on the pieces.
 */
static struct span words_of(const struct link *l)
{
    const struct span quoting = SPAN("the answer does not begin with its length: ");
    struct span words = link_words(l);
    return span_starts(words, quoting) ? quoting : words;
}

/* One request: its result, and what came with it. */
static enum reply_result ask(struct link *l, struct hearer *h, bool messages)
{
    enum reply_result result = link_ask(l, OP_SHOW_ALL, NULL, 0);
    struct message m;
    struct span arg;

    while (result == REPLY_OK) {
        result = messages ? link_next_message(l, &m) : link_next(l, &arg);
        must(l->reply.in.n <= l->reply.in.limit);
        if (result == REPLY_OK && messages)
            show(&h->heard, &m);
        else if (result == REPLY_OK)
            view_safe(&h->heard, arg, VIEW_ROW);
    }
    buf_printf(&h->heard, "\n%d ", (int)result);
    if (result != REPLY_END)
        view_safe(&h->heard, words_of(l), VIEW_ROW);
    return result;
}

static void talk(struct span script, size_t step, struct hearer *h)
{
    struct peer p = {{peer_read, peer_write}, script, {NULL, 0}, step};
    struct link l;

    h->watcher.mail = hear;
    buf_init(&h->heard, SIZE_MAX / 2);
    link_init(&l, &p.io, LIMIT, 10);
    buf_printf(&h->heard, "%d ", (int)link_start(&l));
    buf_printf(&h->heard, "%d ", (int)link_watch(&l, &h->watcher));
    for (int i = 0; i < 4; i++)
        ask(&l, h, i % 2 == 0);
    buf_printf(&h->heard, "%d %u", (int)link_check(&l), link_version(&l));
    link_free(&l);
}

void fuzz_one(struct span in)
{
    static struct hearer one, other;
    size_t step = 1 + fuzz_byte(&in);

    talk(in, SIZE_MAX, &one);
    talk(in, step, &other);
    must(span_eq(buf_span(&one.heard), buf_span(&other.heard)));
    buf_free(&one.heard);
    buf_free(&other.heard);
}
