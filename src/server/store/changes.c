/* SPDX-License-Identifier: ISC */
#include "store/changes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/clock.h"
#include "os/error.h"
#include "os/file.h"
#include "store/changes_private.h"
#include "store/store_private.h"

/* --- notes --- */

/*
 * When an entry of the directory changed last, or -1. Another process may have begun a later hour
 * before the clock was set back. Whoever asked since that hour would not find what goes on in ours.
 */
static int64_t state_of(const struct changes *c)
{
    struct os_file_info info;
    return os_file_look_at(c->dir, &info) ? info.changed_ns : -1;
}

/* With the mutex held: opens the last hour's file, looking for a later one than it has open. */
static bool open_last_hour(struct changes *c, enum changes_kind kind, int64_t now)
{
    char name[CHANGES_NAME_BYTES];
    int64_t last;
    int *fd = &c->files[kind].fd;
    os_file_close(*fd);
    *fd = -1;
    if (!changes_last_hour(c->dir, &last))
        return false;
    if (last < now)
        last = now;
    changes_hour_name(kind, last, name);
    *fd = os_file_open_append(c->dir, name);
    if (*fd >= 0)
        atomic_store(&c->files[kind].hour, last);
    return *fd >= 0;
}

/* Likewise, if that is needed; again if the directory has changed, as by a new file of ours. */
static bool open_hour(struct changes *c, enum changes_kind kind, int64_t now)
{
    int64_t state = state_of(c);
    while (state >= 0 && (c->files[kind].fd < 0 || now > atomic_load(&c->files[kind].hour) ||
                          state != atomic_load(&c->files[kind].seen))) {
        if (!open_last_hour(c, kind, now))
            return false;
        atomic_store(&c->files[kind].seen, state);
        state = state_of(c);
    }
    return state >= 0;
}

static bool lose(struct changes *c)
{
    bool removed = os_file_remove(c->dir, CHANGES_KNOWN);
    atomic_store(&c->lost, !removed && errno != ENOENT);
    return removed;
}

/*
 * The line also begins with an LF, so that it is separate from a line that another process did not
 * finish.
 */
static bool append_name(int fd, const char *name)
{
    char line[NAME_BYTES + 3];
    int n = snprintf(line, sizeof line, "\n%s\n", name);
    return os_file_append(fd, line, (size_t)n);
}

/* Without the mutex. A failure with this error is reported if the notes counted until now. */
static void note_failed(struct store *s, int error)
{
    struct changes *c = s->changes;
    pthread_mutex_lock(&c->mutex);
    c->failed_ms = os_clock_ms();
    bool told = lose(c);
    pthread_mutex_unlock(&c->mutex);
    if (told)
        store_trouble(s,
                      "cannot note that an account changes: %s; the next backup looks at all "
                      "accounts",
                      os_error_text(error));
}

static void note(struct store *s, enum changes_kind kind, const char *name, atomic_llong *noted)
{
    struct changes *c = s->changes;
    int64_t now = changes_hour(os_clock_now());
    if (!c)
        return;
    atomic_llong *hour = &c->files[kind].hour;
    if (noted && atomic_load(noted) > 0 && atomic_load(noted) >= now &&
        atomic_load(noted) == atomic_load(hour) && state_of(c) == atomic_load(&c->files[kind].seen))
        return;
    pthread_mutex_lock(&c->mutex);
    bool ok = open_hour(c, kind, now) && append_name(c->files[kind].fd, name);
    int error = errno;
    if (ok && noted)
        atomic_store(noted, atomic_load(hour));
    pthread_mutex_unlock(&c->mutex);
    if (!ok)
        note_failed(s, error);
}

void changes_note(struct store *s, const char *name, atomic_llong *hour)
{
    note(s, CHANGES_ALL, name, hour);
}

void changes_note_trash(struct store *s, const char *name, atomic_llong *hour)
{
    note(s, CHANGES_OF_TRASH, name, hour);
}

void changes_note_account(struct store *s, const char *name, atomic_llong *hour)
{
    note(s, CHANGES_ALL, name, hour);
    note(s, CHANGES_OF_ACCOUNTS, name, NULL);
}

