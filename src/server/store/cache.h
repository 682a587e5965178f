/* SPDX-License-Identifier: ISC */
/*
 * cache: opens mailboxes, and keeps the indexes of those that were used last in memory, because
 * reading an index means reading a whole directory. The store's limits say how much memory they may
 * take; the mailbox that was used last is kept even if its index alone takes more. Some of them
 * keep their directory open, too. Safe for threads.
 */
#ifndef STORE_CACHE_H
#define STORE_CACHE_H

#include "store/mailbox.h"

/*
 * Opens the mailbox of a user. On ST_OK *out is the mailbox, and the caller closes it with
 * mailbox_close; mailbox_who(*out) has the generation. ST_NO_USER: no account has this name and
 * generation. Any other status: why the mailbox cannot be read. *out is NULL unless ST_OK is
 * returned.
 */
enum status mailbox_open(struct store *s, const struct who *who, struct mailbox **out);

/* Closes it. NULL is fine. */
void mailbox_close(struct mailbox *mb);

/*
 * The same for one that is visited in passing: it is kept only if it was in memory before, and this
 * does not count as a use.
 */
void mailbox_close_once(struct mailbox *mb);

/* Frees the mailboxes that nobody has used for this long. */
void cache_let_go(struct store *s, int64_t unused_ms);

/*
 * Calls each(ctx, name) for the mailboxes in memory that hide messages (mailbox_hide); if there are
 * several, perhaps not for all.
 */
void cache_each_hiding(struct store *s, void (*each)(void *ctx, const char *name), void *ctx);

/* For recovery alone: an empty cache, or NULL if out of memory; and its end, when all mailboxes are
 * closed. */
struct cache *cache_new(void);
void cache_free(struct cache *c);

#endif
