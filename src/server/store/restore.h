/* SPDX-License-Identifier: ISC */
/*
 * restore: brings back accounts and letters from a directory of backups (backup.h), also while a
 * server runs, and moves one account between stores. What it reads is not trusted. For one thread.
 * Failures are logged.
 */
#ifndef STORE_RESTORE_H
#define STORE_RESTORE_H

#include "store/account_copy.h"
#include "store/backup_list.h"

struct restore {
    struct store *store;
    int dir;          /* the directory of backups, or of an exported account */
    const char *path; /* the same as it was given, for messages */
    const char *at;   /* as restore_at_ok takes it, or NULL: the last backup */
    struct account_copy_told told;
    char date[BACKUP_DATE_BYTES]; /* of the backup that was used */
    uint64_t accounts;            /* that were brought back */
    uint64_t there;               /* that were there already */
    uint64_t groups;              /* that were brought back */
};

/* Whether text is a date, or the beginning of one: 2026, 2026-11-30, 2026-11-30T02:45:24Z. */
bool restore_at_ok(struct span text);

/*
 * Brings back all accounts, and then all groups, of the last backup, or of the last that is not
 * later than r->at, that the store lacks. An account or group that cannot be brought back is a
 * finding.
 * ST_NO_MESSAGE: there is no such backup. A store without an id takes over that of the last backup:
 * its next backup goes on from there. backup_doors.h says when it takes over the file "doors".
 */
enum status restore_all(struct restore *r);

/*
 * Brings back one account. ST_NO_USER: the backup does not have it. ST_USER_EXISTS: the store has
 * it, or cannot accept it, which is reported.
 */
enum status restore_account(struct restore *r, const char *name);

/*
 * Brings back letters of an account that the store has, under their ids. Each that the account has
 * already, or that cannot be brought back, is a finding. ST_USER_EXISTS: the store has another
 * account with this name, or this one is deleted, which is reported; ST_NO_USER: the store or the
 * backup has no such account.
 */
enum status restore_letters(struct restore *r, const char *name, const uint32_t *ids, size_t n);

/*
 * Copies an account into an empty directory: its file, its messages and, at last, the file
 * "pochta-export" (backup_list.h), all synced. ST_NO_USER: there is no such account.
 * ST_USER_EXISTS: the directory is not empty. ST_READ_ONLY: see account_copy_check_log.
 */
enum status restore_export(struct restore *r, const char *name);

/*
 * Brings an exported account in, and sets *m. ST_USER_EXISTS: the store has it, or another account
 * with this name, which is reported; ST_DAMAGED: the directory is not an exported account, or not
 * complete; ST_UNREADABLE: it cannot be read at present.
 */
enum status restore_import(struct restore *r, struct export_mark *m);

#endif
