/* SPDX-License-Identifier: ISC */
/*
 * backup_list: the text file that is one backup, and the other text files of a directory of
 * backups. Pure. They are not trusted: each name that a parser accepts is safe as the name of a
 * file.
 *
 *     pochta-list 1
 *     store 0123456789abcdef0123456789abcdef
 *     since 1764470724
 *     ann 89abcdef01234567 2026-11-30T02:45:24Z
 *     bob 76543210fedcba98 2026-10-07T02:45:24Z
 *     complete 2 0a1b2c3d
 *
 * since: changes_mark of the store when the backup began. Each account has a line: its name, its
 * generation, and the name of the directory with its files. The last line has the number of
 * accounts, and the CRC-32C of all lines before it. A list without it was cut short.
 */
#ifndef STORE_BACKUP_LIST_H
#define STORE_BACKUP_LIST_H

#include "base/buf.h"
#include "base/span.h"
#include "store/store.h"

#define BACKUP_STORE_DIGITS 32
#define BACKUP_DATE_BYTES   21 /* room for a date, with its NUL */
#define BACKUP_UNFINISHED   ".unfinished"

/*
 * A date as in the name of a backup, "2026-11-30T02:45:24Z", and back. It is in UTC. The parser
 * accepts those from 1970 to 9999-12-30, the last day that os_clock_utc knows.
 */
void backup_date(int64_t seconds, char out[BACKUP_DATE_BYTES]);
bool backup_date_parse(struct span text, int64_t *seconds);

struct backup_head {
    char store[BACKUP_STORE_DIGITS + 1]; /* the id of the store (store_id.h) */
    int64_t since;
};

/* One account of a backup. */
struct backup_entry {
    char name[NAME_BYTES + 1];
    bool changed; /* these three are for the caller */
    bool listed;
    uint16_t source;
    uint64_t generation; /* of STORE_GENERATION_DIGITS digits */
    int64_t date;        /* of the directory with its files */
};

void backup_head_add(struct buf *out, const struct backup_head *h);
void backup_entry_add(struct buf *out, const struct backup_entry *e);

/* Appends the last line. checksum: of all lines before it. */
void backup_end_add(struct buf *out, uint64_t accounts, uint32_t checksum);

/* A list that is being read. */
struct backup_list {
    struct backup_head head;
    struct span rest, whole;
    uint64_t accounts; /* that were read */
};

/* Begins to read a list. False: the text is not a list. */
bool backup_list_begin(struct backup_list *l, struct span text);

/* Reads the next account. False: there is no other, or no other complete line. */
bool backup_list_next(struct backup_list *l, struct backup_entry *e);

/* After the last account: whether the list is complete. */
bool backup_list_is_complete(const struct backup_list *l);

/* The file "pochta-backup", which says that a directory has backups, and of which store. */
void backup_mark_add(struct buf *out, const char *store);
bool backup_mark_parse(struct span text, char store[BACKUP_STORE_DIGITS + 1]);

/* The same of an account that was exported: the file "pochta-export", which is written last. */
struct export_mark {
    char name[NAME_BYTES + 1];
    char generation[STORE_GENERATION_DIGITS + 1];
    uint64_t letters;
};

void export_mark_add(struct buf *out, const struct export_mark *m);
bool export_mark_parse(struct span text, struct export_mark *m);

#endif
