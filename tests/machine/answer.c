/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "proto/escape.h"
#include "proto/frame.h"
#include "talk.h"

static bool has(struct span s, const char *words)
{
    return s.p && memmem(s.p, s.n, words, strlen(words));
}

/* An answer may blame the disk only if the disk has failed. */
static void check_words(const struct talk *t, struct span words)
{
    if (t->strict && house_is_strict(t->house) &&
        (has(words, "storage") || has(words, "disk") || has(words, "damaged") ||
         has(words, "cannot be read")))
        machine_violated("%s: %s: answered \"%.*s\", and nothing has failed", ledger_name(t->user),
                         t->what, SPAN_PRINTF(words));
}

/* Reads one message of an answer, and passes it to the ledger. */
static uint32_t take_message(struct talk *t, struct span arg, struct ledger_view view)
{
    struct message m;
    if (!message_parse(arg, &m))
        machine_violated("%s: %s: an answer that is no message: %.*s", ledger_name(t->user),
                         t->what, (int)(arg.n < 60 ? arg.n : 60), arg.p);
    char *body = malloc(m.body.n + 1);
    size_t n = 0;
    if (!body || !escape_undo(m.body, body, &n))
        machine_violated("%s: %s: a body with a wrong escape", ledger_name(t->user), t->what);
    view.strict = t->strict && house_is_strict(t->house);
    uint32_t letter = ledger_shown(t->user, &m, span_of(body, n), view);
    free(body);
    return letter;
}

void answer_mail(struct talk *t, struct span arguments)
{
    struct span arg;
    if (span_cut(&arguments, '|', &arg))
        take_message(t, arg, (struct ledger_view){.whole = false});
}

/* The message as it was stored, with an empty body. */
static void take_stored(struct talk *t, struct span arguments)
{
    struct span arg;
    struct message m;
    if (!span_cut(&arguments, '|', &arg) || !message_parse(arg, &m))
        machine_violated("%s: a Yes without the message", t->what);
    ledger_yes(t->to, t->letter, m.id);
}

static void take_list(struct talk *t, struct span arguments)
{
    struct span arg;
    while (span_cut(&arguments, '|', &arg))
        take_message(t, arg, (struct ledger_view){.whole = t->whole, .listed = true});
    ledger_list_ended(t->user, t->deleted, t->unread_only, t->strict && house_is_strict(t->house));
    t->audited++;
}

static void take_one(struct talk *t, struct span arguments)
{
    struct span arg;
    if (!span_cut(&arguments, '|', &arg) ||
        take_message(t, arg, (struct ledger_view){.whole = true}) != t->letter)
        machine_violated("%s: another message than was asked for", t->what);
}

static void take_yes(struct talk *t, struct span arguments)
{
    struct owner *a = &ledger[t->user];
    switch (t->asked) {
    case ASK_START:
        t->started = true;
        break;
    case ASK_REGISTER:
        if (t->has_mail)
            machine_violated("%s has mail, and could be registered again", ledger_name(t->user));
        a->there = YES;
        break;
    case ASK_LOGIN:
        t->logged_in = true;
        if (t->twin)
            break; /* the first conversation decides */
        a->there = YES;
        if (t->with_other && t->house->audit)
            strcpy(a->password, a->other);
        if (t->house->audit) {
            a->other[0] = '\0';
            a->leaving = false;
        }
        break;
    case ASK_SEND:
        take_stored(t, arguments);
        break;
    case ASK_LIST:
        take_list(t, arguments);
        break;
    case ASK_ONE:
        take_one(t, arguments);
        break;
    case ASK_DELETE:
    case ASK_RESTORE:
        a->letters[t->letter].deleted = t->asked == ASK_DELETE ? YES : NO;
        break;
    case ASK_PASSWORD:
        strcpy(a->password, a->other);
        a->other[0] = '\0';
        break;
    case ASK_DELETE_USER:
        ledger_account_gone(t->user);
        t->logged_in = false;
        break;
    case ASK_OTHER:
        break;
    }
}

/* A login was refused: is the account gone, or does it have another password? */
static void take_refused_login(struct talk *t)
{
    struct owner *a = &ledger[t->user];
    bool final = t->house->audit || t->strict;
    if (t->twin) { /* the first conversation may have changed the account meanwhile */
        t->done = true;
        return;
    }
    if (a->other[0]) {
        if (!final)
            return;
        if (!t->with_other)
            strcpy(a->password, a->other);
        if (t->house->audit)
            a->other[0] = '\0';
        return;
    }
    if (!a->leaving)
        machine_violated("%s cannot log in any more", ledger_name(t->user));
    if (final)
        ledger_account_gone(t->user);
    else
        t->done = true;
}

/*
 * An audit must see both lists: a letter that is in neither counts as not there from then on. If
 * the holder of the mailbox's lock sleeps, it asks again; no other refusal has an excuse.
 */
static void take_refused_list(const struct talk *t, struct span words)
{
    if (t->house->audit && !(machine.naps > 0 && has(words, "busy")))
        machine_violated("%s: %s: answered \"%.*s\" in an audit", ledger_name(t->user), t->what,
                         SPAN_PRINTF(words));
}

static void take_noop(struct talk *t, struct span words)
{
    struct owner *a = &ledger[t->user];
    struct letter *l = a->letters;
    bool strict = t->strict && house_is_strict(t->house);
    check_words(t, words);
    switch (t->asked) {
    case ASK_REGISTER:
        if (has(words, "taken"))
            a->there = YES;
        break;
    case ASK_LOGIN:
        if (has(words, "wrong name"))
            take_refused_login(t);
        break;
    case ASK_SEND:
        ledger_noop(t->to, t->letter);
        break;
    case ASK_ONE:
        l += t->letter;
        if (strict && has(words, "no such") && l->there == YES && l->deleted == NO)
            machine_violated("%s: message %u is gone", ledger_name(t->user), l->id);
        break;
    case ASK_DELETE:
    case ASK_RESTORE:
        l += t->letter;
        l->deleted = t->asked == ASK_DELETE ? NO : YES;
        if (strict && has(words, "no such") && (t->asked == ASK_DELETE || ledger_keeps_trash))
            machine_violated("%s: message %u is gone", ledger_name(t->user), l->id);
        break;
    case ASK_PASSWORD:
        a->other[0] = '\0';
        break;
    case ASK_DELETE_USER:
        a->there = YES;
        a->leaving = false;
        break;
    case ASK_LIST:
        take_refused_list(t, words);
        break;
    case ASK_START:
    case ASK_OTHER:
        break;
    }
}

void answer_take(struct talk *t, struct span arguments, uint64_t n)
{
    struct span first, words = SPAN("");
    if (!span_cut(&arguments, '|', &first) || n == 0)
        machine_violated("%s: an answer without arguments", t->what);
    if (span_eq(first, SPAN("Yes"))) {
        take_yes(t, arguments);
    } else if (span_eq(first, SPAN("Noop"))) {
        span_cut(&arguments, '|', &words);
        take_noop(t, words);
    } else {
        machine_violated("%s: answered \"%.*s\"", t->what, SPAN_PRINTF(first));
    }
}

void answer_none(struct talk *t)
{
    if (t->waits && t->asked == ASK_SEND)
        ledger_unknown(t->to, t->letter);
    t->waits = false;
}
