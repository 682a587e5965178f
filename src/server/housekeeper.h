/*
 * housekeeper: a thread that now and then purges what was deleted long enough ago. For one thread.
 */
#ifndef HOUSEKEEPER_H
#define HOUSEKEEPER_H

#include "store.h"

struct housekeeper;

/* Starts the thread; it begins to work at once. NULL: errno. */
struct housekeeper *housekeeper_start(struct store *s);

/* Ends and joins it. NULL is fine. */
void housekeeper_stop(struct housekeeper *h);

#endif
