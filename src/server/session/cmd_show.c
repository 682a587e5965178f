/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "proto/escape.h"
#include "proto/frame.h"
#include "session/args.h"
#include "session/commands.h"
#include "session/reply.h"
#include "session/wire.h"
#include "store/cache.h"
#include "store/messages.h"
#include "store/reader.h"
#include "store/snapshot.h"

#define BATCH         64    /* messages looked up at a time */
#define ATTEMPTS      4     /* to answer without the messages that cannot be read */
#define ESCAPED_BYTES 16384 /* of a body at a time, so that the answer's buffer stays small */

/* An answer of many messages. */
struct show {
    struct session *s;
    enum wire_body body;
    struct snapshot snap;
    struct reader *reader;
    uint64_t unread; /* in the snapshot, when it was taken */
};

static uint64_t measure(void *ctx, const struct mail *m)
{
    struct show *show = ctx;
    show->unread += m->state == MAIL_UNREAD;
    return wire_bytes(show->s, m, show->body);
}

/* Adds a piece of a whole body. False: the connection is broken. */
static bool add_piece(struct session *s, struct span piece, bool plain)
{
    if (plain)
        return reply_add_plain(s, piece);
    for (; piece.n > 0; piece = span_skip(piece, ESCAPED_BYTES)) {
        escape_add(&s->out, span_first(piece, ESCAPED_BYTES), s->dialect, ESCAPE_FIELD);
        if (!reply_pour(s))
            return false;
    }
    return true;
}

/* Adds a message whose file is open. Any status but ST_OK leaves the frame unfinished. */
static enum status add_message(struct session *s, struct reader *r, const struct mail *m,
                               enum wire_body body)
{
    bool plain = m->escapes == 0 && s->dialect.form != FORM_LINE;
    struct span piece = r->line;
    wire_head(s, m);
    if (body == WIRE_LINE) /* it may need escapes that the body does not need */
        escape_add(&s->out, piece, s->dialect, ESCAPE_FIELD);
    while (body == WIRE_WHOLE) {
        enum status st = reader_next(r, &piece);
        if (st != ST_OK)
            return st;
        if (!add_piece(s, piece, plain) || piece.n == 0)
            break;
    }
    buf_add(&s->out, SPAN("^|"));
    return ST_OK;
}

/*
 * Sends all messages of the snapshot. The frame's length is fixed: if one of them cannot be read,
 * the answer cannot be finished. The rest is then only tried, so that all such messages are known.
 */
static enum status send_messages(struct show *show)
{
    struct mail mails[BATCH];
    struct session *s = show->s;
    enum status result = ST_OK;
    size_t n;
    do {
        enum status st = snapshot_next(&show->snap, mails, BATCH, &n);
        for (size_t i = 0; st == ST_OK && i < n; i++) {
            st = reader_open(show->reader, show->snap.mb, &mails[i]);
            if (st == ST_OK && result == ST_OK)
                st = add_message(s, show->reader, &mails[i], show->body);
            reader_close(show->reader);
            if (reader_leaves_out(st)) {
                result = st;
                st = ST_OK;
            }
            if (result == ST_OK && !reply_pour(s))
                return st;
        }
        if (st != ST_OK)
            return st;
    } while (n > 0);
    return result;
}

/* Messages that were handed to the network count as read. */
static void mark_read(struct show *show)
{
    struct mail mails[BATCH];
    uint32_t ids[BATCH];
    size_t n;
    snapshot_rewind(&show->snap);
    while (snapshot_next(&show->snap, mails, BATCH, &n) == ST_OK && n > 0) {
        size_t unread = 0;
        for (size_t i = 0; i < n; i++)
            if (mails[i].state == MAIL_UNREAD)
                ids[unread++] = mails[i].id;
        if (unread)
            messages_mark_read(show->snap.mb, ids, unread);
    }
}

/*
 * Answers with the snapshot. False: there is no answer yet, since a message in it cannot be read,
 * but a new snapshot will be without it.
 */
