/* SPDX-License-Identifier: ISC */
#include "store/backup_place.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "os/file.h"
#include "os/lock.h"
#include "store/store_private.h"

#define MARK       "pochta-backup"
#define ACCOUNTS   "accounts"
#define MARK_BYTES 100

/* More than a list of all the accounts that a store can have takes. */
#define LIST_BYTES (SIZE_MAX / 4)

void backup_place_name(int64_t date, bool unfinished, char out[LAYOUT_NAME_BYTES])
{
    char text[BACKUP_DATE_BYTES];
    backup_date(date, text);
    snprintf(out, LAYOUT_NAME_BYTES, "%s%s", text, unfinished ? BACKUP_UNFINISHED : "");
}

void backup_place_groups(int64_t date, char out[LAYOUT_NAME_BYTES])
{
    char text[BACKUP_DATE_BYTES];
    backup_date(date, text);
    snprintf(out, LAYOUT_NAME_BYTES, "%s.groups", text);
}

void backup_place_doors(int64_t date, char out[LAYOUT_NAME_BYTES])
{
    char text[BACKUP_DATE_BYTES];
    backup_date(date, text);
    snprintf(out, LAYOUT_NAME_BYTES, "%s." LAYOUT_DOORS, text);
}

/* --- what is there --- */

static bool add_date(int64_t **all, size_t *n, size_t *cap, int64_t date)
{
    int64_t *more = array_room(*all, *n, cap, sizeof *more);
    if (!more)
        return false;
    *all = more;
    more[(*n)++] = date;
    return true;
}

static bool add_name(void *ctx, const char *name)
{
    struct backup_place *p = ctx;
    struct span s = span_str(name), end = SPAN(BACKUP_UNFINISHED);
    bool unfinished = span_ends(s, end);
    int64_t date;
    if (!backup_date_parse(span_first(s, unfinished ? s.n - end.n : s.n), &date))
        return true;
    p->failed = unfinished ? !add_date(&p->unfinished, &p->n_unfinished, &p->cap_unfinished, date)
                           : !add_date(&p->dates, &p->n_dates, &p->cap_dates, date);
    return !p->failed;
}

