/* SPDX-License-Identifier: ISC */
/*
 * ledger: what people were told, and what the store must therefore hold. It is outside of the
 * machine: no crash touches it. One person owns each mailbox and alone deletes, restores and lists;
 * everybody sends to it, with several requests at once.
 *
 * What must hold, and ends the run with machine_violated if it does not:
 *   - what was answered Yes, or was once shown to its owner, is there, once, under the id in the
 *     answer, with its sender and bytes, and in the trash or not, as its owner was told (but one
 *     whose bytes the disk has lost was set aside: until the log brings it back, as unread, a
 *     repeat of its request is stored as a new message);
 *   - what was refused (Noop), or was found missing after a recovery, is not there, and what nobody
 *     sent neither;
 *   - no id ever stands for two messages of one account;
 *   - a message that nobody has read, or marked as read, is unread.
 * A request without an answer, or with "outcome unknown", may have been carried out, or not; the
 * audit after the next recovery, or the owner's next list, settles which.
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
    uint32_t body;  /* which body: bodies are numbered, and each has a first line that says so */
    char token[33]; /* "": it is not repeated */
    uint32_t id;    /* 0: nobody was told yet */
    unsigned open;  /* requests for it that are under way */
    bool doubt;     /* an earlier request for it had no answer */
    bool blurred;   /* the account was deleted while requests for it were under way */
    enum known there, deleted;
    bool may_be_read;
    bool due, found; /* while a list is compared */
};

struct owner {
    enum known there;
    bool leaving;                 /* there is MAYBE because a request to delete it had no answer */
    char password[16], other[16]; /* other: "", or what a request without an answer has set */
    struct letter *letters;
    uint32_t n, room;
};

extern struct owner ledger[LEDGER_USERS];

/* Whether nothing of the trash may be gone: it is kept for long, and there are no quotas. */
extern bool ledger_keeps_trash;

const char *ledger_name(unsigned user);

/* The bytes of a body, which are always the same. Valid until the next call. */
struct span ledger_body(uint32_t body);
uint32_t ledger_new_body(void);
uint32_t ledger_body_count(void);

/* from is about to send this body. Returns the letter's number in that mailbox. */
uint32_t ledger_intend(unsigned to, unsigned from, uint32_t body, bool token, bool read);

/* Whether this sender has sent this body to this mailbox: its letter, or LEDGER_NONE. */
uint32_t ledger_find(unsigned owner, unsigned from, uint32_t body);

/* A request for a letter begins; and ends: Yes with an id; Noop; or no answer (id 0). */
void ledger_asked(unsigned to, uint32_t letter);
void ledger_yes(unsigned to, uint32_t letter, uint64_t id);
void ledger_noop(unsigned to, uint32_t letter);
void ledger_unknown(unsigned to, uint32_t letter);

/* The owner's request for a list is sent: all that must be in it is due. deleted: of the trash. */
void ledger_list_asked(unsigned owner, bool deleted, bool unread_only);

/*
 * One message that the owner is shown, with its unescaped body. Returns the letter. strict: nothing
 * has failed, so whether it shows as deleted will last.
 */
struct ledger_view {
    bool whole;  /* its whole body is shown */
    bool listed; /* as a part of the list */
    bool strict;
};
uint32_t ledger_shown(unsigned owner, const struct message *m, struct span body,
                      struct ledger_view view);

/* The list has ended. strict: nothing has failed that could excuse what is missing. */
void ledger_list_ended(unsigned owner, bool deleted, bool unread_only, bool strict);

/* The account is gone, with all that was in it. */
void ledger_account_gone(unsigned owner);

/* After a recovery and the audit's lists: what was open and was not shown is not there. */
void ledger_settle(unsigned owner);

#endif