static bool reply_snapshot(struct show *show)
{
    struct session *s = show->s;
    uint64_t bytes = show->snap.measured, n = show->snap.count, sent = s->bytes_out;
    size_t mark = s->out.n;
    if (frame_payload_bytes(s->dialect, "Answer", n + 1, SPAN("Yes|").n + bytes) >
        FRAME_LENGTH_MAX) {
        reply_noop(s, "the answer would be too long; Show list gives the messages in parts");
        return true;
    }
    reply_begin_yes(s, n, bytes);
    enum status st = send_messages(show);
    if (st == ST_OK) {
        frame_end(&s->out, s->dialect);
        if (show->body == WIRE_WHOLE && show->unread > 0 && reply_flush(s))
            mark_read(show);
    } else if (s->bytes_out != sent || !buf_ok(&s->out)) {
        reply_break(s, status_text(st));
    } else {
        s->out.n = mark;
        if (reader_leaves_out(st))
            return false;
        reply_status(s, st);
    }
    return true;
}

static void show_set(struct session *s, enum index_set set, uint64_t first, uint64_t most,
                     enum wire_body body)
{
    struct show show = {.s = s, .body = body};
    struct mailbox *mb;
    enum status st = mailbox_open(s->service->store, &s->who, &mb);
    if (st != ST_OK) {
        reply_status(s, st);
        return;
    }
    show.reader = reader_new();
    bool answered = false;
    st = show.reader ? ST_OK : ST_NO_MEMORY;
    for (int i = 0; i < ATTEMPTS && st == ST_OK && !answered; i++) {
        show.unread = 0;
        st = snapshot_take(&show.snap, mb, set, first, most, measure, &show);
        if (st == ST_OK) {
            answered = reply_snapshot(&show);
            snapshot_drop(&show.snap);
        }
    }
    if (!answered)
        reply_status(s, st == ST_OK ? ST_IO : st);
    free(show.reader);
    mailbox_close(mb);
}

void cmd_show_all(struct session *s, const struct span *arg, size_t nargs)
{
    (void)arg, (void)nargs;
    show_set(s, INDEX_LIVE, 0, UINT64_MAX, WIRE_WHOLE);
}

void cmd_show_unread(struct session *s, const struct span *arg, size_t nargs)
{
    (void)arg, (void)nargs;
    show_set(s, INDEX_UNREAD, 0, UINT64_MAX, WIRE_WHOLE);
}

static void show_lines(struct session *s, enum index_set set, const struct span *arg, size_t nargs)
{
    uint64_t first = 0, most = UINT64_MAX;
    if (nargs == 1) {
        reply_noop(s, "give no arguments, or two: the first id and how many");
        return;
    }
    if (nargs == 2 && (!args_number(s, arg[0], &first) || !args_number(s, arg[1], &most)))
        return;
    show_set(s, set, first, most, WIRE_LINE);
}

void cmd_show_list(struct session *s, const struct span *arg, size_t nargs)
{
    show_lines(s, INDEX_LIVE, arg, nargs);
}

void cmd_show_deleted(struct session *s, const struct span *arg, size_t nargs)
{
    show_lines(s, INDEX_DELETED, arg, nargs);
}

/* Answers with one message. Its file is checked as far as possible before the answer begins. */
static enum status reply_one(struct session *s, struct mailbox *mb, const struct mail *m,
                             struct reader *r)
{
    enum status st = reader_open(r, mb, m);
    if (st != ST_OK)
        return st;
    reply_begin_yes(s, 1, wire_bytes(s, m, WIRE_WHOLE));
    st = add_message(s, r, m, WIRE_WHOLE);
    if (st == ST_OK)
        frame_end(&s->out, s->dialect);
    else
        reply_break(s, status_text(st));
    reader_close(r);
    return ST_OK;
}

/* Carries out Show exact, or Peek mes, which marks nothing. */
static void show_one(struct session *s, struct span arg, bool mark)
{
    struct mailbox *mb = NULL;
    struct reader *r = NULL;
    struct mail m;
    uint64_t id;
    if (!args_number(s, arg, &id))
        return;
    enum status st = mailbox_open(s->service->store, &s->who, &mb);
    if (st == ST_OK)
        st = messages_find(mb, id, &m);
    if (st == ST_OK) {
        r = reader_new();
        st = r ? reply_one(s, mb, &m, r) : ST_NO_MEMORY;
    }
    if (st != ST_OK)
        reply_status(s, st);
    else if (mark && m.state == MAIL_UNREAD && reply_flush(s))
        messages_mark_read(mb, &m.id, 1);
    free(r);
    mailbox_close(mb);
}

void cmd_show_exact(struct session *s, const struct span *arg, size_t nargs)
{
    (void)nargs;
    show_one(s, arg[0], true);
}

void cmd_peek(struct session *s, const struct span *arg, size_t nargs)
{
    (void)nargs;
    show_one(s, arg[0], false);
}
