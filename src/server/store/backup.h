/* SPDX-License-Identifier: ISC */
/*
 * backup: makes backups of one store in a directory, also while a server uses the store.
 *
 *     DIR/pochta-backup                   what this is, and of which store (backup_list.h)
 *     DIR/accounts/ann-GENERATION/DATE/   ann's files as they were then (account_copy.h)
 *     DIR/2026-11-30T02:45:24Z            a backup: a list of accounts and of their directories
 *     DIR/2026-11-30T02:45:24Z.groups     the groups of the same, if there are any
 *     DIR/2026-11-30T02:45:24Z.unfinished the same of a run that was cut short, or is under way
 *     DIR/2026-11-30T02:45:24Z.doors      the store's file "doors" (door_key.h), if it has one
 *
 * A backup has everything that was answered Yes before it began, and perhaps a part of what came
 * later. An account that has not changed since the earlier backup (changes.h) costs only a line. A
 * line of a list is written once the account's files are on stable storage; so the next run can use
 * an unfinished list like an earlier backup. A backup has no invites and no deleted accounts.
 *
 * restore.h brings back what a backup has. For one thread. Failures are logged.
 */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "store/account_copy.h"
#include "store/backup_list.h"

struct backup {
    struct store *store;
    int dir;          /* the directory of backups */
    const char *path; /* the same as it was given, for messages */
    struct account_copy_told told;

    /* Set by backup_run. */
    char date[BACKUP_DATE_BYTES]; /* the backup's name */
    uint64_t accounts, changed;   /* in the backup; of these those that were copied */
    uint64_t groups;              /* in the backup */
    bool went_on;                 /* from one that was cut short */
};

/*
 * Makes a backup. An empty directory becomes one of this store's backups. ST_USER_EXISTS: the
 * directory has something else, or another store's backups; ST_BUSY: another process uses it;
 * ST_READ_ONLY: the delivery log could not be recovered (account_copy_check_log). Any other status
 * but ST_OK: the backup is unfinished. An account that cannot be read is a finding, and stays in
 * the backup as it was in the earlier one.
 */
enum status backup_run(struct backup *b);

/*
 * Removes all but the last `keep` backups (at least 1), and the files that only those had.
 */
enum status backup_keep(struct backup *b, uint64_t keep);

#endif
