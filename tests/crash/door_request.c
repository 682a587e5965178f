/* SPDX-License-Identifier: ISC */
#include "door_request.h"

#include <inttypes.h>
#include <stdio.h>

#include "body.h"
#include "mime/encoding.h"

#define READ_AT_ONCE 3 /* messages of a session */

/* --- login --- */

static enum reply_result log_in_by_plain(struct client *c)
{
    char name[16], secret[64];
    struct buf base64;
    int n;
    enum reply_result result;

    client_name(c->me, name);
    n = snprintf(secret, sizeof secret, "%c%s%c%s", '\0', name, '\0', client_password(c->password));
    buf_init(&base64, sizeof secret * 2);
    encoding_base64_add(&base64, span_of(secret, (size_t)n));
    result = door_say(&c->door, "AUTH PLAIN %.*s", SPAN_PRINTF(span_trim(buf_span(&base64))));
    buf_free(&base64);
    if (result == REPLY_OK) {
        struct span line;
        result = door_code(&c->door, &line);
    }
    return result;
}

static enum reply_result log_in_by_pass(struct client *c)
{
    char line[64], name[16];
    enum reply_result result;

    client_name(c->me, name);
    snprintf(line, sizeof line, "USER %s", name);
    result = door_ask_ok(&c->door, line);
    snprintf(line, sizeof line, "PASS %s", client_password(c->password));
    return result == REPLY_OK ? door_ask_ok(&c->door, line) : result;
}

enum reply_result door_begin(struct client *c, enum server_way way)
{
    struct door *d = &c->door;
    struct span line;
    enum reply_result result = way == WAY_POP3 ? door_ok(d, &line) : door_code(d, &line);

    if (result != REPLY_OK)
        return result;
    if (way == WAY_POP3)
        return log_in_by_pass(c);
    result = door_ask_code(d, way == WAY_LMTP ? "LHLO campaign" : "EHLO campaign");
    return result == REPLY_OK && way == WAY_SUBMISSION ? log_in_by_plain(c) : result;
}

/* --- sending --- */

static bool is_open(const struct request *r, const struct copy *copy)
{
    return r->to_all || !copy->answered;
}

static enum reply_result say_recipients(struct client *c, const struct request *r)
{
    char line[64];
    enum reply_result result = REPLY_OK;

    for (unsigned i = 0; i < r->copy_n && result == REPLY_OK; i++) {
        if (!is_open(r, &r->copies[i]) || (r->to_group && r->copies[i].by_group))
            continue;
        snprintf(line, sizeof line, "RCPT TO:<user%u@" SERVER_DOMAIN ">", r->copies[i].mailbox);
        result = door_ask_code(&c->door, line);
    }
    if (result == REPLY_OK && r->to_group)
        result = door_ask_code(&c->door, "RCPT TO:<" DOOR_GROUP "@" SERVER_DOMAIN ">");
    return result;
}

/* The id in an answer, or 0: the answer is for several recipients. */
static uint64_t id_in(struct span line)
{
    static const struct span before = SPAN("stored as message ");
    uint64_t id = 0;

    for (; line.n > 0; line = span_skip(line, 1))
        if (span_starts(line, before) && span_u64(span_skip(line, before.n), UINT32_MAX, &id))
            break;
    return id;
}

static void take_answer(struct client *c, struct copy *copy, uint64_t id)
{
    struct ledger *ledger = c->campaign->ledger;

    if (!copy->answered)
        ledger_answered(ledger, copy->mailbox, copy->number, id);
    else if (id != 0)
        ledger_answered_again(ledger, copy->mailbox, copy->number, id);
    copy->answered = true;
}

/* One for all of them. */
static enum reply_result hear_answer(struct client *c, struct request *r)
{
    struct span line;
    enum reply_result result = door_code(&c->door, &line);

    for (unsigned i = 0; result == REPLY_OK && i < r->copy_n; i++)
        take_answer(c, &r->copies[i], r->copy_n == 1 && !r->to_group ? id_in(line) : 0);
    return result;
}

/* One for each. */
static enum reply_result hear_answers(struct client *c, struct request *r)
{
    enum reply_result worst = REPLY_OK;

