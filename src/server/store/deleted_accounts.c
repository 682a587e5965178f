/* SPDX-License-Identifier: ISC */
#include "store/deleted_accounts.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "os/clock.h"
#include "os/file.h"
#include "store/changes.h"
#include "store/fence.h"
#include "store/group_place.h"
#include "store/store_private.h"
#include "store/trash.h"

#define LOOK_AGAIN_MS  (INT64_C(3600) * 1000)
#define LOOK_ANYWAY_MS (24 * LOOK_AGAIN_MS)

/*
 * Before an account's files are removed, its directory gets a name that no user can have: half an
 * account is never restored, and if a crash leaves one, the purge of the next start removes it.
 */

struct kept {
    char name[LAYOUT_NAME_BYTES];
    int64_t deleted; /* seconds since 1970: a rename sets the directory's time of change */
    uint64_t bytes;
};

struct kept_list {
    int dir;
    struct kept *all; /* those being removed, then the others in the order of deletion */
    size_t n, cap;
    bool failed; /* out of memory */
};

struct deleted_accounts {
    /* For the thread that purges. */
    struct kept_list list;
    bool counted;      /* the bytes of those in the list are known */
    uint64_t bytes;    /* their sum */
    int64_t looked_ms; /* when removed/ was read last */

    pthread_mutex_t mutex;            /* leaf lock: guards what follows */
    bool known;                       /* each deleted account is in the list or in fresh */
    char (*fresh)[LAYOUT_NAME_BYTES]; /* deleted since; may also be in the list */
    size_t n_fresh, cap_fresh;
};

/* --- what there is --- */

struct file_sum {
    int dir;
    uint64_t bytes;
};

static bool add_file(void *ctx, const char *name)
{
    struct file_sum *sum = ctx;
    struct os_file_info info;
    if (os_file_look(sum->dir, name, &info))
        sum->bytes += info.disk_bytes + LAYOUT_INODE_BYTES;
    return true;
}

static uint64_t bytes_of(int removed, const char *name)
{
    struct file_sum sum = {.dir = os_file_open_subdir(removed, name)};
    if (sum.dir >= 0)
        os_file_each(sum.dir, add_file, &sum);
    os_file_close(sum.dir);
    return sum.bytes;
}

static bool is_being_removed(const char *name)
{
    return name[0] == LAYOUT_REMOVING[0];
}

/* False: it is gone, or not an account. */
static bool look_at_kept(int dir, const char *name, struct kept *k)
{
    struct os_file_info info;
    if (strlen(name) >= LAYOUT_NAME_BYTES || !os_file_look(dir, name, &info))
        return false;
    *k = (struct kept){.deleted = is_being_removed(name) ? INT64_MIN : info.changed};
    strcpy(k->name, name);
    return true;
}

static bool add_kept(void *ctx, const char *name)
{
    struct kept_list *l = ctx;
    struct kept *all = array_room(l->all, l->n, &l->cap, sizeof *all);
    l->failed = !all;
    if (!all)
        return false;
    l->all = all;
    l->n += look_at_kept(l->dir, name, &all[l->n]);
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct kept *x = a, *y = b;
    return (x->deleted > y->deleted) - (x->deleted < y->deleted);
}

/* Lists all kept accounts in an empty list. The caller frees l->all in any case. */
static enum status list_kept(struct store *s, struct kept_list *l)
{
    *l = (struct kept_list){.dir = s->dirs[LAYOUT_REMOVED]};
    if (!store_each(s, LAYOUT_REMOVED, add_kept, l))
        return ST_IO;
    if (l->n > 0)
        qsort(l->all, l->n, sizeof *l->all, by_time);
    return l->failed ? ST_NO_MEMORY : ST_OK;
}

/* --- what is known of it --- */

struct deleted_accounts *deleted_accounts_new(void)
{
    struct deleted_accounts *d = calloc(1, sizeof *d);
    if (d)
        pthread_mutex_init(&d->mutex, NULL);
    return d;
}

