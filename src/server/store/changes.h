/* SPDX-License-Identifier: ISC */
/*
 * changes: notes which accounts have changed, so that it is not necessary to look at all accounts
 * to find them. In DIR/changes/:
 *
 *     2026113014    one file an hour, in UTC: each line is the name of an account that was about to
 *                   change in that hour. Lines may be empty, or there twice.
 *     trash-2026113014
 *                   the same for those in which a message was deleted or purged: the housekeeper
 *                   removes something there when its time is over
 *     account-2026113014
 *                   the same for those that were made, deleted or restored, or got another
 *                   password, quota or state: account_list.h has to look at them again
 *     known         since when the notes are complete, and for which state of the store
 *     forgotten     before which time there are no notes any more
 *     forgotten-accounts
 *                   the same for the files account-...
 *     accounts      see account_list.h
 *     backup, housekeeper, trash, tombstones, expiry
 *                   when the last complete backup and the housekeeper's last look at all accounts
 *                   began (changes_mark), up to when it has looked at deleted messages and at
 *                   tombstones, and when it last looked for old mail: seconds since 1970
 *
 * A note is appended before the change can be seen, by one write, and is not synced. So it is in
 * the page cache, where it survives the end of the process, but not a power cut. What "known" says
 * decides whether the notes count, all of them or none:
 *
 *     the id of the machine's boot   they do, until another boot
 *     "clean"                        the last server stopped in order and has synced them
 *     the keys of the lock file      they do only if the last to draw keys (lock_file.h) is the one
 *                                    that wrote "known": an earlier version of Pochta draws keys,
 *                                    and notes nothing. The inode of changes/ goes into the same
 *                                    hash, so that a copy of a store does not believe its notes.
 *
 * A process that cannot write a note removes "known", which needs no room. A server writes it again
 * when an hour has passed without such a failure.
 *
 * The time of the notes never goes back: while the clock is before the hour of the last file, that
 * hour goes on, also in a process that has an earlier one open. To be rid of a file from years
 * ahead, stop the server and remove DIR/changes.
 *
 * Safe for threads and processes, unless said otherwise.
 */
#ifndef STORE_CHANGES_H
#define STORE_CHANGES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct store;
struct changes;

#define CHANGES_BACKUP      "backup"
#define CHANGES_HOUSEKEEPER "housekeeper"
#define CHANGES_TRASH       "trash"
#define CHANGES_TOMBSTONES  "tombstones"
#define CHANGES_EXPIRY      "expiry"

/*
 * Notes that an account is about to change. hour: when this mailbox was noted last, at first 0, or
 * NULL. To be called with the mailbox's lock held, or no more than an hour before the change can be
 * seen. Never fails the change. Does nothing if the store has no notes.
 */
void changes_note(struct store *s, const char *name, atomic_llong *hour);

/*
 * The same for a change of what a list of accounts shows: the account appears or disappears, or its
 * file changes.
 */
void changes_note_account(struct store *s, const char *name, atomic_llong *hour);

/* Notes, only for the housekeeper, a change after which it will have something to remove. */
void changes_note_trash(struct store *s, const char *name, atomic_llong *hour);

/* The same as if it had been noted at that time, or now if that time is in the future. */
void changes_note_trash_at(struct store *s, const char *name, int64_t time);

/*
 * Calls each for every account that was noted for the trash from one time to the other, perhaps
 * several times, until it returns false; and for those that were noted in the future. What is noted
 * meanwhile is left out. False: the notes cannot be read.
 */
bool changes_each_trash(struct store *s, int64_t from, int64_t until,
                        bool (*each)(void *ctx, const char *name), void *ctx);

/* Whether no note of a change since this time is missing. */
bool changes_is_complete(struct store *s, int64_t since);

/*
 * Calls each for every account that may have changed at or after this time (seconds since 1970),
 * perhaps several times, until it returns false. Such an account may be gone. False: which accounts
 * these are is not known, and the caller must look at all accounts.
 */
bool changes_each_since(struct store *s, int64_t since, bool (*each)(void *ctx, const char *name),
                        void *ctx);

/* The same for the accounts that changes_note_account has noted. */
bool changes_each_account(struct store *s, int64_t since, bool (*each)(void *ctx, const char *name),
                          void *ctx);

/*
 * Now, for a later changes_each_since or changes_each_account. Begins the present hour, and syncs
 * that: wherever the clock is set, what is noted from now on is in that hour or a later one. 0, of
 * which nothing is known: that failed.
 */
int64_t changes_mark(struct store *s);

/* Now in the time of the notes, which does not go back. Not to be kept: see changes_mark. */
int64_t changes_now(struct store *s);

/* One of the times that are kept beside the notes. False: there is no such time. */
bool changes_time(struct store *s, const char *what, int64_t *time);

/* Sets such a time. False: that failed (errno), and the time may be as before, or gone. */
bool changes_set_time(struct store *s, const char *what, int64_t time);

/* In a server: forgets the notes of the hours that ended before this time, of one kind. */
void changes_forget(struct store *s, int64_t before);
void changes_forget_accounts(struct store *s, int64_t before);
void changes_forget_trash(struct store *s, int64_t before);

/* In a server, each hour: lets the notes count again from now on if they do not. */
void changes_keep(struct store *s);

/* For recovery.c: makes changes/ if it is missing. A store can do without it. */
void changes_make(struct store *s);

/*
 * Then, with the store's locks: begins to note. False: out of memory, or changes/ cannot be opened
 * while other processes would believe what its "known" says (errno).
 */
bool changes_open(struct store *s);

/*
 * In a server, once all changes are made and no other process can open the store: lets the notes
 * count whatever happens to the machine. Call it only if the store has notes.
 */
void changes_end(struct store *s);

/* Frees what changes_open made. */
void changes_close(struct store *s);

#endif