    for (unsigned i = 0; i < r->copy_n; i++) {
        struct span line;
        enum reply_result result;
        if (!is_open(r, &r->copies[i]))
            continue;
        result = door_code(&c->door, &line);
        if (result == REPLY_OK)
            take_answer(c, &r->copies[i], id_in(line));
        else if (result != REPLY_NOOP)
            return result;
        else
            worst = result;
    }
    return worst;
}

static enum reply_result send_message(struct client *c, struct request *r)
{
    struct door *d = &c->door;
    char line[64];
    enum reply_result result;

    if (r->way == WAY_LMTP)
        snprintf(line, sizeof line, "MAIL FROM:<outside@elsewhere.example>");
    else
        snprintf(line, sizeof line, "MAIL FROM:<user%u@" SERVER_DOMAIN ">", c->me);
    result = door_ask_code(d, line);
    if (result == REPLY_OK)
        result = say_recipients(c, r);
    if (result == REPLY_OK)
        result = door_ask_code(d, "DATA");
    if (result == REPLY_OK)
        result = door_send_text(d, body_mail(client_body(c, r->body)));
    if (result != REPLY_OK)
        return result;
    return r->way == WAY_LMTP ? hear_answers(c, r) : hear_answer(c, r);
}

static bool all_answered(const struct request *r)
{
    bool all = true;

    for (unsigned i = 0; i < r->copy_n; i++)
        all = all && r->copies[i].answered;
    return all;
}

enum reply_result door_send(struct client *c, struct request *r)
{
    enum reply_result result;

    r->to_all = r->way == WAY_SUBMISSION || all_answered(r) || client_below(c, 2);
    result = send_message(c, r);
    if (result == REPLY_NOOP) /* the next one must not find what this one has begun */
        client_disconnect(c);
    return result;
}

/* --- reading --- */

/* A message of a session: its number there, and its id. */
struct listed {
    uint32_t number, id;
};

/* Puts all messages that the session shows into c->list. */
static enum reply_result list_all(struct client *c)
{
    enum reply_result result = door_ask_ok(&c->door, "UIDL");
    struct span line;

    buf_clear(&c->list);
    while (result == REPLY_OK && (result = door_line(&c->door, &line)) == REPLY_OK &&
           !span_eq(line, SPAN("."))) {
        struct span rest = line, number = span_take(&rest, ' ');
        uint64_t n = 0, id = 0;
        span_take(&rest, '.');
        if (!span_u64(number, UINT32_MAX, &n) || !span_u64(rest, UINT32_MAX, &id))
            ledger_violation(c->campaign->ledger, "mailbox %u: UIDL says %.*s", c->me,
                             SPAN_PRINTF(line));
        struct listed one = {(uint32_t)n, (uint32_t)id};
        buf_add(&c->list, span_of((const char *)&one, sizeof one));
    }
    return result;
}

static size_t count_listed(const struct client *c)
{
    return c->list.n / sizeof(struct listed);
}

static struct listed listed_at(const struct client *c, size_t i)
{
    return ((const struct listed *)(const void *)c->list.p)[i];
}

/* Says a command about a message. */
static enum reply_result ask_about(struct client *c, const char *command, uint32_t number,
                                   struct span *answer)
{
    enum reply_result result = door_say(&c->door, "%s %" PRIu32, command, number);

    return result == REPLY_OK ? door_ok(&c->door, answer) : result;
}

/* A mail against the ledger. Returns its number there, or LEDGER_NONE. */
static uint32_t look_at_mail(struct client *c, uint32_t id, uint64_t size)
{
    struct ledger *ledger = c->campaign->ledger;
    struct span mail = buf_span(&c->mail);
    struct ledger_body which;
    unsigned from;

    if (mail.n != size)
        ledger_violation(ledger,
                         "mailbox %u: LIST says that mail %" PRIu32 " has %" PRIu64
                         " bytes, and it has %zu",
                         c->me, id, size, mail.n);
    if (!body_identify_mail(mail, &which, &from)) {
        ledger_violation(ledger, "mailbox %u: mail %" PRIu32 " was not sent by us", c->me, id);
        return LEDGER_NONE;
    }
    /* What a mail program has sent comes as it was, unless somebody else has sent it on. */
    if (client_is_mail(c, which.author) && (from == which.author || from == LEDGER_OUTSIDE) &&
        !span_eq(mail, body_mail(client_body(c, which))))
        ledger_violation(ledger, "mailbox %u: mail %" PRIu32 " is not what was sent", c->me, id);
    return ledger_seen(ledger, c->me, id, from, which);
}

