/* SPDX-License-Identifier: ISC */
#include "admin/letters.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/utf8.h"
#include "mime/field.h"
#include "mime/parts.h"
#include "mime/subject.h"
#include "os/clock.h"
#include "proto/message.h"
#include "store/cache.h"
#include "store/messages.h"
#include "store/reader.h"

#define BATCH 64 /* messages looked up at a time */

static const char *state_text(enum mail_state state)
{
    switch (state) {
    case MAIL_UNREAD:
        return "unread";
    case MAIL_DELETED:
        return "deleted";
    default:
        return "read";
    }
}

static void add_safely(struct buf *out, struct span line)
{
    while (line.n > 0) {
        uint32_t c;
        size_t n = utf8_decode(line, &c);
        if (utf8_is_safe(c)) {
            buf_add(out, span_first(line, n));
        } else {
            char spelt[UTF8_SPELT_BYTES];
            buf_add(out, span_of(spelt, utf8_spell(line, spelt)));
        }
        line = span_skip(line, n);
    }
}

/* begin: the first piece of the message's text. */
static void add_row(struct buf *out, const struct mail *m, const char *state, struct span begin)
{
    char date[MESSAGE_DATE_BYTES];
    struct buf subject;
    struct tm utc;
    os_clock_utc(m->time, &utc);
    message_date_format(2, &utc, date);
    buf_printf(out, "%" PRIu32 "\t%s\t%s\t%s\t%" PRIu32 "\t", m->id, state, date, m->from, m->size);
    buf_init(&subject, FIELD_TEXT_BYTES);
    if (parts_is_mime(begin) && subject_find(begin, &subject))
        begin = buf_span(&subject);
    if (!buf_ok(&subject))
        buf_fail(out);
    add_safely(out, utf8_first_line(begin, MESSAGE_LINE_BYTES));
    buf_free(&subject);
    buf_add_char(out, '\n');
}

/*
 * A row needs only the first piece of the text. A broken message is not opened; others may turn out
 * here to be damaged, or unreadable.
 */
static enum status list_message(struct mailbox *mb, const struct mail *m, struct reader *r,
                                struct buf *out)
{
    struct span piece = SPAN("");
    enum status st = m->state == MAIL_BROKEN ? ST_DAMAGED : reader_open(r, mb, m);
    if (st == ST_OK) {
        reader_next(r, &piece);
        reader_close(r);
        add_row(out, m, state_text(m->state), piece);
    } else if (st == ST_DAMAGED || st == ST_UNREADABLE) {
        add_row(out, m, st == ST_DAMAGED ? "broken" : "unreadable", piece);
    }
    return reader_leaves_out(st) ? ST_OK : st;
}

static enum status list(struct mailbox *mb, struct reader *r, struct admin_answer *answer)
{
    struct mail mails[BATCH];
    uint64_t first = 0;
    size_t n = BATCH;
    while (n > 0) {
        enum status st = messages_list(mb, first, mails, BATCH, &n);
        for (size_t i = 0; st == ST_OK && i < n; i++) {
            st = list_message(mb, &mails[i], r, &answer->text);
            if (st == ST_OK && !admin_answer_row_done(answer))
                return ST_OK; /* nobody reads the rest, or there is no memory for it */
        }
        if (st != ST_OK)
            return st;
        first = n > 0 ? (uint64_t)mails[n - 1].id + 1 : 0;
    }
    return ST_OK;
}

static enum status show(struct mailbox *mb, uint64_t id, struct reader *r,
                        struct admin_answer *answer)
{
    struct span piece;
    struct mail m;
    enum status st = messages_find_any(mb, id, &m);
    if (st != ST_OK)
        return st;
    st = m.state == MAIL_BROKEN ? ST_DAMAGED : reader_open(r, mb, &m);
    if (st != ST_OK)
        return st;
    st = reader_next(r, &piece);
    add_row(&answer->text, &m, state_text(m.state), piece);
    while (st == ST_OK && piece.n > 0 && buf_add(&answer->text, piece) &&
           admin_answer_row_done(answer))
        st = reader_next(r, &piece);
    reader_close(r);
    return st;
}

static enum status run_action(struct mailbox *mb, struct span action, uint64_t id,
                              struct admin_answer *answer)
{
    if (span_eq(action, SPAN("restore")))
        return messages_restore(mb, id);
    if (span_eq(action, SPAN("delete")))
        return messages_delete(mb, id);
    struct reader *r = reader_new();
    enum status st = ST_NO_MEMORY;
    if (r)
        st = span_eq(action, SPAN("list")) ? list(mb, r, answer) : show(mb, id, r, answer);
    free(r);
    return st;
}

/* Whether there is such an action, and an id if it needs one. */
static bool check_action(struct span action, struct span id_text, uint64_t *id,
                         struct admin_answer *answer)
{
    bool is_list = span_eq(action, SPAN("list"));
    *id = 0;
    if (!is_list && !span_eq(action, SPAN("show")) && !span_eq(action, SPAN("restore")) &&
        !span_eq(action, SPAN("delete")))
        admin_answer_fail(answer, EX_USAGE, "\"%.*s\" is not one of list, show, restore, delete",
                          SPAN_PRINTF(span_first(action, 100)));
    else if (is_list && id_text.n > 0)
        admin_answer_fail(answer, EX_USAGE, "list takes no id");
    else if (!is_list && !span_number(id_text, id))
        admin_answer_fail(answer, EX_USAGE, "%.*s needs the id of a message, a number",
                          SPAN_PRINTF(action));
    else
        return true;
    return false;
}

enum status letters_run(struct store *s, const char *name, struct span action, struct span id,
                        struct admin_answer *answer)
{
    struct who who = {.generation = ""};
    struct mailbox *mb;
    uint64_t number;
    if (!check_action(action, id, &number, answer))
        return ST_OK;
    snprintf(who.name, sizeof who.name, "%s", name);
    enum status st = mailbox_open(s, &who, &mb);
    if (st != ST_OK)
        return st;
    st = run_action(mb, action, number, answer);
    mailbox_close_once(mb);
    return st;
}
