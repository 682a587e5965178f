/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/clock.h"
#include "os/crypt.h"
#include "proto/frame.h"
#include "proto/message.h"
#include "session/args.h"
#include "session/auth.h"
#include "session/commands.h"
#include "session/reply.h"
#include "session/session_log.h"
#include "session/wire.h"
#include "store/account.h"
#include "store/cache.h"
#include "store/delivery.h"
#include "store/messages.h"
#include "store/quota_warning.h"
#include "store/reader.h"

#define LEAST_BYTES 1 /* of a message that Check user thinks of: one that says something */

/* A message to be delivered. */
struct letter {
    const char *request; /* as the log calls it */
    struct who to;
    struct span body, token;
    struct delivery_as as;
};

static struct letter new_letter(const char *request)
{
    return (struct letter){.request = request, .as = {os_clock_now(), MAIL_UNREAD}};
}

/*
 * Answers with a delivery's outcome. Yes has the message as it was stored, whatever its state is by
 * now, and with an empty body.
 */
static void reply_delivery(struct session *s, enum status st, struct mail *stored,
                           enum mail_state state)
{
    if (st != ST_OK) {
        reply_status(s, st);
        return;
    }
    stored->state = state;
    reply_begin_yes(s, 1, wire_bytes(s, stored, WIRE_EMPTY));
    wire_head(s, stored);
    buf_add(&s->out, SPAN("^|"));
    frame_end(&s->out, s->dialect);
}

/* The outcome of a delivery. id 0: no message was stored. */
static void log_delivery(struct session *s, const struct letter *l, uint64_t bytes, uint64_t id,
                         enum status st)
{
    struct event e;
    session_log_begin(&e, l->request, EVENT_INFO, st);
    event_text(&e, "from", span_str(s->who.name));
    event_text(&e, "to", span_str(l->to.name));
    if (id > 0)
        event_number(&e, "id", id);
    event_number(&e, "bytes", bytes);
    session_log_end(s, &e, st);
}

/*
 * If the token shows that a request repeats an earlier one, answers it as before and checks nothing
 * else: by now the message to resend may be gone, and the sender may have reached the rate limit.
 * False: it is not a repeat.
 */
static bool reply_to_repeat(struct session *s, const struct letter *l)
{
    struct mailbox *mb;
    struct mail first;
    if (l->token.n == 0 || mailbox_open(s->service->store, &l->to, &mb) != ST_OK)
        return false;
    enum status st = delivery_find_repeat(mb, s->who.name, l->token, &first);
    mailbox_close(mb);
    if (st != ST_OK && st != ST_UNKNOWN)
        return false;
    log_delivery(s, l, first.size, first.id, st);
    reply_delivery(s, st, &first, l->as.state);
    return true;
}

/* Opens the mailbox that a message is for. */
static enum status open_recipient(struct session *s, const struct who *to, struct mailbox **mb)
{
    enum status st = mailbox_open(s->service->store, to, mb);
    return st == ST_NO_USER && strcmp(to->name, NAME_SERVER) == 0 ? ST_RESERVED : st;
}

static struct send_limits send_limits(const struct session *s)
{
    return (struct send_limits){s->service->limits.per_minute, s->service->limits.bytes_per_minute};
}

/* Counts one more message of this user. False: there are too many, and the request is answered. */
static bool may_send(struct session *s, const struct letter *l)
{
    const struct send_limits limits = send_limits(s);
    bool of_bytes;
    int64_t wait_ms = send_rate_take(s->service->send_rate, span_str(s->who.name), limits,
                                     l->body.n, os_clock_ms(), &of_bytes);
    char what[64];
    if (wait_ms == 0)
        return true;
    if (reply_to_repeat(s, l))
        return false;
    snprintf(what, sizeof what, "more than %" PRIu64 " %s a minute",
             of_bytes ? limits.bytes : limits.messages, of_bytes ? "bytes" : "messages");
    atomic_fetch_add(&s->service->counters->messages_refused, 1);
    log_delivery(s, l, l->body.n, 0, ST_TOO_OFTEN);
    reply_too_often(s, what, wait_ms);
    return false;
}

/* Sends a warning to the user whose mailbox a delivery has nearly filled. */
static void warn_of_quota(struct session *s, struct mailbox *mb)
{
    struct quota_warning w;
    struct event e;
    if (!quota_warning_is_due(mb))
        return;
    reply_flush(s); /* the sender does not wait for it */
    enum status st = quota_warning_send(mb, &w);
    if (st == ST_NO_MESSAGE)
        return;
    session_log_begin(&e, "quota_warning", EVENT_NOTICE, st);
    event_text(&e, "user", span_str(mailbox_who(mb)->name));
    if (st == ST_OK) {
        event_number(&e, "bytes", w.bytes);
        event_number(&e, "quota_bytes", w.quota.bytes);
        event_number(&e, "messages", w.messages);
        event_number(&e, "quota_messages", w.quota.messages);
        watch_tell(s->service->watch, mailbox_who(mb));
    }
    session_log_end(s, &e, st);
}

