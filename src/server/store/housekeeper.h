/* SPDX-License-Identifier: ISC */
/*
 * housekeeper: a thread that, every hour, removes expired invites and whatever was deleted long
 * enough ago. It looks only at the mailboxes in which something is due according to the notes
 * (changes.h). If there are no valid notes, it looks at all mailboxes once, slowly. If the store
 * moves old read mail to the trash (expiry.h), it also looks at all mailboxes once a day.
 */
#ifndef STORE_HOUSEKEEPER_H
#define STORE_HOUSEKEEPER_H

#include "store/store.h"

struct housekeeper;

/* Starts the thread, whose first round begins at once. NULL: errno. */
struct housekeeper *housekeeper_start(struct store *s);

/*
 * Makes the thread look at the deleted accounts at once, because one more was deleted. NULL is
 * fine. Safe for threads.
 */
void housekeeper_wake(struct housekeeper *h);

/* Ends the thread, joins it and frees h. NULL is fine. */
void housekeeper_stop(struct housekeeper *h);

/*
 * Purges, in each mailbox, the deleted messages that were kept long enough and the tombstones that
 * are no longer needed. Slow; ends early once stop(ctx), which is called after each mailbox,
 * returns true. Safe for threads.
 */
void housekeeper_sweep(struct store *s, bool (*stop)(void *ctx), void *ctx);

/* What the thread does each hour: the same, but only in mailboxes where something is due; and once
 * a day it moves old mail to the trash. */
void housekeeper_round(struct store *s, bool (*stop)(void *ctx), void *ctx);

#endif
