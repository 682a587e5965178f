/*
 * account: the users of the store. Safe for threads.
 *
 * An account is a directory with the file "account" in it; it exists once that directory stands
 * among the users. Passwords are here only as hashes (os_crypt.h).
 */
#ifndef STORE_ACCOUNT_H
#define STORE_ACCOUNT_H

#include "base/span.h"
#include "os/crypt.h"
#include "proto/status.h"
#include "store/store.h"

#define ACCOUNT_QUOTA_STANDARD UINT64_MAX /* what the store's limits say */

/* What an account's file says, but for its generation. */
struct account {
    char hash[OS_CRYPT_HASH_BYTES];
    bool disabled; /* nobody can log in; mail still comes */
    uint64_t quota_bytes, quota_messages;
};

/* Reads the text of an account's file: sets who->generation, and *a, which holds a secret. Pure. */
bool account_parse(struct span s, struct who *who, struct account *a);

/*
 * Makes an account of a name that passed name_fold. On ST_OK it survives a power cut; on ST_UNKNOWN
 * it may exist; otherwise nothing was changed.
 */
enum status account_register(struct store *s, const char *name, const char *hash);

/*
 * The same with an invite that passed invite_check. It is used up by the rename by which the
 * account comes to be; unless that is so it stays good, across a crash too. ST_NO_INVITE: another
 * account was quicker.
 */
enum status account_register_invited(struct store *s, const char *name, const char *hash,
                                     const char *invite);

/* Finds an account: sets who->name and generation, and *a, which holds a secret. */
enum status account_find(struct store *s, const char *name, struct who *who, struct account *a);

/*
 * Changes what an account's file says: change(ctx, a) does, with the mailbox's lock held. Same
 * promises as account_register.
 */
enum status account_change(struct store *s, const struct who *who,
                           void (*change)(void *ctx, struct account *a), void *ctx);

/* Gives an account another password hash. */
enum status account_set_hash(struct store *s, const struct who *who, const char *hash);

/* The same, but ST_WRONG_PASSWORD where it is no longer the old one: another has changed it. */
enum status account_replace_hash(struct store *s, const struct who *who, const char *old,
                                 const char *hash);

/*
 * Deletes an account with all its mail; same promises. It is kept for a
 * while, see kept.h.
 */
enum status account_delete(struct store *s, const struct who *who);

#endif
