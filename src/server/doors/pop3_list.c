/* SPDX-License-Identifier: ISC */
#include <inttypes.h>

#include "doors/pop3_mail.h"
#include "doors/pop3_private.h"
#include "session/lifecycle.h"
#include "session/reply.h"
#include "session/session_log.h"
#include "store/cache.h"
#include "store/messages.h"

bool pop3_find(struct pop3 *p, struct span number, size_t *index)
{
    uint64_t n;
    if (!span_u64(number, p->drop.n, &n) || n == 0) {
        pop3_refuse(p, "", "no such message; there are %zu", p->drop.n);
        return false;
    }
    *index = (size_t)n - 1;
    if (p->drop.marks[*index] == POP3_DELETED)
        pop3_refuse(p, "", "this message is marked as deleted");
    return p->drop.marks[*index] != POP3_DELETED;
}

/* Measures all messages. False: it failed, which has been answered, or the session must end. */
static bool measure(struct pop3 *p)
{
    while (p->drop.measured < p->drop.n) {
        if (!lifecycle_may_go_on(&p->s))
            return false;
        enum status st = pop3_maildrop_measure(&p->s, &p->drop);
        if (st != ST_OK) {
            pop3_refuse_status(p, st);
            return false;
        }
    }
    return true;
}

void pop3_stat(struct pop3 *p, const struct pop3_command *c)
{
    (void)c;
    if (!measure(p))
        return;
    struct pop3_totals t = pop3_maildrop_totals(&p->drop);
    pop3_ok(p, "%zu %" PRIu64, t.messages, t.bytes);
}

/* Adds what comes after the number of a message. */
typedef void describe(const struct pop3 *p, size_t index, struct buf *out);

static void describe_size(const struct pop3 *p, size_t index, struct buf *out)
{
    buf_add_u64(out, p->drop.bytes[index], 0);
}

/* The unique id of a message must never change: RFC 1939, section 7. */
static void describe_unique(const struct pop3 *p, size_t index, struct buf *out)
{
    buf_add_str(out, p->s.who.generation);
    buf_add_char(out, '.');
    buf_add_u64(out, p->drop.ids[index], 0);
}

static void add_line(const struct pop3 *p, size_t index, describe *how, struct buf *out)
{
    buf_add_u64(out, index + 1, 0);
    buf_add_char(out, ' ');
    how(p, index, out);
    buf_add(out, SPAN("\r\n"));
}

static void list_one(struct pop3 *p, struct span number, describe *how)
{
    size_t i;
    if (!pop3_find(p, number, &i))
        return;
    if (p->drop.marks[i] == POP3_GONE) {
        pop3_refuse_status(p, ST_NO_MESSAGE);
    } else {
        buf_add_str(&p->s.out, "+OK ");
        add_line(p, i, how, &p->s.out);
    }
}

static void list_all(struct pop3 *p, describe *how)
{
    struct session *s = &p->s;
    pop3_ok_count(p);
    for (size_t i = 0; i < p->drop.n && reply_pour(s); i++)
        if (p->drop.marks[i] == POP3_KEPT)
            add_line(p, i, how, &s->out);
    buf_add_str(&s->out, ".\r\n");
}

void pop3_list(struct pop3 *p, const struct pop3_command *c)
{
    if (!measure(p))
        return;
    if (c->nargs > 0)
        list_one(p, c->arg[0], describe_size);
    else
        list_all(p, describe_size);
}

void pop3_uidl(struct pop3 *p, const struct pop3_command *c)
{
    if (c->nargs > 0)
        list_one(p, c->arg[0], describe_unique);
    else
        list_all(p, describe_unique);
}

/* Whether a message is still there. ST_NO_MESSAGE: another session has deleted it. */
static enum status look_for(struct pop3 *p, uint32_t id)
{
    struct mailbox *mb;
    struct mail m;
    enum status st = mailbox_open(p->s.service->store, &p->s.who, &mb);
    if (st == ST_OK)
        st = messages_find(mb, id, &m);
    mailbox_close(mb);
    return st;
}

void pop3_dele(struct pop3 *p, const struct pop3_command *c)
{
    size_t i;
    if (!pop3_find(p, c->arg[0], &i))
        return;
    enum status st = look_for(p, p->drop.ids[i]);
    if (st == ST_OK) {
        p->drop.marks[i] = POP3_DELETED;
        pop3_ok(p, "message %zu will be deleted", i + 1);
    } else {
        pop3_refuse_status(p, st);
    }
}

void pop3_rset(struct pop3 *p, const struct pop3_command *c)
{
    (void)c;
    for (size_t i = 0; i < p->drop.n; i++)
        if (p->drop.marks[i] == POP3_DELETED)
            p->drop.marks[i] = POP3_KEPT;
    pop3_ok_count(p);
}

void pop3_noop(struct pop3 *p, const struct pop3_command *c)
{
    (void)c;
    pop3_ok(p, "done");
}

static void log_update(struct pop3 *p, const struct pop3_update *u)
{
    struct event e;
    session_log_begin(&e, "delete", EVENT_INFO, u->why);
    event_text(&e, "user", span_str(p->s.who.name));
    event_number(&e, "messages", u->deleted);
    session_log_end(&p->s, &e, u->why);
}

void pop3_quit(struct pop3 *p, const struct pop3_command *c)
{
    (void)c;
    struct pop3_update u = pop3_maildrop_update(&p->s, &p->drop);
    if (u.deleted + u.left > 0)
        log_update(p, &u);
    if (u.left > 0)
        pop3_refuse(p, pop3_code(u.why), "some deleted messages not removed (%zu of %zu): %s",
                    u.left, u.left + u.deleted, status_text(u.why));
    else
        pop3_ok(p, "bye");
    /* If the store is lost now, the last answer must say so. */
    reply_flush(&p->s);
    reply_close(&p->s, "the client sent QUIT");
}
