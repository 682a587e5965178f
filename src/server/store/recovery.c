/* SPDX-License-Identifier: ISC */
#include "store/recovery.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "os/clock.h"
#include "os/file.h"
#include "os/mount.h"
#include "os/random.h"
#include "store/account.h"
#include "store/cache.h"
#include "store/changes.h"
#include "store/deleted_accounts.h"
#include "store/fence.h"
#include "store/group.h"
#include "store/invite.h"
#include "store/lock_file.h"
#include "store/ownership.h"
#include "store/redo.h"
#include "store/redo_recovery.h"
#include "store/store_private.h"

#define SECOND_LOOK_MS    1000
#define RECOVERY_WAIT_MS  60000
#define RECOVERY_PAUSE_MS 50

static void report_death(void *ctx, const char *mailbox)
{
    const struct store *s = ctx;
    s->events.died(s->events.ctx, mailbox);
}

/* Opens one of the store's directories and makes it first if it is missing and make says so. */
static bool open_dir(struct store *s, enum layout_dir which, bool make)
{
    const char *name = layout_dirs[which];
    bool made = make && os_file_make_dir(s->dir, name);
    if (make && !made && errno != EEXIST)
        return false;
    if (which == LAYOUT_USERS)
        s->is_new = made;
    s->dirs[which] = os_file_open_subdir(s->dir, name);
    return s->dirs[which] >= 0;
}

#define PART(name)                                                                           \
    {                                                                                        \
        name "/ cannot be made or opened",                                                   \
            name "/ is on another file system than new/; a store must be on one file system" \
    }

static const struct {
    const char *closed, *apart;
} part_texts[LAYOUT_DIRS] = {[LAYOUT_USERS] = PART("users"),
                             [LAYOUT_NEW] = PART("new"),
                             [LAYOUT_REMOVED] = PART("removed"),
                             [LAYOUT_INVITES] = PART("invites")};

static bool open_dirs(struct store *s, const char *path, bool make_all, const char **why)
{
    *why = "the directory cannot be made";
    if (make_all && !os_file_make_dir(OS_FILE_CWD, path) && errno != EEXIST)
        return false;
    *why = "the directory cannot be opened";
    s->dir = os_file_open_dir(path);
    if (s->dir < 0)
        return false;
    if (!lock_file_check_version(s->dir, why))
        return false;
    for (enum layout_dir which = 0; which < LAYOUT_DIRS; which++) {
        /* Stores from before there were invites lack their directory. */
        bool make = make_all || which == LAYOUT_INVITES;
        if (open_dir(s, which, make))
            continue;
        *why = !make && errno == ENOENT ? "not a Pochta store" : part_texts[which].closed;
        return false;
    }
    changes_make(s);
    enum layout_dir apart = layout_apart(s->dirs);
    if (apart == LAYOUT_DIRS)
        return true;
    *why = errno == EXDEV ? part_texts[apart].apart : part_texts[apart].closed;
    if (errno == EXDEV)
        errno = 0;
    return false;
}

/*
 * A tool may be about to give the account its name. Once the account has this other name it cannot,
 * so it never moves a partly removed account into users/.
 */
static bool discard_account(void *ctx, const char *name)
{
    struct store *s = ctx;
    char removing[LAYOUT_NAME_BYTES + 1];
    int new = s->dirs[LAYOUT_NEW];
    if (name[0] == LAYOUT_REMOVING[0]) {
        account_discard(s, name);
        return true;
    }
    snprintf(removing, sizeof removing, LAYOUT_REMOVING "%s", name);
    if (os_file_rename_new(new, name, new, removing))
        account_discard(s, removing);
    else if (errno != ENOENT)
        store_failed(s, "rename", "new/%s", name);
    return true;
}

/*
 * The log comes first: until then, nobody knows what a mailbox has. A store can do without one, as
 * when it is an older one, and its disk is full.
 */
