/* SPDX-License-Identifier: ISC */
/*
 * changes: notes which accounts have changed, so that nobody has to look at all accounts to find
 * those that did. In DIR/changes/:
 *
 *     2026113014    one file an hour, in UTC: each line is the name of an account that was about to
 *                   change in that hour. Lines may be empty, or there twice.
 *     known         since when the notes are complete, and for which state of the store
 *     forgotten     before which time there are no notes any more
 *     backup, housekeeper
 *                   when these looked last: seconds since 1970, as changes_now gave them
 *
 * A note is appended before the change can be seen, by one write, and is not synced. So it is in
 * the page cache, where it outlives the process, but not a power cut. What "known" says decides
 * whether the notes count:
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
 * hour goes on. To be rid of a file from years ahead, stop the server and remove DIR/changes.
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

/*
 * Notes that an account is about to change. hour: when this mailbox was noted last, at first 0, or
 * NULL. To be called with the mailbox's lock held, or no more than an hour before the change can be
 * seen. Never fails the change. Nothing if the store has no notes.
 */
void changes_note(struct store *s, const char *name, atomic_llong *hour);

/*
 * Calls each for every account that may have changed at or after this time (seconds since 1970),
 * perhaps several times, until it returns false. Such an account may be gone. False: which accounts
 * these are is not known, and the caller must look at all accounts.
 */
bool changes_each_since(struct store *s, int64_t since, bool (*each)(void *ctx, const char *name),
                        void *ctx);

/* Now, for a later changes_each_since. */
int64_t changes_now(struct store *s);

/* One of the times that are kept beside the notes. False: there is no such time. */
bool changes_time(struct store *s, const char *what, int64_t *time);

/* Keeps such a time. False: that failed (errno), and the time may be as before, or none. */
bool changes_set_time(struct store *s, const char *what, int64_t time);

/* In a server: forgets the notes of the hours that ended before this time. */
void changes_forget(struct store *s, int64_t before);

/* In a server, each hour: lets the notes count again from now on if they do not. */
void changes_keep(struct store *s);

/*
 * For a process that has just drawn keys while it alone can open the store: decides whether the
 * notes count. before: the keys that the lock file had, or NULL. False: that cannot be made durable
 * (errno), and the store must not be used.
 */
bool changes_begin(int store_dir, const char *before, const char *keys);

/* For recovery.c: makes changes/ if it is missing. A store can do without it. */
void changes_make(struct store *s);

/*
 * Then, with the store's locks: begins to note. False: out of memory, or changes/ cannot be opened
 * while other processes would believe what its "known" says (errno).
 */
bool changes_open(struct store *s);

/*
 * In a server, once all changes are made and no other process can open the store: lets the notes
 * count whatever happens to the machine.
 */
void changes_end(struct store *s);

/* Frees what changes_open made. */
void changes_close(struct store *s);

#endif
