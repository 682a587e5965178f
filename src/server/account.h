/*
 * account: the users of the store. Safe for threads.
 *
 * An account is a directory with the file "account" in it; it exists once that directory stands
 * among the users. Passwords are here only as hashes (os_crypt.h).
 */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "os_crypt.h"
#include "status.h"
#include "store.h"

/*
 * Makes an account of a name that passed name_fold. On ST_OK it survives a power cut; on ST_UNKNOWN
 * it may exist; otherwise nothing was changed.
 */
enum status account_register(struct store *s, const char *name, const char *hash);

/* Finds an account: sets who->name and generation, and its password's hash. */
enum status account_find(struct store *s, const char *name, struct who *who,
                         char hash[OS_CRYPT_HASH_BYTES]);

/* Gives an account another password hash; same promises as account_register. */
enum status account_set_hash(struct store *s, const struct who *who, const char *hash);

/*
 * Deletes an account with all its mail; same promises. It is kept for a
 * while, see kept.h.
 */
enum status account_delete(struct store *s, const struct who *who);

#endif
