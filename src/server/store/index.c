/* SPDX-License-Identifier: ISC */
#include "store/index_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "os/random.h"
#include "store/layout.h"

#define BLOCK_BYTES  4096 /* of most file systems */
#define HEADER_BYTES 256  /* of a message's file, about */

struct index *index_new(void)
{
    struct index *ix = calloc(1, sizeof *ix);
    if (!ix)
        return NULL;
    ix->refs = 1;
    os_random_bytes(ix->key, sizeof ix->key);
    return ix;
}

struct index *index_ref(struct index *ix)
{
    atomic_fetch_add(&ix->refs, 1);
    return ix;
}

void index_unref(struct index *ix)
{
    if (!ix || atomic_fetch_sub(&ix->refs, 1) > 1)
        return;
    for (int i = 0; i < INDEX_SETS; i++)
        free(ix->sets[i]);
    free(ix->entries);
    free(ix->senders.places);
    free(ix->tokens.places);
    free(ix->text);
    free(ix->mail_bytes);
    free(ix);
}

static uint64_t hash_sender(const struct index *ix, const char *from)
{
    return siphash(ix->key, span_str(from));
}

/* A sender is known by the offset of its name. */
static uint64_t hash_token(const struct index *ix, uint32_t from, const char *packed, size_t digits)
{
    char bytes[sizeof from + TOKEN_MAX / 2];
    size_t n = (digits + 1) / 2;
    memcpy(bytes, &from, sizeof from);
    memcpy(bytes + sizeof from, packed, n);
    return siphash(ix->key, span_of(bytes, sizeof from + n));
}

static uint64_t rehash_sender(const void *ctx, uint32_t value)
{
    const struct index *ix = ctx;
    return hash_sender(ix, ix->text + value - 1);
}

uint64_t index_rehash_token(const void *ctx, uint32_t value)
{
    const struct index *ix = ctx;
    const struct entry *e = &ix->entries[value - 1];
    return hash_token(ix, e->from, ix->text + e->token, e->token_digits);
}

uint64_t index_wasted_probes(const struct index *ix)
{
    return number_table_wasted(&ix->senders, rehash_sender, ix) +
           number_table_wasted(&ix->tokens, index_rehash_token, ix);
}

/* Grows by an eighth: space that is allocated and not used counts for every message. */
static size_t next_cap(size_t cap)
{
    return cap + cap / 8 + 16;
}

/* Adds bytes to text; *offset is where. False: out of memory. */
static bool add_text(struct index *ix, const char *p, size_t n, uint32_t *offset)
{
    if (ix->text_cap - ix->text_n < n) {
        size_t cap = next_cap(ix->text_cap + n);
        char *text = cap <= UINT32_MAX ? realloc(ix->text, cap) : NULL;
        if (!text)
            return false;
        ix->text = text;
        ix->text_cap = cap;
    }
    if (n > 0)
        memcpy(ix->text + ix->text_n, p, n);
    *offset = (uint32_t)ix->text_n;
    ix->text_n += n;
    return true;
}

/* Finds the offset of a sender's name in text. */
static bool find_sender(const struct index *ix, const char *from, uint64_t hash, uint32_t *offset)
{
    const struct number_table *t = &ix->senders;
    for (size_t i = t->size ? number_table_first(t, hash) : 0; t->size && t->places[i];
         i = number_table_next(t, i)) {
        *offset = t->places[i] - 1;
        if (strcmp(ix->text + *offset, from) == 0)
            return true;
    }
    return false;
}

/* The same, and adds the name if it is new. False: out of memory. */
static bool intern_sender(struct index *ix, const char *from, uint32_t *offset)
{
    uint64_t hash = hash_sender(ix, from);
    if (find_sender(ix, from, hash, offset))
        return true;
    if (!number_table_reserve(&ix->senders, 1, rehash_sender, ix) ||
        !add_text(ix, from, strlen(from) + 1, offset))
        return false;
    number_table_put(&ix->senders, hash, *offset + 1);
    return true;
}

/* Packs hex digits, two a byte, an odd last one into the high half. Returns their number. */
static size_t pack_token(const char *token, char packed[TOKEN_MAX / 2])
{
    size_t n = strlen(token);
    uint64_t digit = 0;
    memset(packed, 0, (n + 1) / 2);
    for (size_t i = 0; i < n; i++) {
        digits_get_hex(span_of(token + i, 1), &digit);
        packed[i / 2] |= (char)(digit << (i % 2 ? 0 : 4));
    }
    return n;
}

static void unpack_token(const char *packed, size_t digits, char token[TOKEN_MAX + 1])
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < digits; i += 2) { /* there is room for one digit more */
        token[i] = hex[(unsigned char)packed[i / 2] >> 4];
        token[i + 1] = hex[packed[i / 2] & 15];
    }
    token[digits] = '\0';
}

