/* SPDX-License-Identifier: ISC */
/*
 * name: the rules for the names of users, for passwords and for invites (PROTOCOL 7). Pure.
 *
 * A name that name_fold has accepted is safe as a file name: it has no slash, no leading or
 * trailing dot and only ASCII bytes, and is not empty.
 */
#ifndef PROTO_NAME_H
#define PROTO_NAME_H

#include "base/span.h"

#define NAME_BYTES     32  /* without the NUL */
#define PASSWORD_BYTES 255 /* without the NUL */
#define INVITE_DIGITS  32  /* exactly; 128 bits */

/*
 * The senders that are no users: of letters that the server itself writes, and of mail that another
 * mail server has delivered, whose sender stands in its text. Nobody can register these names. Old
 * clients and old files treat them as any other name; an existing account with such a name is left
 * alone, but cannot send as NAME_OUTSIDE.
 */
#define NAME_SERVER  "mail-server"
#define NAME_OUTSIDE "mail-outside"

/* The rules in words, for answers to clients. */
#define NAME_RULE                                                                                 \
    "a name has 1 to 32 of a-z 0-9 . _ -, begins with a letter or a digit and does not end in a " \
    "dot"
#define PASSWORD_RULE "a password has 1 to 255 bytes, none of them NUL, CR, LF or a vertical bar"
#define INVITE_RULE   "an invite has 32 of 0-9 a-f"

/*
 * Checks a name and writes it in lower case, with a NUL. Returns false and leaves out unchanged if
 * it is not a valid name.
 */
bool name_fold(struct span s, char out[NAME_BYTES + 1]);

/* Whether a name in lower case is one of those that nobody can register. */
bool name_is_reserved(const char *name);

/* Checks a password against PASSWORD_RULE. */
bool name_password_ok(struct span s);

/* Checks an invite against INVITE_RULE; a valid one is also safe as a file name. */
bool name_invite_ok(struct span s);

#endif
