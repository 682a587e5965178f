/* SPDX-License-Identifier: ISC */
/*
 * account_list: all accounts with what their files say, without the passwords. A list of many
 * accounts is remembered in DIR/changes/accounts (account_rows.h), so that the next one reads only
 * the files of the accounts that were noted since (changes.h). The file is not synced, and can be
 * removed at any time: if it is missing or anything is wrong with it, all accounts are looked at,
 * and it is written again. Safe for threads and processes.
 *
 * Changes by hand in users/ are not noted. After account_list_drop, the next list looks at all
 * accounts.
 */
#ifndef STORE_ACCOUNT_LIST_H
#define STORE_ACCOUNT_LIST_H

#include "store/account_rows.h"

#define ACCOUNT_LIST_LEAST 100 /* a list of fewer accounts is not remembered */

/*
 * Calls each(ctx, row) for each account, once and in no particular order, until it returns false.
 * An account that changes meanwhile may be missing, or shown as it was. row->st: ST_OK, or why the
 * account cannot be looked at. Takes memory only for the accounts that have changed. False: the
 * rest cannot be read, which is reported.
 */
bool account_list_each(struct store *s, bool (*each)(void *ctx, const struct account_row *row),
                       void *ctx);

/* Looks at one account. Its status may be ST_NO_USER. */
void account_list_find(struct store *s, const char *name, struct account_row *row);

/* For the housekeeper: forgets the notes that no list needs any more. */
void account_list_forget(struct store *s);

/* Forgets the list. */
void account_list_drop(struct store *s);

#endif
