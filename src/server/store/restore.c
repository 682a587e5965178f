/* SPDX-License-Identifier: ISC */
#include "store/restore.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/error.h"
#include "os/file.h"
#include "store/account.h"
#include "store/account_put.h"
#include "store/backup_doors.h"
#include "store/backup_groups.h"
#include "store/backup_place.h"
#include "store/store_id.h"
#include "store/store_private.h"

#define BATCH      256 /* accounts that one sync is for */
#define WHAT_BYTES 200 /* a finding */

/* A restore under way. */
struct run {
    struct restore *restore;
    struct backup_place place;
    struct backup_table table;
    int64_t date;                    /* of the backup */
    struct account_put batch[BATCH]; /* made, and not entered yet */
    size_t n;
};

bool restore_at_ok(struct span text)
{
    static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
    bool ok = text.n >= 4 && text.n < sizeof form;
    for (size_t i = 0; ok && i < text.n; i++)
        ok = form[i] == 'd' ? text.p[i] >= '0' && text.p[i] <= '9' : text.p[i] == form[i];
    return ok;
}

/* --- which backup --- */

/* The number of the last backup that is not later than r->at; n_dates if there is none. */
static size_t choose_backup(const struct restore *r, const struct backup_place *p)
{
    char date[BACKUP_DATE_BYTES];
    for (size_t i = p->n_dates; i-- > 0;) {
        backup_date(p->dates[i], date);
        if (!r->at || strncmp(date, r->at, strlen(r->at)) <= 0)
            return i;
    }
    return p->n_dates;
}

static enum status open_backup(struct run *run)
{
    struct restore *r = run->restore;
    struct backup_place *p = &run->place;
    int64_t since;
    *p = (struct backup_place){.store = r->store, .dir = r->dir, .path = r->path};
    enum status st = backup_place_open(p, NULL);
    if (st != ST_OK)
        return st;
    size_t i = choose_backup(r, p);
    if (i == p->n_dates) {
        store_trouble(r->store, "%s has no complete backup%s%s%s", r->path, r->at ? " of " : "",
                      r->at ? r->at : "", r->at ? " or before" : "");
        return ST_NO_MESSAGE;
    }
    run->date = p->dates[i];
    backup_date(run->date, r->date);
    st = backup_place_load(p, p->dates[i], false, 0, &run->table, &since);
    backup_table_sort(&run->table);
    return st;
}

static void who_of(const struct backup_entry *e, struct who *who)
{
    memcpy(who->name, e->name, sizeof who->name);
    snprintf(who->generation, sizeof who->generation, "%016" PRIx64, e->generation);
}

/* Opens the files of an account. -1: that is reported, or logged (*st). */
static int open_copy(struct run *run, const struct backup_entry *e, enum status *st)
{
    char what[WHAT_BYTES];
    int dir = backup_place_open_copy(&run->place, e);
    if (dir >= 0)
        return dir;
    if (store_is_shortage(errno)) {
        *st = store_failed(run->restore->store, "open", "%s/accounts/%s-%016" PRIx64,
                           run->restore->path, e->name, e->generation);
        return -1;
    }
    *st = account_copy_unread(errno);
    snprintf(what, sizeof what, "the directory with its files cannot be opened in the backup: %s",
             os_error_text(errno));
    account_copy_tell(&run->restore->told, e->name, NULL, what);
    return -1;
}

/* --- accounts --- */

/*
 * Lets everyone see the accounts that were made, once they are durable. Syncs users/ even if
 * none was made: a restore that was killed may have put accounts there without a sync.
 */
static enum status enter_batch(struct run *run)
{
    struct restore *r = run->restore;
    struct store *s = r->store;
    enum status st = ST_OK;
    if (run->n > 0 && !os_file_sync_all(s->dirs[LAYOUT_NEW]))
        st = store_failed(s, "sync", "the store");
    for (size_t i = 0; i < run->n; i++) {
        enum status entered = st == ST_OK ? account_put_enter(s, &run->batch[i]) : st;
        account_put_discard(s, &run->batch[i]);
        if (entered == ST_OK)
            r->accounts++;
        else if (entered == ST_USER_EXISTS)
            r->there++;
        else
            st = entered;
    }
    run->n = 0;
    return st != ST_OK || store_sync(s, LAYOUT_USERS) ? st : ST_UNKNOWN;
}

