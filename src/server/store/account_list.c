/* SPDX-License-Identifier: ISC */
#include "store/account_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/crc32c.h"
#include "os/file.h"
#include "store/account.h"
#include "store/changes.h"
#include "store/changes_private.h"
#include "store/store_private.h"

#define REMEMBERED  "accounts"
#define UNFINISHED  REMEMBERED LAYOUT_UNFINISHED
#define READ_BYTES  16384
#define WRITE_BYTES 65536
#define CHANGED_MAX 65536 /* if more have changed, all are looked at */
#define CHANGED_FEW 100
#define DAY_S       INT64_C(86400)
#define KEPT_S      (60 * DAY_S)

/* The names of accounts that have changed, sorted, each once. */
struct names {
    char (*all)[NAME_BYTES + 1];
    size_t n, cap;
    bool failed; /* out of memory, or too many */
};

struct listing {
    struct store *store;
    bool (*each)(void *ctx, const struct account_row *row);
    void *ctx;
    bool on; /* each has not returned false */
    int old; /* the remembered list, or -1 */
    struct names changed;

    /* The list that is being written. */
    int new; /* -1: none */
    struct buf text;
    uint64_t accounts;
    uint32_t checksum;
};

/* --- the list that is remembered --- */

static bool read_rows(int fd, struct account_rows *rows,
                      bool (*each)(void *ctx, const struct account_row *row), void *ctx)
{
    char bytes[READ_BYTES];
    uint64_t at = 0;
    size_t left = 0;
    int64_t n;
    *rows = (struct account_rows){.since = 0};
    do {
        n = os_file_read_some(fd, bytes + left, sizeof bytes - left, at);
        struct span text = span_of(bytes, left + (n > 0 ? (size_t)n : 0));
        if (n < 0 || !account_rows_take(rows, &text, each, ctx))
            return false;
        at += (uint64_t)n;
        left = text.n;
        memmove(bytes, text.p, left);
    } while (n > 0);
    return rows->next == ACCOUNT_ROWS_END && left == 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void sort_names(struct names *names)
{
    size_t n = 0;
    if (names->n > 0)
        qsort(names->all, names->n, sizeof *names->all, compare_names);
    for (size_t i = 0; i < names->n; i++)
        if (i == 0 || strcmp(names->all[i], names->all[n - 1]) != 0)
            memmove(names->all[n++], names->all[i], sizeof *names->all);
    names->n = n;
}

/* A name may be noted many times. */
static bool add_name(void *ctx, const char *name)
{
    struct names *names = ctx;
    if (names->n == CHANGED_MAX) {
        sort_names(names);
        names->failed = names->n > CHANGED_MAX / 2;
    }
    void *all = array_room(names->all, names->n, &names->cap, sizeof *names->all);
    names->failed = names->failed || !all;
    if (all)
        names->all = all;
    if (!names->failed)
        snprintf(names->all[names->n++], sizeof *names->all, "%s", name);
    return !names->failed;
}

/* Finds the accounts whose rows in the list may have changed since that time. */
static bool find_changed(struct listing *l, int64_t since)
{
    l->changed.n = 0;
    l->changed.failed = false;
    if (!changes_each_account(l->store, since, add_name, &l->changed) || l->changed.failed)
        return false;
    sort_names(&l->changed);
    return true;
}

/* A file that was cut short by a power cut, or is still being written, is not believed. */
static bool open_old(struct listing *l, int64_t *since)
{
    struct account_rows rows;
    l->old = l->store->changes ? os_file_open(l->store->changes->dir, REMEMBERED) : -1;
    bool ok = l->old >= 0 && read_rows(l->old, &rows, NULL, NULL);
    *since = ok ? rows.since : 0;
    return ok;
}

/* --- the next one --- */

static void give_up_new(struct listing *l)
{
    if (l->new < 0)
        return;
    os_file_close(l->new);
    l->new = -1;
    os_file_remove(l->store->changes->dir, UNFINISHED);
}

static bool count_name(void *ctx, const char *name)
{
    int *n = ctx;
    (void)name;
    return ++*n < ACCOUNT_LIST_LEAST;
}

/* A few accounts are read in less time than the file takes. */
static bool is_worth_it(struct store *s)
{
    int n = 0;
    return os_file_each(s->dirs[LAYOUT_USERS], count_name, &n) && n >= ACCOUNT_LIST_LEAST;
}

/*
 * Another process or thread may be writing a list, too. Then one of the two may rename the other's
 * file before that is complete. Until it is, its last line is missing, and it is not believed.
 */
static void begin_new(struct listing *l)
{
    struct store *s = l->store;
    int64_t since = store_is_failed(s) ? 0 : changes_mark(s);
    if (!changes_is_complete(s, since))
        return;
    os_file_remove(s->changes->dir, UNFINISHED);
    l->new = os_file_create(s->changes->dir, UNFINISHED);
    account_rows_head_add(&l->text, since);
}

/* Leaves the space that mail needs: see store_check_space. */
static void flush_new(struct listing *l)
{
    bool ok = buf_ok(&l->text) && store_check_space(l->store, l->text.n) == ST_OK &&
              os_file_write(l->new, l->text.p, l->text.n);
    l->checksum = crc32c(l->checksum, buf_span(&l->text));
    buf_clear(&l->text);
    if (!ok)
        give_up_new(l);
}

/* The file is not synced: "known" and the checksum say whether it is whole. */
static void end_new(struct listing *l)
{
    if (l->new >= 0)
        flush_new(l);
    account_rows_end_add(&l->text, l->accounts, l->checksum);
    if (l->new >= 0)
        flush_new(l);
    if (l->new >= 0 && os_file_rename_over(l->store->changes->dir, UNFINISHED,
                                           l->store->changes->dir, REMEMBERED)) {
        os_file_close(l->new);
        l->new = -1;
    }
}

/* --- accounts --- */

static void pass_on(struct listing *l, const struct account_row *row)
{
    if (l->new >= 0) {
        account_row_add(&l->text, row);
        l->accounts++;
        if (l->text.n >= WRITE_BYTES)
            flush_new(l);
    }
    l->on = l->each(l->ctx, row);
}

/* Reads the account's file, without a lock or a sync. */
void account_list_find(struct store *s, const char *name, struct account_row *row)
{
    struct who who = {.generation = ""};
    struct account a = account_file_standard;
    *row = (struct account_row){.st = account_find(s, name, &who, &a)};
    os_crypt_wipe(a.hash, sizeof a.hash);
    snprintf(row->name, sizeof row->name, "%s", name);
    row->disabled = a.disabled;
    row->quota_bytes = a.quota_bytes;
    row->quota_messages = a.quota_messages;
}

static void look_at(struct listing *l, const char *name)
{
    struct account_row row;
    account_list_find(l->store, name, &row);
    if (row.st != ST_NO_USER)
        pass_on(l, &row);
}

/* Names that no account can have are left out; fsck reports them. */
static bool look_at_name(void *ctx, const char *name)
{
    struct listing *l = ctx;
    char folded[NAME_BYTES + 1];
    if (name_fold(span_str(name), folded) && strcmp(folded, name) == 0)
        look_at(l, name);
    return l->on;
}

static bool take_old_row(void *ctx, const struct account_row *row)
{
    struct listing *l = ctx;
    const struct names *changed = &l->changed;
    if (changed->n > 0 &&
        bsearch(row->name, changed->all, changed->n, sizeof *changed->all, compare_names))
        return true;
    if (row->st == ST_OK)
        pass_on(l, row);
    else
        look_at(l, row->name);
    return l->on;
}

static bool list_old(struct listing *l)
{
    struct account_rows rows;
    if (!read_rows(l->old, &rows, take_old_row, l) && l->on) {
        store_failed(l->store, "read", LAYOUT_CHANGES "/" REMEMBERED);
        account_list_drop(l->store);
        return false;
    }
    for (size_t i = 0; i < l->changed.n && l->on; i++)
        look_at(l, l->changed.all[i]);
    return true;
}

/* Whether the next list has less to look at if this one is remembered in place of the old one. */
static bool is_outdated(const struct listing *l, int64_t since)
{
    int64_t now = changes_now(l->store);
    return since < now - DAY_S ||
           (l->changed.n > CHANGED_FEW && changes_hour(since) < changes_hour(now));
}

bool account_list_each(struct store *s, bool (*each)(void *ctx, const struct account_row *row),
                       void *ctx)
{
    struct listing l = {.store = s, .each = each, .ctx = ctx, .on = true, .new = -1};
    int64_t since;
    buf_init(&l.text, SIZE_MAX);
    bool remembered = open_old(&l, &since) && find_changed(&l, since);
    if (remembered ? is_outdated(&l, since) : is_worth_it(s)) {
        begin_new(&l);
        remembered = remembered && find_changed(&l, since);
    }
    bool ok = remembered ? list_old(&l) : store_each_user(s, look_at_name, &l);
    if (ok && l.on)
        end_new(&l);
    give_up_new(&l);
    os_file_close(l.old);
    free(l.changed.all);
    buf_free(&l.text);
    return ok;
}

/* --- housekeeping --- */

/* The time since which the remembered list needs notes; if there is no list, the given time. */
static int64_t needed_since(struct store *s, int64_t or)
{
    char head[ACCOUNT_ROWS_LINE_BYTES];
    struct account_rows rows = {.since = or };
    int fd = s->changes ? os_file_open(s->changes->dir, REMEMBERED) : -1;
    int64_t n = fd >= 0 ? os_file_read_at(fd, head, sizeof head, 0) : -1;
    struct span text = span_of(head, n > 0 ? (size_t)n : 0);
    account_rows_take(&rows, &text, NULL, NULL);
    os_file_close(fd);
    return rows.since;
}

/* Notes of the last day stay, for a list under way. One that takes longer does not count. */
void account_list_forget(struct store *s)
{
    int64_t now = changes_now(s), before = needed_since(s, now);
    if (before > now - DAY_S)
        before = now - DAY_S;
    if (before < now - KEPT_S)
        before = now - KEPT_S;
    changes_forget_accounts(s, before - 2 * CHANGES_HOUR_S);
}

void account_list_drop(struct store *s)
{
    if (s->changes)
        os_file_remove(s->changes->dir, REMEMBERED);
}
