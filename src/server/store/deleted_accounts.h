/* SPDX-License-Identifier: ISC */
/*
 * deleted_accounts: accounts that were deleted are kept for a while, with all their mail, so that
 * the administrator can restore them. Safe for threads.
 */
#ifndef STORE_DELETED_ACCOUNTS_H
#define STORE_DELETED_ACCOUNTS_H

#include "proto/status.h"
#include "store/store.h"

struct deleted_accounts;

/*
 * Restores the account of this name that was deleted last. On ST_OK this survives a power cut.
 * ST_USER_EXISTS: the name is taken again; ST_NO_USER: no account of this name is kept; ST_UNKNOWN:
 * it may have been restored.
 */
enum status deleted_accounts_restore(struct store *s, const char *name);

/*
 * Removes the accounts that were kept long enough; then, oldest first, as many as exceed the limit
 * for all of them together. The first call looks at all of them. A later one looks only at those
 * that were deleted since, unless the last look at all was a day ago, or an hour ago and it has
 * something to remove. Slow; ends early once stop(ctx) returns true. For one thread at a time.
 */
void deleted_accounts_purge(struct store *s, bool (*stop)(void *ctx), void *ctx);

/* For account.c: an account was deleted, and has this name in removed/ (layout.h). */
void deleted_accounts_note(struct store *s, const char *removed);

/* For recovery.c: what a store knows of its deleted accounts. NULL: out of memory. */
struct deleted_accounts *deleted_accounts_new(void);
void deleted_accounts_free(struct deleted_accounts *d); /* NULL is fine */

#endif
