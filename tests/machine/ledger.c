/* SPDX-License-Identifier: ISC */
#include "ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk.h"
#include "machine.h"

#define BODY_BYTES 70000
#define TEXT_BYTES (4 * BODY_BYTES)

struct owner ledger[LEDGER_USERS];
bool ledger_keeps_trash;

static uint32_t bodies;

const char *ledger_name(unsigned user)
{
    static const char *const names[LEDGER_USERS] = {"ann", "bob", "cy", "dee"};
    return names[user];
}

void ledger_begin(void)
{
    bodies = 0;
    for (struct owner *a = ledger; a < ledger + LEDGER_USERS; a++)
        *a = (struct owner){.letters = a->letters, .room = a->room};
}

/* --- bodies --- */

uint32_t ledger_new_body(void)
{
    return bodies++;
}

/* Mostly small bodies; some that just fit into the delivery log, or just do not. */
static size_t size_of(uint32_t h)
{
    if (h % 64 == 0)
        return 60000 + h / 64 % 8000;
    return h / 64 % (h % 8 == 1 ? 12000 : h % 2 ? 700 : 3000);
}

/* All bodies are parts of one text, each from another place. */
struct span ledger_body(uint32_t body)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz |^\\\n\r\t.0123456789";
    static char text[TEXT_BYTES], bytes[BODY_BYTES];
    uint32_t h = (uint32_t)(((body + 1) * UINT64_C(0x9e3779b97f4a7c15)) >> 33), r = 1;
    for (size_t i = 0; !text[TEXT_BYTES - 1] && i < TEXT_BYTES; i++) {
        r = r * 1664525 + 1013904223;
        text[i] = alphabet[(r >> 16) % (sizeof alphabet - 1)];
    }
    size_t n = (size_t)snprintf(bytes, sizeof bytes, "letter %u\n", body), more = size_of(h);
    memcpy(bytes + n, text + h / 7 % (TEXT_BYTES - BODY_BYTES), more);
    return span_of(bytes, n + more);
}

/* --- sending --- */

/* A request for a letter has ended. */
static void close_one(struct letter *l)
{
    l->open--;
    if (l->open == 0)
        l->blurred = false;
}

static struct letter *letter_of(unsigned owner, uint32_t letter)
{
    return &ledger[owner].letters[letter];
}

uint32_t ledger_intend(unsigned to, unsigned from, uint32_t body, bool token, bool read)
{
    struct owner *a = &ledger[to];
    if (a->n == a->room) {
        a->room = a->room ? 2 * a->room : 64;
        a->letters = realloc(a->letters, a->room * sizeof *a->letters);
        if (!a->letters)
            abort();
    }
    struct letter *l = &a->letters[a->n];
    *l = (struct letter){.from = from, .body = body, .may_be_read = read};
    for (int i = 0; token && i < 4; i++)
        sprintf(l->token + 8 * i, "%08x", machine_below(UINT32_MAX));
    return a->n++;
}

uint32_t ledger_find(unsigned owner, unsigned from, uint32_t body)
{
    for (uint32_t i = 0; i < ledger[owner].n; i++)
        if (letter_of(owner, i)->from == from && letter_of(owner, i)->body == body)
            return i;
    return LEDGER_NONE;
}

void ledger_asked(unsigned to, uint32_t letter)
{
    struct letter *l = letter_of(to, letter);
    l->open++;
    if (l->there == NO)
        l->there = MAYBE;
}

static void known_id(unsigned owner, struct letter *l, uint64_t id)
{
    for (uint32_t i = 0; i < ledger[owner].n; i++)
        if (letter_of(owner, i) != l && letter_of(owner, i)->id == id)
            machine_violated("%s: id %" PRIu64
                             " stands for letter %u from %s and letter %u from %s",
                             ledger_name(owner), id, letter_of(owner, i)->body,
                             ledger_name(letter_of(owner, i)->from), l->body, ledger_name(l->from));
    if (l->id && l->id != id && disk_counts.lost == 0)
        machine_violated("%s: letter %u from %s had the id %u, and now has %" PRIu64,
                         ledger_name(owner), l->body, ledger_name(l->from), l->id, id);
    l->id = (uint32_t)id;
    l->there = YES;
    l->doubt = false;
}

void ledger_yes(unsigned to, uint32_t letter, uint64_t id)
{
    struct letter *l = letter_of(to, letter);
    if (l->blurred) /* it may be in the earlier account, under an id there */
        l->doubt = true;
    else
        known_id(to, l, id);
    close_one(l);
}

void ledger_noop(unsigned to, uint32_t letter)
{
    struct letter *l = letter_of(to, letter);
    close_one(l);
    if (l->there == MAYBE && !l->doubt && l->open == 0)
        l->there = NO;
}

