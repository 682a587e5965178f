/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "os/file.h"
#include "store/account_put.h"
#include "store/restore.h"
#include "store/store_private.h"

#define MARK       "pochta-export"
#define MARK_BYTES 200

static bool is_empty(void *ctx, const char *name)
{
    bool *empty = ctx;
    (void)name;
    *empty = false;
    return false;
}

static enum status check_empty(const struct restore *r)
{
    bool empty = true;
    if (!os_file_each(r->dir, is_empty, &empty))
        return store_failed(r->store, "list", "%s", r->path);
    if (!empty)
        store_trouble(r->store, "%s is not empty: give an empty or a new directory", r->path);
    return empty ? ST_OK : ST_USER_EXISTS;
}

/* The mark comes last: without it, an export is not complete. */
static enum status write_mark(const struct restore *r, const struct account_copy *c)
{
    struct export_mark mark = {.letters = c->names.n};
    struct buf text;
    memcpy(mark.name, c->who.name, sizeof mark.name);
    memcpy(mark.generation, c->who.generation, sizeof mark.generation);
    buf_init(&text, MARK_BYTES);
    export_mark_add(&text, &mark);
    bool ok = buf_ok(&text) && os_file_sync_all(r->dir) &&
              os_file_replace(r->dir, MARK, buf_span(&text)) && os_file_sync_dir(r->dir);
    buf_free(&text);
    return ok ? ST_OK : store_failed(r->store, "write", "%s/" MARK, r->path);
}

enum status restore_export(struct restore *r, const char *name)
{
    struct account_copy c;
    enum status st = check_empty(r);
    if (st != ST_OK)
        return st;
    st = account_copy_check_log(r->store);
    if (st != ST_OK)
        return st;
    st = account_copy_begin(&c, r->store, name);
    if (st == ST_OK)
        st = account_copy_into(&c, r->dir, r->path, -1, &r->told);
    if (st == ST_OK)
        st = write_mark(r, &c);
    r->accounts += st == ST_OK;
    account_copy_end(&c);
    return st;
}

static enum status read_mark(const struct restore *r, struct export_mark *m)
{
    struct buf file;
    enum status st = ST_OK;
    buf_init(&file, MARK_BYTES);
    if (!os_file_load(r->dir, MARK, &file) && errno != ENOENT) {
        st = store_failed(r->store, "read", "%s/" MARK, r->path);
    } else if (!export_mark_parse(buf_span(&file), m)) {
        store_trouble(r->store,
                      "%s is not a complete exported account: there is no valid file " MARK,
                      r->path);
        st = ST_DAMAGED;
    }
    buf_free(&file);
    return st;
}

/* Whether there are as many messages as the mark says. */
static enum status check_whole(const struct restore *r, const struct export_mark *m)
{
    struct account_names names = {.n = 0};
    enum status st = account_names_read(&names, r->dir);
    if (st == ST_IO)
        st = store_failed(r->store, "list", "%s", r->path);
    if (st == ST_OK && names.n < m->letters) {
        store_trouble(r->store, "%s is not complete: it has %zu of %" PRIu64 " messages", r->path,
                      names.n, m->letters);
        st = ST_DAMAGED;
    }
    account_names_free(&names);
    return st;
}

static enum status import_opened(struct restore *r, const struct who *who)
{
    struct store *s = r->store;
    struct account_put put;
    enum status st = account_put_make(s, who, r->dir, r->path, &r->told, &put);
    if (st == ST_OK && !os_file_sync_all(s->dirs[LAYOUT_NEW])) {
        st = store_failed(s, "sync", "the store");
        account_put_discard(s, &put);
    }
    if (st == ST_OK)
        st = account_put_enter(s, &put);
    if (st != ST_OK)
        return st;
    r->accounts++;
    return store_sync(s, LAYOUT_USERS) ? ST_OK : ST_UNKNOWN;
}

enum status restore_import(struct restore *r, struct export_mark *m)
{
    struct who who;
    enum status st = read_mark(r, m);
    if (st == ST_OK)
        st = check_whole(r, m);
    if (st != ST_OK)
        return st;
    memcpy(who.name, m->name, sizeof who.name);
    memcpy(who.generation, m->generation, sizeof who.generation);
    st = account_put_check(r->store, &who, &r->told);
    if (st == ST_USER_EXISTS)
        account_copy_tell(&r->told, who.name, NULL, "the store has this account");
    if (st == ST_USER_EXISTS || st == ST_NO_USER)
        return ST_USER_EXISTS;
    return st == ST_OK ? import_opened(r, &who) : st;
}