/* Delivers a message, and answers. */
static void deliver(struct session *s, const struct letter *l)
{
    const struct service *v = s->service;
    struct mailbox *mb;
    struct mail stored = {.id = 0};
    bool repeat = false;
    if (!may_send(s, l))
        return;
    enum status st = open_recipient(s, &l->to, &mb);
    if (st == ST_OK)
        st = quota_warning_arm(mb);
    if (st == ST_OK)
        st = delivery_put_as(mb, s->who.name, l->body, l->token, l->as, &stored, &repeat);
    log_delivery(s, l, l->body.n, st == ST_OK ? stored.id : 0, st);
    if (st == ST_OK)
        watch_tell(v->watch, mailbox_who(mb));
    if (st == ST_OK && !repeat) {
        atomic_fetch_add(&v->counters->messages, 1);
        atomic_fetch_add(&v->counters->message_bytes, l->body.n);
    } else if (st != ST_UNKNOWN) {
        send_rate_give_back(v->send_rate, span_str(s->who.name), send_limits(s), l->body.n,
                            os_clock_ms());
    }
    reply_delivery(s, st, &stored, l->as.state);
    if (st == ST_OK)
        warn_of_quota(s, mb);
    mailbox_close(mb);
}

/* Delivers a message whose body comes from the client. */
static void deliver_checked(struct session *s, const struct letter *l)
{
    uint64_t most = s->service->limits.message_bytes;
    if (l->body.n > most)
        reply_noop(s, "the message is too large: %zu bytes, at most %" PRIu64 " are allowed",
                   l->body.n, most);
    else
        deliver(s, l);
}

void cmd_send(struct session *s, const struct span *arg, size_t nargs)
{
    struct letter l = new_letter("send");
    struct message m = {.id = 0};
    if (!args_name(s, arg[0], l.to.name) || !args_token(s, arg, nargs, 2, &l.token))
        return;
    if (!message_parse(arg[1], &m))
        m = (struct message){.body = arg[1]};
    if (!args_unescape(s, &m.body) || !args_unescape(s, &m.from) || !args_unescape(s, &m.date))
        return;
    l.body = m.body;
    deliver_checked(s, &l);
}

void cmd_import(struct session *s, const struct span *arg, size_t nargs)
{
    struct letter l = {.request = "import", .to = s->who, .body = arg[2]};
    if (args_date(s, arg[0], &l.as.time) && args_state(s, arg[1], &l.as.state) &&
        args_token(s, arg, nargs, 3, &l.token))
        deliver_checked(s, &l);
}

/* It counts as a message does, even if it finds nobody: names are not to be tried out. */
void cmd_check_user(struct session *s, const struct span *arg, size_t nargs)
{
    struct letter l = new_letter("check");
    struct mailbox *mb;
    (void)nargs;
    if (!args_name(s, arg[0], l.to.name) || !may_send(s, &l))
        return;
    enum status st = open_recipient(s, &l.to, &mb);
    if (st == ST_OK)
        st = delivery_check(mb, LEAST_BYTES);
    log_delivery(s, &l, 0, 0, st);
    reply_status(s, st);
    mailbox_close(mb);
}

/* Carries out Delete mes or Restore mes. */
static void change_state(struct session *s, const char *name, struct span arg,
                         enum status (*how)(struct mailbox *mb, uint64_t id))
{
    struct mailbox *mb;
    struct event e;
    uint64_t id;
    if (!args_number(s, arg, &id))
        return;
    enum status st = mailbox_open(s->service->store, &s->who, &mb);
    if (st == ST_OK)
        st = how(mb, id);
    session_log_begin(&e, name, EVENT_INFO, st);
    event_text(&e, "user", span_str(s->who.name));
    event_number(&e, "id", id);
    session_log_end(s, &e, st);
    reply_status(s, st);
    mailbox_close(mb);
}

void cmd_delete_message(struct session *s, const struct span *arg, size_t nargs)
{
    (void)nargs;
    change_state(s, "delete", arg[0], messages_delete);
}

void cmd_restore_message(struct session *s, const struct span *arg, size_t nargs)
{
    (void)nargs;
    change_state(s, "restore", arg[0], messages_restore);
}

void cmd_mark(struct session *s, const struct span *arg, size_t nargs)
{
    struct mailbox *mb;
    enum mail_state state;
    uint64_t id;
    (void)nargs;
    if (!args_number(s, arg[0], &id) || !args_state(s, arg[1], &state))
        return;
    enum status st = mailbox_open(s->service->store, &s->who, &mb);
    if (st == ST_OK)
        st = messages_mark(mb, id, state);
    reply_status(s, st);
    mailbox_close(mb);
}

