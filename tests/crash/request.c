/* SPDX-License-Identifier: ISC */
#include "request.h"

#include <inttypes.h>
#include <stdio.h>

#include "body.h"

/* Which body this is, and who sent it. */
static bool identify(const struct message *m, struct ledger_body *which, unsigned *from)
{
    return body_identify(m->body, which) && body_sender(m->from, from);
}

/* A message as it came, against the ledger. Returns its number, or LEDGER_NONE. */
static uint32_t look_at(struct client *c, const struct message *m, bool whole)
{
    struct ledger *ledger = c->campaign->ledger;
    struct ledger_body which;
    unsigned from;

    if (!identify(m, &which, &from)) {
        ledger_violation(ledger, "mailbox %u: message %" PRIu64 " was not sent by us", c->me,
                         m->id);
        return LEDGER_NONE;
    }
    if (whole && !span_eq(client_body(c, which), m->body))
        ledger_violation(ledger, "mailbox %u: message %" PRIu64 " is not what was sent", c->me,
                         m->id);
    return ledger_seen(ledger, c->me, m->id, from, which);
}

enum reply_result request_login(struct client *c, const char *name, unsigned password)
{
    struct span args[2] = {span_str(name), span_str(client_password(password))};

    return link_ask(&c->link, OP_LOGIN, args, 2);
}

static enum reply_result hear_id(struct client *c, uint64_t *id)
{
    struct message m;
    enum reply_result result = link_next_message(&c->link, &m);

    *id = m.id;
    return result;
}

static enum reply_result send_body(struct client *c, const struct request *r, uint64_t *id)
{
    char name[16];
    enum reply_result result;

    client_name(r->copies[0].mailbox, name);
    result = link_send(&c->link, span_str(name), client_body(c, r->body), r->token);
    return result == REPLY_OK ? hear_id(c, id) : result;
}

static void answered(struct client *c, struct request *r, uint64_t id)
{
    ledger_answered(c->campaign->ledger, r->copies[0].mailbox, r->copies[0].number, id);
    r->copies[0].answered = true;
}

enum reply_result request_send(struct client *c, struct request *r)
{
    uint64_t id;
    enum reply_result result = send_body(c, r, &id);

    if (result == REPLY_OK)
        answered(c, r, id);
    return result;
}

/* The token is used up: the answer must be the first one. */
enum reply_result request_send_again(struct client *c, struct request *r)
{
    uint64_t id;
    enum reply_result result = send_body(c, r, &id);

    if (result == REPLY_OK)
        ledger_answered_again(c->campaign->ledger, r->copies[0].mailbox, r->copies[0].number, id);
    return result;
}

static struct span id_text(struct client *c, struct request *r, char out[32])
{
    struct letter letter = ledger_letter(c->campaign->ledger, c->me, r->number);

    return span_of(out, (size_t)snprintf(out, 32, "%" PRIu64, letter.id));
}

enum reply_result request_resend(struct client *c, struct request *r)
{
    char name[16], text[32];
    uint64_t id;
    enum reply_result result;

    client_name(r->copies[0].mailbox, name);
    result = link_resend(&c->link, span_str(name), id_text(c, r, text), r->token);
    if (result == REPLY_OK)
        result = hear_id(c, &id);
    if (result == REPLY_OK)
        answered(c, r, id);
    return result;
}

/* Goes through an answer of messages. */
enum reply_result request_messages(struct client *c, bool whole,
                                   void (*each)(struct client *c, uint32_t number))
{
    struct message m;
    enum reply_result result;

    while ((result = link_next_message(&c->link, &m)) == REPLY_OK) {
        uint32_t number = look_at(c, &m, whole);
        if (number != LEDGER_NONE)
            each(c, number);
    }
    return result;
}

static void must_be_live(struct client *c, uint32_t number)
{
    if (ledger_letter(c->campaign->ledger, c->me, number).deleted)
        ledger_violation(c->campaign->ledger, "mailbox %u: a deleted message is shown", c->me);
}

