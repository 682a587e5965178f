/* SPDX-License-Identifier: ISC */
#include "session/outgoing_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "os/clock.h"
#include "session/reply.h"
#include "session/session_log.h"
#include "store/cache.h"
#include "store/quota_warning.h"

struct outgoing outgoing_new(const struct session *s, const char *request)
{
    return (struct outgoing){
        .request = request, .from = s->who.name, .as = {os_clock_now(), MAIL_UNREAD}};
}

/* Logs what became of a message for a member of a group, or, without one, for its recipient. */
static void log_outcome(struct session *s, const struct outgoing *o, const char *member,
                        uint64_t bytes, const struct delivery_one *one)
{
    struct event e;
    session_log_begin(&e, o->request, EVENT_INFO, one->st);
    event_text(&e, "from", span_str(o->from));
    event_text(&e, "to", span_str(member ? member : o->to.name));
    if (member)
        event_text(&e, "group", span_str(o->to.name));
    if (one->st == ST_OK && one->stored.id > 0)
        event_number(&e, "id", one->stored.id);
    if (one->st == ST_OK && one->repeat)
        event_text(&e, "repeat", SPAN("yes"));
    event_number(&e, "bytes", bytes);
    session_log_end(s, &e, one->st);
}

void outgoing_log(struct session *s, const struct outgoing *o, uint64_t bytes, enum status st)
{
    log_outcome(s, o, NULL, bytes, &(struct delivery_one){.st = st});
}

void outgoing_log_member(struct session *s, const struct outgoing *o, const char *member,
                         const struct delivery_one *one)
{
    log_outcome(s, o, member, o->body.n, one);
}

/*
 * Opens the mailbox that a message is for, or else finds the group. Messages from NAME_OUTSIDE
 * count as mail from outside, so a user whose account had this name before it was reserved cannot
 * send.
 */
static enum status open_recipient(struct session *s, struct outgoing *o)
{
    if (!o->unlimited && strcmp(o->from, NAME_OUTSIDE) == 0)
        return ST_RESERVED;
    enum status st = mailbox_open(s->service->store, &o->to, &o->mb);
    if (st != ST_NO_USER)
        return st;
    if (name_is_reserved(o->to.name))
        return ST_RESERVED;
    return o->to.generation[0] ? ST_NO_USER : outgoing_group_find(s, o);
}

enum status outgoing_find_repeat(struct session *s, struct outgoing *o)
{
    if (o->token.n == 0 || open_recipient(s, o) != ST_OK)
        return ST_NO_MESSAGE;
    enum status st = o->group ? outgoing_group_find_repeat(s, o)
                              : delivery_find_repeat(o->mb, o->from, o->token, &o->stored);
    outgoing_end(s, o);
    if (st != ST_OK && st != ST_UNKNOWN)
        return ST_NO_MESSAGE;
    o->repeat = true;
    log_outcome(s, o, NULL, o->stored.size,
                &(struct delivery_one){.st = st, .stored = o->stored, .repeat = true});
    return st;
}

static struct send_limits send_limits(const struct session *s)
{
    return (struct send_limits){s->service->limits.per_minute, s->service->limits.bytes_per_minute};
}

/* Counts one more message of this user. ST_TOO_OFTEN: there are too many. */
static enum status count(struct session *s, struct outgoing *o)
{
    const struct send_limits limits = send_limits(s);
    bool of_bytes;
    if (o->unlimited)
        return ST_OK;
    o->wait_ms = send_rate_take(s->service->send_rate, span_str(o->from), limits, o->body.n,
                                os_clock_ms(), &of_bytes);
    if (o->wait_ms == 0)
        return ST_OK;
    snprintf(o->rule, sizeof o->rule, "more than %" PRIu64 " %s a minute",
             of_bytes ? limits.bytes : limits.messages, of_bytes ? "bytes" : "messages");
    return ST_TOO_OFTEN;
}

static void give_back(struct session *s, const struct outgoing *o, uint64_t bytes)
{
    if (!o->unlimited)
        send_rate_give_back(s->service->send_rate, span_str(o->from), send_limits(s), bytes,
                            os_clock_ms());
}

static void log_too_often(struct session *s, const struct outgoing *o)
{
    atomic_fetch_add(&s->service->counters->messages_refused, 1);
    outgoing_log(s, o, o->body.n, ST_TOO_OFTEN);
}

void outgoing_note(struct session *s, const struct outgoing *o, const struct mailbox *mb,
                   bool repeat)
{
    const struct service *v = s->service;
    watch_tell(v->watch, mailbox_who(mb));
    if (repeat)
        return;
    atomic_fetch_add(&v->counters->messages, 1);
    atomic_fetch_add(&v->counters->message_bytes, o->body.n);
}

/* Delivers to one user. *is_new: the message was not there before. */
static enum status put_one(struct session *s, struct outgoing *o, bool *is_new)
{
    bool repeat = false;
    enum status st = quota_warning_arm(o->mb);
    if (st == ST_OK)
        st = delivery_put_as(o->mb, o->from, o->body, o->token, o->as, &o->stored, &repeat);
    if (st == ST_OK)
        outgoing_note(s, o, o->mb, repeat);
    o->taken = st == ST_OK;
    *is_new = o->taken && !repeat;
    return st;
}

enum status outgoing_put(struct session *s, struct outgoing *o)
{
    bool is_new = false;
    enum status st = count(s, o);
    if (st != ST_OK) {
        enum status first = outgoing_find_repeat(s, o);
        if (first != ST_NO_MESSAGE)
            return first;
        log_too_often(s, o);
        return st;
    }
    st = open_recipient(s, o);
    if (st == ST_OK)
        st = o->group ? outgoing_group_put(s, o, &is_new) : put_one(s, o, &is_new);
    o->repeat = st == ST_OK && !is_new;
    struct delivery_one all = {.st = st, .repeat = o->repeat};
    if (!o->group) /* the members of a group have ids of their own */
        all.stored = o->stored;
    log_outcome(s, o, NULL, o->body.n, &all);
    if (!is_new && st != ST_UNKNOWN)
        give_back(s, o, o->body.n);
    return st;
}

enum status outgoing_check(struct session *s, struct outgoing *o)
{
    enum status st = count(s, o);
    if (st != ST_OK) {
        log_too_often(s, o);
        return st;
    }
    st = open_recipient(s, o);
    if (st == ST_OK)
        st = o->group ? outgoing_group_check(s, o) : delivery_check(o->mb, OUTGOING_LEAST_BYTES);
    if (!o->unlimited || st != ST_OK) /* a mail server asks for each message */
        outgoing_log(s, o, 0, st);
    outgoing_end(s, o);
    return st;
}

void outgoing_uncheck(struct session *s, const struct outgoing *o)
{
    give_back(s, o, 0);
}

void outgoing_warn(struct session *s, struct mailbox *mb)
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

void outgoing_end(struct session *s, struct outgoing *o)
{
    if (o->group)
        outgoing_group_end(s, o);
    else if (o->taken)
        outgoing_warn(s, o->mb);
    mailbox_close(o->mb);
    o->mb = NULL;
}