void ledger_unknown(unsigned to, uint32_t letter)
{
    struct letter *l = letter_of(to, letter);
    close_one(l);
    l->doubt = l->doubt || l->there != YES;
}

/* --- lists --- */

void ledger_list_asked(unsigned owner, bool deleted, bool unread_only)
{
    for (uint32_t i = 0; i < ledger[owner].n; i++) {
        struct letter *l = letter_of(owner, i);
        l->found = false;
        l->due = l->there == YES && l->deleted == (deleted ? YES : NO) &&
                 !(unread_only && l->may_be_read);
    }
}

/* Finds the letter of a message by its sender and the first line of its body. */
static uint32_t identify(unsigned owner, const struct message *m, struct span body)
{
    struct span line = span_line(body);
    uint64_t number = 0;
    unsigned from = 0;
    while (from < LEDGER_USERS && !span_eq(m->from, span_str(ledger_name(from))))
        from++;
    uint32_t letter = LEDGER_NONE;
    if (from < LEDGER_USERS && span_starts(line, SPAN("letter ")) &&
        span_number(span_trim(span_skip(line, 7)), &number))
        letter = ledger_find(owner, from, (uint32_t)number);
    if (letter == LEDGER_NONE)
        machine_violated("%s is shown message %" PRIu64 ", which nobody has sent: \"%.*s\"",
                         ledger_name(owner), m->id, (int)(line.n < 40 ? line.n : 40), line.p);
    return letter;
}

uint32_t ledger_shown(unsigned owner, const struct message *m, struct span body,
                      struct ledger_view view)
{
    uint32_t letter = identify(owner, m, body);
    struct letter *l = letter_of(owner, letter);
    struct span wanted = ledger_body(l->body);
    bool deleted = m->state == MESSAGE_DELETED;
    if (m->len != wanted.n || (view.whole && !span_eq(body, wanted)))
        machine_violated("%s: message %" PRIu64 " has other bytes than letter %u",
                         ledger_name(owner), m->id, l->body);
    if (l->there == NO)
        machine_violated("%s: letter %u from %s is there as %" PRIu64
                         ", but was refused, or not there after a recovery",
                         ledger_name(owner), l->body, ledger_name(l->from), m->id);
    if (view.listed && l->found)
        machine_violated("%s: letter %u from %s is there twice", ledger_name(owner), l->body,
                         ledger_name(l->from));
    known_id(owner, l, m->id);
    l->found = l->found || view.listed;
    bool restored = l->deleted == YES && m->state == MESSAGE_UNREAD && disk_counts.lost > 0;
    if (l->deleted == (deleted ? NO : YES) && !restored)
        machine_violated("%s: message %" PRIu64 " is %s", ledger_name(owner), m->id,
                         deleted ? "in the trash, but was not deleted"
                                 : "not in the trash, but was deleted");
    if (view.strict || restored)
        l->deleted = deleted ? YES : NO;
    if (m->state == MESSAGE_NORMAL && !l->may_be_read)
        machine_violated("%s: message %" PRIu64 " counts as read, but nobody has read it",
                         ledger_name(owner), m->id);
    l->may_be_read = l->may_be_read || (view.whole && view.listed); /* the list marks it as read */
    return letter;
}

void ledger_list_ended(unsigned owner, bool deleted, bool unread_only, bool strict)
{
    for (uint32_t i = 0; i < ledger[owner].n && strict; i++) {
        struct letter *l = letter_of(owner, i);
        if (l->due && !l->found && !(deleted && !ledger_keeps_trash))
            machine_violated("%s: letter %u from %s, with the id %u, is missing%s",
                             ledger_name(owner), l->body, ledger_name(l->from), l->id,
                             deleted ? " in the trash" : "");
        if (!unread_only && l->there == YES && l->deleted == MAYBE && !l->found &&
            !(deleted && !ledger_keeps_trash))
            l->deleted = deleted ? NO : YES;
    }
}

/* --- ends --- */

/* A letter that is sent after that is a new one, even if it has the same content. */
void ledger_account_gone(unsigned owner)
{
    struct owner *a = &ledger[owner];
    for (uint32_t i = 0; i < a->n; i++) {
        struct letter *l = letter_of(owner, i);
        l->id = 0;
        l->deleted = NO;
        l->there = l->open > 0 ? MAYBE : NO;
        l->doubt = false;
        l->blurred = l->open > 0;
    }
    a->there = NO;
    a->leaving = false;
    a->other[0] = '\0';
}

void ledger_settle(unsigned owner)
{
    for (uint32_t i = 0; i < ledger[owner].n; i++) {
        struct letter *l = letter_of(owner, i);
        if (l->there == MAYBE && l->open == 0) {
            l->there = NO;
            l->doubt = false;
        }
    }
}
