/* SPDX-License-Identifier: ISC */
/*
 * trash: deleted messages, which stay in their mailbox under another state: at first whole, so that
 * they can be restored, then as tombstones without a body, for as long as their id or token must
 * stay known. Only a server removes anything: a tool does not know how long to keep it. Only this
 * room includes this header.
 *
 * A purge has two halves. In the first, with the mailbox's lock held, messages are renamed and are
 * in the trash no more. In the second, trash_end, their bodies are removed, after a sync: otherwise
 * a power cut could bring an old name back without its body. The lock is not held during the sync.
 */
#ifndef STORE_TRASH_H
#define STORE_TRASH_H

#include "store/mailbox.h"

/* A purge between its halves. All zero at first. */
struct trash {
    struct index *index;
    struct position_set purged; /* positions in index */
    size_t n;
    bool durable; /* the caller has synced the directory since */
    bool left;    /* something that was kept long enough is still there */
};

/* How long a tombstone is kept: tokens are promised to be known for 24 hours. */
#define TRASH_REMEMBER_S (25 * 60 * 60)

/*
 * With the lock held: begins to purge the messages that were deleted longer ago than the store
 * keeps them: a tombstone of each is left. Purges none while a snapshot of the mailbox exists,
 * whose answer may need their bodies.
 */
void trash_begin_purge(struct mailbox *mb, struct trash *t);

/* The same, and removes the tombstones that are no longer needed. */
void trash_begin_sweep(struct mailbox *mb, struct trash *t);

/* With the lock held: whether trash_make_room would return ST_OK now. */
bool trash_has_room(struct mailbox *mb, uint64_t bytes);

/*
 * With the lock held: begins to purge messages, oldest first, until the quota allows one more
 * message with a body of this many bytes. ST_FULL: it does not, even without the trash or because
 * nothing may be purged now.
 */
enum status trash_make_room(struct mailbox *mb, uint64_t bytes, struct trash *t);

/*
 * Without the lock: ends a purge. If that fails, the bodies are removed when the mailbox is swept
 * next. To be called once after each of the functions above.
 */
void trash_end(struct mailbox *mb, struct trash *t);

/*
 * Notes when an account has something that a sweep will remove (changes_note_trash_at): its deleted
 * messages and tombstones. Looks only at the names in its directory, takes no lock and opens no
 * mailbox. Returns whether there is anything for a sweep, also a file that a crash has left.
 */
bool trash_note_all(struct store *s, const char *name);

/* Without the lock: trash_begin_purge and trash_end. */
void trash_purge(struct mailbox *mb);

#endif
