/* SPDX-License-Identifier: ISC */
/*
 * backup_place: the files of a directory of backups, as backup.h and restore.h share them. Its
 * contents are not trusted. Only this room includes this header. For one thread.
 */
#ifndef STORE_BACKUP_PLACE_H
#define STORE_BACKUP_PLACE_H

#include "proto/status.h"
#include "store/backup_list.h"
#include "store/layout.h"

struct backup_place {
    struct store *store; /* for its log alone */
    int dir;             /* the caller closes it */
    const char *path;
    int lock;                               /* of "pochta-backup" */
    int accounts;                           /* the directory with the copies */
    char store_id[BACKUP_STORE_DIGITS + 1]; /* whose backups these are */
    int64_t *dates, *unfinished;            /* of the lists, in order */
    size_t n_dates, n_unfinished;
    size_t cap_dates, cap_unfinished;
    bool failed; /* out of memory, while names are collected */
};

/*
 * Begins to use a directory of backups, which its caller has opened. id: that of the store, to
 * write backups of it, or NULL to read. On any status the caller calls backup_place_close.
 * ST_USER_EXISTS: the directory is something else, or has backups of another store. ST_BUSY:
 * another process writes there. Every status but ST_OK is logged.
 */
enum status backup_place_open(struct backup_place *p, const char *id);
void backup_place_close(struct backup_place *p);

/* The accounts of some lists, in the order of their names, one entry for each name. */
struct backup_table {
    struct backup_entry *all;
    size_t n, cap;
};

/* The name of a list. */
void backup_place_name(int64_t date, bool unfinished, char out[LAYOUT_NAME_BYTES]);

/* The name of the file with the groups of a backup (backup_groups.h). */
void backup_place_groups(int64_t date, char out[LAYOUT_NAME_BYTES]);

/* The name of the file with the doors of a backup (backup_doors.h). */
void backup_place_doors(int64_t date, char out[LAYOUT_NAME_BYTES]);

/*
 * Adds the accounts of a list to a table, with source as a mark of the list, and sets *since. Of an
 * unfinished list, the complete lines are used. ST_DAMAGED: the list is not complete; nothing was
 * added. Every status but ST_OK is logged. backup_table_sort comes afterwards.
 */
enum status backup_place_load(struct backup_place *p, int64_t date, bool unfinished,
                              uint16_t source, struct backup_table *t, int64_t *since);

/* Sorts a table. Of several entries with one name, the one from the highest source stays. */
void backup_table_sort(struct backup_table *t);
struct backup_entry *backup_table_find(const struct backup_table *t, const char *name);
void backup_table_free(struct backup_table *t);

/* The name of an account's directory in accounts/. */
void backup_place_account(const struct backup_entry *e, char out[LAYOUT_NAME_BYTES]);

/* Opens the directory with an account's files. -1: errno. */
int backup_place_open_copy(const struct backup_place *p, const struct backup_entry *e);

/*
 * Removes that directory, and the one above it if that is then empty. ST_OK also if it does not
 * exist.
 */
enum status backup_place_remove_copy(struct backup_place *p, const struct backup_entry *e);

/*
 * Sets listed in those entries of a table whose copies are also in a complete list that is later
 * than this date and was there at backup_place_open. A damaged one does not count.
 */
enum status backup_place_mark_used(struct backup_place *p, int64_t date, struct backup_table *t);

/* Removes a list, and the groups and doors of the same date. On ST_OK the removal is durable. */
enum status backup_place_remove_list(struct backup_place *p, int64_t date, bool unfinished);

#endif
