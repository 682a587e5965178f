/* SPDX-License-Identifier: ISC */
#include "store/backup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/digits.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/mount.h"
#include "store/backup_doors.h"
#include "store/backup_groups.h"
#include "store/backup_place.h"
#include "store/changes.h"
#include "store/store_id.h"
#include "store/store_private.h"

/* Lines are written after a sync, when this much has been copied, or this long after the last. */
#define FLUSH_ACCOUNTS 1000
#define FLUSH_BYTES    (UINT64_C(64) << 20)
#define FLUSH_MS       5000
#define FLUSH_LINES    (1 << 20) /* ... or when the lines take this many bytes */

#define WHAT_BYTES 200 /* a finding */

/* A backup under way. */
struct run {
    struct backup *backup;
    struct backup_place place;
    struct backup_table earlier; /* what the last backup, and those cut short since, have */
    int64_t last;                /* the date of the last complete backup, or -1 */
    int64_t date;
    bool each;         /* the copies are synced one by one (account_copy_into) */
    int list;          /* the unfinished list of this run */
    struct buf lines;  /* not written yet */
    uint32_t checksum; /* of what was written */
    uint64_t waiting;  /* accounts copied since the last sync */
    bool unsynced;     /* names of a mailbox were read since the last sync of the store */
    uint64_t bytes;    /* that were copied before it */
    int64_t flushed_ms;
    enum status st;
};

static enum status list_failed(const struct run *r, const char *operation)
{
    char name[LAYOUT_NAME_BYTES];
    backup_place_name(r->date, true, name);
    return store_failed(r->place.store, operation, "%s/%s", r->place.path, name);
}

/* --- the earlier backups --- */

struct marking {
    struct backup_table *table;
    uint16_t source;
};

static bool mark_changed(void *ctx, const char *name)
{
    struct marking *m = ctx;
    struct backup_entry *e = backup_table_find(m->table, name);
    if (e && e->source == m->source)
        e->changed = true;
    return true;
}

/* Marks the accounts of one list that may have changed since it was begun. */
static void mark_since(struct run *r, uint16_t source, int64_t since)
{
    struct backup_table *t = &r->earlier;
    struct marking m = {t, source};
    bool known = changes_each_since(r->place.store, since, mark_changed, &m);
    for (size_t i = 0; !known && i < t->n; i++)
        t->all[i].changed |= t->all[i].source == source;
}

/* Loads the last sound backup, and then those that were interrupted after it. */
static enum status load_lists(struct run *r, int64_t *since)
{
    struct backup_place *p = &r->place;
    enum status st = ST_DAMAGED;
    for (size_t n = p->n_dates; n > 0 && st == ST_DAMAGED; n--)
        st = backup_place_load(p, p->dates[n - 1], false, 0, &r->earlier, &since[0]);
    if (st == ST_DAMAGED)
        st = ST_OK;
    for (size_t i = 0; i < p->n_unfinished && st == ST_OK; i++) {
        if (p->unfinished[i] < r->last) /* a backup was completed after it */
            continue;
        st = backup_place_load(p, p->unfinished[i], true, (uint16_t)(i + 1), &r->earlier,
                               &since[i + 1]);
        r->backup->went_on = true;
    }
    return st;
}

static enum status read_earlier(struct run *r)
{
    struct backup_place *p = &r->place;
    int64_t *since = calloc(p->n_unfinished + 1, sizeof *since);
    if (!since || p->n_unfinished >= UINT16_MAX) {
        free(since);
        errno = ENOMEM;
        return store_failed(p->store, "read the lists in", "%s", p->path);
    }
    r->last = p->n_dates > 0 ? p->dates[p->n_dates - 1] : -1;
    enum status st = load_lists(r, since);
    backup_table_sort(&r->earlier);
    for (size_t i = 0; i <= p->n_unfinished && st == ST_OK; i++)
        mark_since(r, (uint16_t)i, since[i]);
    free(since);
    return st;
}

/* --- the list of this run --- */

