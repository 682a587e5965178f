/* SPDX-License-Identifier: ISC */
/*
 * mailbox_private: a mailbox as the modules of this room see it: its lock, its index, and the one
 * change that can be made to a message's file, a rename. Only this room includes it.
 */
#ifndef STORE_MAILBOX_PRIVATE_H
#define STORE_MAILBOX_PRIVATE_H

#include <stdatomic.h>

#include "store/account_file.h"
#include "store/commit.h"
#include "store/mailbox.h"
#include "store/under_way.h"

struct mailbox {
    struct store *store;
    unsigned stripe;
    struct commit commit; /* of the directory; a failed one makes the mailbox read-only */
    struct under_way under_way;

    /* Guarded by the cache's mutex, see cache.c. */
    struct mailbox *next;
    unsigned refs;
    struct idle *idle; /* the list that it is in while there are no references, or NULL */
    struct mailbox *older, *newer;
    size_t idle_bytes;     /* of the index, at the end of the last use */
    int64_t idle_since_ms; /* when that was; 0: it has never been idle */
    bool cached;           /* false: freed with its last reference */

    /* Guarded by the stripe's lock. who never changes once its generation is set. */
    struct who who;
    struct index *index;
    size_t settled;                       /* every position below it is durable, or never will be */
    struct index *fresh;                  /* read, but not yet durable and not used; or NULL */
    uint64_t fresh_epoch;                 /* as epoch, of that reading */
    uint64_t readings;                    /* how often the directory was read */
    uint64_t quota_bytes, quota_messages; /* the account's */
    uint64_t warnings;                    /* likewise, see quota_warning.h */

    atomic_int dir;          /* its directory; -1: closed, which a mailbox in use is not */
    atomic_bool dead;        /* the account is gone; set under the lock, and never cleared */
    atomic_bool unswept;     /* the index was read since it was swept last (trash.h) */
    atomic_bool hides;       /* a message is hidden, or was */
    atomic_bool doubtful;    /* the index may be wrong and must be read again */
    atomic_ullong epoch;     /* of the stripe when the index was read: out of date if they differ.
                                0: there is no index, or a newer reading is about to replace it */
    atomic_bool anchored;    /* users/ was synced after the account was looked for */
    atomic_bool warned;      /* the account's; set under the lock */
    atomic_bool warning_due; /* a delivery has brought the mailbox near to its quota */
    atomic_uint snapshots;   /* how many may need deleted messages' bodies; grows under the lock */
    atomic_llong noted, noted_trash; /* for changes_note, and for changes_note_trash */
    atomic_uint purges;              /* how many are under way (trash.h); grows under the lock */
};

/* A mailbox whose directory is read when it is first locked. NULL: out of memory. */
struct mailbox *mailbox_new(struct store *s, const char *name);
void mailbox_free(struct mailbox *mb);

/*
 * Takes the lock of a name: of a mailbox, without looking at its index, or of a group. lock_give
 * gives it back. It is held only on ST_OK; failures are logged.
 */
enum status mailbox_take_stripe(struct store *s, unsigned stripe, const char *name);

/*
 * Takes the mailbox's lock and makes sure that the index is up to date; if it was not, this waits
 * for a sync. Only on ST_OK the lock is held. ST_NO_USER: the account is gone. Any other status:
 * why the mailbox cannot be read.
 */
enum status mailbox_lock(struct mailbox *mb);

/* Like mailbox_lock, but also succeeds if the account is gone: for an answer that has begun. */
enum status mailbox_lock_to_finish(struct mailbox *mb);

void mailbox_unlock(struct mailbox *mb);

/*
 * Whether the index is up to date, as far as that can be told without the lock: no other process
 * has held the lock since the index was read.
 */
bool mailbox_is_current(struct mailbox *mb);

/*
 * With the lock held, as a part of taking it: reads the names in the directory into mb->fresh. A
 * server removes what others left there. If two files have one id, it gives the second one another
 * id, or sets it aside if it is a repeat (docs/store.md, "Late writes"); the caller syncs. Failures
 * are logged here.
 */
enum status mailbox_read_names(struct mailbox *mb);

/* With the lock held: opens the mailbox's directory if the cache has closed it. */
enum status mailbox_reopen(struct mailbox *mb);

/* Whether nothing in the mailbox may be changed: a sync of it, or of the delivery log, has failed.
 */
bool mailbox_is_read_only(struct mailbox *mb);

/*
 * Without the lock: a temporary in the mailbox's directory could not be made or opened (errno).
 * ST_NO_USER: the account was deleted meanwhile, and its directory was removed. Otherwise this is
 * reported as by store_failed.
 */
enum status mailbox_temporary_failed(struct mailbox *mb, const char *operation, const char *name);

/*
 * Waits until all renames in the mailbox's directory that came before this call are durable.
 * Nothing may be answered Yes before that. ST_UNKNOWN: the sync failed, and the mailbox is
 * read-only from now on; the log says so with after, such as " after a deletion". To be called
 * without the lock: others would wait for the disk.
 */
enum status mailbox_sync(struct mailbox *mb, const char *after);

/*
 * Gives a message's file, or the temporary of a delivery, the name that the message has from now
 * on. False: errno.
 *
 * File systems that hosts share have no rename that refuses to replace a file. So
 * os_file_rename_new makes a link and then removes the old name; if that fails, it removes the new
 * one. From a host that was cut off or paused, these calls may arrive late: after another server
 * has announced the message under its new name, or has given it the old name again. The message
 * would be lost. Therefore one call does everything there. It can only replace the same message.
 *
 * If an NFS server loses power after a rename and before its answer, the client sends the call
 * again and gets the answer that there is no such file. Then the new name exists, and the rename
 * has succeeded.
 */
bool mailbox_rename(const struct mailbox *mb, const char *from, const char *to);

/*
 * With the lock held: renames the file of m so that its name says as. The index is not changed.
 * False: errno; EEXIST if as is broken and there is a file of that name, which is never replaced.
 */
bool mailbox_rename_message(struct mailbox *mb, const struct mail *m, const struct mail *as);

/*
 * With the lock held: renames the file of the message at a position so that it says another state,
 * and changes the index. ST_NO_MESSAGE: the file is gone. Failures are logged here.
 */
enum status mailbox_change_state(struct mailbox *mb, size_t position, enum mail_state state);

/*
 * Sets a damaged message aside, and logs why; inode: of the file that was found damaged, or 0
 * if it could not be asked for. Takes the lock. False: that cannot be done, or the message has
 * another file by now, since a checkpoint has written it again; both are logged, too.
 */
bool mailbox_set_aside(struct mailbox *mb, uint32_t id, uint64_t inode, const char *why);

/*
 * Leaves a message out of all lists because its file cannot be read, or shows it again. Nothing is
 * changed on disk, and once the directory is read again the message is shown. Takes the lock.
 */
void mailbox_hide(struct mailbox *mb, uint32_t id, bool hidden);

/* With the lock held: shows all hidden messages again, to see whether they can be read by now. */
void mailbox_show_hidden(struct mailbox *mb);

/* With the lock held: sets the account's own quotas, and how it was warned of them. */
void mailbox_set_quota(struct mailbox *mb, const struct account *a);

/* With the lock held: the quotas that apply, the store's where the account has none of its own. */
struct mailbox_quota mailbox_quota(const struct mailbox *mb);

#endif