void cmd_status(struct session *s, const struct span *arg, size_t nargs)
{
    struct mailbox *mb;
    struct index_totals totals;
    struct mailbox_quota quota;
    enum status st = mailbox_open(s->service->store, &s->who, &mb);
    (void)arg, (void)nargs;
    if (st == ST_OK)
        st = mailbox_totals(mb, &totals, &quota);
    mailbox_close(mb);
    if (st != ST_OK) {
        reply_status(s, st);
        return;
    }
    size_t mark = frame_open(&s->out, s->dialect, "Answer", 6);
    buf_printf(&s->out, "Yes|%" PRIu64 "|%" PRIu64 "|%" PRIu64 "|%" PRIu64 "|%" PRIu64 "|",
               totals.messages, totals.unread, totals.bytes, quota.bytes, quota.messages);
    frame_close(&s->out, s->dialect, mark);
}

/* The arguments of Resend, read in one order, and whether that user and that message exist. */
struct reading {
    enum status st;
    struct who to;
    struct mail m;
};

static struct reading try_reading(struct session *s, struct mailbox *mine, struct span name,
                                  struct span id_text)
{
    struct reading r = {.st = ST_NO_USER};
    char folded[NAME_BYTES + 1];
    struct account a;
    uint64_t id;
    if (!name_fold(name, folded))
        return r;
    r.st = account_find(s->service->store, folded, &r.to, &a);
    os_crypt_wipe(a.hash, sizeof a.hash);
    if (r.st == ST_NO_USER && strcmp(folded, NAME_SERVER) == 0)
        r.st = ST_RESERVED;
    if (r.st != ST_OK)
        return r;
    if (!span_u64(id_text, UINT64_MAX, &id))
        r.st = ST_NO_MESSAGE;
    else
        r.st = messages_find(mine, id, &r.m);
    return r;
}

/* Whether the arguments can be a name and an id, in an order that the version allows; else Noop. */
static bool are_name_and_id(struct session *s, const struct span *arg)
{
    char folded[NAME_BYTES + 1];
    bool swapped = s->dialect.version < 2;
    if (!name_fold(arg[0], folded) && !(swapped && name_fold(arg[1], folded)))
        reply_noop(s, NAME_RULE);
    else if (!span_is_decimal(arg[1]) && !(swapped && span_is_decimal(arg[0])))
        reply_noop(s, ARGS_NUMBER_RULE);
    else
        return true;
    return false;
}

/*
 * Finds out which order of the arguments is meant (PROTOCOL 4). In version 1 both are tried; if
 * neither is possible, the documented order decides which error is reported. False: Noop has been
 * answered.
 */
static bool choose_reading(struct session *s, struct mailbox *mine, const struct span *arg,
                           struct reading *chosen)
{
    struct reading other = {.st = ST_NO_USER};
    if (!are_name_and_id(s, arg))
        return false;
    *chosen = try_reading(s, mine, arg[0], arg[1]);
    if (s->dialect.version < 2)
        other = try_reading(s, mine, arg[1], arg[0]);
    if (chosen->st == ST_OK && other.st == ST_OK) {
        reply_noop(s, "ambiguous: both name, id and id, name are possible; use version 2");
        return false;
    }
    if (other.st == ST_OK ||
        (chosen->st == ST_NO_USER && (other.st == ST_NO_MESSAGE || other.st == ST_RESERVED)))
        *chosen = other;
    if (chosen->st != ST_OK)
        reply_status(s, chosen->st);
    return chosen->st == ST_OK;
}

/* Reads a whole body into a buffer that has room for it. */
static enum status load_body(struct mailbox *mb, const struct mail *m, struct buf *body)
{
    struct reader *r = reader_new();
    struct span piece;
    enum status st = r ? reader_open(r, mb, m) : ST_NO_MEMORY;
    if (st == ST_OK) {
        do {
            st = reader_next(r, &piece);
        } while (st == ST_OK && piece.n > 0 && buf_add(body, piece));
        reader_close(r);
    }
    free(r);
    return st == ST_OK && !buf_ok(body) ? ST_NO_MEMORY : st;
}

static void forward(struct session *s, struct mailbox *mine, const struct reading *r,
                    struct letter *l)
{
    struct buf body;
    struct budget_share share = {0};
    enum status st = ST_NO_MEMORY;
    buf_init(&body, r->m.size);
    if (auth_take_memory(s, &share, r->m.size) && buf_reserve(&body, r->m.size))
        st = load_body(mine, &r->m, &body);
    l->to = r->to;
    l->body = buf_span(&body);
    if (st == ST_OK) {
        deliver(s, l);
    } else {
        log_delivery(s, l, r->m.size, 0, st);
        reply_status(s, st);
    }
    buf_free(&body);
    auth_take_memory(s, &share, 0);
}

void cmd_resend(struct session *s, const struct span *arg, size_t nargs)
{
    struct letter l = new_letter("resend");
    struct mailbox *mine;
    struct reading r;
    if (!args_token(s, arg, nargs, 2, &l.token) ||
        (name_fold(arg[0], l.to.name) && reply_to_repeat(s, &l)))
        return;
    enum status st = mailbox_open(s->service->store, &s->who, &mine);
    if (st != ST_OK)
        reply_status(s, st);
    else if (choose_reading(s, mine, arg, &r))
        forward(s, mine, &r, &l);
    mailbox_close(mine);
}
