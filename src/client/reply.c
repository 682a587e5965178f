/* SPDX-License-Identifier: ISC */
#include "client/reply.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"
#include "client/language.h"
#include "os/clock.h"
#include "proto/escape.h"
#include "proto/frame.h"

#define CHUNK_BYTES ((size_t)65536)
#define HEAD_BYTES  256  /* longer than any valid "op|numArg|" */
#define WORDS_BYTES 4096 /* how much of the server's words to keep */
#define QUOTE_BYTES 80   /* how much to show of what is no answer */

void reply_init(struct reply *r, struct io *io, size_t arg_limit, int64_t idle_ms)
{
    *r = (struct reply){.io = io, .arg_limit = arg_limit, .idle_ms = idle_ms, .version = 1};
    buf_init(&r->in, arg_limit + 2 * CHUNK_BYTES);
    buf_init(&r->words, WORDS_BYTES);
}

void reply_free(struct reply *r)
{
    buf_free(&r->in);
    buf_free(&r->words);
}

struct span reply_words(const struct reply *r)
{
    return buf_span(&r->words);
}

enum reply_result reply_fail(struct reply *r, enum reply_result result, const char *words)
{
    buf_clear(&r->words);
    buf_add_str(&r->words, words);
    r->failed = result;
    return result;
}

enum reply_result reply_refuse(struct reply *r, const char *format, ...)
{
    char words[256];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    buf_clear(&r->words);
    buf_add_str(&r->words, words);
    return REPLY_NOOP;
}

static enum reply_result broken(struct reply *r, const char *words)
{
    return reply_fail(r, REPLY_BROKEN, words);
}

/* The part of the current frame that has arrived and has not been taken. */
static struct span here(const struct reply *r)
{
    struct span s = span_skip(buf_span(&r->in), r->pos);
    return r->frame < s.n ? span_first(s, (size_t)r->frame) : s;
}

static void take(struct reply *r, size_t n)
{
    r->pos += n;
    r->frame -= n;
    r->barless = 0;
}

/* Reads once. This, and nothing else, invalidates the spans that were handed out. */
static enum reply_result fill_until(struct reply *r, int64_t deadline_ms)
{
    buf_consume(&r->in, r->pos);
    r->pos = 0;
    char *space = buf_space(&r->in, CHUNK_BYTES);
    if (!space)
        return reply_fail(r, REPLY_MEMORY, _("out of memory"));
    size_t n = 0;
    switch (r->io->read(r->io, space, CHUNK_BYTES, deadline_ms, &n)) {
    case IO_OK:
        buf_added(&r->in, n);
        return REPLY_OK;
    case IO_TIMEOUT:
        return REPLY_TIMEOUT;
    case IO_CLOSED:
    case IO_LOST:
    case IO_INTERRUPT:
        break;
    }
    return reply_fail(r, REPLY_LOST, _("the connection was lost"));
}

static enum reply_result fill(struct reply *r)
{
    int64_t until_ms = os_clock_ms() + r->idle_ms;
    enum reply_result result = REPLY_TIMEOUT;
    if (r->patience && r->patience->ms < r->idle_ms) {
        result = fill_until(r, os_clock_ms() + r->patience->ms);
        if (result == REPLY_TIMEOUT)
            r->patience->tell(r->patience);
    }
    if (result == REPLY_TIMEOUT)
        result = fill_until(r, until_ms);
    if (result == REPLY_TIMEOUT)
        return reply_fail(r, REPLY_TIMEOUT, _("the server has been silent for too long"));
    return result;
}

/* Reads the ten digits that begin a frame. */
static enum reply_result read_length(struct reply *r)
{
    for (;;) {
        struct frame_scan scan = {.skipped = 0};
        struct span in = span_skip(buf_span(&r->in), r->pos);
        if (frame_scan(in, FORM_LENGTH, SIZE_MAX, &scan) == FRAME_NO_LENGTH) {
            broken(r, _("the answer does not begin with its length: "));
            buf_add(&r->words, utf8_first_line(span_skip(in, scan.skipped), QUOTE_BYTES));
            return REPLY_BROKEN;
        }
        r->pos += scan.skipped;
        if (in.n - scan.skipped >= FRAME_LENGTH_DIGITS) {
            r->pos += FRAME_LENGTH_DIGITS;
            r->frame = scan.length;
            r->barless = 0;
            return REPLY_OK;
        }
        enum reply_result result = fill(r);
        if (result != REPLY_OK)
            return result;
    }
}

enum kind { KIND_ANSWER, KIND_EXIT, KIND_MAIL, KIND_NONE };

static enum kind kind_of(struct span op)
{
    if (span_eq(op, SPAN("Answer")))
        return KIND_ANSWER;
    if (span_eq(op, SPAN("Exit")))
        return KIND_EXIT;
    return span_eq(op, SPAN("Mail")) ? KIND_MAIL : KIND_NONE;
}

/* Servers of the report say why they disconnect in a frame without an opcode. */
static enum reply_result read_farewell(struct reply *r, struct span words)
{
    reply_fail(r, REPLY_EXIT, "");
    buf_add(&r->words, words);
    return REPLY_EXIT;
}

/* Reads op|numArg| and sets r->args. */
static enum reply_result read_head(struct reply *r, enum kind *kind)
{
    enum reply_result result = read_length(r);
    while (result == REPLY_OK) {
        struct span op, payload = span_first(here(r), HEAD_BYTES);
        size_t before = payload.n;
        if (frame_head(&payload, &op, &r->args)) {
            *kind = kind_of(op);
            take(r, before - payload.n);
            return REPLY_OK;
        }
        if (before == r->frame && before > 0 && r->version < 2 && span_count(payload, '|') == 0)
            return read_farewell(r, payload);
        if (before == r->frame || before == HEAD_BYTES)
            return broken(r, _("the answer does not begin with opcode|numArg|"));
        result = fill(r);
    }
    return result;
}

