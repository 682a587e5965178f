/*
 * kept: deleted accounts. For a while they stay, with all their mail, so that the administrator can
 * bring them back. Safe for threads.
 */
#ifndef STORE_DELETED_ACCOUNTS_H
#define STORE_DELETED_ACCOUNTS_H

#include "proto/status.h"
#include "store/store.h"

/*
 * Brings back the account of this name that was deleted last, as it was. On ST_OK it survives a
 * power cut; ST_USER_EXISTS when the name is taken again; ST_NO_USER when none is kept; ST_UNKNOWN:
 * it may be back.
 */
enum status deleted_accounts_restore(struct store *s, const char *name);

/*
 * Removes the accounts that were kept long enough, then, oldest first, as many as are over the
 * limit of what they may have together. Slow; ends early once stop(ctx) returns true.
 */
void deleted_accounts_purge(struct store *s, bool (*stop)(void *ctx), void *ctx);

#endif
