/* SPDX-License-Identifier: ISC */
#include "store/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/clock.h"
#include "os/error.h"
#include "os/file.h"
#include "os/mount.h"
#include "os/process.h"
#include "store/store_private.h"

#define PATH_BYTES    400
#define FAILURE_BYTES (PATH_BYTES + 100)

static _Thread_local char last_failure[FAILURE_BYTES];

int store_dir(const struct store *s)
{
    return s->dir;
}

bool store_is_new(const struct store *s)
{
    return s->is_new;
}

const char *store_failure(void)
{
    return last_failure;
}

void store_forget_failure(void)
{
    last_failure[0] = '\0';
}

bool store_each(struct store *s, enum layout_dir which, bool (*each)(void *ctx, const char *name),
                void *ctx)
{
    if (os_file_each(s->dirs[which], each, ctx))
        return true;
    store_failed(s, "list", "%s", layout_dirs[which]);
    return false;
}

bool store_each_user(struct store *s, bool (*each)(void *ctx, const char *name), void *ctx)
{
    return store_each(s, LAYOUT_USERS, each, ctx);
}

void store_set_limits(struct store *s, const struct store_limits *limits)
{
    struct store_limits *mine = &s->limits;
    mine->trash_s = limits->trash_s;
    mine->keep_s = limits->keep_s;
    mine->kept_bytes = limits->kept_bytes;
    mine->quota_bytes = limits->quota_bytes;
    mine->quota_messages = limits->quota_messages;
    mine->quota_warning = limits->quota_warning;
    mine->reserve_bytes = limits->reserve_bytes;
    mine->reserve_inodes = limits->reserve_inodes;
    mine->timeout_ms = limits->timeout_ms;
    mine->index_bytes = limits->index_bytes;
    mine->idle_mailboxes = limits->idle_mailboxes;
}

/* Reports a clock that was set. Returns whether it can be trusted with what is destroyed. */
static bool look_at_clock(struct store *s, int64_t now)
{
    int64_t uptime = os_clock_uptime();
    pthread_mutex_lock(&s->age_mutex);
    int64_t set = age_look(&s->age, now, uptime);
    bool known = age_is_known(&s->age, uptime);
    pthread_mutex_unlock(&s->age_mutex);
    if (set != 0 && s->events.clock_set)
        s->events.clock_set(s->events.ctx, set);
    return known;
}

void store_keep(struct store *s)
{
    enum locks_kept kept = locks_keep(s->locks);
    look_at_clock(s, os_clock_now());
    if (kept == LOCKS_MADE_AGAIN)
        store_trouble(s,
                      "the files lock or version of the store were missing or damaged: made again");
    else if (kept == LOCKS_LOST && !s->locks_lost)
        store_trouble(
            s,
            "the files lock or version of the store are missing or damaged: cannot make them: %s",
            os_error_text(errno));
    s->locks_lost = kept == LOCKS_LOST;
}

int store_open_inside(struct store *s, enum layout_dir which, const char *name)
{
    struct os_file_info info;
    int dir = os_file_open_subdir(s->dirs[which], name);
    if (dir < 0)
        return -1;
    if (os_file_look_at(dir, &info)) {
        if (info.owner == os_process_uid())
            return dir;
        store_trouble(s,
                      "%s/%.64s belongs to the user with number %u, and is not used; see "
                      "pochtactl doctor",
                      layout_dirs[which], name, info.owner);
        errno = EPERM;
    }
    os_file_close(dir);
    return -1;
}

void store_temporary(struct store *s, char out[LAYOUT_NAME_BYTES])
{
    snprintf(out, LAYOUT_NAME_BYTES, LAYOUT_TEMPORARY "%s-%llu", s->process,
             atomic_fetch_add(&s->temporaries, 1));
}

bool store_is_read_only(struct store *s, enum layout_dir which)
{
    return store_is_failed(s) || commit_failed(&s->commits[which]);
}

bool store_is_failed(const struct store *s)
{
    return atomic_load(&s->failed);
}

bool store_has_unknown(const struct store *s)
{
    return store_is_failed(s) && s->log_since == INT64_MIN;
}

struct shut {
    struct shut *next;
    char name[NAME_BYTES + 1];
};

bool store_shut(struct store *s, const char *name)
{
    struct shut *shut = malloc(sizeof *shut);
    if (!shut)
        return false;
    shut->next = s->shut;
    snprintf(shut->name, sizeof shut->name, "%s", name);
    s->shut = shut;
    return true;
}

bool store_is_shut(const struct store *s, const char *name)
{
    const struct shut *shut = s->shut;
    while (shut && strcmp(shut->name, name) != 0)
        shut = shut->next;
    return shut;
}

void store_free_shut(struct store *s)
{
    while (s->shut) {
        struct shut *next = s->shut->next;
        free(s->shut);
        s->shut = next;
    }
}

enum status store_check_space(struct store *s, uint64_t bytes)
{
    /* Read once: a reload may change them meanwhile. */
    uint64_t reserve_bytes = s->limits.reserve_bytes, reserve_inodes = s->limits.reserve_inodes;
    uint64_t free_bytes, free_inodes;
    if (reserve_bytes == 0 && reserve_inodes == 0)
        return ST_OK;
    if (!os_mount_free_space(s->dirs[LAYOUT_USERS], &free_bytes, &free_inodes))
        return store_failed(s, "find the free space of", "%s", layout_dirs[LAYOUT_USERS]);
    if (free_bytes < reserve_bytes + bytes || free_inodes < reserve_inodes)
        return ST_DISK_FULL;
    return ST_OK;
}

bool store_is_older(struct store *s, int64_t time, uint64_t keep_s)
{
    int64_t now = os_clock_now();
    return look_at_clock(s, now) && time < now - (int64_t)keep_s;
}

bool store_is_clock_known(struct store *s)
{
    return look_at_clock(s, os_clock_now());
}

void store_tell_purged(struct store *s, const char *what, const char *user, uint64_t n)
{
    if (s->events.purged)
        s->events.purged(s->events.ctx, what, user, n);
}

static enum status status_of_errno(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return ST_DISK_FULL;
    case ENOMEM:
        return ST_NO_MEMORY;
    case EMFILE:
    case ENFILE:
        return ST_NO_FILES;
    default:
        return ST_IO;
    }
}

bool store_is_shortage(int error)
{
    return error == ENOMEM || error == EMFILE || error == ENFILE;
}

enum status store_failed(struct store *s, const char *operation, const char *path, ...)
{
    int error = errno;
    char where[PATH_BYTES];
    va_list args;
    va_start(args, path);
    vsnprintf(where, sizeof where, path, args);
    va_end(args);
    snprintf(last_failure, sizeof last_failure, "cannot %s %s: %s", operation, where,
             os_error_text(error));
    store_trouble(s, "%s", last_failure);
    errno = error;
    return status_of_errno(error);
}

void store_fail(struct store *s, const char *why)
{
    atomic_store(&s->failed, true);
    store_trouble(s, "the store can only be read until the next start: %s", why);
}

void store_trouble(struct store *s, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    s->events.trouble(s->events.ctx, text);
}
