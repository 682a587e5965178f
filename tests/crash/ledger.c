/* SPDX-License-Identifier: ISC */
#include "ledger.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct box {
    struct letter *letters;
    uint32_t n, cap;
    uint32_t *by_id; /* numbers, plus 1; 0: none */
    uint64_t ids;
    struct ledger_change *changes;
    size_t change_n, change_cap;
    unsigned at; /* the moment that is compared */
};

struct ledger {
    pthread_mutex_t mutex; /* leaf lock: guards the boxes */
    struct box boxes[LEDGER_USERS];
    const atomic_uint *clock; /* or NULL */
    atomic_uint violations;
};

static void *grow(void *p, size_t n, size_t size)
{
    void *more = realloc(p, n * size);

    if (!more) {
        fputs("campaign: out of memory\n", stderr);
        abort();
    }
    return more;
}

struct ledger *ledger_new(void)
{
    struct ledger *l = grow(NULL, 1, sizeof *l);

    *l = (struct ledger){.violations = 0};
    pthread_mutex_init(&l->mutex, NULL);
    return l;
}

void ledger_free(struct ledger *l)
{
    for (unsigned i = 0; i < LEDGER_USERS; i++) {
        free(l->boxes[i].letters);
        free(l->boxes[i].by_id);
        free(l->boxes[i].changes);
    }
    pthread_mutex_destroy(&l->mutex);
    free(l);
}

void ledger_use_clock(struct ledger *l, const atomic_uint *clock)
{
    l->clock = clock;
}

unsigned ledger_moment(const struct ledger *l)
{
    return l->clock ? atomic_load(l->clock) : 0;
}

void ledger_violation(struct ledger *l, const char *format, ...)
{
    char text[300];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (atomic_fetch_add(&l->violations, 1) < 20)
        printf("# violation: %s\n", text);
}

unsigned ledger_violations(const struct ledger *l)
{
    return atomic_load(&l->violations);
}

uint32_t ledger_intend(struct ledger *l, unsigned mailbox, unsigned from, struct ledger_body body)
{
    struct box *b = &l->boxes[mailbox];
    uint32_t number;

    pthread_mutex_lock(&l->mutex);
    if (b->n == b->cap) {
        b->cap = b->cap * 2 + 64;
        b->letters = grow(b->letters, b->cap, sizeof *b->letters);
    }
    b->letters[b->n] = (struct letter){.body = body, .from = from, .intended_at = ledger_moment(l)};
    number = b->n++;
    pthread_mutex_unlock(&l->mutex);
    return number;
}

static uint32_t number_of(const struct box *b, uint64_t id)
{
    return id < b->ids && b->by_id[id] ? b->by_id[id] - 1 : LEDGER_NONE;
}

/* With the mutex held: somebody was told that this message has this id. */
static void tell(struct ledger *l, unsigned mailbox, uint32_t number, uint64_t id)
{
    struct box *b = &l->boxes[mailbox];
    struct letter *letter = &b->letters[number];

    if (letter->id == id)
        return;
    if (letter->id != 0) {
        ledger_violation(l, "mailbox %u: one sending is told the ids %" PRIu64 " and %" PRIu64,
                         mailbox, letter->id, id);
        return;
    }
    if (number_of(b, id) != LEDGER_NONE) {
        ledger_violation(l, "mailbox %u: two messages are told the id %" PRIu64, mailbox, id);
        return;
    }
    if (id >= b->ids) {
        uint64_t ids = id * 2 + 64;
        b->by_id = grow(b->by_id, ids, sizeof *b->by_id);
        for (uint64_t i = b->ids; i < ids; i++)
            b->by_id[i] = 0;
        b->ids = ids;
    }
    b->by_id[id] = number + 1;
    letter->id = id;
    if (!letter->answered)
        letter->told_at = ledger_moment(l);
}

void ledger_answered(struct ledger *l, unsigned mailbox, uint32_t number, uint64_t id)
{
    struct letter *letter;

    pthread_mutex_lock(&l->mutex);
    letter = &l->boxes[mailbox].letters[number];
    if (id != 0)
        tell(l, mailbox, number, id);
    else if (letter->id == 0)
        letter->told_at = ledger_moment(l);
    letter->answered = true;
    pthread_mutex_unlock(&l->mutex);
}

void ledger_answered_again(struct ledger *l, unsigned mailbox, uint32_t number, uint64_t id)
{
    pthread_mutex_lock(&l->mutex);
    tell(l, mailbox, number, id);
    pthread_mutex_unlock(&l->mutex);
}

static bool same_body(struct ledger_body a, struct ledger_body b)
{
    return a.author == b.author && a.number == b.number;
}