/* The next argument, still escaped. */
static enum reply_result next_raw(struct reply *r, struct span *arg)
{
    if (r->failed != REPLY_OK)
        return r->failed;
    if (r->args == 0)
        return r->frame == 0 ? REPLY_END
                             : broken(r, _("the answer has bytes after its last argument"));
    for (;;) {
        struct span s = here(r);
        size_t end = r->barless + span_find(span_skip(s, r->barless), '|');
        if (end > r->arg_limit)
            return broken(r,
                          _("the answer has an argument that is larger than this program accepts"));
        if (end < s.n) {
            *arg = span_first(s, end);
            take(r, end + 1);
            r->args--;
            return REPLY_OK;
        }
        if (s.n == r->frame)
            return broken(r, _("the answer has fewer arguments than it announces"));
        r->barless = s.n;
        enum reply_result result = fill(r);
        if (result != REPLY_OK)
            return result;
    }
}

/* Undoes escapes in place; *s is in r->in. */
static enum reply_result unescape(struct reply *r, struct span *s)
{
    if (r->version < 2)
        return REPLY_OK;
    if (!escape_undo(*s, r->in.p + (s->p - r->in.p), &s->n))
        return broken(r, _("the answer has an unknown escape"));
    return REPLY_OK;
}

enum reply_result reply_next(struct reply *r, struct span *arg)
{
    enum reply_result result = next_raw(r, arg);
    return result == REPLY_OK ? unescape(r, arg) : result;
}

enum reply_result reply_next_message(struct reply *r, struct message *m)
{
    struct span arg;
    enum reply_result result = next_raw(r, &arg);
    if (result != REPLY_OK)
        return result;
    if (!message_parse(arg, m))
        return broken(r, _("the answer has a malformed message"));
    if (r->version < 2 && m->body.n == m->len + 1 && span_ends(m->body, SPAN("\n")))
        m->body.n--;
    result = unescape(r, &m->from);
    return result == REPLY_OK ? unescape(r, &m->body) : result;
}

enum reply_result reply_skip(struct reply *r)
{
    struct span arg;
    enum reply_result result;
    do
        result = next_raw(r, &arg);
    while (result == REPLY_OK);
    return result;
}

/* Keeps the words that follow Noop or Exit. REPLY_END on success. */
static enum reply_result read_words(struct reply *r)
{
    struct span words = SPAN("");
    enum reply_result result = reply_next(r, &words);
    if (result != REPLY_OK && result != REPLY_END)
        return result;
    buf_clear(&r->words);
    buf_add(&r->words, words.n > 0 ? span_first(words, WORDS_BYTES)
                                   : span_str(_("the server does not say why")));
    return reply_skip(r);
}

static enum reply_result read_answer(struct reply *r)
{
    struct span arg;
    enum reply_result result = reply_next(r, &arg);
    if (result == REPLY_OK && span_eq(arg, SPAN("Yes")))
        return REPLY_OK;
    if (result == REPLY_OK && span_eq(arg, SPAN("Noop"))) {
        result = read_words(r);
        return result == REPLY_END ? REPLY_NOOP : result;
    }
    if (result == REPLY_OK || result == REPLY_END)
        return broken(r, _("the answer is neither Yes nor Noop"));
    return result;
}

static enum reply_result read_mail(struct reply *r)
{
    struct message m;
    enum reply_result result = reply_next_message(r, &m);
    if (result == REPLY_END)
        return broken(r, _("the server announced mail, but sent none"));
    if (result != REPLY_OK)
        return result;
    if (r->watcher)
        r->watcher->mail(r->watcher, &m);
    result = reply_skip(r);
    return result == REPLY_END ? REPLY_OK : result;
}

/* Reads the next frame: of an answer only the head, of others all. */
static enum reply_result read_frame(struct reply *r, enum kind *kind)
{
    enum reply_result result = read_head(r, kind);
    if (result != REPLY_OK)
        return result;
    switch (*kind) {
    case KIND_ANSWER:
        return REPLY_OK;
    case KIND_MAIL:
        return read_mail(r);
    case KIND_EXIT:
        result = read_words(r);
        if (result == REPLY_END)
            r->failed = result = REPLY_EXIT;
        return result;
    case KIND_NONE:
        break;
    }
    return broken(r, _("the server sent something that is neither Answer nor Mail nor Exit"));
}

enum reply_result reply_begin(struct reply *r)
{
    enum kind kind = KIND_MAIL;
    enum reply_result result = r->failed;
    while (result == REPLY_OK && kind == KIND_MAIL)
        result = read_frame(r, &kind);
    return result == REPLY_OK ? read_answer(r) : result;
}

enum reply_result reply_wait(struct reply *r, int64_t deadline_ms)
{
    enum kind kind;
    enum reply_result result = r->failed;
    while (result == REPLY_OK) {
        if (r->in.n == r->pos) {
            result = fill_until(r, deadline_ms);
            if (result != REPLY_OK)
                return result == REPLY_TIMEOUT ? REPLY_OK : result;
        }
        result = read_frame(r, &kind);
        if (result == REPLY_OK && kind == KIND_ANSWER)
            return broken(r, _("the server sent an answer without a request"));
        deadline_ms = os_clock_ms(); /* take what has arrived, but do not wait for more */
    }
    return result;
}
