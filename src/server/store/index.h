/* SPDX-License-Identifier: ISC */
/*
 * index: what a mailbox's directory says, in memory. It takes at most 64 bytes a message if tokens
 * have 32 digits and senders are few, and 4 more once a door has measured a message.
 *
 * The index is a cache: it can be thrown away and read again at any time. Messages are in the order
 * of their ids, and a message's position does not change while the index lives. The mailbox's lock
 * guards it; only index_unref may be called without the lock.
 */
#ifndef STORE_INDEX_H
#define STORE_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "store/message_file.h"
#include "store/position_set.h"

#define INDEX_NONE POSITION_NONE

struct index;

/* Sets of messages, kept as bitmaps over positions. */
enum index_set {
    INDEX_LIVE,   /* unread and normal: those that the user sees */
    INDEX_UNREAD, /* the unread ones among them */
    INDEX_DELETED,
    INDEX_HIDDEN, /* of all these, those whose files could not be read; they are in no other set */
    INDEX_SETS
};

/* Numbers of messages, and of the bytes of their bodies. */
struct index_totals {
    uint64_t messages, unread; /* of the live ones */
    uint64_t bytes;            /* of the live ones */
    uint64_t deleted, deleted_bytes;
    uint64_t pending, pending_bytes;
    uint64_t hidden, hidden_bytes;
    uint64_t disk, deleted_disk; /* the space of all files on the disk, about; of the deleted */
};

/* About how much space on the disk the file of a message with a body of this size takes. */
uint64_t index_disk_bytes(uint64_t size);

/* An empty index with one reference. NULL: out of memory. */
struct index *index_new(void);

/* Adds a reference and returns ix. */
struct index *index_ref(struct index *ix);

/* Gives a reference back; the last one frees the index. NULL is fine. */
void index_unref(struct index *ix);

/*
 * Adds a message. Before index_sort in any order; afterwards only with an id above all others.
 * False: out of memory, and nothing was added.
 */
bool index_add(struct index *ix, const struct mail *m);

/*
 * What index_sort calls when several messages have one id. same: whether m, which comes later, is
 * the same file as first under another name. other: m is a different message, and its state in the
 * index is broken from now on. other is not called for a broken message or a tombstone, which keep
 * their states.
 */
struct index_twice {
    bool (*same)(void *ctx, const struct mail *first, const struct mail *m);
    void (*other)(void *ctx, size_t position, const struct mail *first, const struct mail *m);
    void *ctx;
};

/*
 * Sorts by id. Must come before all calls below. If several messages have one id, the first of them
 * keeps its state: one that had this id in known, an earlier index of the mailbox or NULL, comes
 * first, otherwise message_file_order decides. Of the others, those that are the same file as the
 * first are gone. twice may be NULL: then none is, and nobody is told. False: out of memory.
 */
bool index_sort(struct index *ix, const struct index *known, struct index_twice *twice);

/*
 * The first position at or after from, of a message whose sender and token an earlier one has, too;
 * or INDEX_NONE. *first becomes the position of the earliest one. Messages that are broken or gone
 * do not count.
 */
size_t index_next_repeat(const struct index *ix, size_t from, size_t *first);

/* The number of positions. */
size_t index_count(const struct index *ix);

/* The highest id, or 0. */
uint32_t index_last_id(const struct index *ix);

/* The bytes of memory that the index takes. */
size_t index_bytes(const struct index *ix);

void index_totals(const struct index *ix, struct index_totals *totals);

/* The first position whose id is at least this one, or index_count(). */
size_t index_seek(const struct index *ix, uint64_t id);

/* The position of an id, or INDEX_NONE. */
size_t index_find(const struct index *ix, uint64_t id);

/* The message at a position. */
void index_get(const struct index *ix, size_t position, struct mail *m);

/*
 * The position of the message that this sender sent with this token, or INDEX_NONE. A message that
 * is broken, or whose file is gone, is not found: the sender may have the only good copy. token
 * must pass token_ok.
 */
size_t index_find_token(const struct index *ix, const char *from, const char *token);

/*
 * How many places of the hash tables a search looks at in vain, summed over a search for each
 * message's token and for each sender. For tests: senders choose the tokens, and must not be able
 * to make this sum large.
 */
uint64_t index_wasted_probes(const struct index *ix);

/* Changes a message's state, and the sets and totals with it. A hidden message is shown again. */
void index_set_state(struct index *ix, size_t position, enum mail_state state);

/* Hides an unread, normal or deleted message, or shows it again. Its state stays. */
void index_hide(struct index *ix, size_t position, bool hidden);

/*
 * A cache for doors: the size in bytes of the message at a position as POP3 sends it. It never
 * changes, but to find it out its body must be read. The cache lives no longer than the index, and
 * takes 4 bytes of memory for each message from the first call of index_set_mail_bytes on. 0:
 * unknown. A size of more than 32 bits is not kept, nor is one for which there is no memory.
 */
void index_set_mail_bytes(struct index *ix, size_t position, uint64_t n);
uint64_t index_mail_bytes(const struct index *ix, size_t position);

/* Whether a position is in a set. INDEX_NONE is in none. */
bool index_has(const struct index *ix, enum index_set set, size_t position);

/* The same, but a message that is hidden counts as if it were not. */
bool index_belongs(const struct index *ix, enum index_set set, size_t position);

/*
 * Copies a set as it is now, from a position on. The copy may also have positions before that one.
 * The cost depends on how much of the index follows the first copied position, not on how much lies
 * before it. The caller frees the copy with position_set_free. False: out of memory; *copy has
 * nothing to free.
 */
bool index_copy_set(struct index *ix, enum index_set set, size_t from, struct position_set *copy);

#endif