/* The letter with this body and sender whose id nobody was told, or LEDGER_NONE. */
static uint32_t find_unnamed(const struct box *b, unsigned from, struct ledger_body body)
{
    for (uint32_t i = b->n; i-- > 0;)
        if (b->letters[i].id == 0 && b->letters[i].from == from &&
            same_body(b->letters[i].body, body))
            return i;
    return LEDGER_NONE;
}

uint32_t ledger_seen(struct ledger *l, unsigned mailbox, uint64_t id, unsigned from,
                     struct ledger_body body)
{
    struct box *b = &l->boxes[mailbox];
    uint32_t number;

    pthread_mutex_lock(&l->mutex);
    number = number_of(b, id);
    if (number == LEDGER_NONE) {
        number = find_unnamed(b, from, body);
        if (number != LEDGER_NONE)
            tell(l, mailbox, number, id);
    }
    if (number == LEDGER_NONE)
        ledger_violation(l, "mailbox %u: message %" PRIu64 " is a second copy, or nobody sent it",
                         mailbox, id);
    else if (b->letters[number].from != from || !same_body(b->letters[number].body, body))
        ledger_violation(l, "mailbox %u: message %" PRIu64 " is not the one of this id", mailbox,
                         id);
    pthread_mutex_unlock(&l->mutex);
    return number;
}

uint32_t ledger_count(struct ledger *l, unsigned mailbox)
{
    uint32_t n;

    pthread_mutex_lock(&l->mutex);
    n = l->boxes[mailbox].n;
    pthread_mutex_unlock(&l->mutex);
    return n;
}

struct letter ledger_letter(struct ledger *l, unsigned mailbox, uint32_t number)
{
    struct letter letter;

    pthread_mutex_lock(&l->mutex);
    letter = l->boxes[mailbox].letters[number];
    pthread_mutex_unlock(&l->mutex);
    return letter;
}

void ledger_set_deleted(struct ledger *l, unsigned mailbox, uint32_t number, bool deleted,
                        unsigned asked_at)
{
    struct box *b = &l->boxes[mailbox];

    pthread_mutex_lock(&l->mutex);
    if (b->change_n == b->change_cap) {
        b->change_cap = b->change_cap * 2 + 64;
        b->changes = grow(b->changes, b->change_cap, sizeof *b->changes);
    }
    b->changes[b->change_n++] = (struct ledger_change){number, asked_at, ledger_moment(l), deleted};
    b->letters[number].deleted = deleted;
    pthread_mutex_unlock(&l->mutex);
}

bool ledger_change(const struct ledger *l, unsigned mailbox, size_t i, struct ledger_change *change)
{
    const struct box *b = &l->boxes[mailbox];

    if (i >= b->change_n)
        return false;
    *change = b->changes[i];
    return true;
}

void ledger_compare_begin(struct ledger *l, unsigned mailbox, unsigned at)
{
    struct box *b = &l->boxes[mailbox];

    b->at = at;
    for (uint32_t i = 0; i < b->n; i++)
        b->letters[i].found = false;
}

/* As the owner was told last, or as the change makes it that was under way. */
static bool may_be(const struct box *b, uint32_t number, bool deleted)
{
    bool told = false;

    if (b->at == LEDGER_END)
        return deleted == b->letters[number].deleted;
    for (size_t i = 0; i < b->change_n; i++) {
        const struct ledger_change *change = &b->changes[i];
        if (change->number != number)
            continue;
        if (change->at > b->at)
            return deleted == told || deleted == change->deleted;
        told = change->deleted;
    }
    return deleted == told;
}

void ledger_compare_one(struct ledger *l, unsigned mailbox, uint32_t number, bool deleted)
{
    struct box *b = &l->boxes[mailbox];
    struct letter *letter = &b->letters[number];

    if (letter->found)
        ledger_violation(l, "mailbox %u: message %" PRIu64 " is there twice", mailbox, letter->id);
    if (letter->intended_at > b->at)
        ledger_violation(l, "mailbox %u: message %" PRIu64 " is there before it was sent", mailbox,
                         letter->id);
    if (!may_be(b, number, deleted))
        ledger_violation(l, "mailbox %u: message %" PRIu64 " is %s", mailbox, letter->id,
                         deleted ? "deleted, and nobody did" : "back from the trash");
    letter->found = true;
}

void ledger_compare_end(struct ledger *l, unsigned mailbox)
{
    struct box *b = &l->boxes[mailbox];

    for (uint32_t i = 0; i < b->n; i++) {
        const struct letter *letter = &b->letters[i];
        if (!letter->found && letter->told_at <= b->at && letter->intended_at <= b->at)
            ledger_violation(l, "mailbox %u: message %" PRIu64 " was %s, and is lost", mailbox,
                             letter->id, letter->answered ? "answered Yes" : "open");
    }
}