/* ST_USER_EXISTS, ST_NO_USER: see account_put_check. */
static enum status make_account(struct run *run, const struct backup_entry *e)
{
    struct restore *r = run->restore;
    char path[OS_FILE_PATH_BYTES], date[BACKUP_DATE_BYTES];
    struct who who;
    who_of(e, &who);
    enum status st = account_put_check(r->store, &who, &r->told);
    if (st != ST_OK)
        return st;
    int dir = open_copy(run, e, &st);
    if (dir < 0)
        return st;
    backup_date(e->date, date);
    snprintf(path, sizeof path, "%.3500s/accounts/%s-%s/%s", r->path, who.name, who.generation,
             date);
    st = account_put_make(r->store, &who, dir, path, &r->told, &run->batch[run->n]);
    run->n += st == ST_OK;
    os_file_close(dir);
    return st;
}

/* A failure of one account does not stop the others. */
static enum status restore_each(struct run *run)
{
    enum status st = ST_OK;
    for (size_t i = 0; i < run->table.n && st == ST_OK; i++) {
        st = make_account(run, &run->table.all[i]);
        run->restore->there += st == ST_USER_EXISTS;
        if (st == ST_USER_EXISTS || st == ST_NO_USER || st == ST_DAMAGED || st == ST_UNREADABLE)
            st = ST_OK;
        if (st == ST_OK && run->n == BATCH)
            st = enter_batch(run);
    }
    enum status entered = enter_batch(run);
    return st == ST_OK ? entered : st;
}

static struct run *run_new(struct restore *r)
{
    struct run *run = calloc(1, sizeof *run);
    if (run) {
        run->restore = r;
        run->place.lock = run->place.accounts = -1;
        return run;
    }
    errno = ENOMEM;
    store_failed(r->store, "read", "%s", r->path);
    return NULL;
}

static void run_end(struct run *run)
{
    backup_table_free(&run->table);
    backup_place_close(&run->place);
    free(run);
}

enum status restore_all(struct restore *r)
{
    struct run *run = run_new(r);
    if (!run)
        return ST_NO_MEMORY;
    enum status st = open_backup(run);
    if (st == ST_OK)
        st = backup_doors_restore(&run->place, run->date, &r->told);
    if (st == ST_OK)
        st = restore_each(run);
    if (st == ST_OK)
        st = backup_groups_restore(&run->place, run->date, &r->told, &r->groups);
    if (st == ST_OK && !r->at)
        st = store_id_adopt(r->store, run->place.store_id);
    run_end(run);
    return st;
}

/* Opens the backup, and finds the account in it. */
static enum status open_entry(struct run *run, const char *name, const struct backup_entry **e)
{
    enum status st = open_backup(run);
    if (st != ST_OK)
        return st;
    *e = backup_table_find(&run->table, name);
    if (!*e)
        store_trouble(run->restore->store, "the backup %s has no account %s", run->restore->date,
                      name);
    return *e ? ST_OK : ST_NO_USER;
}

enum status restore_account(struct restore *r, const char *name)
{
    const struct backup_entry *e;
    struct run *run = run_new(r);
    if (!run)
        return ST_NO_MEMORY;
    enum status st = open_entry(run, name, &e);
    if (st == ST_OK) {
        st = make_account(run, e);
        if (st == ST_USER_EXISTS)
            account_copy_tell(&r->told, name, NULL,
                              "the store has this account; to restore messages, give their ids");
        st = st == ST_NO_USER ? ST_USER_EXISTS : st;
    }
    if (st == ST_OK)
        st = enter_batch(run);
    run_end(run);
    return st;
}

/* --- letters --- */

static enum status put_letter(struct run *run, const struct who *who, int copy, uint32_t id)
{
    struct restore *r = run->restore;
    char file[20];
    const char *why;
    enum status st = account_put_letter(r->store, who, copy, r->path, id, &why);
    if (st == ST_OK)
        r->told.copied++;
    if (!why)
        return st;
    snprintf(file, sizeof file, "%" PRIu32, id);
    account_copy_tell(&r->told, who->name, file, why);
    return ST_OK;
}

enum status restore_letters(struct restore *r, const char *name, const uint32_t *ids, size_t n)
{
    const struct backup_entry *e;
    struct run *run = run_new(r);
    struct who who;
    int copy = -1;
    if (!run)
        return ST_NO_MEMORY;
    enum status st = open_entry(run, name, &e);
    if (st == ST_OK) {
        who_of(e, &who);
        st = account_put_check(r->store, &who, &r->told);
        st = st == ST_OK            ? ST_NO_USER
             : st == ST_NO_USER     ? ST_USER_EXISTS
             : st == ST_USER_EXISTS ? ST_OK
                                    : st;
    }
    if (st == ST_OK)
        copy = open_copy(run, e, &st);
    for (size_t i = 0; i < n && st == ST_OK; i++)
        st = put_letter(run, &who, copy, ids[i]);
    os_file_close(copy);
    run_end(run);
    return st;
}
