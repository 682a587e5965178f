/* SPDX-License-Identifier: ISC */
/*
 * account_file: the file "account" in an account's directory. Lines after the third are there only
 * if they say something:
 *
 *     pochta-account 1
 *     generation 0123456789abcdef
 *     password $y$...
 *     disabled yes
 *     quota-bytes 1000000
 *     quota-messages 100
 *     quota-warned 2            or quota-armed 2
 *
 * Safe for threads; the caller makes sure that no two write one file at a time.
 */
#ifndef STORE_ACCOUNT_FILE_H
#define STORE_ACCOUNT_FILE_H

#include "base/span.h"
#include "os/crypt.h"
#include "proto/status.h"
#include "store/store.h"

#define ACCOUNT_FILE_BYTES     1024       /* at most */
#define ACCOUNT_QUOTA_STANDARD UINT64_MAX /* a quota: the one in the store's limits */

/* What the file says, apart from the generation. */
struct account {
    char hash[OS_CRYPT_HASH_BYTES];       /* of the password: a secret, to be wiped after use */
    bool disabled;                        /* nobody can log in; mail is still delivered */
    uint64_t quota_bytes, quota_messages; /* 0: no limit */

    /* See quota_warning.h. */
    uint64_t warnings; /* how many were sent */
    bool warned;       /* the next one waits until the mailbox has been emptier */
};

/* An account without a password that is not disabled and has the standard quotas. */
extern const struct account account_file_standard;

/* Parses the text of the file: sets who->generation and *a. Pure. */
bool account_file_parse(struct span s, struct who *who, struct account *a);

/*
 * Reads the file in the account's directory dir: sets who->generation and *a; who->name is for the
 * log. A failure is logged here: ST_IO if the file is damaged, else the status of errno.
 * ST_NO_USER, which is no failure: the account was deleted since dir was opened.
 */
enum status account_file_read(struct store *s, int dir, struct who *who, struct account *a);

/*
 * Writes a new file of this name, in the account's directory dir, and syncs it, but not the
 * directory. False: errno, and there is no such file.
 */
bool account_file_write(int dir, const char *name, const struct who *who, const struct account *a);

/* The same without a sync. False: errno, and a part of the file may be there. */
bool account_file_write_unsynced(int dir, const char *name, const struct who *who,
                                 const struct account *a);

#endif
