/* SPDX-License-Identifier: ISC */
/*
 * group_place: the directory groups/ of a store, and which names are taken by groups (group.h).
 * Safe for threads.
 */
#ifndef STORE_GROUP_PLACE_H
#define STORE_GROUP_PLACE_H

#include "proto/status.h"
#include "store/store.h"

/*
 * Opens the directory, which the caller closes. ST_OK with *dir -1: the store never had a group.
 * Any other status: it cannot be opened, which is reported; *dir is -1.
 */
enum status group_place_open(struct store *s, int *dir);

/*
 * Whether a name, which must have passed name_fold, is free. ST_OK: no group has it.
 * ST_USER_EXISTS: a group has it, even if its file is damaged. Any other status: an error.
 */
enum status group_place_check_free(struct store *s, const char *name);

#endif