/* Reads a message, and marks it as deleted at times. *marked: its number, or LEDGER_NONE. */
static enum reply_result read_one(struct client *c, struct listed one, uint32_t *marked)
{
    struct span answer;
    uint64_t size = 0;
    uint32_t number;
    enum reply_result result = ask_about(c, "LIST", one.number, &answer);

    *marked = LEDGER_NONE;
    if (result == REPLY_OK) {
        span_take(&answer, ' ');
        span_take(&answer, ' ');
        span_u64(answer, UINT64_MAX, &size);
        result = ask_about(c, "RETR", one.number, &answer);
    }
    if (result == REPLY_OK)
        result = door_read_text(&c->door, &c->mail);
    if (result != REPLY_OK)
        return result;
    number = look_at_mail(c, one.id, size);
    if (number == LEDGER_NONE || client_below(c, 2))
        return REPLY_OK;
    result = ask_about(c, "DELE", one.number, &answer);
    if (result == REPLY_OK)
        *marked = number;
    return result;
}

/* Reads some messages. marked: those that QUIT will delete. */
static enum reply_result read_some(struct client *c, struct copy marked[READ_AT_ONCE], unsigned *n)
{
    size_t listed = count_listed(c), at = listed ? client_below(c, (uint32_t)listed) : 0;
    enum reply_result result = REPLY_OK;

    *n = 0;
    for (size_t i = at; i < listed && i < at + READ_AT_ONCE && result == REPLY_OK; i++) {
        uint32_t number;
        result = read_one(c, listed_at(c, i), &number);
        if (number != LEDGER_NONE)
            marked[(*n)++] = (struct copy){.mailbox = c->me, .number = number};
    }
    return result;
}

/* Marks those again that are there, after a QUIT that was not answered. */
static enum reply_result mark_again(struct client *c, const struct request *r)
{
    size_t listed = count_listed(c);
    enum reply_result result = REPLY_OK;

    for (unsigned k = 0; k < r->copy_n && result == REPLY_OK; k++) {
        uint64_t id = ledger_letter(c->campaign->ledger, c->me, r->copies[k].number).id;
        struct span answer;
        size_t i = 0;
        while (i < listed && listed_at(c, i).id != id)
            i++;
        if (i < listed)
            result = ask_about(c, "DELE", listed_at(c, i).number, &answer);
        else if (!r->sure)
            result = REPLY_NOOP; /* that it is gone may not last */
    }
    return result;
}

static enum reply_result quit(struct client *c, struct request *r)
{
    enum reply_result result = door_ask_ok(&c->door, "QUIT");

    for (unsigned i = 0; result == REPLY_OK && i < r->copy_n; i++)
        ledger_set_deleted(c->campaign->ledger, c->me, r->copies[i].number, true, r->asked_at);
    return result;
}

enum reply_result door_read(struct client *c, struct request *r)
{
    struct copy marked[READ_AT_ONCE] = {{.answered = false}};
    unsigned n = 0;
    uint32_t dice = client_below(c, 8);
    enum reply_result result = list_all(c);

    if (result == REPLY_OK && r->copy_n > 0) {
        result = mark_again(c, r);
        dice = 7;
    } else if (result == REPLY_OK) {
        result = read_some(c, marked, &n);
    }
    if (result == REPLY_OK && dice == 0)
        result = door_ask_ok(&c->door, "RSET");
    if (result == REPLY_OK && r->copy_n == 0)
        r->asked_at = ledger_moment(c->campaign->ledger);
    for (unsigned i = 0; result == REPLY_OK && i < n && dice > 1; i++)
        r->copies[r->copy_n++] = marked[i]; /* from now on they may be deleted */
    if (result == REPLY_OK && dice != 1)    /* with 1 the session ends without a QUIT */
        result = quit(c, r);
    client_disconnect(c);
    return result;
}