/* A date later than those of all lists, whatever the clock says. */
static int64_t choose_date(const struct backup_place *p)
{
    int64_t date = os_clock_now();
    if (p->n_dates > 0 && p->dates[p->n_dates - 1] >= date)
        date = p->dates[p->n_dates - 1] + 1;
    if (p->n_unfinished > 0 && p->unfinished[p->n_unfinished - 1] >= date)
        date = p->unfinished[p->n_unfinished - 1] + 1;
    return date;
}

/* Without a sync: what the lines say must be durable. */
static enum status write_lines(struct run *r)
{
    struct span lines = buf_span(&r->lines);
    if (!buf_ok(&r->lines)) {
        errno = ENOMEM;
        return list_failed(r, "write");
    }
    if (!os_file_write(r->list, lines.p, lines.n))
        return list_failed(r, "write");
    r->checksum = crc32c(r->checksum, lines);
    buf_clear(&r->lines);
    return ST_OK;
}

/*
 * The store is synced, too: if a power cut took away a message that a listed copy has, another
 * message could get its name.
 */
static enum status flush(struct run *r)
{
    struct store *s = r->place.store;
    int dir = r->place.accounts;
    if (r->waiting > 0 && !(r->each ? os_file_sync_dir(dir) : os_file_sync_all(dir)))
        return store_failed(s, "sync", "%s", r->place.path);
    if (r->unsynced && !os_file_sync_all(s->dir))
        return store_failed(s, "sync", "the store");
    r->waiting = 0;
    r->unsynced = false;
    r->bytes = r->backup->told.bytes;
    r->flushed_ms = os_clock_ms();
    return write_lines(r);
}

static enum status begin_list(struct run *r, int64_t since)
{
    char name[LAYOUT_NAME_BYTES];
    struct backup_head head = {.since = since};
    memcpy(head.store, r->place.store_id, sizeof head.store);
    r->date = choose_date(&r->place);
    backup_date(r->date, r->backup->date);
    backup_place_name(r->date, true, name);
    r->list = os_file_create(r->place.dir, name);
    if (r->list < 0)
        return list_failed(r, "create");
    backup_head_add(&r->lines, &head);
    return flush(r);
}

/* The list gets its name once all that it says is durable. */
static enum status finish_list(struct run *r)
{
    struct backup_place *p = &r->place;
    char unfinished[LAYOUT_NAME_BYTES], name[LAYOUT_NAME_BYTES];
    enum status st = flush(r);
    if (st != ST_OK)
        return st;
    backup_end_add(&r->lines, r->backup->accounts, r->checksum);
    st = write_lines(r);
    if (st == ST_OK && !os_file_sync(r->list))
        st = list_failed(r, "sync");
    if (st != ST_OK)
        return st;
    backup_place_name(r->date, true, unfinished);
    backup_place_name(r->date, false, name);
    if (!os_file_rename_new(p->dir, unfinished, p->dir, name))
        return list_failed(r, "rename");
    if (!os_file_sync_dir(p->dir))
        return store_failed(p->store, "sync", "%s", p->path);
    return ST_OK;
}

static void add_line(struct run *r, struct backup_entry *e)
{
    e->listed = true;
    r->backup->accounts++;
    backup_entry_add(&r->lines, e);
}

/* --- one account --- */

struct sweep {
    int dir;
    int64_t after;
    bool ok;
};

static bool remove_left(void *ctx, const char *name)
{
    struct sweep *s = ctx;
    int64_t date;
    if (backup_date_parse(span_str(name), &date) && date > s->after)
        s->ok = os_file_remove_tree(s->dir, name);
    return s->ok;
}

/*
 * Makes the directory for a new copy, and removes copies that an interrupted run had not yet added
 * to its list. path: that of the copy. Returns its descriptor; -1: *st, which is logged.
 */
