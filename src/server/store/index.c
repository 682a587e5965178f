#include "store/index.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    int64_t time; /* whatever the name says: a clock may have been wrong */
    uint32_t id;
    uint32_t size;
    uint32_t escapes;
    uint32_t from;  /* offset in text: NUL-terminated */
    uint32_t token; /* offset in text: two digits a byte */
    uint8_t token_digits;
    uint8_t line;
    uint8_t line_esc;
    char state;
};

/* An open-addressed hash table of numbers, at most three quarters full. 0 is a free place. */
struct table {
    uint32_t *places;
    size_t used, size;
};

struct index {
    atomic_uint refs;
    bool sorted;
    struct entry *entries;
    size_t n, cap;
    char *text; /* senders' names and tokens, one after the other */
    size_t text_n, text_cap;
    struct table senders; /* offsets in text, plus 1 */
    struct table tokens;  /* positions, plus 1 */
    uint64_t *sets[INDEX_SETS];
    size_t words; /* allocated for each set */
    struct index_totals totals;
};

struct index *index_new(void)
{
    struct index *ix = calloc(1, sizeof *ix);

    if (ix)
        ix->refs = 1;
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
    free(ix);
}

static uint32_t hash(uint32_t h, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)p[i]) * UINT32_C(16777619);
    return h;
}

#define HASH_BASIS UINT32_C(2166136261)

static uint32_t hash_sender(const char *from)
{
    return hash(HASH_BASIS, from, strlen(from));
}

static uint32_t hash_token(const char *from, const char *packed, size_t digits)
{
    return hash(hash_sender(from), packed, (digits + 1) / 2);
}

static uint32_t entry_token_hash(const struct index *ix, const struct entry *e)
{
    return hash_token(ix->text + e->from, ix->text + e->token, e->token_digits);
}

/* The place where a value of this hash goes first; the next ones follow, round the end. */
static size_t first_place(const struct table *t, uint32_t h)
{
    return (h ^ h >> 15) & (t->size - 1);
}

static void table_put(struct table *t, uint32_t h, uint32_t value)
{
    size_t i = first_place(t, h);

    while (t->places[i])
        i = (i + 1) & (t->size - 1);
    t->places[i] = value;
    t->used++;
}

/* Makes room for one more; again(ix, value) gives the hash of a value that is in the table. */
static bool table_reserve(struct table *t, const struct index *ix,
                          uint32_t (*again)(const struct index *ix, uint32_t value))
{
    struct table bigger = {.size = t->size ? t->size * 2 : 16};

    if (t->size * 3 >= (t->used + 1) * 4)
        return true;
    bigger.places = calloc(bigger.size, sizeof *bigger.places);
    if (!bigger.places)
        return false;
    for (size_t i = 0; i < t->size; i++)
        if (t->places[i])
            table_put(&bigger, again(ix, t->places[i]), t->places[i]);
    free(t->places);
    *t = bigger;
    return true;
}

static uint32_t again_sender(const struct index *ix, uint32_t value)
{
    return hash_sender(ix->text + value - 1);
}

static uint32_t again_token(const struct index *ix, uint32_t value)
{
    return entry_token_hash(ix, &ix->entries[value - 1]);
}

/* Grown by eighths: what is allocated and not used would count for every message. */
static size_t next_cap(size_t cap)
{
    return cap + cap / 8 + 16;
}

/* Adds bytes to text and says where. False: out of memory. */
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

/* The offset of a sender's name in text, added when it is new. False: out of memory. */
static bool intern_sender(struct index *ix, const char *from, uint32_t *offset)
{
    uint32_t h = hash_sender(from);

    if (!table_reserve(&ix->senders, ix, again_sender))
        return false;
    for (size_t i = first_place(&ix->senders, h); ix->senders.places[i];
         i = (i + 1) & (ix->senders.size - 1)) {
        *offset = ix->senders.places[i] - 1;
        if (strcmp(ix->text + *offset, from) == 0)
            return true;
    }
    if (!add_text(ix, from, strlen(from) + 1, offset))
        return false;
    table_put(&ix->senders, h, *offset + 1);
    return true;
}

