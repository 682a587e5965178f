/* SPDX-License-Identifier: ISC */
/*
 * changes_known: the files of the notes of changes (changes.h): their names, and the file "known",
 * which says whether the notes count. Knows nothing of an open store. Functions that return false
 * set errno. Safe for threads, but no two may write one file at a time.
 */
#ifndef STORE_CHANGES_KNOWN_H
#define STORE_CHANGES_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "os/clock.h"

#define CHANGES_KNOWN      "known"
#define CHANGES_NO_BOOT    "none"
#define CHANGES_HOUR_S     3600
#define CHANGES_NAME_BYTES 24 /* of an hour's file, with its NUL */

/* What is noted: all changes, those for the housekeeper, or those for a list of accounts. */
enum changes_kind { CHANGES_ALL, CHANGES_OF_TRASH, CHANGES_OF_ACCOUNTS, CHANGES_KINDS };

/* What the file "known" says. */
struct changes_known {
    int64_t since;  /* the notes are complete from this time on */
    uint64_t store; /* see changes_known_hash */
    bool clean;     /* false: they are so only until the next boot */
    char
        boot[OS_CLOCK_BOOT_BYTES]; /* if not clean: after which; "none": the system does not tell */
};

/* The hours of the files, as numbers since 1970. */
int64_t changes_hour(int64_t time);
void changes_hour_name(enum changes_kind kind, int64_t hour, char name[CHANGES_NAME_BYTES]);
bool changes_parse_hour(const char *name, enum changes_kind *kind, int64_t *hour);

/* The hour of the last file in an open changes/, or 0. */
bool changes_last_hour(int dir, int64_t *hour);

/*
 * Begins an hour later than any that there is, so that no time that somebody has kept
 * (changes_mark) is as late as *since: from then on the notes are complete. No earlier file may be
 * removed before.
 */
bool changes_known_since(int dir, int64_t *since);

/*
 * A hash of the keys in a store's lock file and of the inode of its changes/, which is open: it
 * distinguishes a store from others, and from itself with other keys. It does not reveal the keys.
 */
bool changes_known_hash(int dir, const char *keys, uint64_t *hash);

/* Reads "known". ENOENT: there is no such file; EINVAL: it is damaged. */
bool changes_known_load(int dir, struct changes_known *k);

/* Writes it, and syncs the file if synced is true. */
bool changes_known_write(int dir, const struct changes_known *k, bool synced);

/* Removes it from a store. True: no process can read one there. */
bool changes_known_remove(int store_dir);

/*
 * For a process that has just drawn keys while it alone can open the store: decides whether the
 * notes count. before: the keys that the lock file had, or NULL. False: that cannot be made
 * durable, and the store must not be used.
 */
bool changes_known_begin(int store_dir, const char *before, const char *keys);

#endif
