/* SPDX-License-Identifier: ISC */
/*
 * body: the messages of a campaign. Which one it is decides all its bytes, and its first lines say
 * which it is. Those of clients who send as mail programs do are texts of RFC 5322. Pure.
 */
#ifndef BODY_H
#define BODY_H

#include "base/buf.h"
#include "ledger.h"

/* What ledger_body the message has that is added, and which way its author sends. */
enum body_kind { BODY_OF_FRAMES, BODY_OF_SUBMISSION, BODY_OF_LMTP };

/* The next of a sequence of numbers that look like chance. */
uint64_t body_chance(uint64_t *state);

/* Adds a message as the store has it. */
void body_add(struct buf *out, enum body_kind kind, struct ledger_body which);

/* What a mail program sends, or gets, of a body of these kinds: it points into the body. */
struct span body_mail(struct span body);

/* Which message this is, by its first line or, shown as mail or in a list, by its subject. */
bool body_identify(struct span text, struct ledger_body *which);

/* The same of a mail that came by POP3, and whom it shows as its sender. */
bool body_identify_mail(struct span mail, struct ledger_body *which, unsigned *from);

/* The user of this name, or LEDGER_OUTSIDE for a mail server. False: it is neither. */
bool body_sender(struct span name, unsigned *from);

#endif