void changes_note_trash_at(struct store *s, const char *name, int64_t time)
{
    char file[CHANGES_NAME_BYTES];
    int64_t hour = changes_hour(time);
    if (!s->changes)
        return;
    if (hour >= changes_hour(os_clock_now())) {
        note(s, CHANGES_OF_TRASH, name, NULL);
        return;
    }
    changes_hour_name(CHANGES_OF_TRASH, hour, file);
    int fd = os_file_open_append(s->changes->dir, file);
    bool ok = fd >= 0 && append_name(fd, name);
    int error = errno;
    os_file_close(fd);
    if (!ok)
        note_failed(s, error);
}

int64_t changes_mark(struct store *s)
{
    struct changes *c = s->changes;
    int64_t now = os_clock_now(), since = 0;
    if (!c)
        return 0;
    pthread_mutex_lock(&c->mutex);
    if (open_hour(c, CHANGES_ALL, changes_hour(now)) && os_file_sync(c->files[CHANGES_ALL].fd) &&
        os_file_sync_dir(c->dir))
        since = atomic_load(&c->files[CHANGES_ALL].hour) * CHANGES_HOUR_S;
    pthread_mutex_unlock(&c->mutex);
    return since > 0 && since < now ? now : since;
}

bool changes_is_known(const struct changes *c, struct changes_known *k)
{
    return !atomic_load(&c->lost) && changes_known_load(c->dir, k) && k->store == c->store;
}

/* --- a store that is open --- */

void changes_make(struct store *s)
{
    if (!os_file_make_dir(s->dir, LAYOUT_CHANGES) && errno != EEXIST)
        store_failed(s, "make", LAYOUT_CHANGES);
}

bool changes_open(struct store *s)
{
    int dir = os_file_open_subdir(s->dir, LAYOUT_CHANGES);
    uint64_t hash = 0;
    if (dir < 0 || !changes_known_hash(dir, locks_keys(s->locks), &hash)) {
        os_file_close(dir);
        return changes_known_remove(s->dir);
    }
    struct changes *c = calloc(1, sizeof *c);
    if (!c) {
        os_file_close(dir);
        return false;
    }
    c->dir = dir;
    c->store = hash;
    for (enum changes_kind kind = 0; kind < CHANGES_KINDS; kind++)
        c->files[kind].fd = -1;
    pthread_mutex_init(&c->mutex, NULL);
    s->changes = c;
    return true;
}

void changes_close(struct store *s)
{
    struct changes *c = s->changes;
    if (!c)
        return;
    for (enum changes_kind kind = 0; kind < CHANGES_KINDS; kind++)
        os_file_close(c->files[kind].fd);
    os_file_close(c->dir);
    pthread_mutex_destroy(&c->mutex);
    free(c);
    s->changes = NULL;
}

/* With the mutex: a failure of an hour ago may be about a change that others can see only now. */
static bool has_failed_lately(struct changes *c)
{
    if (atomic_load(&c->lost))
        lose(c);
    return atomic_load(&c->lost) ||
           (c->failed_ms != 0 && os_clock_ms() - c->failed_ms < CHANGES_HOUR_S * INT64_C(1000));
}

/* Another process that has the store open may also have failed to note something. */
void changes_keep(struct store *s)
{
    struct changes *c = s->changes;
    struct changes_known k;
    if (!c)
        return;
    pthread_mutex_lock(&c->mutex);
    if (!has_failed_lately(c) && !changes_is_known(c, &k) && !locks_is_visited(s->locks)) {
        k = (struct changes_known){.store = c->store};
        if (!os_clock_boot(k.boot))
            strcpy(k.boot, CHANGES_NO_BOOT);
        if (!changes_known_since(c->dir, &k.since) || !changes_known_write(c->dir, &k, false) ||
            locks_is_visited(s->locks))
            lose(c);
    }
    pthread_mutex_unlock(&c->mutex);
}

struct syncing {
    int dir;
    bool ok;
};

static bool sync_file(void *ctx, const char *name)
{
    struct syncing *sync = ctx;
    enum changes_kind kind;
    int64_t hour;
    if (!changes_parse_hour(name, &kind, &hour))
        return true;
    int fd = os_file_open(sync->dir, name);
    sync->ok = fd >= 0 && os_file_sync(fd);
    os_file_close(fd);
    return sync->ok;
}

void changes_end(struct store *s)
{
    struct changes_known k;
    if (!changes_is_known(s->changes, &k))
        return;
    struct syncing sync = {s->changes->dir, true};
    k.clean = true;
    if (os_file_each(sync.dir, sync_file, &sync) && sync.ok && os_file_sync_dir(sync.dir) &&
        changes_known_write(sync.dir, &k, true))
        os_file_sync_dir(sync.dir);
}