static bool grow_entries(struct index *ix)
{
    size_t cap = next_cap(ix->cap);
    if (ix->n < ix->cap)
        return true;
    struct entry *entries = realloc(ix->entries, cap * sizeof *entries);
    if (!entries)
        return false;
    ix->entries = entries;
    ix->cap = cap;
    return true;
}

static bool grow_sets(struct index *ix)
{
    size_t words = ix->cap / 64 + 1;
    if (words <= ix->words)
        return true;
    for (int i = 0; i < INDEX_SETS; i++) {
        uint64_t *set = realloc(ix->sets[i], words * sizeof *set);
        if (!set)
            return false;
        memset(set + ix->words, 0, (words - ix->words) * sizeof *set);
        ix->sets[i] = set;
    }
    ix->words = words;
    return true;
}

static bool belongs(enum index_set set, const struct entry *e)
{
    switch (set) {
    case INDEX_LIVE:
        return e->state == MAIL_UNREAD || e->state == MAIL_NORMAL;
    case INDEX_UNREAD:
        return e->state == MAIL_UNREAD;
    case INDEX_DELETED:
        return e->state == MAIL_DELETED;
    case INDEX_HIDDEN:
        return e->hidden;
    case INDEX_SETS:
        break;
    }
    return false;
}

static bool in_set(enum index_set set, const struct entry *e)
{
    return belongs(set, e) && (!e->hidden || set == INDEX_HIDDEN);
}

