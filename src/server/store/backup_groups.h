/* SPDX-License-Identifier: ISC */
/*
 * backup_groups: the groups of a store in a backup: one file beside its list, if there are any.
 * What is read is not trusted. Only this room includes this header. For one thread.
 *
 *     DIR/2026-11-30T02:45:24Z.groups
 *
 *     pochta-groups 1
 *     group staff 67
 *     pochta-group 1
 *     ...                       the 67 bytes of the file groups/staff
 *     complete 1 0a1b2c3d       how many groups, and the CRC-32C of all lines before it
 */
#ifndef STORE_BACKUP_GROUPS_H
#define STORE_BACKUP_GROUPS_H

#include "store/account_copy.h"
#include "store/backup_place.h"

/*
 * Writes all groups of the store; *written: how many. The file is durable after the next sync of
 * the directory of backups. A group that cannot be read is a finding, and left out. Every status
 * but ST_OK is logged.
 */
enum status backup_groups_write(struct backup_place *p, int64_t date,
                                struct account_copy_told *told, uint64_t *written);

/*
 * Restores the groups of a backup that the store lacks; *restored: how many. A group that cannot be
 * restored is a finding, and so is a damaged file, of which nothing is used. Also returns ST_OK if
 * the backup has no groups. Other statuses: a failure of the store, which is logged.
 */
enum status backup_groups_restore(struct backup_place *p, int64_t date,
                                  struct account_copy_told *told, uint64_t *restored);

#endif
