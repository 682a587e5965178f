/* SPDX-License-Identifier: ISC */
/*
 * quota: how much of its quotas a mailbox uses. Only this room includes this header. All functions
 * are to be called with the mailbox's lock held.
 */
#ifndef STORE_QUOTA_H
#define STORE_QUOTA_H

#include "store/mailbox.h"

/*
 * Many small messages, and the tombstones of purged ones, take more space on the disk than their
 * bodies have bytes. So a quota of bytes also limits the space on the disk.
 */
enum quota { QUOTA_BYTES, QUOTA_MESSAGES, QUOTA_DISK, QUOTAS };

struct quota_use {
    uint64_t used[QUOTAS], allowed[QUOTAS]; /* allowed 0: no limit */
};

/* What the mailbox uses, with its trash, or as if that were purged. */
void quota_use(struct mailbox *mb, bool with_trash, struct quota_use *u);

/* Whether the quotas allow one more message of this many bytes. */
bool quota_fits(struct mailbox *mb, uint64_t bytes, bool with_trash);

/* Notes whether a message that was just entered makes a warning due (quota_warning.h). */
void quota_note(struct mailbox *mb);

/* Whether at least this part, 1 to 100 percent, of one of the quotas is used. Pure. */
bool quota_reaches(const struct quota_use *u, uint64_t percent);

#endif
