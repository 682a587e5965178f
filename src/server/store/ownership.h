/* SPDX-License-Identifier: ISC */
/*
 * ownership: whether a store belongs to the user that the server runs as. The server could not open
 * other users' files in it, and they could not open the server's.
 */
#ifndef STORE_OWNERSHIP_H
#define STORE_OWNERSHIP_H

#include <stdbool.h>

#define OWNERSHIP_WHY_BYTES 512

struct store;

/*
 * Looks at the store itself, its own files and its directories. False: why says which of them
 * belongs to whom, and how to fix that. A store that does not exist passes.
 */
bool ownership_check(const char *store, char why[OWNERSHIP_WHY_BYTES]);

/*
 * Reports the accounts and invites of other users, which are left out (store_open_inside): a line
 * for each directory of the store with the first of them, and how to fix that. Looks at 1000 names
 * at most in each directory, for 100 ms at most: a start must not take longer because there are
 * more accounts or a slow file system. Any other is reported when it is opened.
 */
void ownership_report(struct store *s, const char *path);

#endif
