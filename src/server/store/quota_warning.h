/* SPDX-License-Identifier: ISC */
/*
 * quota_warning: a letter from NAME_SERVER to a user whose mailbox is nearly full: once, when a
 * delivery brings it to the part of a quota that store_limits has, and again only after it has been
 * emptier. The account's file records what has been sent. Safe for threads.
 *
 * The letter is stored first, and recorded once it is durable. It has a token: if it is sent again
 * after a crash in between, it is stored only once. Whatever fails is tried again after a later
 * delivery.
 */
#ifndef STORE_QUOTA_WARNING_H
#define STORE_QUOTA_WARNING_H

#include "proto/status.h"
#include "store/mailbox.h"

/*
 * To be called before each delivery, without the lock: if a warning was sent, and the mailbox has
 * been emptied since, the next one may be sent. Waits for a sync only then. Not ST_OK: why the
 * mailbox cannot be locked, so that the delivery need not wait for that once more.
 */
enum status quota_warning_arm(struct mailbox *mb);

/* Whether a warning is due since the last delivery; then the caller calls quota_warning_send. */
bool quota_warning_is_due(struct mailbox *mb);

/* What was sent. */
struct quota_warning {
    uint64_t bytes, messages;   /* in the mailbox, with its trash */
    struct mailbox_quota quota; /* of these */
};

/*
 * Sends the warning, and records that it was sent; waits for syncs as a delivery does. ST_OK: *w is
 * what it reported. ST_NO_MESSAGE: it is not due any more, or another thread sends it. Any other
 * status: it was not sent, or that could not be recorded.
 */
enum status quota_warning_send(struct mailbox *mb, struct quota_warning *w);
#endif