void deleted_accounts_free(struct deleted_accounts *d)
{
    if (!d)
        return;
    pthread_mutex_destroy(&d->mutex);
    free(d->list.all);
    free(d->fresh);
    free(d);
}

/* With the mutex held. */
static void forget(struct deleted_accounts *d)
{
    d->known = false;
    d->n_fresh = 0;
}

void deleted_accounts_note(struct store *s, const char *removed)
{
    struct deleted_accounts *d = s->deleted;
    pthread_mutex_lock(&d->mutex);
    if (d->known) {
        char(*fresh)[LAYOUT_NAME_BYTES] =
            array_room(d->fresh, d->n_fresh, &d->cap_fresh, sizeof *fresh);
        if (fresh) {
            d->fresh = fresh;
            snprintf(fresh[d->n_fresh++], sizeof *fresh, "%s", removed);
        } else {
            forget(d);
        }
    }
    pthread_mutex_unlock(&d->mutex);
}

static void look_again(struct deleted_accounts *d)
{
    pthread_mutex_lock(&d->mutex);
    forget(d);
    pthread_mutex_unlock(&d->mutex);
}

/* An account that is deleted from now on is noted, and may also be found here. */
static void look_at_all(struct store *s, struct deleted_accounts *d)
{
    pthread_mutex_lock(&d->mutex);
    d->known = true;
    d->n_fresh = 0;
    pthread_mutex_unlock(&d->mutex);
    free(d->list.all);
    if (list_kept(s, &d->list) != ST_OK) {
        d->list.n = 0; /* the oldest may be missing */
        look_again(d);
    }
    d->looked_ms = os_clock_ms();
    d->counted = s->limits.kept_bytes > 0;
    d->bytes = 0;
    for (size_t i = 0; d->counted && i < d->list.n; i++)
        d->bytes += d->list.all[i].bytes = bytes_of(d->list.dir, d->list.all[i].name);
}

/* Adds one at its place, which is almost always the end. Returns false if out of memory. */
static bool add_fresh(struct deleted_accounts *d, const char *name)
{
    struct kept_list *l = &d->list;
    struct kept *all = array_room(l->all, l->n, &l->cap, sizeof *all), k;
    size_t at = l->n;
    if (!all)
        return false;
    l->all = all;
    if (!look_at_kept(l->dir, name, &k))
        return true;
    for (size_t i = l->n; i > 0 && all[i - 1].deleted >= k.deleted; i--) {
        if (strcmp(all[i - 1].name, name) == 0)
            return true;
        if (all[i - 1].deleted > k.deleted)
            at = i - 1;
    }
    if (d->counted)
        d->bytes += k.bytes = bytes_of(l->dir, name);
    memmove(&all[at + 1], &all[at], (l->n - at) * sizeof *all);
    all[at] = k;
    l->n++;
    return true;
}

/* Brings the list up to date. */
static void learn(struct store *s, struct deleted_accounts *d)
{
    pthread_mutex_lock(&d->mutex);
    bool known = d->known && (d->counted || s->limits.kept_bytes == 0);
    char(*fresh)[LAYOUT_NAME_BYTES] = d->fresh;
    size_t n = d->n_fresh;
    d->fresh = NULL;
    d->n_fresh = d->cap_fresh = 0;
    pthread_mutex_unlock(&d->mutex);
    for (size_t i = 0; known && i < n; i++)
        known = add_fresh(d, fresh[i]);
    free(fresh);
    if (!known)
        look_at_all(s, d);
}

/* --- what is removed --- */

/* A purge can take long: meanwhile the account may have been restored, and even deleted again. */
static bool is_as_listed(const struct kept_list *l, const struct kept *k)
{
    struct kept now;
    return look_at_kept(l->dir, k->name, &now) && now.deleted == k->deleted;
}

