/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "disk.h"
#include "machine.h"
#include "proto/frame.h"
#include "talk.h"

/* Writes a request and notes its kind. */
static void ask(struct talk *t, enum asked asked, const char *what, const struct span *arg,
                size_t n)
{
    size_t mark = frame_open(&t->out, t->dialect, what, n);
    for (size_t i = 0; i < n; i++)
        frame_arg(&t->out, t->dialect, arg[i]);
    frame_close(&t->out, t->dialect, mark);
    t->waits = true;
    t->what = what;
    t->asked = asked;
    t->strict = house_is_strict(t->house);
    t->vanishes = !t->house->audit && machine_choose(40) == 0;
    person_counts.asked++;
}

/* A request with one number. */
static void ask_number(struct talk *t, enum asked asked, const char *what, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, number);
    ask(t, asked, what, &(struct span){text, strlen(text)}, 1);
}

static void ask_plain(struct talk *t, enum asked asked, const char *what)
{
    ask(t, asked, what, NULL, 0);
}

/* --- sending --- */

static void send_letter(struct talk *t, unsigned to, uint32_t letter)
{
    const struct letter *l = &ledger[to].letters[letter];
    const struct span arg[] = {span_str(ledger_name(to)), ledger_body(l->body), span_str(l->token)};
    t->to = to;
    t->letter = letter;
    ledger_asked(to, letter);
    ask(t, ASK_SEND, "Send mes", arg, l->token[0] ? 3 : 2);
    if (l->token[0] && !t->twin && machine_choose(20) == 0)
        person_repeat_beside(t);
}

static void send_new(struct talk *t)
{
    unsigned to = machine_choose(LEDGER_USERS);
    bool token = machine_choose(8) > 0;
    send_letter(t, to, ledger_intend(to, t->user, ledger_new_body(), token, false));
}

/* A letter to send again: one that may not have been stored or, now and then, one that was. */
static bool send_again(struct talk *t)
{
    unsigned to = machine_choose(LEDGER_USERS);
    bool any = machine_choose(4) == 0;
    for (uint32_t i = ledger[to].n; i > 0; i--) {
        const struct letter *l = &ledger[to].letters[i - 1];
        if (l->from != t->user || !l->token[0] || !(l->doubt || (any && l->there == YES)))
            continue;
        if (l->deleted != NO && !ledger_keeps_trash)
            continue; /* after hours the server may have forgotten its token */
        person_counts.repeated++;
        send_letter(t, to, i - 1);
        return true;
    }
    return false;
}

static void import(struct talk *t)
{
    bool read = machine_choose(2);
    uint32_t letter = ledger_intend(t->user, t->user, ledger_new_body(), true, read);
    const struct letter *l = &ledger[t->user].letters[letter];
    const struct span arg[] = {SPAN("2011-11-11T11:11:11Z"), read ? SPAN("0") : SPAN("2"),
                               ledger_body(l->body), span_str(l->token)};
    t->to = t->user;
    t->letter = letter;
    ledger_asked(t->user, letter);
    ask(t, ASK_SEND, "Import mes", arg, 4);
}

/* --- one's own letters --- */

/* A letter that is there, or LEDGER_NONE. */
static uint32_t choose(struct talk *t, enum known deleted)
{
    const struct owner *a = &ledger[t->user];
    for (int tries = 0; a->n > 0 && tries < 8; tries++) {
        uint32_t i = a->n - 1 - machine_choose(a->n < 40 ? a->n : 40);
        if (a->letters[i].there == YES && a->letters[i].deleted == deleted)
            return i;
    }
    return LEDGER_NONE;
}

static void resend(struct talk *t, uint32_t letter)
{
    const struct letter *mine = &ledger[t->user].letters[letter];
    unsigned to = machine_choose(LEDGER_USERS);
    char id[16];
    if (ledger_find(to, t->user, mine->body) != LEDGER_NONE) {
        ask_plain(t, ASK_OTHER, "Status");
        return;
    }
    snprintf(id, sizeof id, "%u", mine->id);
    uint32_t body = mine->body;
    t->to = to;
    t->letter = ledger_intend(to, t->user, body, true, false); /* may move the array of letters */
    ledger_asked(to, t->letter);
    const struct span arg[] = {span_str(ledger_name(to)), span_str(id),
                               span_str(ledger[to].letters[t->letter].token)};
    ask(t, ASK_SEND, "Resend", arg, 3);
}

static void ask_about(struct talk *t, uint32_t letter)
{
    struct letter *l = &ledger[t->user].letters[letter];
    t->letter = letter;
    t->deleted = false;
    switch (machine_choose(8)) {
    case 0:
    case 1:
        l->deleted = MAYBE;
        ask_number(t, ASK_DELETE, "Delete mes", l->id);
        break;
    case 2:
    case 3:
        l->may_be_read = true;
        ask_number(t, ASK_ONE, "Show exact", l->id);
        break;
    case 4: {
        char id[16];
        snprintf(id, sizeof id, "%u", l->id);
        const struct span arg[] = {span_str(id), machine_choose(2) ? SPAN("0") : SPAN("2")};
        l->may_be_read = true;
        ask(t, ASK_OTHER, "Mark mes", arg, 2);
        break;
    }
    case 5:
        resend(t, letter);
        break;
    default:
        ask_number(t, ASK_ONE, "Peek mes", l->id);
    }
}