enum reply_result request_show_unread(struct client *c, struct request *r)
{
    enum reply_result result = link_ask(&c->link, OP_SHOW_UNREAD, NULL, 0);

    (void)r;
    return result == REPLY_OK ? request_messages(c, true, must_be_live) : result;
}

enum reply_result request_show_list(struct client *c, struct request *r)
{
    char text[32];
    struct span args[2] = {id_text(c, r, text), SPAN("20")};
    enum reply_result result = link_ask(&c->link, OP_SHOW_LIST, args, 2);

    return result == REPLY_OK ? request_messages(c, false, must_be_live) : result;
}

enum reply_result request_show_exact(struct client *c, struct request *r)
{
    char text[32];
    struct span id = id_text(c, r, text);
    bool deleted = ledger_letter(c->campaign->ledger, c->me, r->number).deleted;
    enum reply_result result = link_ask(&c->link, OP_SHOW_EXACT, &id, 1);

    if (result == REPLY_NOOP && deleted)
        return REPLY_OK;
    return result == REPLY_OK ? request_messages(c, true, must_be_live) : result;
}

/* Delete mes and Restore mes: a repeat may find that the first one did it. */
static enum reply_result change(struct client *c, struct request *r, enum opcode op)
{
    char text[32];
    struct span id = id_text(c, r, text);
    enum reply_result result = link_ask(&c->link, op, &id, 1);

    if (result == REPLY_NOOP && r->again && span_eq(link_words(&c->link), SPAN("no such message")))
        result = REPLY_OK;
    if (result == REPLY_OK)
        ledger_set_deleted(c->campaign->ledger, c->me, r->number, op == OP_DELETE_MESSAGE,
                           r->asked_at);
    return result;
}

enum reply_result request_delete(struct client *c, struct request *r)
{
    return change(c, r, OP_DELETE_MESSAGE);
}

enum reply_result request_restore(struct client *c, struct request *r)
{
    return change(c, r, OP_RESTORE_MESSAGE);
}

enum reply_result request_password(struct client *c, struct request *r)
{
    struct span args[2] = {span_str(client_password(r->number)),
                           span_str(client_password(!r->number))};
    enum reply_result result;

    if (r->again && c->password != r->number) /* the first one did it, as the login has shown */
        return r->sure ? REPLY_OK : REPLY_NOOP;
    result = link_ask(&c->link, OP_PASSWORD, args, 2);
    if (result == REPLY_OK)
        c->password = !r->number;
    return result;
}

/* --- accounts that come and go --- */

static void fly_name(const struct client *c, char out[16])
{
    snprintf(out, 16, "fly%u.%" PRIu32, c->me, c->flies);
}

enum reply_result request_register(struct client *c, struct request *r)
{
    char name[16];
    struct span args[2];
    enum reply_result result;

    fly_name(c, name);
    args[0] = span_str(name);
    args[1] = span_str(client_password(0));
    result = link_ask(&c->link, OP_REGISTER, args, 2);
    if (result == REPLY_NOOP && r->again &&
        span_eq(link_words(&c->link), SPAN("this name is taken")))
        result = REPLY_OK;
    return result;
}

enum reply_result request_delete_user(struct client *c, struct request *r)
{
    char name[16];
    enum reply_result result;

    fly_name(c, name);
    result = request_login(c, name, 0);
    if (result == REPLY_NOOP && r->again && r->sure &&
        span_eq(link_words(&c->link), SPAN("wrong name or password")))
        return REPLY_OK;
    if (result == REPLY_OK)
        result = link_ask(&c->link, OP_DELETE_USER, NULL, 0);
    return result;
}

enum reply_result request_whether_gone(struct client *c, struct request *r)
{
    char name[16];
    enum reply_result result;

    (void)r;
    fly_name(c, name);
    result = request_login(c, name, 0);
    if (result == REPLY_OK)
        ledger_violation(c->campaign->ledger, "%s was deleted, and is back", name);
    return result == REPLY_NOOP ? REPLY_OK : result;
}