static bool recover_log(struct store *s, const char **why)
{
    if (!os_file_make_dir(s->dir, LAYOUT_LOG) && errno != EEXIST)
        store_failed(s, "make", LAYOUT_LOG);
    s->log_dir = os_file_open_subdir(s->dir, LAYOUT_LOG);
    s->block_bytes = s->log_dir >= 0 ? os_mount_block_bytes(s->log_dir) : 0;
    if (s->log_dir < 0 && errno != ENOENT) {
        store_failed(s, "open", LAYOUT_LOG);
        store_fail(s, "nobody knows what is in its delivery log");
    } else if (redo_is_left(s->dir)) {
        int shown = lock_file_begin_recovery(s->dir, 0); /* a tool may have shown it already */
        redo_recover(s);
        os_file_close(shown);
    } else if (locks_is_logged(s->locks)) {
        store_trouble(s,
                      "the delivery log is missing: messages that were accepted shortly before the "
                      "last stop may be lost");
    }
    *why = "its file \"version\" cannot be written";
    return locks_set_logged(s->locks, redo_is_left(s->dir));
}

/*
 * Each change that a crash interrupts is one rename away from having happened or not. What was
 * renamed but not synced is made durable before anyone can see it.
 *
 * The kernel reports an error of writing once more to the next who asks if no syncfs has reported
 * it yet. An error from before this start says nothing about what a recovery writes, and what it is
 * about is still in the log if it was answered Yes. So the first sync takes that report away.
 */
static bool recover(struct store *s, const char **why)
{
    os_file_sync_all(s->dir);
    if (!recover_log(s, why))
        return false;
    os_file_each(s->dirs[LAYOUT_NEW], discard_account, s);
    invite_remove_unfinished(s);
    group_remove_unfinished(s);
    *why = "the file system cannot be synced";
    return os_file_sync_all(s->dir);
}

/*
 * Takes the locks. If wait says so, a recovery of the log is waited for: that of a tool ends by
 * itself. It may have ended just after the locks were refused, so they are tried once more.
 */
static bool take_locks(struct store *s, bool wait, const char **why)
{
    int64_t until_ms = os_clock_ms() + RECOVERY_WAIT_MS;
    bool again = wait;
    for (;;) {
        s->locks = locks_open(s->dir, s->server, report_death, s, why);
        if (s->locks || !again || os_clock_ms() > until_ms)
            return s->locks;
        again = lock_file_is_recovered(s->dir);
        os_clock_sleep(RECOVERY_PAUSE_MS);
    }
}

/* Why a store is opened. All but a tool that uses it like any other are servers. */
enum purpose { FOR_TOOL, FOR_START, FOR_TAKE_OVER, FOR_RECOVERY_BY_TOOL };

static struct store *open_store(const char *path, enum purpose purpose, struct store_events events,
                                const char **why)
{
    struct store *s = calloc(1, sizeof *s);

    *why = "out of memory";
    if (!s)
        return NULL;
    s->dir = s->log_dir = -1;
    s->log_since = INT64_MAX;
    s->server = purpose != FOR_TOOL;
    s->events = events;
    s->second_look_ms = SECOND_LOOK_MS;
    pthread_mutex_init(&s->age_mutex, NULL);
    age_begin(&s->age, os_clock_now(), os_clock_uptime());
    os_random_hex(s->process, STORE_PROCESS_DIGITS);
    for (enum layout_dir which = 0; which < LAYOUT_DIRS; which++) {
        s->dirs[which] = -1;
        commit_init(&s->commits[which]);
    }
    commit_init(&s->group_commit);
    for (unsigned i = 0; i < LOCK_STRIPES; i++)
        s->epochs[i] = 1;
    s->cache = cache_new();
    s->deleted = deleted_accounts_new();
    bool make_all = purpose == FOR_START || purpose == FOR_RECOVERY_BY_TOOL;
    if (!s->cache || !s->deleted || !open_dirs(s, path, make_all, why))
        goto fail;
    if (s->server)
        ownership_report(s, path);
    s->shared = os_mount_is_shared(s->dir);
    if (!take_locks(s, purpose == FOR_START, why))
        goto fail;
    if (s->server && s->shared)
        os_clock_sleep(FENCE_OLD_MS);
    *why = "its directory changes/ cannot be used";
    if (!changes_open(s) || (s->server && !recover(s, why)))
        goto fail;
    return s;

fail:
    store_close(s);
    return NULL;
}

