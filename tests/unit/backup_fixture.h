/* SPDX-License-Identifier: ISC */
/*
 * backup_fixture: a store with ann, who has three letters, and bob, who has one; a directory for
 * backups beside it; and what is told of them. Comes after store_faults.h.
 */
#ifndef BACKUP_FIXTURE_H
#define BACKUP_FIXTURE_H

#include "store/backup.h"
#include "store/changes.h"
#include "store/fsck.h"
#include "store/mailbox_private.h"
#include "store/restore.h"
#include "store_fixture.h"

static struct fixture f;
static struct store *s;
static struct mailbox *mb;     /* of ann */
static int ann_dir, place;     /* her directory; that for backups */
static char place_path[300];   /* beside the store, on the same file system */
static char findings[1 << 14]; /* a line each; no memory is taken for them */

static inline void backup_note(void *ctx, const char *account, const char *file, const char *what)
{
    size_t n = strlen(findings);

    (void)ctx;
    snprintf(findings + n, sizeof findings - n, "%s/%s: %s\n", account, file ? file : "", what);
}

static inline void backup_begin(void)
{
    fixture_begin(&f);
    snprintf(place_path, sizeof place_path, "%.200s.backups", f.path);
    if (!os_file_make_dir(OS_FILE_CWD, place_path))
        exit(1);
    place = os_file_open_dir(place_path);
    s = fixture_open(&f, true);
    if (account_register(s, "ann", "hash") != ST_OK || account_register(s, "bob", "hash") != ST_OK)
        exit(1);
    struct who who = {.name = "ann"};
    if (mailbox_open(s, &who, &mb) != ST_OK)
        exit(1);
    ann_dir = fixture_directory(&f, "ann");
    fixture_deliver(mb, "bob", "one");
    fixture_deliver(mb, "bob", "two");
    fixture_deliver(mb, "bob", "three");
}

static inline void backup_end(void)
{
    mailbox_close(mb);
    mb = NULL;
    store_close(s);
    os_file_close(ann_dir);
    os_file_close(place);
    os_file_remove_tree(OS_FILE_CWD, place_path);
    fixture_end(&f);
}

/* Looks at all accounts, as if the notes of changes did not count, unless they are wanted. */
static inline enum status backup_make(struct backup *b)
{
    findings[0] = '\0';
    *b = (struct backup){
        .store = s, .dir = place, .path = "backups", .told = {.finding = backup_note}};
    return backup_run(b);
}

static inline struct restore backup_restore(struct store *to, const char *at)
{
    findings[0] = '\0';
    return (struct restore){
        .store = to, .dir = place, .path = "backups", .at = at, .told = {.finding = backup_note}};
}

/* The directory of ann in the backup of this date. -1: there is none. */
static inline int backup_copy_of_ann(const char *date)
{
    char path[700];

    snprintf(path, sizeof path, "%s/accounts/ann-%s/%s", place_path, mb->who.generation, date);
    return os_file_open_dir(path);
}

static inline bool backup_name(int dir, const char *start, char name[MESSAGE_FILE_NAME_BYTES])
{
    return dir >= 0 && fixture_file(dir, start, name);
}

#endif