static int make_copy_dir(struct run *r, const struct backup_entry *e, int64_t earlier,
                         char path[OS_FILE_PATH_BYTES], enum status *st)
{
    struct backup_place *p = &r->place;
    char account[LAYOUT_NAME_BYTES];
    struct sweep left = {.after = earlier > r->last ? earlier : r->last, .ok = true};
    backup_place_account(e, account);
    snprintf(path, OS_FILE_PATH_BYTES, "%.3500s/accounts/%s/%s", p->path, account, r->backup->date);
    int dir = -1;
    bool ok = os_file_make_dir(p->accounts, account) || errno == EEXIST;
    left.dir = ok ? os_file_open_subdir(p->accounts, account) : -1;
    ok = left.dir >= 0 && os_file_each(left.dir, remove_left, &left) && left.ok &&
         os_file_make_dir(left.dir, r->backup->date) && (!r->each || os_file_sync_dir(left.dir));
    if (ok)
        dir = os_file_open_subdir(left.dir, r->backup->date);
    if (dir < 0)
        *st = store_failed(p->store, "create", "%s", path);
    os_file_close(left.dir);
    return dir;
}

static enum status copy_account(struct run *r, struct account_copy *c, struct backup_entry *e,
                                int earlier)
{
    char path[OS_FILE_PATH_BYTES];
    enum status st = ST_OK;
    int dir = make_copy_dir(r, e, e->date, path, &st);
    if (dir < 0)
        return st;
    st = account_copy_into(c, dir, path, earlier, &r->backup->told);
    os_file_close(dir);
    e->date = r->date;
    r->waiting += st == ST_OK;
    r->backup->changed += st == ST_OK;
    return st;
}

/* What there is of a copy is removed, and the line of the earlier backup stays, if there is one. */
static enum status give_up_copy(struct run *r, struct backup_entry *e,
                                const struct backup_entry *copy, enum status why)
{
    char what[WHAT_BYTES];
    snprintf(what, sizeof what, "it cannot be copied%s: %s",
             e->date < 0 ? "" : ", and stays as it was in the earlier backup", status_text(why));
    account_copy_tell(&r->backup->told, e->name, NULL, what);
    if (e->date >= 0)
        add_line(r, e);
    return backup_place_remove_copy(&r->place, copy);
}

/* The account was opened, and its names were read. What this backup lacks, the next one looks for.
 */
static enum status back_up_opened(struct run *r, struct account_copy *c, struct backup_entry *e)
{
    struct backup_entry now = *e;
    uint64_t generation = 0, findings = r->backup->told.findings;
    enum status st = ST_OK;
    digits_get_hex(span_str(c->who.generation), &generation);
    bool had = e->date >= 0 && e->generation == generation;
    int earlier = had ? backup_place_open_copy(&r->place, e) : -1;
    if (had && earlier < 0)
        account_copy_tell(&r->backup->told, e->name, NULL,
                          "the files of the earlier backup cannot be opened; all files are copied");
    now.generation = generation;
    if (earlier < 0 || !account_copy_is_same(c, earlier))
        st = copy_account(r, c, &now, earlier);
    os_file_close(earlier);
    if (st == ST_OK) {
        *e = now;
        add_line(r, e);
    } else if (c->unreadable) {
        st = give_up_copy(r, e, &now, st);
    }
    if (r->backup->told.findings > findings)
        changes_note(r->place.store, e->name, NULL);
    return st;
}

/* e: the entry in the earlier backup; the date is -1 if that backup lacks the account. */
static enum status back_up(struct run *r, struct backup_entry *e)
{
    struct account_copy c;
    char what[WHAT_BYTES];
    enum status st = account_copy_begin(&c, r->place.store, e->name);
    r->unsynced = r->unsynced || r->place.store->checks;
    if (st == ST_OK) {
        st = back_up_opened(r, &c, e);
    } else if (st == ST_NO_USER) { /* deleted meanwhile, or not an account */
        st = ST_OK;
    } else if (!status_is_shortage(st)) {
        snprintf(what, sizeof what, "it cannot be read%s: %s",
                 e->date < 0 ? "" : ", so the earlier copy is kept", status_text(st));
        account_copy_tell(&r->backup->told, e->name, NULL, what);
        if (e->date >= 0)
            add_line(r, e);
        changes_note(c.store, e->name, NULL); /* what this backup lacks, the next one looks for */
        st = ST_OK;
    }
    account_copy_end(&c);
    return st;
}

