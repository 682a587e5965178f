/* SPDX-License-Identifier: ISC */
#include "store/deleted_accounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/file.h"
#include "store/changes.h"
#include "store/store_private.h"
#include "store/trash.h"

/*
 * Before an account's files are removed, its directory gets a name that no user can have: half an
 * account is never restored, and if a crash leaves one, the next purge removes it.
 */

struct kept {
    char name[LAYOUT_NAME_BYTES];
    int64_t deleted; /* seconds since 1970: a rename sets the directory's time of change */
    uint64_t bytes;
};

struct kept_list {
    int dir;
    struct kept *all;
    size_t n;
    uint64_t bytes;
    bool failed; /* out of memory */
};

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

static bool add_kept(void *ctx, const char *name)
{
    struct kept_list *l = ctx;
    struct kept *more = realloc(l->all, (l->n + 1) * sizeof *more);
    struct os_file_info info;
    if (more)
        l->all = more;
    l->failed = !more;
    if (!more || strlen(name) >= LAYOUT_NAME_BYTES || !os_file_look(l->dir, name, &info))
        return !l->failed;
    struct kept *k = &l->all[l->n++];
    *k = (struct kept){.deleted = info.changed};
    strcpy(k->name, name);
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct kept *x = a, *y = b;
    return (x->deleted > y->deleted) - (x->deleted < y->deleted);
}

/* Lists all kept accounts, the one deleted first first. The caller frees l->all in any case. */
static enum status list_kept(struct store *s, struct kept_list *l)
{
    *l = (struct kept_list){.dir = s->dirs[LAYOUT_REMOVED]};
    if (!store_each(s, LAYOUT_REMOVED, add_kept, l))
        return ST_IO;
    if (l->n > 0)
        qsort(l->all, l->n, sizeof *l->all, by_time);
    return l->failed ? ST_NO_MEMORY : ST_OK;
}

static bool is_being_removed(const struct kept *k)
{
    return k->name[0] == LAYOUT_REMOVING[0];
}

static void remove_kept(struct store *s, const struct kept *k)
{
    char removing[LAYOUT_NAME_BYTES + 1];
    bool begun = is_being_removed(k);
    snprintf(removing, sizeof removing, "%s%s", begun ? "" : LAYOUT_REMOVING, k->name);
    if (!begun &&
        !os_file_rename_new(s->dirs[LAYOUT_REMOVED], k->name, s->dirs[LAYOUT_REMOVED], removing))
        store_failed(s, "rename", "removed/%s to removed/%s", k->name, removing);
    else if (!os_file_remove_tree(s->dirs[LAYOUT_REMOVED], removing))
        store_failed(s, "remove", "removed/%s", removing);
    else
        store_tell_purged(s, "account", k->name, 1);
}

static bool account_was_kept_enough(struct store *s, const struct kept *k)
{
    uint64_t keep_s = s->limits.trash_s;
    return is_being_removed(k) || keep_s == 0 || store_is_older(s, k->deleted, keep_s);
}

void deleted_accounts_purge(struct store *s, bool (*stop)(void *ctx), void *ctx)
{
    uint64_t limit = s->limits.kept_bytes;
    struct kept_list l;
    if (store_is_failed(s))
        return;
    list_kept(s, &l);
    for (size_t i = 0; limit > 0 && i < l.n; i++)
        l.bytes += l.all[i].bytes = bytes_of(s->dirs[LAYOUT_REMOVED], l.all[i].name);
    for (size_t i = 0; i < l.n && !stop(ctx); i++) {
        if (!account_was_kept_enough(s, &l.all[i]) && (limit == 0 || l.bytes <= limit))
            continue;
        remove_kept(s, &l.all[i]);
        l.bytes -= l.all[i].bytes;
    }
    free(l.all);
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
    if (st == ST_OK && k)
        changes_note_account(s, name, NULL);
    if (st == ST_OK && !k)
        st = ST_NO_USER;
    else if (st == ST_OK &&
             !os_file_rename_new(s->dirs[LAYOUT_REMOVED], k->name, s->dirs[LAYOUT_USERS], name))
        st = errno == EEXIST ? ST_USER_EXISTS
                             : store_failed(s, "rename", "removed/%s to users/%s", k->name, name);
    free(l.all);
    if (st != ST_OK)
        return st;
    if (trash_note_all(s, name)) /* what was noted may have been forgotten meanwhile */
        changes_note_trash(s, name, NULL);
    return store_sync(s, LAYOUT_USERS) && store_sync(s, LAYOUT_REMOVED) ? ST_OK : ST_UNKNOWN;
}
