/* SPDX-License-Identifier: ISC */
/*
 * store_private: the parts of a store that its modules share. Only this room includes it.
 */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "proto/status.h"
#include "store/age.h"
#include "store/commit.h"
#include "store/layout.h"
#include "store/lock.h"
#include "store/store.h"

#define STORE_PROCESS_DIGITS 16

struct cache;
struct changes;
struct deleted_accounts;
struct fence;
struct redo;
struct shut;

struct store {
    int dir;
    int dirs[LAYOUT_DIRS];
    struct commit commits[LAYOUT_DIRS]; /* of dirs */
    struct commit group_commit;         /* of groups/, which is opened when it is needed */
    struct locks *locks;
    struct fence *fence; /* NULL: none */
    struct cache *cache;
    struct deleted_accounts *deleted;   /* what is known of them */
    struct changes *changes;            /* NULL: there are no notes (changes.h) */
    atomic_ullong epochs[LOCK_STRIPES]; /* each grows under its stripe's lock (mailbox_private.h) */
    struct store_events events;
    struct store_limits limits;
    bool server;
    bool checks; /* a tool that shows no mail, and syncs what it uses itself (fsck.h, backup.h) */
    bool is_new;
    bool shared;     /* with other hosts, see os_mount_is_shared */
    bool locks_lost; /* known to store_keep alone */

    /* The delivery log (redo.h). */
    int log_dir;        /* -1: there is none */
    size_t block_bytes; /* see os_mount_block_bytes; a confined process cannot ask any more */
    struct redo *redo;  /* NULL: deliveries do without */
    int64_t log_since;  /* the earliest date of what a recovery had to leave in the log */
    struct shut
        *shut; /* accounts whose messages are still in it; does not change after the start */
    atomic_bool failed; /* the log failed: nothing in the store is changed any more */

    unsigned second_look_ms;   /* how long a reader waits before it looks again (reader.h) */
    pthread_mutex_t age_mutex; /* leaf lock: guards age */
    struct age age;
    char process[STORE_PROCESS_DIGITS + 1]; /* random; part of the names of our temporaries */
    atomic_ullong temporaries;              /* how many we have named */
};

/*
 * Opens the directory of an account in one of the store's directories. EPERM: it belongs to another
 * user, who could have put anything there, so nothing in it is used; this is reported.
 */
int store_open_inside(struct store *s, enum layout_dir which, const char *name);

/* Makes the name of a temporary of this process. */
void store_temporary(struct store *s, char out[LAYOUT_NAME_BYTES]);

/*
 * Calls each(ctx, name) for every name in one of the store's directories, in no particular order,
 * until it returns false. False: the directory cannot be read, which is reported.
 */
bool store_each(struct store *s, enum layout_dir which, bool (*each)(void *ctx, const char *name),
                void *ctx);

/*
 * Syncs one of the store's directories; see commit_sync. A failure is logged. False also if the
 * server has lost the store (fence_proves).
 */
bool store_sync(struct store *s, enum layout_dir which);

/* Syncs the store's own directory. A failure is logged, and ends nothing else. */
enum status store_sync_top(struct store *s);

/* Whether this directory is read-only, because a sync of it, or of the delivery log, has failed. */
bool store_is_read_only(struct store *s, enum layout_dir which);

/* Makes the whole store read-only until it is opened again, and reports why. */
void store_fail(struct store *s, const char *why);

/* Whether the store was made read-only. */
bool store_is_failed(const struct store *s);

/* Whether messages may be in the delivery log that no mailbox has, and nobody will know before the
 * next start. */
bool store_has_unknown(const struct store *s);

/*
 * During a recovery: makes an account one that cannot be opened, because messages of it are still
 * in the log. False: out of memory (errno). store_is_shut says whether it is.
 */
bool store_shut(struct store *s, const char *name);
bool store_is_shut(const struct store *s, const char *name);
void store_free_shut(struct store *s);

/*
 * Whether the file system has room for this many bytes beyond the reserve: ST_OK, ST_DISK_FULL, or
 * ST_IO if that cannot be told.
 */
enum status store_check_space(struct store *s, uint64_t bytes);

/*
 * Whether something of that time (seconds since 1970) is older than keep_s seconds, so that it may
 * be destroyed. False also while the clock cannot be trusted with that (age.h). Reports a clock
 * that was set.
 */
bool store_is_older(struct store *s, int64_t time, uint64_t keep_s);

/* Whether the clock can be trusted with that at all. */
bool store_is_clock_known(struct store *s);

/* Reports that something is gone for good, see store_events. */
void store_tell_purged(struct store *s, const char *what, const char *user, uint64_t n);

/* Whether this error is a lack of memory or of descriptors, and not about a file. */
bool store_is_shortage(int error);

/*
 * After a system call failed with errno: reports "cannot OPERATION PATH: the error's words", and
 * returns the status if nothing was changed. The path is relative to the store. There is no other
 * way from an errno to a status, so that no failure is left unreported. Preserves errno.
 */
enum status store_failed(struct store *s, const char *operation, const char *path, ...)
    __attribute__((format(printf, 3, 4)));

/* Reports damage, or anything else that is not the failure of a system call: one line of text,
 * without a newline. */
void store_trouble(struct store *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
