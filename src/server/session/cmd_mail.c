/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "os/crypt.h"
#include "proto/frame.h"
#include "proto/message.h"
#include "session/args.h"
#include "session/auth.h"
#include "session/commands.h"
#include "session/outgoing.h"
#include "session/reply.h"
#include "session/session_log.h"
#include "session/wire.h"
#include "store/account.h"
#include "store/cache.h"
#include "store/group_place.h"
#include "store/messages.h"
#include "store/reader.h"

/*
 * Answers with a delivery's outcome. Yes has the message as it was stored, whatever its state is by
 * now, and with an empty body.
 */
static void reply_delivery(struct session *s, enum status st, const struct outgoing *o)
{
    struct mail stored = o->stored;
    if (st != ST_OK) {
        reply_status(s, st);
        return;
    }
    stored.state = o->as.state;
    reply_begin_yes(s, 1, wire_bytes(s, &stored, WIRE_EMPTY));
    wire_head(s, &stored);
    buf_add(&s->out, SPAN("^|"));
    frame_end(&s->out, s->dialect);
}

/* False: the request is not a repeat of an earlier one; otherwise it is answered as that one was.
 */
static bool reply_to_repeat(struct session *s, struct outgoing *o)
{
    enum status st = outgoing_find_repeat(s, o);
    if (st == ST_NO_MESSAGE)
        return false;
    reply_delivery(s, st, o);
    return true;
}

/* Delivers a message, and answers. */
static void deliver(struct session *s, struct outgoing *o)
{
    enum status st = outgoing_put(s, o);
    if (st == ST_TOO_OFTEN)
        reply_too_often(s, o->rule, o->wait_ms);
    else
        reply_delivery(s, st, o);
    outgoing_end(s, o);
}

/* Delivers a message whose body comes from the client. */
static void deliver_checked(struct session *s, struct outgoing *o)
{
    uint64_t most = s->service->limits.message_bytes;
    if (o->body.n > most)
        reply_noop(s, "the message is too large: %zu bytes, at most %" PRIu64 " are allowed",
                   o->body.n, most);
    else
        deliver(s, o);
}

void cmd_send(struct session *s, const struct span *arg, size_t nargs)
{
    struct outgoing o = outgoing_new(s, "send");
    struct message m = {.id = 0};
    if (!args_name(s, arg[0], o.to.name) || !args_token(s, arg, nargs, 2, &o.token))
        return;
    if (!message_parse(arg[1], &m))
        m = (struct message){.body = arg[1]};
    if (!args_unescape(s, &m.body) || !args_unescape(s, &m.from) || !args_unescape(s, &m.date))
        return;
    o.body = m.body;
    deliver_checked(s, &o);
}

void cmd_import(struct session *s, const struct span *arg, size_t nargs)
{
    struct outgoing o = outgoing_new(s, "import");
    o.to = s->who;
    o.body = arg[2];
    if (args_date(s, arg[0], &o.as.time) && args_state(s, arg[1], &o.as.state) &&
        args_token(s, arg, nargs, 3, &o.token))
        deliver_checked(s, &o);
}

void cmd_check_user(struct session *s, const struct span *arg, size_t nargs)
{
    struct outgoing o = outgoing_new(s, "check");
    (void)nargs;
    if (!args_name(s, arg[0], o.to.name))
        return;
    enum status st = outgoing_check(s, &o);
    if (st == ST_TOO_OFTEN)
        reply_too_often(s, o.rule, o.wait_ms);
    else
        reply_status(s, st);
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
    if (r.st == ST_NO_USER && name_is_reserved(folded)) {
        r.st = ST_RESERVED;
    } else if (r.st == ST_NO_USER &&
               group_place_check_free(s->service->store, folded) == ST_USER_EXISTS) {
        r.st = ST_OK;
        r.to = (struct who){.generation = ""};
        memcpy(r.to.name, folded, sizeof folded);
    }
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

static void forward(struct session *s, struct mailbox *mine, const struct reading *r,
                    struct outgoing *o)
{
    struct buf body;
    struct budget_share share = {0};
    enum status st = ST_NO_MEMORY;
    buf_init(&body, r->m.size);
    if (auth_take_memory(s, &share, r->m.size) && buf_reserve(&body, r->m.size))
        st = reader_load(mine, &r->m, &body);
    o->to = r->to;
    o->body = buf_span(&body);
    if (st == ST_OK) {
        deliver(s, o);
    } else {
        outgoing_log(s, o, r->m.size, st);
        reply_status(s, st);
    }
    buf_free(&body);
    auth_take_memory(s, &share, 0);
}

void cmd_resend(struct session *s, const struct span *arg, size_t nargs)
{
    struct outgoing o = outgoing_new(s, "resend");
    struct mailbox *mine;
    struct reading r;
    if (!args_token(s, arg, nargs, 2, &o.token) ||
        (name_fold(arg[0], o.to.name) && reply_to_repeat(s, &o)))
        return;
    enum status st = mailbox_open(s->service->store, &s->who, &mine);
    if (st != ST_OK)
        reply_status(s, st);
    else if (choose_reading(s, mine, arg, &r))
        forward(s, mine, &r, &o);
    mailbox_close(mine);
}
