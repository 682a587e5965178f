/* SPDX-License-Identifier: ISC */
/*
 * deleted_accounts: accounts that were deleted are kept for a while, with all their mail, so that
 * the administrator can restore them. Safe for threads.
 */
#ifndef STORE_DELETED_ACCOUNTS_H
#define STORE_DELETED_ACCOUNTS_H

#include "proto/status.h"
#include "store/store.h"

/*
 * Restores the account of this name that was deleted last. On ST_OK this survives a power cut.
 * ST_USER_EXISTS: the name is taken again; ST_NO_USER: no account of this name is kept; ST_UNKNOWN:
 * it may have been restored.
 */
enum status deleted_accounts_restore(struct store *s, const char *name);

/*
 * Removes the accounts that were kept long enough; then, oldest first, as many as exceed the limit
 * for all of them together. Slow; ends early once stop(ctx) returns true.
 */
void deleted_accounts_purge(struct store *s, bool (*stop)(void *ctx), void *ctx);

#endif