/* False: that failed, which is logged, or the store is lost. */
static bool remove_kept(struct store *s, const struct kept *k)
{
    char removing[LAYOUT_NAME_BYTES + 1];
    bool begun = is_being_removed(k->name);
    if (!fence_holds(s))
        return false;
    snprintf(removing, sizeof removing, "%s%s", begun ? "" : LAYOUT_REMOVING, k->name);
    if (!begun &&
        !os_file_rename_new(s->dirs[LAYOUT_REMOVED], k->name, s->dirs[LAYOUT_REMOVED], removing)) {
        store_failed(s, "rename", "removed/%s to removed/%s", k->name, removing);
        return false;
    }
    if (!os_file_remove_tree(s->dirs[LAYOUT_REMOVED], removing)) {
        store_failed(s, "remove", "removed/%s", removing);
        return false;
    }
    store_tell_purged(s, "account", k->name, 1);
    return true;
}

/* Whether to remove this account, the first in the list that is left. */
static bool is_due(struct store *s, const struct deleted_accounts *d, size_t first)
{
    uint64_t keep_s = s->limits.trash_s, limit = s->limits.kept_bytes;
    const struct kept *k = &d->list.all[first];
    return is_being_removed(k->name) || keep_s == 0 || store_is_older(s, k->deleted, keep_s) ||
           (limit > 0 && d->bytes > limit);
}

/*
 * A purge comes after each deletion and in each hour, and most find nothing to remove. So a purge
 * does not read all of removed/. But it removes nothing if removed/ was last read more than an hour
 * ago: it then reads it again, since somebody may have made room. It also reads it after a day: a
 * tool that works while a server starts may have deleted an account.
 */
void deleted_accounts_purge(struct store *s, bool (*stop)(void *ctx), void *ctx)
{
    struct deleted_accounts *d = s->deleted;
    struct kept_list *l = &d->list;
    size_t done = 0;
    if (store_is_failed(s))
        return;
    learn(s, d);
    bool due = l->n > 0 && is_due(s, d, 0);
    if (os_clock_ms() - d->looked_ms >= (due ? LOOK_AGAIN_MS : LOOK_ANYWAY_MS))
        look_at_all(s, d);
    for (; done < l->n && is_due(s, d, done) && !stop(ctx); done++) {
        if (!is_as_listed(l, &l->all[done]) || !remove_kept(s, &l->all[done]))
            look_again(d);
        d->bytes -= l->all[done].bytes;
    }
    l->n -= done;
    if (done > 0)
        memmove(l->all, l->all + done, l->n * sizeof *l->all);
}

/* The account of this name that was deleted last, or NULL. */
static const struct kept *find_kept(const struct kept_list *l, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = l->n; i-- > 0;) {
        const char *kept = l->all[i].name;
        if (strncmp(kept, name, n) == 0 && kept[n] == '-' &&
            strlen(kept + n + 1) == STORE_GENERATION_DIGITS)
            return &l->all[i];
    }
    return NULL;
}

enum status deleted_accounts_restore(struct store *s, const char *name)
{
    struct kept_list l;
    if (store_is_read_only(s, LAYOUT_USERS) || store_is_read_only(s, LAYOUT_REMOVED))
        return ST_READ_ONLY;
    enum status st = list_kept(s, &l);
    const struct kept *k = find_kept(&l, name);
    if (st == ST_OK && !k)
        st = ST_NO_USER;
    if (st == ST_OK)
        st = group_place_check_free(s, name);
    if (st == ST_OK)
        changes_note_account(s, name, NULL);
    if (st == ST_OK &&
        !os_file_rename_new(s->dirs[LAYOUT_REMOVED], k->name, s->dirs[LAYOUT_USERS], name))
        st = errno == EEXIST ? ST_USER_EXISTS
                             : store_failed(s, "rename", "removed/%s to users/%s", k->name, name);
    free(l.all);
    if (st != ST_OK)
        return st;
    look_again(s->deleted);
    if (trash_note_all(s, name)) /* what was noted may have been forgotten meanwhile */
        changes_note_trash(s, name, NULL);
    return store_sync(s, LAYOUT_USERS) && store_sync(s, LAYOUT_REMOVED) ? ST_OK : ST_UNKNOWN;
}
