/* SPDX-License-Identifier: ISC */
/*
 * backup_doors: a store's file "doors" (door_key.h) in a backup: a copy beside its list, if the
 * store has the file. What is read is not trusted. Only this room includes this header. For one
 * thread.
 *
 *     DIR/2026-11-30T02:45:24Z.doors
 */
#ifndef STORE_BACKUP_DOORS_H
#define STORE_BACKUP_DOORS_H

#include "store/account_copy.h"
#include "store/backup_place.h"

/*
 * Writes the copy, and syncs it and its name. If the file is missing, damaged or cannot be read,
 * that of the backup with the date last is copied again (-1: there is no such backup); the last two
 * are findings. Every status but ST_OK is logged.
 */
enum status backup_doors_write(struct backup_place *p, int64_t date, int64_t last,
                               struct account_copy_told *told);

/*
 * Before any account is brought back: gives the store the file of a backup if it has none, or if it
 * has no accounts, so that nothing needs the key that it has. Another store keeps its own; if that
 * has another key, it is a finding. So is a copy that cannot be used, and a file that was replaced
 * while a server may use it. ST_OK also if the backup has none. Other statuses: a failure of the
 * store, which is logged.
 */
enum status backup_doors_restore(struct backup_place *p, int64_t date,
                                 struct account_copy_told *told);

#endif