static unsigned digit_value(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Packs hex digits, two a byte, an odd last one into the high half. Returns how many digits. */
static size_t pack_token(const char *token, char packed[TOKEN_MAX / 2])
{
    size_t n = strlen(token);

    memset(packed, 0, (n + 1) / 2);
    for (size_t i = 0; i < n; i++)
        packed[i / 2] |= (char)(digit_value(token[i]) << (i % 2 ? 0 : 4));
    return n;
}

static void unpack_token(const char *packed, size_t digits, char token[TOKEN_MAX + 1])
{
    for (size_t i = 0; i < digits; i++)
        token[i] = "0123456789abcdef"[(unsigned char)packed[i / 2] >> (i % 2 ? 0 : 4) & 15];
    token[digits] = '\0';
}

static bool grow_entries(struct index *ix)
{
    size_t cap = next_cap(ix->cap);
    struct entry *entries;

    if (ix->n < ix->cap)
        return true;
    entries = realloc(ix->entries, cap * sizeof *entries);
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

static bool in_set(enum index_set set, char state)
{
    switch (set) {
    case INDEX_LIVE:
        return state == MAIL_UNREAD || state == MAIL_NORMAL;
    case INDEX_UNREAD:
        return state == MAIL_UNREAD;
    case INDEX_DELETED:
        return state == MAIL_DELETED;
    case INDEX_SETS:
        break;
    }
    return false;
}

/* Takes a position out of all sets and totals, or puts it in, as its state says. */
static void enlist(struct index *ix, size_t position, bool in)
{
    const struct entry *e = &ix->entries[position];
    struct index_totals *t = &ix->totals;
    uint64_t bit = UINT64_C(1) << position % 64, one = in ? 1 : UINT64_MAX;

    for (enum index_set set = 0; set < INDEX_SETS; set++) {
        if (!in_set(set, e->state))
            continue;
        if (in)
            ix->sets[set][position / 64] |= bit;
        else
            ix->sets[set][position / 64] &= ~bit;
    }
    t->unread += in_set(INDEX_UNREAD, e->state) ? one : 0;
    if (in_set(INDEX_LIVE, e->state)) {
        t->messages += one;
        t->bytes += one * e->size;
    } else if (in_set(INDEX_DELETED, e->state)) {
        t->deleted += one;
        t->deleted_bytes += one * e->size;
    } else if (e->state == MAIL_PENDING) {
        t->pending += one;
        t->pending_bytes += one * e->size;
    }
}

/* Enters a sorted entry into sets and tables. Room has been made. */
static void enter(struct index *ix, size_t position)
{
    const struct entry *e = &ix->entries[position];

    enlist(ix, position, true);
    if (e->token_digits)
        table_put(&ix->tokens, entry_token_hash(ix, e), (uint32_t)position + 1);
}

static bool make_room(struct index *ix)
{
    return grow_entries(ix) && grow_sets(ix) && table_reserve(&ix->tokens, ix, again_token);
}

bool index_add(struct index *ix, const struct mail *m)
{
    struct entry e = {.id = m->id,
                      .time = m->time,
                      .size = m->size,
                      .escapes = m->escapes,
                      .line = (uint8_t)m->line,
                      .line_esc = (uint8_t)m->line_esc,
                      .state = (char)m->state};
    char packed[TOKEN_MAX / 2];

    assert(!ix->sorted || m->id > index_last_id(ix));
    if (!make_room(ix) || !intern_sender(ix, m->from, &e.from))
        return false;
    e.token_digits = (uint8_t)pack_token(m->token, packed);
    if (!add_text(ix, packed, ((size_t)e.token_digits + 1) / 2, &e.token))
        return false;
    ix->entries[ix->n++] = e;
    if (ix->sorted)
        enter(ix, ix->n - 1);
    return true;
}

static int by_id(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return (x->state == MAIL_BROKEN) - (y->state == MAIL_BROKEN);
}

bool index_sort(struct index *ix, size_t *duplicates)
{
    *duplicates = 0;
    if (ix->n > 0)
        qsort(ix->entries, ix->n, sizeof *ix->entries, by_id);
    ix->sorted = true;
    for (size_t i = 0; i < ix->n; i++) {
        if (i > 0 && ix->entries[i].id == ix->entries[i - 1].id &&
            ix->entries[i].state != MAIL_BROKEN) {
            ix->entries[i].state = MAIL_BROKEN;
            ++*duplicates;
        }
        if (!table_reserve(&ix->tokens, ix, again_token))
            return false;
        enter(ix, i);
    }
    return true;
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
           INDEX_SETS * ix->words * sizeof(uint64_t);
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
    const struct entry *e = &ix->entries[position];

    assert(position < ix->n);
    *m = (struct mail){.id = e->id,
                       .state = (enum mail_state)e->state,
                       .time = e->time,
                       .size = e->size,
                       .escapes = e->escapes,
                       .line = e->line,
                       .line_esc = e->line_esc};
    strcpy(m->from, ix->text + e->from);
    unpack_token(ix->text + e->token, e->token_digits, m->token);
}

size_t index_find_token(const struct index *ix, const char *from, const char *token)
{
    char packed[TOKEN_MAX / 2];
    size_t digits = pack_token(token, packed);

    if (!ix->tokens.size)
        return INDEX_NONE;
    for (size_t i = first_place(&ix->tokens, hash_token(from, packed, digits));
         ix->tokens.places[i]; i = (i + 1) & (ix->tokens.size - 1)) {
        const struct entry *e = &ix->entries[ix->tokens.places[i] - 1];
        if (e->state != MAIL_GONE && e->token_digits == digits &&
            strcmp(ix->text + e->from, from) == 0 &&
            memcmp(ix->text + e->token, packed, (digits + 1) / 2) == 0)
            return ix->tokens.places[i] - 1;
    }
    return INDEX_NONE;
}

void index_set_state(struct index *ix, size_t position, enum mail_state state)
{
    enlist(ix, position, false);
    ix->entries[position].state = (char)state;
    enlist(ix, position, true);
}

uint64_t *index_copy_set(const struct index *ix, enum index_set set, size_t *words)
{
    uint64_t *copy;

    *words = ix->n / 64 + 1;
    copy = calloc(*words, sizeof *copy);
    if (copy && ix->sets[set])
        memcpy(copy, ix->sets[set], *words * sizeof *copy);
    return copy;
}
