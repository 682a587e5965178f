/* SPDX-License-Identifier: ISC */
/*
 * mailbox: the mail of one account, shared by all sessions that use it. cache.h opens and closes
 * mailboxes. Safe for threads.
 */
#ifndef STORE_MAILBOX_H
#define STORE_MAILBOX_H

#include "proto/status.h"
#include "store/index.h"
#include "store/store.h"

struct mailbox;

/* The name and generation of the account. Valid until the mailbox is closed. */
const struct who *mailbox_who(const struct mailbox *mb);

/* How much a mailbox may hold, including its trash. 0: no limit. */
struct mailbox_quota {
    uint64_t bytes, messages;
};

struct account;

/* The quotas that apply to an account: the store's where it has none of its own. */
struct mailbox_quota account_quota(struct store *s, const struct account *a);

/* What the mailbox holds, and what it may hold. Takes the mailbox's lock; fails as that does. */
enum status mailbox_totals(struct mailbox *mb, struct index_totals *totals,
                           struct mailbox_quota *quota);

#endif
