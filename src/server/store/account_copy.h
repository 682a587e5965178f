/* SPDX-License-Identifier: ISC */
/*
 * account_copy: copies an account's directory out of the store, beside a server. Its names are read
 * under the mailbox's lock: so the copy has each message that was answered Yes before
 * account_copy_begin. The mailbox is also synced, so that the copy has no id that a power cut could
 * give to another message; in a store with `checks` (store_private.h), the caller syncs the whole
 * store instead, before the copy counts (backup.c). The files are copied without the lock; one that
 * is renamed meanwhile is found again. Files that an earlier copy has are hard links to it. For one
 * thread.
 *
 * A copy has the account's file and its messages, but no invite and no temporaries. For an expunged
 * message it has an empty file.
 */
#ifndef STORE_ACCOUNT_COPY_H
#define STORE_ACCOUNT_COPY_H

#include "base/buf.h"
#include "proto/status.h"
#include "store/message_file.h"
#include "store/store.h"

/*
 * Before anything is copied: ST_READ_ONLY, which is logged, if messages that were answered Yes may
 * be in the delivery log alone, because a recovery of it could not finish. Waits for one under way.
 */
enum status account_copy_check_log(struct store *s);

/* How a copy reports. file is NULL in findings about the account as a whole. */
struct account_copy_told {
    void (*finding)(void *ctx, const char *account, const char *file, const char *what);
    void (*progress)(void *ctx); /* after each message; may be NULL */
    void *ctx;
    /* Counted by the functions below. */
    uint64_t copied, linked, bytes, findings;
};

/* Reports a finding, and counts it. */
void account_copy_tell(struct account_copy_told *t, const char *account, const char *file,
                       const char *what);

/*
 * The status for a copy, or a file in it, that cannot be opened or read because of this errno:
 * ST_DAMAGED if it is missing or not a directory or file, otherwise ST_UNREADABLE.
 */
enum status account_copy_unread(int error);

/* The messages of a directory, sorted by id, as their names describe them. */
struct account_names {
    struct mail *all;
    size_t n, cap;
    bool failed; /* out of memory */
};

/* Adds those of a directory, which may also be a copy. ST_IO: it cannot be read (errno). */
enum status account_names_read(struct account_names *names, int dir);
void account_names_free(struct account_names *names);

struct account_copy {
    struct store *store;
    struct mailbox *mailbox;
    struct who who;
    struct buf account; /* the account's file, which has a secret */
    bool unreadable;    /* the mailbox could not be locked while it was copied */
    struct account_names names;
};

/*
 * Opens an account and reads its names. On any status the caller calls account_copy_end.
 * ST_NO_USER: there is no such account. Any other status but ST_OK is logged.
 */
enum status account_copy_begin(struct account_copy *c, struct store *s, const char *name);
void account_copy_end(struct account_copy *c);

/*
 * Whether a copy has the same messages in the same states, and the same account's file. False also
 * if that cannot be told.
 */
bool account_copy_is_same(const struct account_copy *c, int copy);

/*
 * Copies the account into an empty directory; path: that directory, for messages. earlier: the
 * directory of an earlier copy of the same generation, or -1. Where os_mount_reports_sync is true,
 * nothing is synced, and the caller calls os_file_sync_all; elsewhere each file and the directory
 * are synced here. A damaged message is reported, and does not stop the rest: if the earlier copy
 * of it is intact, so is this one; otherwise this one has what can be read of it, set aside as
 * broken. Fails, which is logged, if the copy cannot be written, for a shortage, or if the mailbox
 * cannot be locked (c->unreadable).
 */
enum status account_copy_into(struct account_copy *c, int to, const char *path, int earlier,
                              struct account_copy_told *told);

#endif