uint64_t index_disk_bytes(uint64_t size)
{
    return (size + HEADER_BYTES + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
}

static uint64_t disk_of(const struct entry *e)
{
    if (e->state == MAIL_GONE)
        return 0;
    return e->state == MAIL_EXPUNGED ? LAYOUT_INODE_BYTES : index_disk_bytes(e->size);
}

/* Puts a position into the sets and totals that its state says, or takes it out of them. */
static void enlist(struct index *ix, size_t position, bool in)
{
    const struct entry *e = &ix->entries[position];
    struct index_totals *t = &ix->totals;
    uint64_t bit = UINT64_C(1) << position % 64, one = in ? 1 : UINT64_MAX;
    for (enum index_set set = 0; set < INDEX_SETS; set++) {
        if (!in_set(set, e))
            continue;
        if (!in)
            ix->sets[set][position / 64] &= ~bit;
        else
            ix->sets[set][position / 64] |= bit;
        if (in && position / 64 < ix->lowest[set])
            ix->lowest[set] = position / 64;
    }
    t->disk += one * disk_of(e);
    t->deleted_disk += in_set(INDEX_DELETED, e) ? one * disk_of(e) : 0;
    t->unread += in_set(INDEX_UNREAD, e) ? one : 0;
    if (in_set(INDEX_LIVE, e)) {
        t->messages += one;
        t->bytes += one * e->size;
    } else if (in_set(INDEX_DELETED, e)) {
        t->deleted += one;
        t->deleted_bytes += one * e->size;
    } else if (e->hidden) {
        t->hidden += one;
        t->hidden_bytes += one * e->size;
    } else if (e->state == MAIL_PENDING || e->state == MAIL_PENDING_NORMAL) {
        t->pending += one;
        t->pending_bytes += one * e->size;
    }
}

void index_enter(struct index *ix, size_t position)
{
    const struct entry *e = &ix->entries[position];
    enlist(ix, position, true);
    if (e->token_digits)
        number_table_put(&ix->tokens, index_rehash_token(ix, (uint32_t)position + 1),
                         (uint32_t)position + 1);
}

static bool make_entry_room(struct index *ix)
{
    return grow_entries(ix) && grow_sets(ix) &&
           number_table_reserve(&ix->tokens, 1, index_rehash_token, ix);
}

bool index_add(struct index *ix, const struct mail *m)
{
    struct entry e = {.id = m->id,
                      .time = m->time,
                      .size = m->size,
                      .escapes = m->escapes,
                      .line = m->line & 127,
                      .line_esc = (uint8_t)m->line_esc,
                      .state = (char)m->state};
    char packed[TOKEN_MAX / 2];

    assert(!ix->sorted || m->id > index_last_id(ix));
    if (!make_entry_room(ix) || !intern_sender(ix, m->from, &e.from))
        return false;
    e.token_digits = (uint8_t)pack_token(m->token, packed);
    if (!add_text(ix, packed, ((size_t)e.token_digits + 1) / 2, &e.token))
        return false;
    ix->entries[ix->n++] = e;
    if (ix->sorted)
        index_enter(ix, ix->n - 1);
    return true;
}

void index_get_entry(const struct index *ix, const struct entry *e, struct mail *m)
{
    *m = (struct mail){.id = e->id,
                       .state = (enum mail_state)e->state,
                       .time = e->time,
                       .size = e->size,
                       .escapes = e->escapes,
                       .line = e->line,
                       .line_esc = e->line_esc,
                       .hidden = e->hidden};
    strcpy(m->from, ix->text + e->from);
    unpack_token(ix->text + e->token, e->token_digits, m->token);
}

size_t index_count(const struct index *ix)
{
    return ix->n;
}

uint32_t index_last_id(const struct index *ix)
{
    return ix->n ? ix->entries[ix->n - 1].id : 0;
}

size_t index_bytes(const struct index *ix)
{
    return sizeof *ix + ix->cap * sizeof *ix->entries + ix->text_cap +
           (ix->senders.size + ix->tokens.size) * sizeof(uint32_t) +
           INDEX_SETS * ix->words * sizeof(uint64_t) + ix->measured * sizeof *ix->mail_bytes;
}

void index_totals(const struct index *ix, struct index_totals *totals)
{
    *totals = ix->totals;
}

size_t index_seek(const struct index *ix, uint64_t id)
{
    size_t low = 0, high = ix->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ix->entries[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t index_find(const struct index *ix, uint64_t id)
{
    size_t position = index_seek(ix, id);
    return position < ix->n && ix->entries[position].id == id ? position : INDEX_NONE;
}

void index_get(const struct index *ix, size_t position, struct mail *m)
{
    assert(position < ix->n);
    index_get_entry(ix, &ix->entries[position], m);
}

size_t index_find_token(const struct index *ix, const char *from, const char *token)
{
    const struct number_table *t = &ix->tokens;
    char packed[TOKEN_MAX / 2];
    size_t digits = pack_token(token, packed);
    uint32_t sender;
    if (!t->size || !find_sender(ix, from, hash_sender(ix, from), &sender))
        return INDEX_NONE;
    for (size_t i = number_table_first(t, hash_token(ix, sender, packed, digits)); t->places[i];
         i = number_table_next(t, i)) {
        const struct entry *e = &ix->entries[t->places[i] - 1];
        if (e->state != MAIL_GONE && e->state != MAIL_BROKEN && e->from == sender &&
            e->token_digits == digits && memcmp(ix->text + e->token, packed, (digits + 1) / 2) == 0)
            return t->places[i] - 1;
    }
    return INDEX_NONE;
}

void index_set_state(struct index *ix, size_t position, enum mail_state state)
{
    enlist(ix, position, false);
    ix->entries[position].state = (char)state;
    ix->entries[position].hidden = false;
    enlist(ix, position, true);
}

void index_hide(struct index *ix, size_t position, bool hidden)
{
    enlist(ix, position, false);
    ix->entries[position].hidden = hidden;
    enlist(ix, position, true);
}

/* As many as there is room for entries, so that this does not grow with each new message. */
static bool grow_mail_bytes(struct index *ix)
{
    uint32_t *grown = realloc(ix->mail_bytes, ix->cap * sizeof *grown);
    if (!grown)
        return false;
    memset(grown + ix->measured, 0, (ix->cap - ix->measured) * sizeof *grown);
    ix->mail_bytes = grown;
    ix->measured = ix->cap;
    return true;
}

void index_set_mail_bytes(struct index *ix, size_t position, uint64_t n)
{
    assert(position < ix->n);
    if (position < ix->measured || grow_mail_bytes(ix))
        ix->mail_bytes[position] = n <= UINT32_MAX ? (uint32_t)n : 0;
}

uint64_t index_mail_bytes(const struct index *ix, size_t position)
{
    return position < ix->measured ? ix->mail_bytes[position] : 0;
}

bool index_has(const struct index *ix, enum index_set set, size_t position)
{
    return position < ix->n && in_set(set, &ix->entries[position]);
}

bool index_belongs(const struct index *ix, enum index_set set, size_t position)
{
    return position < ix->n && belongs(set, &ix->entries[position]);
}

bool index_copy_set(struct index *ix, enum index_set set, size_t from, struct position_set *copy)
{
    size_t *lowest = &ix->lowest[set], all = ix->n / 64 + 1;
    while (*lowest < ix->n / 64 && ix->sets[set][*lowest] == 0)
        ++*lowest;
    size_t begin = from / 64 > *lowest ? from / 64 : *lowest;
    if (begin >= all)
        begin = all - 1;
    *copy = (struct position_set){.words = all - begin, .begin = begin * 64};
    copy->bits = calloc(copy->words, sizeof *copy->bits);
    if (copy->bits && ix->sets[set])
        memcpy(copy->bits, ix->sets[set] + begin, copy->words * sizeof *copy->bits);
    return copy->bits;
}
