/* SPDX-License-Identifier: ISC */
/*
 * What an index does with the names of a whole directory: sorts them, and finds out what is there
 * twice.
 */
#include "store/index_private.h"

#include <stdlib.h>
#include <string.h>

struct sorting {
    const struct index *ix, *known;
};

/* Whether the message had its id already, in an earlier reading. */
static bool is_known(const struct index *known, const struct mail *m)
{
    struct mail before;
    size_t position = known ? index_find(known, m->id) : INDEX_NONE;
    if (position == INDEX_NONE || m->state == MAIL_BROKEN)
        return false;
    index_get(known, position, &before);
    return message_file_is_same(&before, m);
}

static int entries_by_id(const void *a, const void *b, void *ctx)
{
    const struct sorting *sorting = ctx;
    const struct entry *x = a, *y = b;
    struct mail mails[2];
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    index_get_entry(sorting->ix, x, &mails[0]);
    index_get_entry(sorting->ix, y, &mails[1]);
    bool x_known = is_known(sorting->known, &mails[0]);
    if (x_known != is_known(sorting->known, &mails[1]))
        return x_known ? -1 : 1;
    return message_file_order(&mails[0], &mails[1]);
}

/* Makes room for the tokens of all entries at once: growing by halves would hash each of them
 * twice. */
static bool make_token_room(struct index *ix)
{
    size_t tokens = 0;
    for (size_t i = 0; i < ix->n; i++)
        tokens += ix->entries[i].token_digits > 0;
    return number_table_reserve(&ix->tokens, tokens, index_rehash_token, ix);
}

/* What becomes of an entry that has the id of first. */
static void settle(struct index *ix, size_t position, size_t first, struct index_twice *twice)
{
    struct mail one, m;
    index_get(ix, first, &one);
    index_get(ix, position, &m);
    if (twice && twice->same(twice->ctx, &one, &m)) {
        ix->entries[position].state = MAIL_GONE;
    } else if (m.state != MAIL_BROKEN && m.state != MAIL_EXPUNGED) {
        ix->entries[position].state = MAIL_BROKEN;
        if (twice)
            twice->other(twice->ctx, position, &one, &m);
    }
}

bool index_sort(struct index *ix, const struct index *known, struct index_twice *twice)
{
    struct sorting sorting = {ix, known};
    size_t first = 0; /* the first entry with the same id */
    if (!make_token_room(ix))
        return false;
    if (ix->n > 0)
        qsort_r(ix->entries, ix->n, sizeof *ix->entries, entries_by_id, &sorting);
    ix->sorted = true;
    for (size_t i = 0; i < ix->n; i++) {
        if (ix->entries[i].id != ix->entries[first].id)
            first = i;
        if (i > first)
            settle(ix, i, first, twice);
        index_enter(ix, i);
    }
    return true;
}

static bool has_token(const struct entry *e)
{
    return e->token_digits > 0 && e->state != MAIL_GONE && e->state != MAIL_BROKEN;
}

/* The lowest position of a message with the sender and the token of the one at position. */
static size_t find_first(const struct index *ix, size_t position)
{
    const struct number_table *t = &ix->tokens;
    const struct entry *e = &ix->entries[position];
    size_t first = position;
    for (size_t i = number_table_first(t, index_rehash_token(ix, (uint32_t)position + 1));
         t->places[i]; i = number_table_next(t, i)) {
        size_t other = t->places[i] - 1;
        const struct entry *o = &ix->entries[other];
        if (other < first && has_token(o) && o->from == e->from &&
            o->token_digits == e->token_digits &&
            memcmp(ix->text + o->token, ix->text + e->token, ((size_t)e->token_digits + 1) / 2) ==
                0)
            first = other;
    }
    return first;
}

size_t index_next_repeat(const struct index *ix, size_t from, size_t *first)
{
    for (size_t i = from; i < ix->n; i++) {
        *first = has_token(&ix->entries[i]) ? find_first(ix, i) : i;
        if (*first < i)
            return i;
    }
    return INDEX_NONE;
}
