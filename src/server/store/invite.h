/* SPDX-License-Identifier: ISC */
/*
 * invite: codes with which one can register where registration is not open. Safe for threads.
 *
 * An invite is a file in invites/, named by its code, and good for one account: the rename that
 * makes the account takes the file with it (docs/store.md). Whoever knows a code can use it, so no
 * code may appear in a log.
 *
 *     pochta-invite 1
 *     created 1512316293
 *     expires 0
 */
#ifndef STORE_INVITE_H
#define STORE_INVITE_H

#include "base/span.h"
#include "proto/name.h"
#include "proto/status.h"
#include "store/store.h"

struct invite {
    char code[INVITE_DIGITS + 1];
    int64_t created, expires; /* seconds since 1970, UTC; expires 0: never */
};

/*
 * Makes an invite with a random code that is good for this many seconds (0: for ever). On ST_OK it
 * survives a power cut. ST_UNKNOWN: it may exist, but nobody knows its code.
 */
enum status invite_add(struct store *s, int64_t seconds, struct invite *made);

/*
 * Checks whether an account can be made with this code now (see account_register_invited), and
 * copies the code. ST_NO_INVITE: it is not a code, or unknown, used or expired; the client is not
 * told which.
 */
enum status invite_check(struct store *s, struct span text, char code[INVITE_DIGITS + 1]);

/* Deletes an invite. ST_NO_INVITE: there is none. ST_UNKNOWN: it may still be there. */
enum status invite_delete(struct store *s, struct span code);

/*
 * Calls each(ctx, invite) for every invite that is good now, in no particular order. False: they
 * cannot be listed, which is reported.
 */
bool invite_each(struct store *s, void (*each)(void *ctx, const struct invite *invite), void *ctx);

/* Removes the invites that have expired. */
void invite_purge(struct store *s);

/*
 * Calls finding(ctx, file, what) for each file in invites/ that is not an invite or cannot be read.
 * May run beside a server. False: the files cannot be listed, which is reported.
 */
bool invite_fsck(struct store *s, void (*finding)(void *ctx, const char *file, const char *what),
                 void *ctx);

/* The rest is for account and recovery alone. */

/*
 * Moves an invite into the directory of an account that is being made. Of several that try, one
 * finds the file; the others get ST_NO_INVITE. On ST_OK the move survives a power cut, and so does
 * the account's name in new/. On any other status but ST_NO_INVITE the file may have been moved.
 */
enum status invite_take(struct store *s, const char *code, int account);

/*
 * Moves an account's invite back to invites/, if it has one, durably. False (errno): this failed,
 * and the account's directory must not be removed.
 */
bool invite_give_back(struct store *s, int account);

/* When a server starts: removes the invites that a crash has left unfinished. */
void invite_remove_unfinished(struct store *s);

#endif
