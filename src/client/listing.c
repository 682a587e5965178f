/* SPDX-License-Identifier: ISC */
#include "client/listing.h"

#include <stdlib.h>

#include "base/array.h"
#include "client/language.h"
#include "client/letter.h"
#include "client/peek.h"

struct listing_row {
    struct message m; /* its spans have only their lengths */
    size_t at;        /* where their bytes are in the text */
    bool mime;        /* its text can be asked for */
};

void listing_init(struct listing *g)
{
    *g = (struct listing){.n = 0};
    buf_init(&g->text, SIZE_MAX / 2);
}

void listing_free(struct listing *g)
{
    free(g->rows);
    buf_free(&g->text);
    listing_init(g);
}

bool listing_add(struct listing *g, const struct message *m)
{
    struct listing_row *rows = array_room(g->rows, g->n, &g->cap, sizeof *rows);
    if (!rows)
        return false;
    g->rows = rows;
    g->rows[g->n] =
        (struct listing_row){*m, g->text.n, parts_is_mime(m->body) && m->state != MESSAGE_DELETED};
    buf_add(&g->text, m->from);
    buf_add(&g->text, m->date);
    if (!buf_add(&g->text, m->body))
        return false;
    g->n++;
    return true;
}

/* The message as it was added. Valid until another one is. */
static struct message row_message(const struct listing *g, size_t i)
{
    struct message m = g->rows[i].m;
    struct span bytes = span_skip(buf_span(&g->text), g->rows[i].at);
    m.from = span_first(bytes, m.from.n);
    m.date = span_first(span_skip(bytes, m.from.n), m.date.n);
    m.body = span_first(span_skip(bytes, m.from.n + m.date.n), m.body.n);
    return m;
}

/* The first row whose text is got: those before it are too many or too much. */
static size_t first_wanted(const struct listing *g)
{
    size_t i = g->n, texts = LISTING_TEXTS;
    uint64_t bytes = LISTING_BYTES;
    for (; i > 0; i--) {
        const struct listing_row *row = &g->rows[i - 1];
        if (row->mime && (texts == 0 || row->m.len > bytes))
            break;
        texts -= row->mime;
        bytes -= row->mime ? row->m.len : 0;
    }
    return i;
}

/* A message whose text cannot be got has its first line. */
static enum reply_result give_one(struct listing *g, size_t i, struct link *l, bool wanted,
                                  struct buf *room, struct listing_taker *t, bool *more)
{
    struct message peeked;
    enum reply_result result = REPLY_NOOP;
    if (g->rows[i].mime && wanted)
        result = peek_message(l, g->rows[i].m.id, false, &peeked);
    if (result != REPLY_OK && result != REPLY_NOOP)
        return result;
    struct message m = row_message(g, i);
    if (result == REPLY_OK)
        m.body = letter_text(room, peeked.body);
    if (!buf_ok(room))
        return reply_fail(&l->reply, REPLY_MEMORY, _("out of memory"));
    *more = t->take(t, &m);
    return REPLY_OK;
}

enum reply_result listing_give(struct listing *g, struct link *l, struct listing_taker *t)
{
    struct buf room;
    enum reply_result result = REPLY_OK;
    bool more = true;
    size_t first = first_wanted(g);
    buf_init(&room, SIZE_MAX / 2);
    for (size_t i = 0; i < g->n && more && result == REPLY_OK; i++)
        result = give_one(g, i, l, i >= first, &room, t, &more);
    buf_free(&room);
    g->n = 0;
    buf_clear(&g->text);
    return result;
}

enum reply_result listing_each(struct link *l, enum opcode op, struct listing_taker *t)
{
    struct listing kept;
    struct message m;
    bool more = true;
    enum reply_result result = link_ask(l, op, NULL, 0);
    listing_init(&kept);
    while (result == REPLY_OK && more && (result = link_next_message(l, &m)) == REPLY_OK) {
        if (kept.n == 0 && !parts_is_mime(m.body))
            more = t->take(t, &m);
        else if (!listing_add(&kept, &m))
            result = reply_fail(&l->reply, REPLY_MEMORY, _("out of memory"));
    }
    if (result == REPLY_END)
        result = listing_give(&kept, l, t);
    listing_free(&kept);
    return result;
}
