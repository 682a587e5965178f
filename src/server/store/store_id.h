/* SPDX-License-Identifier: ISC */
/*
 * store_id: the file "id" of a store, a random number by which its backups know it. The first
 * backup makes it.
 */
#ifndef STORE_STORE_ID_H
#define STORE_STORE_ID_H

#include "proto/status.h"
#include "store/backup_list.h"
#include "store/store.h"

/* Finds the id of a store, and makes one if it has none. A failure is logged. */
enum status store_id_find(struct store *s, char id[BACKUP_STORE_DIGITS + 1]);

/*
 * Gives a store this id if it has none: its mail comes from that store's backup, and the next
 * backup goes on from there. A failure is logged.
 */
enum status store_id_adopt(struct store *s, const char *id);

#endif
