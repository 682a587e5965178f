/* SPDX-License-Identifier: ISC */
/*
 * housekeeper: a thread that, every hour, removes expired invites and whatever was deleted long
 * enough ago.
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
 * The thread's work on mailboxes. In each of them, purges the deleted messages that were kept long
 * enough and the tombstones that are no longer needed. Slow; ends early once stop(ctx) returns
 * true. Safe for threads.
 */
void housekeeper_sweep(struct store *s, bool (*stop)(void *ctx), void *ctx);

#endif
