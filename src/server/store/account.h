/* SPDX-License-Identifier: ISC */
/*
 * account: the users of the store. An account is a directory with the file "account" in it
 * (account_file.h); it exists once that directory is in users/. Passwords are hashes here
 * (os/crypt.h). Safe for threads.
 *
 * Functions that change an account make the same promise: on ST_OK the change survives a power cut;
 * on ST_UNKNOWN it may have happened; on any other status nothing was changed.
 */
#ifndef STORE_ACCOUNT_H
#define STORE_ACCOUNT_H

#include "store/account_file.h"

/*
 * Whether an account of this name can be made at present: ST_OK, or what account_register would
 * return, as far as can be told without a hash. ST_RESERVED: see name_is_reserved.
 * ST_USER_EXISTS: an account or a group has the name.
 */
enum status account_may_register(struct store *s, const char *name, bool invited);

/* Makes an account. name must have passed name_fold. ST_USER_EXISTS: the name is taken. */
enum status account_register(struct store *s, const char *name, const char *hash);

/*
 * The same with an invite that passed invite_check. The rename that makes the account uses the
 * invite up; if there is no account in the end, the invite is still good, even after a crash.
 * ST_NO_INVITE: another account took it first.
 */
enum status account_register_invited(struct store *s, const char *name, const char *hash,
                                     const char *invite);

/*
 * Gives an account that was made in new/, as temporary, its name in users/, without replacing. It
 * is durable once store_sync(LAYOUT_USERS) has succeeded. ST_USER_EXISTS: the name is taken.
 */
enum status account_give_name(struct store *s, const char *temporary, const char *name);

/* One account of many that are made together. */
struct account_new {
    char name[NAME_BYTES + 1];                    /* must have passed name_fold */
    struct account account;                       /* its hash is a secret, which the caller wipes */
    enum status st;                               /* what became of it */
    char generation[STORE_GENERATION_DIGITS + 1]; /* private */
};

/*
 * Makes n accounts with a few syncs for all of them. Sets the status of each: ST_OK or
 * ST_USER_EXISTS, with the promise above: both are there after a power cut. If something fails, the
 * accounts that were not made by then have its status, and nothing was changed for them; or they
 * have ST_UNKNOWN. Returns ST_OK, or the failure. n = 0 is only the sync: after it,
 * accounts that were found in users/ are there after a power cut, too.
 */
enum status account_register_many(struct store *s, struct account_new *accounts, size_t n);

/*
 * Finds an account by its name: sets who->name, who->generation and *a, whose hash the caller
 * wipes. ST_NO_USER: there is none.
 */
enum status account_find(struct store *s, const char *name, struct who *who, struct account *a);

/*
 * Changes an account's file: change(ctx, a) changes *a, and may be called again if somebody else
 * changes the account meanwhile. ST_BUSY: that happened again and again.
 */
enum status account_change(struct store *s, const struct who *who,
                           void (*change)(void *ctx, struct account *a), void *ctx);

/* Sets an account's password hash. */
enum status account_set_hash(struct store *s, const struct who *who, const char *hash);

/* The same, but ST_WRONG_PASSWORD if the hash is not `old` any more: someone else changed it. */
enum status account_replace_hash(struct store *s, const struct who *who, const char *old,
                                 const char *hash);

/* Deletes an account with all its mail. It is kept for a while, see deleted_accounts.h. */
enum status account_delete(struct store *s, const struct who *who);

/*
 * For recovery: removes what there is of an account in new/, and makes the invite that was taken
 * for it good again.
 */
void account_discard(struct store *s, const char *temporary);

#endif