static bool must_recover(int dir)
{
    struct lock_file_look look;
    lock_file_look(dir, &look);
    return !look.served && redo_is_left(dir);
}

/*
 * A tool that finds a log which no server recovers does so first, as a server does. If that fails,
 * it may still look at the rest. It waits for the recovery of another process: until then, nobody
 * knows what a mailbox has.
 */
static void recover_for_tool(const char *path, struct store_events events)
{
    const char *why;
    int dir = os_file_open_dir(path);
    if (must_recover(dir) || lock_file_is_recovered(dir)) {
        int recovery = lock_file_begin_recovery(dir, RECOVERY_WAIT_MS);
        if (must_recover(dir))
            store_close(open_store(path, FOR_RECOVERY_BY_TOOL, events, &why));
        os_file_close(recovery);
    }
    os_file_close(dir);
}

struct store *store_open(const char *path, bool server, struct store_events events,
                         const char **why)
{
    if (!server)
        recover_for_tool(path, events);
    return open_store(path, server ? FOR_START : FOR_TOOL, events, why);
}

struct store *store_take_over(const char *path, struct store_events events, const char **why)
{
    return open_store(path, FOR_TAKE_OVER, events, why);
}

bool store_is_free(const char *path, bool *served)
{
    int dir = os_file_reach_dir(path);
    *served = dir >= 0 && lock_file_is_served(dir);
    bool there = dir >= 0 && !*served && os_file_exists(dir, layout_dirs[LAYOUT_USERS]);
    int error = errno;
    os_file_close(dir);
    errno = error;
    return there;
}

const char *store_why_no_log(int store_dir)
{
    const char *why = NULL;
    int log = os_file_open_subdir(store_dir, LAYOUT_LOG);
    int users = os_file_open_subdir(store_dir, layout_dirs[LAYOUT_USERS]);
    if (!os_mount_reports_sync(store_dir))
        why =
            "on this file system, or before Linux 5.17, nothing says whether all could be written";
    else if (log >= 0 && users >= 0 && !os_mount_is_one(log, users))
        why = errno == EXDEV ? "log/ is on another file system"
                             : "nothing says whether log/ is on the same file system";
    os_file_close(log);
    os_file_close(users);
    errno = 0;
    return why;
}

bool store_start_log(struct store *s, uint64_t bytes, const char **why)
{
    *why = "log-size is 0";
    errno = 0;
    if (bytes == 0)
        return false;
    *why = "the log of an earlier start is still needed";
    if (s->failed)
        return false;
    *why = s->log_dir < 0 ? "there is no directory log/" : store_why_no_log(s->dir);
    if (*why)
        return false;
    *why = "its file \"version\" cannot be written";
    if (!locks_set_logged(s->locks, true))
        return false;
    s->redo = redo_open(s, s->log_dir, bytes, why);
    int error = errno;
    if (!s->redo)
        locks_set_logged(s->locks, redo_is_left(s->dir));
    errno = error;
    return s->redo;
}

/* A log that is not empty is left to the next start. */
static void end_log(struct store *s)
{
    if (s->redo && redo_close(s->redo) && !redo_is_left(s->dir))
        locks_set_logged(s->locks, false);
    s->redo = NULL;
}

void store_close(struct store *s)
{
    int error = errno;
    if (!s)
        return;
    end_log(s);
    cache_free(s->cache);
    deleted_accounts_free(s->deleted);
    if (s->server && s->changes && locks_end_use(s->locks))
        changes_end(s);
    changes_close(s);
    fence_stop(s);
    locks_close(s->locks);
    store_free_shut(s);
    os_file_close(s->log_dir);
    for (enum layout_dir which = 0; which < LAYOUT_DIRS; which++) {
        commit_destroy(&s->commits[which]);
        os_file_close(s->dirs[which]);
    }
    commit_destroy(&s->group_commit);
    os_file_close(s->dir);
    pthread_mutex_destroy(&s->age_mutex);
    free(s);
    errno = error;
}
