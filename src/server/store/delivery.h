/* SPDX-License-Identifier: ISC */
/*
 * delivery: where a new message becomes durable. Safe for threads.
 */
#ifndef STORE_DELIVERY_H
#define STORE_DELIVERY_H

#include "base/span.h"
#include "store/mailbox.h"

/*
 * Puts a new message into a mailbox. from must pass name_fold; token must pass token_ok or be
 * empty. Takes the lock.
 *
 * On ST_OK the message survives a power cut, and *stored describes it. If this sender has sent with
 * this token before, *stored is that first message as it was stored, *repeat is true, and nothing
 * new is stored; repeat may be NULL. ST_UNKNOWN: the message may be stored, and *stored describes
 * it. On any other status the mailbox is unchanged, except that its trash may have been purged to
 * make room.
 */
enum status delivery_put(struct mailbox *mb, const char *from, struct span body, struct span token,
                         struct mail *stored, bool *repeat);

/* What a message is stored as. */
struct delivery_as {
    int64_t time;          /* not negative */
    enum mail_state state; /* MAIL_UNREAD or MAIL_NORMAL */
};

/* The same as delivery_put, which stores a message as one that is unread and of now. */
enum status delivery_put_as(struct mailbox *mb, const char *from, struct span body,
                            struct span token, struct delivery_as as, struct mail *stored,
                            bool *repeat);

/* One of several deliveries of a message. */
struct delivery_one {
    struct mailbox *mb;
    struct span token;
    enum status st; /* in: ST_OK, or else this delivery is skipped. Out: the result */
    /* Other results, as of delivery_put. */
    struct mail stored;
    bool repeat;
};

/*
 * Delivers one message into n mailboxes, which must all be different. Deliveries by the delivery
 * log wait for its syncs together. Each delivery has its own result, which is final when this
 * returns.
 */
void delivery_put_each(struct delivery_one *all, size_t n, const char *from, struct span body,
                       struct delivery_as as);

/*
 * Whether a new message with a body of this many bytes would be accepted now: ST_OK, or the status
 * that delivery_put would return before it stores anything. Changes nothing. Takes the lock.
 */
enum status delivery_check(struct mailbox *mb, uint64_t bytes);

/*
 * Finds the message that this sender has sent with this token, which may be empty, and waits until
 * it is durable. *first becomes that message as it was stored. ST_NO_MESSAGE: there is none.
 * ST_UNKNOWN: it could not be made durable. Takes the lock.
 */
enum status delivery_find_repeat(struct mailbox *mb, const char *from, struct span token,
                                 struct mail *first);

#endif
