/*
 * index: what a mailbox's directory says, in memory: at most 64 bytes a message,
 * with tokens of 32 digits and few senders.
 *
 * A cache: it can be thrown away and read again at any time. Messages stand in the order of their
 * ids; a message's position stays what it is as long as the index lives. Guarded by the mailbox's
 * lock; only references may be given back without it.
 */
#ifndef STORE_INDEX_H
#define STORE_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "store/message_file.h"

#define INDEX_NONE SIZE_MAX

struct index;

/* Sets of messages, kept as bitmaps over positions. */
enum index_set {
    INDEX_LIVE,   /* unread and normal: what a user sees */
    INDEX_UNREAD, /* of these, the unread */
    INDEX_DELETED,
    INDEX_SETS
};

struct index_totals {
    uint64_t messages, unread; /* live ones */
    uint64_t bytes;            /* of the live ones' bodies */
    uint64_t deleted, deleted_bytes;
    uint64_t pending, pending_bytes;
};

/* An empty index with one reference. NULL: out of memory. */
struct index *index_new(void);
struct index *index_ref(struct index *ix);
void index_unref(struct index *ix);

/*
 * Adds a message. In any order until index_sort, which comes before all other calls but
 * index_unref; after it only with an id above all others. False: out of memory, nothing added.
 */
bool index_add(struct index *ix, const struct mail *m);

/*
 * Sorts by id. Returns false when out of memory. Of several messages with one id, one that is not
 * broken stays what it is; the others become broken, and *duplicates counts those that were not.
 */
bool index_sort(struct index *ix, size_t *duplicates);

/* How many positions there are; the highest id, or 0. */
size_t index_count(const struct index *ix);
uint32_t index_last_id(const struct index *ix);
size_t index_bytes(const struct index *ix); /* of memory */
void index_totals(const struct index *ix, struct index_totals *totals);

/* The first position whose id is at least this one; index_count() when there is none. */
size_t index_seek(const struct index *ix, uint64_t id);

/* The position of an id, or INDEX_NONE. The message at a position. */
size_t index_find(const struct index *ix, uint64_t id);
void index_get(const struct index *ix, size_t position, struct mail *m);

/* The position of the message, gone ones apart, that this sender sent with this token; INDEX_NONE.
 */
size_t index_find_token(const struct index *ix, const char *from, const char *token);

/* Changes a state, and with it the sets. */
void index_set_state(struct index *ix, size_t position, enum mail_state state);

/*
 * A copy of a set, as it is now: bit i % 64 of word i / 64 says whether position i is in it. *words
 * counts the words. The caller frees it. NULL: out of memory.
 */
uint64_t *index_copy_set(const struct index *ix, enum index_set set, size_t *words);

#endif
