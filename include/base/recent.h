/*
 * recent: a table of fixed size of what happened lately, by key. Pure: the time is handed in, in
 * milliseconds of a clock that only goes forward and begins above 0.
 *
 * The table is an array of entries, all zeros at first, and a key belongs to one set of
 * RECENT_WAYS of them. An entry counts until its until_ms. Where a set is full, the entry that
 * would be forgotten first is reused: who gives what weighs more a later until_ms keeps it from
 * being pushed out by many others of little weight. Keys are hashes that no client can predict
 * (siphash.h), so that nobody can aim at a set.
 */
#ifndef BASE_RECENT_H
#define BASE_RECENT_H

#include <stddef.h>
#include <stdint.h>

#define RECENT_WAYS 16 /* the number of entries of a table is a multiple */

struct recent {
    uint64_t key;
    int64_t until_ms; /* then it is forgotten; 0: it never was */

    /* What the owner of the table makes of them; zeros at first. */
    int64_t moment;
    uint64_t mark;
    unsigned count;
};

/* The entry of a key, or NULL when there is none that counts now. */
struct recent *recent_find(struct recent *table, size_t entries, uint64_t key, int64_t now_ms);

/* The same, but where there is none, a fresh one. The caller sets until_ms before the next call. */
struct recent *recent_take(struct recent *table, size_t entries, uint64_t key, int64_t now_ms);

#endif
