/* SPDX-License-Identifier: ISC */
/*
 * trash: deleted messages, which stay in their mailbox under another state: at first whole, so that
 * they can be restored, then as tombstones without a body, for as long as their id or token must
 * stay known. Only a server removes anything: a tool does not know how long to keep it. All
 * functions are called with the mailbox's lock held. Only this room includes this header.
 */
#ifndef STORE_TRASH_H
#define STORE_TRASH_H

#include "store/mailbox.h"

/*
 * Purges the messages that were deleted longer ago than the store keeps them: a tombstone of each
 * is left. Purges none while a snapshot of the mailbox exists, whose answer may need their bodies.
 */
void trash_purge(struct mailbox *mb);

/* The same, and removes the tombstones that are no longer needed. */
void trash_sweep(struct mailbox *mb);

/* Whether trash_make_room would return ST_OK now. */
bool trash_has_room(struct mailbox *mb, uint64_t bytes);

/*
 * Purges messages, oldest first, until the quota allows one more message with a body of this many
 * bytes. ST_FULL: it does not, even without the trash or because nothing may be purged now.
 */
enum status trash_make_room(struct mailbox *mb, uint64_t bytes);

#endif
