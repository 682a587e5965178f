/* SPDX-License-Identifier: ISC */
/*
 * recent: a table of fixed size that remembers, by key, what happened lately. Pure: the time is
 * passed in, in any unit, from a clock that only goes forward. Not safe for threads: the owner
 * locks.
 *
 * The owner supplies the memory: an array of entries, all zeros at first. An entry is a structure
 * of the owner's that begins with struct recent_entry; the rest is the owner's own state. An entry
 * counts until its time "until" and is then forgotten.
 *
 * A key belongs to one set of RECENT_WAYS places (a smaller table is one set). When a set is full,
 * recent_take reuses the entry that would be forgotten first, so give important entries a later
 * until: then many unimportant ones cannot push them out. An entry with RECENT_KEPT is never pushed
 * out and never forgotten.
 *
 * Keys must be hashes that no client can predict (siphash.h): then nobody can aim at a set.
 */
#ifndef BASE_RECENT_H
#define BASE_RECENT_H

#include <stddef.h>
#include <stdint.h>

#define RECENT_WAYS 16
#define RECENT_KEPT INT64_MAX /* as until: the entry stays until its owner sets another time */

struct recent_entry {
    uint64_t key;
    int64_t until; /* forgotten from then on; 0: the place was never used */
};

/* A table: where its entries are. */
struct recent {
    void *entries;
    size_t count; /* at least 1; above RECENT_WAYS, those beyond a multiple of it are not used */
    size_t entry_bytes;
};

/* The table whose entries are this array. */
#define RECENT_OF(array)                                                \
    (struct recent)                                                     \
    {                                                                   \
        (array), sizeof(array) / sizeof((array)[0]), sizeof((array)[0]) \
    }

/* The entry of a key, or NULL if it has none now. It stays at its address until it is forgotten. */
void *recent_find(struct recent r, uint64_t key, int64_t now);

/*
 * A new entry for a key that has none, in a free place: all zeros but for the key. The caller sets
 * until before the next call. NULL: no place is free.
 */
void *recent_add(struct recent r, uint64_t key, int64_t now);

/*
 * The entry of a key. If there is none, a new one as from recent_add, which may push out another.
 * NULL: no entry of the set may be pushed out.
 */
void *recent_take(struct recent r, uint64_t key, int64_t now);

#endif
