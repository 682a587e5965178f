/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/siphash.h"
#include "os/clock.h"
#include "proto/message.h"
#include "session/outgoing_private.h"
#include "session/session_log.h"
#include "store/cache.h"
#include "store/quota_warning.h"

#define AT_ONCE      32
#define LETTER_BYTES (GROUP_MEMBERS * 128)

enum status outgoing_group_find(struct session *s, struct outgoing *o)
{
    struct group *g = malloc(sizeof *g);
    enum status st = g ? group_find(s->service->store, o->to.name, g) : ST_NO_MEMORY;
    if (st == ST_OK)
        o->group = g;
    else
        free(g);
    return st == ST_DAMAGED ? ST_IO : st;
}

/* --- the letter to the sender --- */

/*
 * The token is the same for each repeat of a request. The hash needs no secret: only the server
 * sends from NAME_SERVER, and senders whose request tokens collide only miss a letter to
 * themselves.
 */
static void letter_token(const struct outgoing *o, char token[TOKEN_MAX + 1])
{
    static const unsigned char keys[2][SIPHASH_KEY_BYTES] = {
        {'p', 'o', 'c', 'h', 't', 'a', '-', 'g', 'r', 'o', 'u', 'p', '-', 'o', 'n', 'e'},
        {'p', 'o', 'c', 'h', 't', 'a', '-', 'g', 'r', 'o', 'u', 'p', '-', 't', 'w', 'o'}};
    char text[TOKEN_MAX + NAME_BYTES + 2];
    token[0] = '\0';
    if (o->token.n == 0)
        return;
    snprintf(text, sizeof text, "%.*s %s", SPAN_PRINTF(o->token), o->to.name);
    snprintf(token, TOKEN_MAX + 1, "%016" PRIx64 "%016" PRIx64, siphash(keys[0], span_str(text)),
             siphash(keys[1], span_str(text)));
}

static void write_letter(struct buf *text, const struct outgoing *o, struct span failures)
{
    char date[MESSAGE_DATE_BYTES];
    struct tm utc;
    os_clock_utc(o->as.time, &utc);
    message_date_format(2, &utc, date);
    buf_printf(text,
               "Not all members of %s received your message\n\nYour message of %s, with %zu bytes, "
               "was not delivered to these members\nof the group:\n\n",
               o->to.name, date, o->body.n);
    buf_add(text, failures);
    buf_add_str(text, "\nAll other members received it.\n\nThe mail server wrote this message, and "
                      "does not read replies.\n");
}

static void log_undelivered(struct session *s, const struct outgoing *o, struct span failures,
                            enum status st)
{
    struct event e;
    session_log_begin(&e, "undelivered", st == ST_OK ? EVENT_INFO : EVENT_WARNING, st);
    if (!o->unlimited)
        event_text(&e, "user", span_str(o->from));
    event_text(&e, "group", span_str(o->to.name));
    event_number(&e, "members", span_count(failures, '\n'));
    session_log_end(s, &e, st);
}

/* The message was sent, so a failure here is only logged. */
static void tell_sender(struct session *s, const struct outgoing *o, struct span failures)
{
    char token[TOKEN_MAX + 1];
    struct mailbox *mb = NULL;
    struct mail stored;
    struct buf text;
    buf_init(&text, LETTER_BYTES);
    letter_token(o, token);
    write_letter(&text, o, failures);
    enum status st = buf_ok(&text) ? mailbox_open(s->service->store, &s->who, &mb) : ST_NO_MEMORY;
    if (st == ST_OK)
        st = delivery_put(mb, NAME_SERVER, buf_span(&text), span_str(token), &stored, NULL);
    if (st == ST_OK)
        watch_tell(s->service->watch, mailbox_who(mb));
    log_undelivered(s, o, failures, st);
    mailbox_close(mb);
    buf_free(&text);
}

/* Whether the sender already has the letter: then the request was answered Yes, or will be. */
static bool is_told(struct session *s, const struct outgoing *o)
{
    char token[TOKEN_MAX + 1];
    struct mailbox *mb = NULL;
    struct mail letter;
    letter_token(o, token);
    bool told = mailbox_open(s->service->store, &s->who, &mb) == ST_OK &&
                delivery_find_repeat(mb, NAME_SERVER, span_str(token), &letter) == ST_OK;
    mailbox_close(mb);
    return told;
}

/* --- the members --- */

/*
 * The failure that decides the answer: the first one of a member who still has an account, since
 * the message may reach this member later; if no failure is of such a member, ST_NO_USER. so_far:
 * of the members before, ST_OK at first; one: of the next member.
 */
static enum status first_failure(enum status so_far, enum status one)
{
    return so_far == ST_OK || so_far == ST_NO_USER ? one : so_far;
}

/*
 * The status if no member has the message. failure: what first_failure has found among them; ST_OK
 * if the group is empty.
 */
static enum status failure_of_all(enum status failure)
{
    return failure == ST_OK || failure == ST_NO_USER ? ST_NO_MEMBERS : failure;
}

/* What became of a message to a group. */
struct outcome {
    bool taken;          /* a member has it */
    bool is_new;         /* a member has it who did not have it before */
    bool unknown;        /* a member may have it, or some members were not tried */
    enum status failure; /* ST_OK: all members have it; otherwise what first_failure found */
    struct buf failures; /* a line for each member who does not have it */
};

/* The token of a member's message. Points into room, or into what o->token points to. */
static struct span token_of(const struct outgoing *o, const struct who *member,
                            char room[TOKEN_MAX + 1])
{
    if (!o->token_for)
        return o->token;
    o->token_for(o->ctx, member->name, room);
    return span_str(room);
}

