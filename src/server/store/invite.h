/*
 * invite: codes that let their bearers register where registration is not open. Safe for threads.
 *
 * An invite is a file among the store's invites, named by its code, and good for one account: the
 * rename by which that account comes to be takes the file with it (docs/store.md). Whoever knows a
 * code can use it, so that no log has one.
 */
#ifndef STORE_INVITE_H
#define STORE_INVITE_H

#include "base/span.h"
#include "proto/name.h"
#include "proto/status.h"
#include "store/store.h"

struct invite {
    char code[INVITE_DIGITS + 1];
    int64_t created, expires; /* seconds since 1970; expires 0: never */
};

/*
 * Makes an invite that nobody can guess, good for so many seconds (0: for ever). On ST_OK it
 * survives a power cut; on ST_UNKNOWN it may exist, but nobody knows its code.
 */
enum status invite_add(struct store *s, int64_t seconds, struct invite *made);

/*
 * Whether an account could be made with this code now, see account_register_invited, and the code
 * as a string. ST_NO_INVITE for what is no code, unknown, used or expired: nobody is to know which.
 */
enum status invite_check(struct store *s, struct span text, char code[INVITE_DIGITS + 1]);

/* Takes an invite back. ST_NO_INVITE: there is none; ST_UNKNOWN: it may still be there. */
enum status invite_delete(struct store *s, struct span code);

/* Calls each(ctx, invite) for every invite that is good, in no order. False: errno. */
bool invite_each(struct store *s, void (*each)(void *ctx, const struct invite *invite), void *ctx);

/* Removes those that have expired. */
void invite_purge(struct store *s);

/*
 * Tells of each file among the invites that is none, or none that can be read. May run beside a
 * server. False: they cannot be listed (errno).
 */
bool invite_fsck(struct store *s, void (*finding)(void *ctx, const char *file, const char *what),
                 void *ctx);

#endif