static int by_date(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static enum status read_dates(struct backup_place *p)
{
    if (!os_file_each(p->dir, add_name, p))
        return store_failed(p->store, "list", "%s", p->path);
    if (p->failed) {
        errno = ENOMEM;
        return store_failed(p->store, "list", "%s", p->path);
    }
    if (p->n_dates > 0)
        qsort(p->dates, p->n_dates, sizeof *p->dates, by_date);
    if (p->n_unfinished > 0)
        qsort(p->unfinished, p->n_unfinished, sizeof *p->unfinished, by_date);
    return ST_OK;
}

/* What may be in a directory that becomes one of backups: nothing, or what an attempt has left. */
static bool is_no_stranger(void *ctx, const char *name)
{
    bool *strange = ctx;
    *strange = strcmp(name, ACCOUNTS) != 0 && strcmp(name, MARK LAYOUT_UNFINISHED) != 0 &&
               strcmp(name, "lost+found") != 0;
    return !*strange;
}

static enum status begin_place(struct backup_place *p, const char *id)
{
    struct buf text;
    bool strange = false;
    if (!os_file_each(p->dir, is_no_stranger, &strange))
        return store_failed(p->store, "list", "%s", p->path);
    if (strange) {
        store_trouble(p->store,
                      "%s is not empty, and has no backups: give an empty or a new directory",
                      p->path);
        return ST_USER_EXISTS;
    }
    if (!os_file_make_dir(p->dir, ACCOUNTS) && errno != EEXIST)
        return store_failed(p->store, "create", "%s/" ACCOUNTS, p->path);
    buf_init(&text, MARK_BYTES);
    backup_mark_add(&text, id);
    bool ok =
        buf_ok(&text) && os_file_replace(p->dir, MARK, buf_span(&text)) && os_file_sync_dir(p->dir);
    buf_free(&text);
    return ok ? ST_OK : store_failed(p->store, "create", "%s/" MARK, p->path);
}

static enum status read_mark(struct backup_place *p)
{
    struct buf file;
    enum status st = ST_OK;
    buf_init(&file, MARK_BYTES);
    if (!os_file_load(p->dir, MARK, &file)) {
        st = errno == ENOENT ? ST_NO_MESSAGE : store_failed(p->store, "read", "%s/" MARK, p->path);
    } else if (!backup_mark_parse(buf_span(&file), p->store_id)) {
        store_trouble(p->store,
                      "%s/" MARK " is damaged, or from a later version of Pochta: it must contain "
                      "\"pochta-backup 1\" and the id of a store",
                      p->path);
        st = ST_USER_EXISTS;
    }
    buf_free(&file);
    return st;
}

/* To read it, no right to write is needed: a backup may be on a medium that is read-only. */
static enum status lock_place(struct backup_place *p, bool write)
{
    p->lock = write ? os_lock_open(p->dir, MARK) : os_file_open(p->dir, MARK);
    if (p->lock >= 0 && os_lock_set(p->lock, 0, write ? OS_LOCK_EXCLUSIVE : OS_LOCK_SHARED))
        return ST_OK;
    if (p->lock < 0 || errno != EAGAIN)
        return store_failed(p->store, "lock", "%s/" MARK, p->path);
    store_trouble(p->store, "%s is in use by another pochtactl; wait until it has ended", p->path);
    return ST_BUSY;
}

enum status backup_place_open(struct backup_place *p, const char *id)
{
    p->lock = p->accounts = -1;
    enum status st = read_mark(p);
    if (st == ST_NO_MESSAGE && id) {
        st = begin_place(p, id);
        if (st == ST_OK)
            st = read_mark(p);
    } else if (st == ST_NO_MESSAGE) {
        store_trouble(p->store, "%s has no backups: there is no file " MARK, p->path);
    }
    if (st != ST_OK)
        return st == ST_NO_MESSAGE ? ST_USER_EXISTS : st;
    if (id && strcmp(id, p->store_id) != 0) {
        store_trouble(p->store, "%s has backups of another store: use another directory", p->path);
        return ST_USER_EXISTS;
    }
    st = lock_place(p, id != NULL);
    if (st != ST_OK)
        return st;
    p->accounts = os_file_open_subdir(p->dir, ACCOUNTS);
    if (p->accounts < 0)
        return store_failed(p->store, "open", "%s/" ACCOUNTS, p->path);
    return read_dates(p);
}

void backup_place_close(struct backup_place *p)
{
    os_file_close(p->accounts);
    os_file_close(p->lock);
    free(p->dates);
    free(p->unfinished);
}

/* --- lists --- */

static enum status add_entries(struct backup_place *p, struct backup_list *l, uint16_t source,
                               struct backup_table *t)
{
    struct backup_entry e;
    while (backup_list_next(l, &e)) {
        struct backup_entry *all = array_room(t->all, t->n, &t->cap, sizeof *all);
        if (!all) {
            errno = ENOMEM;
            return store_failed(p->store, "read a list in", "%s", p->path);
        }
        e.source = source;
        t->all = all;
        all[t->n++] = e;
    }
    return ST_OK;
}

enum status backup_place_load(struct backup_place *p, int64_t date, bool unfinished,
                              uint16_t source, struct backup_table *t, int64_t *since)
{
    char name[LAYOUT_NAME_BYTES];
    struct backup_list l = {.accounts = 0};
    struct buf file;
    size_t before = t->n;
    enum status st = ST_OK;
    backup_place_name(date, unfinished, name);
    buf_init(&file, LIST_BYTES);
    bool loaded = os_file_load(p->dir, name, &file);
    if (!loaded)
        st = store_failed(p->store, "read", "%s/%s", p->path, name);
    bool ours =
        loaded && backup_list_begin(&l, buf_span(&file)) && strcmp(l.head.store, p->store_id) == 0;
    if (ours)
        st = add_entries(p, &l, source, t);
    if (loaded && st == ST_OK && !unfinished && !(ours && backup_list_is_complete(&l))) {
        store_trouble(p->store, "%s/%s is damaged, so it is not used as a backup", p->path, name);
        st = ST_DAMAGED;
    }
    if (st != ST_OK)
        t->n = before;
    *since = l.head.since;
    buf_free(&file);
    return st;
}

/* The last of those with one name is the one that counts. */
static int by_name(const void *a, const void *b)
{
    const struct backup_entry *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : (x->source > y->source) - (x->source < y->source);
}

void backup_table_sort(struct backup_table *t)
{
    size_t n = 0;
    if (t->n > 0)
        qsort(t->all, t->n, sizeof *t->all, by_name);
    for (size_t i = 0; i < t->n; i++) {
        n += n == 0 || strcmp(t->all[n - 1].name, t->all[i].name) != 0;
        t->all[n - 1] = t->all[i];
    }
    t->n = n;
}

static int to_name(const void *name, const void *entry)
{
    return strcmp(name, ((const struct backup_entry *)entry)->name);
}

struct backup_entry *backup_table_find(const struct backup_table *t, const char *name)
{
    return t->n == 0 ? NULL : bsearch(name, t->all, t->n, sizeof *t->all, to_name);
}

void backup_table_free(struct backup_table *t)
{
    free(t->all);
    *t = (struct backup_table){.n = 0};
}

/* --- copies --- */

void backup_place_account(const struct backup_entry *e, char out[LAYOUT_NAME_BYTES])
{
    char generation[STORE_GENERATION_DIGITS + 1];
    snprintf(generation, sizeof generation, "%016" PRIx64, e->generation);
    layout_account(e->name, generation, out);
}

int backup_place_open_copy(const struct backup_place *p, const struct backup_entry *e)
{
    char account[LAYOUT_NAME_BYTES], date[BACKUP_DATE_BYTES];
    backup_place_account(e, account);
    backup_date(e->date, date);
    int outer = os_file_open_subdir(p->accounts, account);
    int dir = outer >= 0 ? os_file_open_subdir(outer, date) : -1;
    os_file_close(outer);
    return dir;
}

static bool has(const struct backup_table *t, const struct backup_entry *e)
{
    const struct backup_entry *other = backup_table_find(t, e->name);
    return other && other->generation == e->generation && other->date == e->date;
}

/* All later lists count: if the next one is damaged, those after it may use the same copies. */
enum status backup_place_mark_used(struct backup_place *p, int64_t date, struct backup_table *t)
{
    enum status st = ST_OK;
    int64_t since;
    for (size_t i = 0; i < p->n_dates && st == ST_OK; i++) {
        struct backup_table later = {.n = 0};
        if (p->dates[i] > date)
            st = backup_place_load(p, p->dates[i], false, 0, &later, &since);
        backup_table_sort(&later);
        for (size_t k = 0; k < t->n && st == ST_OK; k++)
            t->all[k].listed |= has(&later, &t->all[k]);
        backup_table_free(&later);
        if (st == ST_DAMAGED)
            st = ST_OK;
    }
    return st;
}

enum status backup_place_remove_copy(struct backup_place *p, const struct backup_entry *e)
{
    char account[LAYOUT_NAME_BYTES], date[BACKUP_DATE_BYTES];
    backup_place_account(e, account);
    backup_date(e->date, date);
    int outer = os_file_open_subdir(p->accounts, account);
    bool ok = outer >= 0 && os_file_remove_tree(outer, date);
    enum status st = ST_OK;
    if (!ok && errno != ENOENT)
        st = store_failed(p->store, "remove", "%s/" ACCOUNTS "/%s/%s", p->path, account, date);
    os_file_close(outer);
    if (ok)
        os_file_remove_dir(p->accounts, account); /* stays if there are others */
    return st;
}

static enum status remove_file(struct backup_place *p, const char *name)
{
    return os_file_remove(p->dir, name) || errno == ENOENT
               ? ST_OK
               : store_failed(p->store, "remove", "%s/%s", p->path, name);
}

/* The list goes first: a backup without the other files looks like one of a store without them. */
enum status backup_place_remove_list(struct backup_place *p, int64_t date, bool unfinished)
{
    char name[LAYOUT_NAME_BYTES];
    backup_place_name(date, unfinished, name);
    enum status st = remove_file(p, name);
    backup_place_groups(date, name);
    if (st == ST_OK)
        st = remove_file(p, name);
    backup_place_doors(date, name);
    if (st == ST_OK)
        st = remove_file(p, name);
    if (st != ST_OK)
        return st;
    return os_file_sync_dir(p->dir) ? ST_OK : store_failed(p->store, "sync", "%s", p->path);
}
