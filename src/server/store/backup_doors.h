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
 * Writes the copy, and syncs it and its name. If the store's file is missing, damaged or cannot be
 * read, copies the file of the earlier backup, whose date is last (-1: no earlier backup). A file
 * that is damaged or cannot be read is a finding. Every status but ST_OK is logged.
 */
enum status backup_doors_write(struct backup_place *p, int64_t date, int64_t last,
                               struct account_copy_told *told);

/*
 * To be called before any account is restored. Gives the store the file of a backup if the store
 * has no file, or no accounts that need its key. Any other store keeps its own file. Findings: the
 * store keeps another key; the copy cannot be used; a file was replaced while a server may use it.
 * Also returns ST_OK if the backup has no file. Other statuses: a failure of the store, which is
 * logged.
 */
enum status backup_doors_restore(struct backup_place *p, int64_t date,
                                 struct account_copy_told *told);

#endif