static bool is_due(const struct run *r)
{
    return r->waiting >= FLUSH_ACCOUNTS || r->backup->told.bytes - r->bytes >= FLUSH_BYTES ||
           r->lines.n >= FLUSH_LINES ||
           (r->waiting > 0 && os_clock_ms() - r->flushed_ms >= FLUSH_MS);
}

static bool each_account(void *ctx, const char *name)
{
    struct run *r = ctx;
    struct backup_entry new = {.date = -1};
    if (!name_fold(span_str(name), new.name) || strcmp(new.name, name) != 0)
        return true; /* fsck reports it */
    struct backup_entry *e = backup_table_find(&r->earlier, name);
    if (e && !e->changed)
        add_line(r, e);
    else
        r->st = back_up(r, e ? e : &new);
    if (r->st == ST_OK && is_due(r))
        r->st = flush(r);
    if (r->backup->told.progress)
        r->backup->told.progress(r->backup->told.ctx);
    return r->st == ST_OK;
}

/* --- afterwards --- */

/* Removes the lists of interrupted runs, and those of their copies that no backup uses. */
static void remove_unfinished(struct run *r)
{
    struct backup_place *p = &r->place;
    enum status st = ST_OK;
    int64_t since;
    for (size_t i = 0; i < p->n_unfinished && st == ST_OK; i++) {
        struct backup_table t = {.n = 0};
        int64_t date = p->unfinished[i];
        st = backup_place_load(p, date, true, 0, &t, &since);
        if (st == ST_OK)
            st = backup_place_mark_used(p, date, &t);
        for (size_t k = 0; k < t.n && st == ST_OK; k++) {
            const struct backup_entry *e = &t.all[k],
                                      *now = backup_table_find(&r->earlier, e->name);
            bool used =
                now && now->listed && now->generation == e->generation && now->date == e->date;
            if (e->date == date && !used && !e->listed)
                st = backup_place_remove_copy(p, e);
        }
        backup_table_free(&t);
        if (st == ST_OK)
            st = backup_place_remove_list(p, date, true);
    }
}

static enum status run_opened(struct run *r, int64_t since)
{
    enum status st = read_earlier(r);
    r->each = !os_mount_reports_sync(r->place.accounts);
    if (st == ST_OK)
        st = begin_list(r, since);
    if (st == ST_OK && !store_each_user(r->place.store, each_account, r))
        st = ST_IO;
    if (st == ST_OK)
        st = r->st;
    if (st == ST_OK)
        st = backup_groups_write(&r->place, r->date, &r->backup->told, &r->backup->groups);
    if (st == ST_OK)
        st = backup_doors_write(&r->place, r->date, r->last, &r->backup->told);
    if (st == ST_OK)
        st = finish_list(r);
    if (st == ST_OK)
        remove_unfinished(r);
    return st;
}

enum status backup_run(struct backup *b)
{
    struct run r = {
        .backup = b, .list = -1, .place = {.store = b->store, .dir = b->dir, .path = b->path}};
    char id[BACKUP_STORE_DIGITS + 1];
    int64_t since = changes_mark(b->store);
    b->store->checks = !b->store->server && os_mount_reports_sync(b->store->dir);
    enum status st = account_copy_check_log(b->store);
    if (st == ST_OK)
        st = store_id_find(b->store, id);
    if (st != ST_OK)
        return st;
    buf_init(&r.lines, SIZE_MAX / 4);
    st = backup_place_open(&r.place, id);
    if (st == ST_OK)
        st = run_opened(&r, since);
    if (st == ST_OK)
        changes_set_time(b->store, CHANGES_BACKUP, since);
    os_file_close(r.list);
    buf_free(&r.lines);
    backup_table_free(&r.earlier);
    backup_place_close(&r.place);
    return st;
}
