/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>

#include "doors/smtp_data.h"
#include "doors/smtp_header.h"
#include "doors/smtp_private.h"
#include "mime/envelope.h"
#include "mime/parts.h"
#include "session/auth.h"
#include "session/input.h"
#include "session/lifecycle.h"
#include "session/reply.h"

#define HOPS_MAX    100 /* RFC 5321, section 6.3 */
#define FIRST_BYTES INPUT_BASE_BYTES

#define MARK_BYTES (sizeof PARTS_MARK - 1)
#define EMPTY      SPAN("\r\n")

/* A text while it arrives. */
struct text {
    struct smtp_data data;
    struct buf body;           /* the mark, and the text */
    struct budget_share share; /* for what body has beyond FIRST_BYTES */
    uint64_t most;             /* bytes of body; fixed when the text begins */
    enum { WHOLE, TOO_LARGE, NO_MEMORY } loss;
};

uint64_t smtp_text_most(const struct smtp *m)
{
    uint64_t most = m->s->service->limits.message_bytes, added = MARK_BYTES + EMPTY.n;
    return most > added ? most - added : 1; /* 0 would say that there is no limit */
}

const char *smtp_too_large_words(const struct smtp *m, char words[SMTP_TOO_LARGE_BYTES])
{
    snprintf(words, SMTP_TOO_LARGE_BYTES,
             "the message is too large: at most %" PRIu64 " bytes are allowed", smtp_text_most(m));
    return words;
}

/*
 * Makes room for n more bytes, which belong to a text that is not too large, within the memory that
 * all sessions share: body doubles, but never becomes larger than the largest text.
 */
static bool make_room(struct session *s, struct text *t, size_t n)
{
    size_t want = t->body.n + n;
    if (want <= t->body.cap)
        return true;
    if (want < FIRST_BYTES)
        want = FIRST_BYTES;
    if (want < 2 * t->body.cap)
        want = 2 * t->body.cap;
    if (want > t->most)
        want = (size_t)t->most;
    if (want > FIRST_BYTES && !auth_take_memory(s, &t->share, want - FIRST_BYTES))
        return false;
    t->body.limit = want; /* or the buffer would grow beyond the share */
    return buf_reserve(&t->body, want - t->body.n);
}

static void text_free(struct session *s, struct text *t)
{
    buf_free(&t->body);
    auth_take_memory(s, &t->share, 0);
}

/* Adds a piece of the text. If it cannot be kept, the rest of the text is read and dropped. */
static void keep(struct session *s, struct text *t, struct span piece)
{
    if (t->loss != WHOLE || t->data.alone)
        return;
    if (t->body.n + piece.n > t->most)
        t->loss = TOO_LARGE;
    else if (!make_room(s, t, piece.n) || !buf_add(&t->body, piece))
        t->loss = NO_MEMORY;
    if (t->loss != WHOLE)
        text_free(s, t);
}

/* Takes what has arrived. True: the text has ended. */
static bool take_some(struct session *s, struct text *t)
{
    struct span in = input_waiting(s), rest = in, piece;
    while (smtp_data_next(&t->data, &rest, &piece))
        keep(s, t, piece);
    input_drop(s, in.n - rest.n);
    return t->data.ended;
}

/* Reads a text to its end. False: the session ends before that. */
static bool read_text(struct session *s, struct text *t)
{
    while (!take_some(s, t)) {
        enum line_result result = line_more(s);
        if (result == LINE_ENDED || (result == LINE_WOKEN && !lifecycle_may_go_on(s)))
            return false;
    }
    return true;
}

/*
 * Puts an empty header before a text whose first line is not a field: readers of the body would
 * take everything up to the first empty line for the header, and not show it. POP3 removes the
 * empty line again, so it must be added even before another one.
 */
static void complete(struct session *s, struct text *t)
{
    struct span text = span_skip(buf_span(&t->body), MARK_BYTES);
    if (envelope_header(text).n > 0)
        return;
    keep(s, t, EMPTY);
    if (t->loss != WHOLE || t->data.alone)
        return;
    t->body.n -= EMPTY.n;
    buf_insert(&t->body, MARK_BYTES, EMPTY);
}

/* Whether a field names the user who sends, and nobody else, or is missing. */
static bool is_true(const struct smtp *m, const struct smtp_author *a)
{
    char name[NAME_BYTES + 1];
    if (!smtp_has_user(m) || a->is == SMTP_AUTHOR_NONE)
        return true;
    return a->is == SMTP_AUTHOR_ONE && smtp_whose(m, &a->address, name) == SMTP_OURS &&
           span_eq(span_str(name), span_str(m->s->who.name));
}

static void refuse_author(struct smtp *m, const char *field)
{
    char words[200];
    struct buf b;
    buf_init_room(&b, words, sizeof words - 1);
    buf_printf(&b, "the %s field must have one address, yours: %s@%s", field, m->s->who.name,
               m->doors->domains[0]);
    words[b.n] = '\0';
    smtp_refuse_text(m, (struct smtp_code){550, "5.7.1"}, words);
}

/* Stores a text that is whole, if its header is good. */
static void check_header(struct smtp *m, const struct smtp_header *h, struct span body)
{
    struct span text = span_skip(body, MARK_BYTES);
    if (h->hops > HOPS_MAX)
        smtp_refuse_text(m, (struct smtp_code){554, "5.4.6"},
                         "mail loop: more than 100 Received fields");
    else if (!is_true(m, &h->from))
        refuse_author(m, "From");
    else if (!is_true(m, &h->sender)) /* some programs show it, above all if From is missing */
        refuse_author(m, "Sender");
    else
        smtp_deliver(m, span_starts(text, SPAN(PARTS_FIRST_LINE "\r\n")) ? text : body, text);
}

static void refuse_size(struct smtp *m)
{
    char words[SMTP_TOO_LARGE_BYTES];
    smtp_refuse_text(m, SMTP_TOO_LARGE, smtp_too_large_words(m, words));
}

static void finish(struct smtp *m, const struct text *t, const struct smtp_header *h)
{
    if (t->data.alone)
        smtp_refuse_text(m, (struct smtp_code){550, "5.6.11"},
                         "a line of the message ends in LF or CR alone; it must end in CR LF");
    else if (t->loss == TOO_LARGE)
        refuse_size(m);
    else if (t->loss == NO_MEMORY)
        smtp_refuse_text(m, smtp_code_of(ST_NO_MEMORY), status_text(ST_NO_MEMORY));
    else
        check_header(m, h, buf_span(&t->body));
}

void smtp_cmd_data(struct smtp *m, struct span rest)
{
    (void)rest;
    struct session *s = m->s;
    struct text t = {.most = s->service->limits.message_bytes};
    buf_init(&t.body, SIZE_MAX);
    keep(s, &t, SPAN(PARTS_MARK));
    smtp_answer(m, (struct smtp_code){354, ""}, "send the message; CR LF . CR LF ends it");
    reply_is_whole(s);
    line_done(s);
    bool whole = read_text(s, &t);
    input_complete(s);
    if (whole) {
        /* Before an empty line is added, above which nothing would be looked at: mail programs get
         * the text without it. */
        struct smtp_header h;
        smtp_header_read(span_skip(buf_span(&t.body), MARK_BYTES), &h);
        complete(s, &t);
        finish(m, &t, &h);
    }
    text_free(s, &t);
    smtp_reset(m);
}
