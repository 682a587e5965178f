/* SPDX-License-Identifier: ISC */
/*
 * expiry: moves read mail into the trash when it is older than the store's limit keep_s (the key
 * keep-days), because programs that fetch mail by POP3 may never delete any. It can be restored
 * from the trash like other mail; a store without a trash destroys it.
 *
 * A message is as old as the latest of these: its date; the time when its file was written here,
 * which for an import, or for mail from a backup, is later; and the time when it was last marked as
 * read or restored. Marking and restoring rename the file, so its ctime covers all of these but the
 * date. Nothing is moved while the clock cannot be trusted (age.h).
 *
 * Only this room includes this header.
 */
#ifndef STORE_EXPIRY_H
#define STORE_EXPIRY_H

#include "store/mailbox.h"

/*
 * Whether an account may have mail to move. Reads only the names in its directory, and the ctimes
 * of files of old mail that was read; takes no lock and opens no mailbox.
 */
bool expiry_is_due(struct store *s, const char *name);

/*
 * Moves the messages that are old enough, as messages_delete does, with one sync for all of them.
 * Messages that cannot be moved stay until the next call. Reports how many were moved
 * (store_events). Takes the mailbox's lock.
 */
void expiry_move(struct mailbox *mb);

#endif
