/* SPDX-License-Identifier: ISC */
/*
 * ledger: what the clients of a campaign were told, and what the store must therefore hold. It
 * lives in the campaign's own memory, which no kill and no power cut touches.
 *
 * Each user has one mailbox and one client; a client has one request open at a time and repeats it
 * until its outcome is known. So every message is in one of three states: intended, told (somebody
 * has seen its id) and answered; and in the end there are only answered ones. An answer by SMTP may
 * not say the id. Safe for threads.
 *
 * What must not be is a violation: it is printed and counted.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LEDGER_USERS   6
#define LEDGER_OUTSIDE LEDGER_USERS /* as a sender: none of them, but a mail server */
#define LEDGER_NONE    UINT32_MAX
#define LEDGER_END     UINT_MAX /* the moment after all others */

/* Which body a message has: the number-th that this user made. A message sent on keeps it. */
struct ledger_body {
    unsigned author;
    uint32_t number;
};

struct letter {
    struct ledger_body body;
    unsigned from;
    uint64_t id;                   /* 0: nobody was told yet */
    bool answered;                 /* Yes, or 250, was heard */
    bool deleted;                  /* as the owner was told last */
    bool found;                    /* in the listing being compared */
    unsigned intended_at, told_at; /* moments; told_at: of the first who was told the id */
};

struct ledger;

struct ledger *ledger_new(void);
void ledger_free(struct ledger *l);

/* What shows the moment, which every entry gets; without a clock all are made at 0. */
void ledger_use_clock(struct ledger *l, const atomic_uint *clock);
unsigned ledger_moment(const struct ledger *l);

/* Prints and counts a violation. */
void ledger_violation(struct ledger *l, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
unsigned ledger_violations(const struct ledger *l);

/* from is about to send this body to a mailbox. Returns the number it has there from now on. */
uint32_t ledger_intend(struct ledger *l, unsigned mailbox, unsigned from, struct ledger_body body);

/* The answer was Yes, with this id (0: it did not say). Again: the sending had been answered
 * before.
 */
void ledger_answered(struct ledger *l, unsigned mailbox, uint32_t number, uint64_t id);
void ledger_answered_again(struct ledger *l, unsigned mailbox, uint32_t number, uint64_t id);

/* The owner has seen a message: returns its number in the mailbox, or LEDGER_NONE. */
uint32_t ledger_seen(struct ledger *l, unsigned mailbox, uint64_t id, unsigned from,
                     struct ledger_body body);

/* How many messages a mailbox has had; the one of a number (0 is the first). */
uint32_t ledger_count(struct ledger *l, unsigned mailbox);
struct letter ledger_letter(struct ledger *l, unsigned mailbox, uint32_t number);

/* The owner was told that a message is deleted, or is not, and had asked for that at a moment. */
struct ledger_change {
    uint32_t number;
    unsigned asked_at, at;
    bool deleted;
};

void ledger_set_deleted(struct ledger *l, unsigned mailbox, uint32_t number, bool deleted,
                        unsigned asked_at);

/* The i-th change of a mailbox. False: it had fewer. Nobody may make changes meanwhile. */
bool ledger_change(const struct ledger *l, unsigned mailbox, size_t i,
                   struct ledger_change *change);

/*
 * Comparing a mailbox with what its owner is shown: begin, then one call for each message shown,
 * then end, which finds what was not shown. Of all messages, deleted ones shown apart. at: the
 * store is as it may have been at this moment: what was told by then is there, what was under way
 * may be, done or not; LEDGER_END for all.
 */
void ledger_compare_begin(struct ledger *l, unsigned mailbox, unsigned at);
void ledger_compare_one(struct ledger *l, unsigned mailbox, uint32_t number, bool deleted);
void ledger_compare_end(struct ledger *l, unsigned mailbox);

#endif
