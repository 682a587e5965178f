/* SPDX-License-Identifier: ISC */
/*
 * index_private: the parts of an index that its two sources share. Only they include it.
 */
#ifndef STORE_INDEX_PRIVATE_H
#define STORE_INDEX_PRIVATE_H

#include <stdatomic.h>

#include "base/siphash.h"
#include "store/index.h"
#include "store/number_table.h"

struct entry {
    int64_t time; /* as the name says, however wrong the clock was */
    uint32_t id;
    uint32_t size;
    uint32_t escapes;
    uint32_t from;  /* offset in text: a name with its NUL, the same for all of one sender */
    uint32_t token; /* offset in text: two digits a byte */
    uint8_t token_digits;
    uint8_t line : 7;
    uint8_t hidden : 1;
    uint8_t line_esc;
    char state;
};

struct index {
    atomic_uint refs;
    bool sorted;
    unsigned char key[SIPHASH_KEY_BYTES];
    struct entry *entries;
    size_t n, cap;
    char *text; /* senders' names and tokens, one after the other */
    size_t text_n, text_cap;
    struct number_table senders; /* offsets in text, plus 1 */
    struct number_table tokens;  /* positions, plus 1 */
    uint64_t *sets[INDEX_SETS];
    size_t words;              /* allocated for each set */
    size_t lowest[INDEX_SETS]; /* the words of the set before this one are 0 */
    struct index_totals totals;
    uint32_t *mail_bytes; /* by position; 0: unknown */
    size_t measured;      /* how many positions it has room for */
};

/* An entry as a message. */
void index_get_entry(const struct index *ix, const struct entry *e, struct mail *m);

/* Enters an entry in its sorted place into sets and tables, which must have room. */
void index_enter(struct index *ix, size_t position);

/* The hash of the token at a position, plus 1, for the table of tokens. */
uint64_t index_rehash_token(const void *ctx, uint32_t value);

#endif
