#include "store/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "os/file.h"
#include "os/random.h"
#include "store/mailbox.h"
#include "store/store_private.h"

void store_trouble(struct store *s, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    s->events.trouble(s->events.ctx, text);
}

static void tell_died(void *ctx, const char *mailbox)
{
    const struct store *s = ctx;

    s->events.died(s->events.ctx, mailbox);
}

/* Opens a directory of the store, making it if it is missing. */
static int open_part(const struct store *s, const char *name, bool make)
{
    if (make && !os_file_make_dir(s->dir, name) && errno != EEXIST)
        return -1;
    return os_file_open_subdir(s->dir, name);
}

static bool open_directories(struct store *s, const char *path, const char **why)
{
    *why = "the directory cannot be made";
    if (s->server && !os_file_make_dir(OS_FILE_CWD, path) && errno != EEXIST)
        return false;
    *why = "the directory cannot be opened";
    s->dir = os_file_open_dir(path);
    if (s->dir < 0)
        return false;
    *why = s->server ? "the directory is not writable" : "the directory is no store";
    s->users = open_part(s, "users", s->server);
    s->new = open_part(s, "new", s->server);
    s->removed = open_part(s, "removed", s->server);
    if (s->users < 0 || s->new < 0 || s->removed < 0)
        return false;
    *why = "the directory is not writable";
    s->invites = open_part(s, "invites", true); /* stores made before there were any have none */
    return s->invites >= 0;
}

struct clean {
    struct store *store;
    bool (*stop)(void *ctx);
    void *ctx;
};

static bool clean_mailbox(void *ctx, const char *name)
{
    struct clean *c = ctx;
    struct who who = {.generation = ""};
    struct mailbox *mb;

    if (!name_fold(span_str(name), who.name) || mailbox_open(c->store, &who, &mb) != ST_OK)
        return true;
    if (mailbox_lock(mb) == ST_OK) {
        trash_purge(mb);
        trash_drop_tombstones(mb);
        mailbox_unlock(mb);
    }
    mailbox_close(mb);
    return !c->stop(c->ctx);
}

int store_dir(const struct store *s)
{
    return s->dir;
}

bool store_each_user(struct store *s, bool (*each)(void *ctx, const char *name), void *ctx)
{
    return os_file_each(s->users, each, ctx);
}

void store_clean(struct store *s, bool (*stop)(void *ctx), void *ctx)
{
    struct clean c = {s, stop, ctx};

    if (!store_each_user(s, clean_mailbox, &c))
        store_trouble(s, "the users cannot be listed (errno %d)", errno);
}

void store_set_limits(struct store *s, const struct store_limits *limits)
{
    struct store_limits *mine = &s->limits;

    mine->trash_s = limits->trash_s;
    mine->kept_bytes = limits->kept_bytes;
    mine->quota_bytes = limits->quota_bytes;
    mine->quota_messages = limits->quota_messages;
    mine->reserve_bytes = limits->reserve_bytes;
    mine->reserve_inodes = limits->reserve_inodes;
    mine->index_bytes = limits->index_bytes;
    mine->idle_mailboxes = limits->idle_mailboxes;
}

enum status store_check_space(const struct store *s, uint64_t size)
{
    const struct store_limits *limits = &s->limits;
    uint64_t bytes, inodes;

    if (limits->reserve_bytes == 0 && limits->reserve_inodes == 0)
        return ST_OK;
    if (!os_file_free_space(s->users, &bytes, &inodes))
        return ST_IO;
    if (bytes < limits->reserve_bytes + size || inodes < limits->reserve_inodes)
        return ST_DISK_FULL;
    return ST_OK;
}

static bool remove_half(void *ctx, const char *name)
{
    account_discard(ctx, name);
    return true;
}

/*
 * Whatever a crash left half-done is one rename away from its past or its future; what was renamed
 * but not synced is made durable before anyone can see it.
 */
static bool recover(struct store *s, const char **why)
{
    os_file_each(s->new, remove_half, s);
    invite_recover(s);
    *why = "the file system cannot be synced";
    return os_file_sync_all(s->dir);
}

struct store *store_open(const char *path, bool server, struct store_events events,
                         const char **why)
{
    struct store *s = calloc(1, sizeof *s);

    *why = "out of memory";
    if (!s)
        return NULL;
    s->dir = s->users = s->new = s->removed = s->invites = -1;
    s->server = server;
    s->events = events;
    os_random_hex(s->process, STORE_PROCESS_DIGITS);
    commit_init(&s->users_commit);
    commit_init(&s->new_commit);
    commit_init(&s->removed_commit);
    commit_init(&s->invites_commit);
    cache_init(&s->cache);
    for (unsigned i = 0; i < LOCK_STRIPES; i++)
        s->epochs[i] = 1;
    if (!open_directories(s, path, why))
        goto fail;
    s->locks = locks_open(s->dir, server, tell_died, s, why);
    if (!s->locks || (server && !recover(s, why)))
        goto fail;
    return s;

fail:
    store_close(s);
    return NULL;
}

void store_close(struct store *s)
{
    int error = errno;

    if (!s)
        return;
    cache_destroy(&s->cache);
    locks_close(s->locks);
    commit_destroy(&s->users_commit);
    commit_destroy(&s->new_commit);
    commit_destroy(&s->removed_commit);
    commit_destroy(&s->invites_commit);
    os_file_close(s->dir);
    os_file_close(s->users);
    os_file_close(s->new);
    os_file_close(s->removed);
    os_file_close(s->invites);
    free(s);
    errno = error;
}
