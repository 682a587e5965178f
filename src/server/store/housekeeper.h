/*
 * housekeeper: a thread that now and then purges what was deleted long enough ago, and invites that
 * have expired. For one thread, but for housekeeper_wake.
 */
#ifndef STORE_HOUSEKEEPER_H
#define STORE_HOUSEKEEPER_H

#include "store/store.h"

struct housekeeper;

/* Starts the thread; it begins to work at once. NULL: errno. */
struct housekeeper *housekeeper_start(struct store *s);

/* An account was deleted: to look at once whether some are to go. NULL is fine. Safe for threads.
 */
void housekeeper_wake(struct housekeeper *h);

/* Ends and joins it. NULL is fine. */
void housekeeper_stop(struct housekeeper *h);

#endif
