/* SPDX-License-Identifier: ISC */
/*
 * ledger: the answers that users got, and the messages that the store must therefore have. It is
 * outside the machine: no crash touches it. Each mailbox has one owner, who alone deletes, restores
 * and lists its messages; all users send to it, with several requests at once.
 *
 * These rules must hold; if one does not, the run ends with machine_violated:
 *   - A message that was answered Yes, or was once shown to its owner, is there exactly once, under
 *     the id in the answer, with its sender and bytes, and in the trash or not, as the owner was
 *     told. (If the disk has lost its bytes, it was set aside. Until the log brings it back, as
 *     unread, a repeat of its request is stored as a new message.)
 *   - A message that was refused (Noop), or was found missing after a recovery, is not there.
 *     Nor is a message that nobody sent.
 *   - No id ever stands for two messages of one account.
 *   - A message that nobody has read, or marked as read, is unread.
 * A request without an answer, or with the answer "outcome unknown", may have been carried out or
 * not. The audit after the next recovery, or the owner's next list, decides it.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include "base/buf.h"
#include "proto/message.h"
#include "proto/token.h"

#define LEDGER_USERS 4
#define LEDGER_NONE  UINT32_MAX

enum known { NO, YES, MAYBE };

struct letter {
    unsigned from;
    uint32_t body;  /* the number of the body, which is also in the first line of the body */
    char token[33]; /* "": its request is not repeated */
    uint32_t id;    /* 0: no answer has named it yet */
    unsigned open;  /* number of requests for it that are under way */
    bool doubt;     /* an earlier request for it had no answer */
    bool blurred;   /* the account was deleted while requests for it were under way */
    enum known there, deleted;
    bool may_be_read;
    bool due, found; /* only while a list is compared */
};

struct owner {
    enum known there;
    bool leaving; /* the field there is MAYBE: a request to delete the account had no answer */
    char password[16], other[16]; /* other: "", or maybe set by a request without an answer */
    struct letter *letters;
    uint32_t n, room;
};

extern struct owner ledger[LEDGER_USERS];

/* Whether the trash must be complete: it is kept for long, and there are no quotas. */
extern bool ledger_keeps_trash;

const char *ledger_name(unsigned user);

/* The bytes of a body; one number always has the same bytes. Valid until the next call. */
struct span ledger_body(uint32_t body);
uint32_t ledger_new_body(void);

/* The user from is about to send this body. Returns the letter's number in the mailbox of to. */
uint32_t ledger_intend(unsigned to, unsigned from, uint32_t body, bool token, bool read);

/* Whether this sender has sent this body to this mailbox: its letter, or LEDGER_NONE. */
uint32_t ledger_find(unsigned owner, unsigned from, uint32_t body);

/* A request for a letter begins; it ends with Yes and an id, with Noop, or without an answer. */
void ledger_asked(unsigned to, uint32_t letter);
void ledger_yes(unsigned to, uint32_t letter, uint64_t id);
void ledger_noop(unsigned to, uint32_t letter);
void ledger_unknown(unsigned to, uint32_t letter);

/* The owner asks for a list: sets due in all letters that it must have. deleted: of the trash. */
void ledger_list_asked(unsigned owner, bool deleted, bool unread_only);

/*
 * A message that is shown to the owner, with its unescaped body. Returns the number of the letter.
 * strict: no call has failed, so the message stays in the trash, or outside, as it is shown.
 */
struct ledger_view {
    bool whole;  /* its whole body is shown */
    bool listed; /* it is shown as a part of the list */
    bool strict;
};
uint32_t ledger_shown(unsigned owner, const struct message *m, struct span body,
                      struct ledger_view view);

/* The list has ended. strict: no call has failed that could excuse a missing letter. */
void ledger_list_ended(unsigned owner, bool deleted, bool unread_only, bool strict);

/* The account is gone, with all its letters. */
void ledger_account_gone(unsigned owner);

/* Begins again, as if nothing had been sent. Keeps its memory for the next run. */
void ledger_begin(void);

/* After a recovery and the audit's lists: a letter in doubt that was not shown is not there. */
void ledger_settle(unsigned owner);

#endif
