#include "store.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "os_file.h"
#include "os_random.h"
#include "store_private.h"

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
    store_trouble(ctx, "a process died holding the lock of mailbox %s: reading it anew", mailbox);
}

/* Opens a directory of the store, making it when it is missing. */
static int open_part(struct store *s, const char *name)
{
    if (!os_file_make_dir(s->dir, name) && errno != EEXIST)
        return -1;
    return os_file_open_subdir(s->dir, name);
}

static bool open_directories(struct store *s, const char *path, const char **why)
{
    *why = "the directory cannot be made";
    if (!os_file_make_dir(OS_FILE_CWD, path) && errno != EEXIST)
        return false;
    *why = "the directory cannot be opened";
    s->dir = os_file_open_dir(path);
    if (s->dir < 0)
        return false;
    *why = "the directory is not writable";
    s->users = open_part(s, "users");
    s->new = open_part(s, "new");
    s->removed = open_part(s, "removed");
    return s->users >= 0 && s->new >= 0 && s->removed >= 0;
}

struct clean {
    struct store *store;
    int dir;
};

static bool remove_one(void *ctx, const char *name)
{
    struct clean *c = ctx;

    if (!os_file_remove_tree(c->dir, name))
        store_trouble(c->store, "%s of a deleted account cannot be removed (errno %d)", name,
                      errno);
    return true;
}

static void remove_all(struct store *s, int dir)
{
    struct clean c = {s, dir};

    os_file_each(dir, remove_one, &c);
}

void store_clean(struct store *s)
{
    remove_all(s, s->removed);
}

/*
 * Whatever a crash left half-done is one rename away from its past or its future; what was renamed
 * but not synced is made durable before anyone can see it.
 */
static bool recover(struct store *s, const char **why)
{
    remove_all(s, s->new);
    store_clean(s);
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
    s->dir = s->users = s->new = s->removed = -1;
    s->server = server;
    s->events = events;
    os_random_hex(s->process, STORE_PROCESS_DIGITS);
    commit_init(&s->users_commit);
    commit_init(&s->removed_commit);
    for (unsigned i = 0; i < LOCK_STRIPES; i++) {
        pthread_mutex_init(&s->caches[i].mutex, NULL);
        s->caches[i].epoch = 1;
    }
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
    for (unsigned i = 0; i < LOCK_STRIPES; i++) {
        mailbox_forget_idle(&s->caches[i]);
        assert(!s->caches[i].first);
        pthread_mutex_destroy(&s->caches[i].mutex);
    }
    locks_close(s->locks);
    commit_destroy(&s->users_commit);
    commit_destroy(&s->removed_commit);
    os_file_close(s->dir);
    os_file_close(s->users);
    os_file_close(s->new);
    os_file_close(s->removed);
    free(s);
    errno = error;
}