static void note_member(struct session *s, struct outgoing *o, const struct who *member,
                        const struct delivery_one *one, struct outcome *all)
{
    bool taken = one->st == ST_OK;
    outgoing_log_member(s, o, member->name, one);
    if (taken) {
        outgoing_note(s, o, one->mb, one->repeat);
        all->is_new = all->is_new || !one->repeat;
        if (!all->taken)
            o->stored = one->stored;
        all->taken = true;
        return;
    }
    all->unknown = all->unknown || one->st == ST_UNKNOWN;
    all->failure = first_failure(all->failure, one->st);
    buf_printf(&all->failures, "  %s: %s\n", member->name, status_text(one->st));
}

/* Up to AT_ONCE members, whose deliveries wait for the disk together. */
struct some {
    size_t n;
    struct delivery_one put[AT_ONCE];
    const struct who *members[AT_ONCE];
    char tokens[AT_ONCE][TOKEN_MAX + 1];
};

static void put_some(struct session *s, struct outgoing *o, struct some *some, struct outcome *all)
{
    delivery_put_each(some->put, some->n, o->from, o->body, o->as);
    for (size_t i = 0; i < some->n; i++) {
        note_member(s, o, some->members[i], &some->put[i], all);
        mailbox_close(some->put[i].mb);
    }
    some->n = 0;
}

/* Opens the mailbox of a member, and prepares the delivery. */
static void add_member(struct session *s, const struct outgoing *o, struct some *some,
                       const struct who *member)
{
    struct delivery_one *one = &some->put[some->n];
    *one = (struct delivery_one){.token = token_of(o, member, some->tokens[some->n])};
    one->st = mailbox_open(s->service->store, member, &one->mb);
    if (one->st == ST_OK)
        one->st = quota_warning_arm(one->mb);
    some->members[some->n++] = member;
}

/*
 * A failure for one member does not keep the message from the others. A session that must end skips
 * the rest, so that the server need not wait for them.
 */
static void put_all(struct session *s, struct outgoing *o, struct some *some, struct outcome *all)
{
    for (size_t i = 0; i < o->group->n; i++) {
        bool last = i + 1 == o->group->n;
        add_member(s, o, some, &o->group->members[i]);
        if (some->n < AT_ONCE && !last)
            continue;
        put_some(s, o, some, all);
        if (!last && s->host->end_reason(s->host)) {
            all->unknown = true;
            return;
        }
    }
}

/*
 * The members have the message, or at least some of them. A sender who has a mailbox is told of the
 * others. If nobody can be told, the message must be sent again until it has reached all members
 * who have an account.
 */
static enum status answer_for_all(struct session *s, const struct outgoing *o,
                                  const struct outcome *all)
{
    struct span failures = buf_span(&all->failures);
    if (all->failure == ST_OK)
        return ST_OK;
    if (!o->unlimited)
        tell_sender(s, o, failures);
    else if (all->failure == ST_NO_USER)
        log_undelivered(s, o, failures, ST_NO_USER);
    else
        return all->failure;
    return ST_OK;
}

enum status outgoing_group_put(struct session *s, struct outgoing *o, bool *is_new)
{
    enum status st = ST_UNKNOWN;
    struct outcome all = {.failure = ST_OK};
    struct some *some = calloc(1, sizeof *some);
    if (!some)
        return ST_NO_MEMORY;
    buf_init(&all.failures, LETTER_BYTES);
    put_all(s, o, some, &all);
    if (!all.unknown && all.taken)
        st = answer_for_all(s, o, &all);
    else if (!all.unknown)
        st = failure_of_all(all.failure);
    o->taken = all.taken && !all.unknown;
    *is_new = all.is_new;
    buf_free(&all.failures);
    free(some);
    return st;
}

enum status outgoing_group_find_repeat(struct session *s, struct outgoing *o)
{
    bool has = false, lacks = false;
    for (size_t i = 0; i < o->group->n; i++) {
        struct mailbox *mb = NULL;
        struct mail first;
        const struct who *member = &o->group->members[i];
        enum status st = mailbox_open(s->service->store, member, &mb);
        if (st == ST_OK) {
            char token[TOKEN_MAX + 1];
            st = delivery_find_repeat(mb, o->from, token_of(o, member, token), &first);
        }
        mailbox_close(mb);
        if (st == ST_UNKNOWN)
            return st;
        if (st == ST_OK && !has)
            o->stored = first;
        has = has || st == ST_OK;
        lacks = lacks || st != ST_OK;
    }
    return has && (!lacks || is_told(s, o)) ? ST_OK : ST_NO_MESSAGE;
}

enum status outgoing_group_check(struct session *s, struct outgoing *o)
{
    enum status failure = ST_OK;
    for (size_t i = 0; i < o->group->n; i++) {
        struct mailbox *mb = NULL;
        enum status st = mailbox_open(s->service->store, &o->group->members[i], &mb);
        if (st == ST_OK)
            st = delivery_check(mb, OUTGOING_LEAST_BYTES);
        mailbox_close(mb);
        if (st == ST_OK)
            return ST_OK;
        failure = first_failure(failure, st);
    }
    return failure_of_all(failure);
}

void outgoing_group_end(struct session *s, struct outgoing *o)
{
    for (size_t i = 0; o->taken && i < o->group->n; i++) {
        struct mailbox *mb = NULL;
        if (mailbox_open(s->service->store, &o->group->members[i], &mb) == ST_OK)
            outgoing_warn(s, mb);
        mailbox_close(mb);
    }
    free(o->group);
    o->group = NULL;
}