static void ask_list(struct talk *t, const char *what, bool whole, bool unread_only, bool deleted)
{
    t->whole = whole;
    t->unread_only = unread_only;
    t->deleted = deleted;
    ledger_list_asked(t->user, deleted, unread_only);
    for (uint32_t i = 0; whole && i < ledger[t->user].n; i++)
        ledger[t->user].letters[i].may_be_read = true;
    ask_plain(t, ASK_LIST, what);
}

static void ask_for_list(struct talk *t)
{
    switch (machine_choose(6)) {
    case 0:
        ask_list(t, "Show unread", true, true, false);
        break;
    case 1:
        ask_list(t, "Show all", true, false, false);
        break;
    case 2:
        ask_list(t, "Show deleted", false, false, true);
        break;
    default:
        ask_list(t, "Show list", false, false, false);
    }
}

/* --- the account --- */

static void ask_password(struct talk *t)
{
    struct owner *a = &ledger[t->user];
    if (a->other[0]) {
        ask_plain(t, ASK_OTHER, "Noop");
        return;
    }
    snprintf(a->other, sizeof a->other, "pw%u", machine_choose(1000000));
    const struct span arg[] = {span_str(a->password), span_str(a->other)};
    ask(t, ASK_PASSWORD, "Password", arg, 2);
}

static void ask_register(struct talk *t)
{
    struct owner *a = &ledger[t->user];
    if (a->there == NO)
        snprintf(a->password, sizeof a->password, "pw%u", machine_choose(1000000));
    const struct span arg[] = {span_str(ledger_name(t->user)), span_str(a->password)};
    a->there = MAYBE;
    t->has_mail = false;
    for (uint32_t i = 0; i < a->n; i++)
        t->has_mail = t->has_mail || a->letters[i].there == YES;
    ask(t, ASK_REGISTER, "Register", arg, 2);
}

static void ask_login(struct talk *t)
{
    struct owner *a = &ledger[t->user];
    t->with_other = a->other[0] && machine_choose(2);
    const struct span arg[] = {span_str(ledger_name(t->user)),
                               span_str(t->with_other ? a->other : a->password)};
    ask(t, ASK_LOGIN, "Login", arg, 2);
}

/* --- what comes next --- */

static void audit_next(struct talk *t)
{
    const struct owner *a = &ledger[t->user];
    if (t->audited == 0) {
        ask_list(t, "Show list", false, false, false);
    } else if (t->audited == 1) {
        ask_list(t, "Show deleted", false, false, true);
    } else {
        while (t->peeked < a->n &&
               (a->letters[t->peeked].there != YES || a->letters[t->peeked].deleted != NO))
            t->peeked++;
        t->done = t->peeked == a->n;
        if (t->done)
            return;
        t->letter = t->peeked++;
        ask_number(t, ASK_ONE, "Peek mes", a->letters[t->letter].id);
    }
}

static void ask_anything(struct talk *t)
{
    uint32_t n = machine_choose(100), live = choose(t, NO), deleted = choose(t, YES);
    if (n < 30 || (n < 40 && !send_again(t)))
        send_new(t);
    else if (n < 40)
        return;
    else if (n < 70 && live != LEDGER_NONE)
        ask_about(t, live);
    else if (n < 76 && deleted != LEDGER_NONE) {
        t->letter = deleted;
        ledger[t->user].letters[deleted].may_be_read = true; /* a restored letter counts as read */
        ledger[t->user].letters[deleted].deleted = MAYBE;
        ask_number(t, ASK_RESTORE, "Restore mes", ledger[t->user].letters[deleted].id);
    } else if (n < 90)
        ask_for_list(t);
    else if (n < 94)
        import(t);
    else if (n < 95)
        ask_password(t);
    else if (n < 96 && machine_choose(4) == 0) {
        ledger[t->user].there = MAYBE;
        ledger[t->user].leaving = true;
        ask_plain(t, ASK_DELETE_USER, "Delete user");
    } else if (n < 97)
        ask_plain(t, ASK_OTHER, "Watch");
    else if (n < 98)
        ask(t, ASK_OTHER, "Check user",
            &(struct span){ledger_name(machine_choose(LEDGER_USERS)), 2}, 1);
    else if (n < 99)
        ask_plain(t, ASK_OTHER, "Status");
    else
        t->gone = true; /* without notice */
}

void ask_next(struct talk *t)
{
    const struct owner *a = &ledger[t->user];
    if (!t->started)
        ask(t, ASK_START, "Start", &SPAN("2"), 1);
    else if (!t->logged_in && !t->twin && (a->there == NO || (a->there == MAYBE && !a->leaving))) {
        t->done = t->house->audit && a->there == NO;
        if (!t->done)
            ask_register(t);
    } else if (!t->logged_in)
        ask_login(t);
    else if (t->twin) {
        t->done = t->audited++ > 0;
        if (!t->done)
            send_letter(t, t->to, t->letter);
    } else if (t->house->audit)
        audit_next(t);
    else
        ask_anything(t);
}

void ask_again_beside(struct talk *t, const struct talk *other)
{
    t->twin = true;
    t->to = other->to;
    t->letter = other->letter;
    t->audited = !(other->waits && other->asked == ASK_SEND &&
                   ledger[t->to].letters[t->letter].from == t->user &&
                   ledger[t->to].letters[t->letter].token[0]);
}
