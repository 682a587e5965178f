/* SPDX-License-Identifier: ISC */
#include "store/backup_doors.h"

#include <errno.h>

#include "os/file.h"
#include "store/door_file.h"
#include "store/door_key.h"
#include "store/lock_file.h"
#include "store/store_private.h"

static void tell(struct account_copy_told *told, const char *what)
{
    account_copy_tell(told, LAYOUT_DOORS, NULL, what);
}

/* The copy of a backup. ST_NO_MESSAGE: it has none. */
static enum status load_copy(struct backup_place *p, int64_t date, struct buf *text)
{
    char name[LAYOUT_NAME_BYTES];
    backup_place_doors(date, name);
    if (os_file_load(p->dir, name, text))
        return ST_OK;
    return errno == ENOENT ? ST_NO_MESSAGE : store_failed(p->store, "read", "%s/%s", p->path, name);
}

/* Finds the text for a new backup. ST_NO_MESSAGE: nothing can be copied. */
static enum status choose_text(struct backup_place *p, int64_t last, struct account_copy_told *told,
                               struct buf *text)
{
    enum status st = door_key_load(p->store, text);
    if (st == ST_OK || status_is_shortage(st))
        return st;
    enum status earlier = last < 0 ? ST_NO_MESSAGE : load_copy(p, last, text);
    if (status_is_shortage(earlier))
        return earlier;
    if (st != ST_NO_MESSAGE)
        tell(told, earlier == ST_OK
                       ? "it cannot be read, or is damaged, and stays as it was in the "
                         "earlier backup"
                       : "it cannot be read, or is damaged, and is not in this backup");
    return earlier == ST_OK ? ST_OK : ST_NO_MESSAGE;
}

/* The copy's name is synced before the list gets its name: no complete backup lacks the copy. */
static enum status put_copy(struct backup_place *p, int64_t date, struct span text)
{
    char name[LAYOUT_NAME_BYTES];
    backup_place_doors(date, name);
    if (!os_file_replace(p->dir, name, text))
        return store_failed(p->store, "write", "%s/%s", p->path, name);
    return os_file_sync_dir(p->dir) ? ST_OK : store_failed(p->store, "sync", "%s", p->path);
}

enum status backup_doors_write(struct backup_place *p, int64_t date, int64_t last,
                               struct account_copy_told *told)
{
    struct buf text;
    buf_init(&text, DOOR_FILE_BYTES);
    enum status st = choose_text(p, last, told, &text);
    if (st == ST_OK)
        st = put_copy(p, date, buf_span(&text));
    door_file_free_text(&text);
    return st == ST_NO_MESSAGE ? ST_OK : st;
}

/* --- out of a backup --- */

static bool is_any(void *ctx, const char *name)
{
    bool *any = ctx;
    (void)name;
    *any = true;
    return false;
}

static enum status adopt(struct backup_place *p, struct span text, struct account_copy_told *told)
{
    bool any = false, replaced;
    if (!store_each_user(p->store, is_any, &any))
        return ST_IO;
    enum status st = door_key_adopt(p->store, text, !any, &replaced);
    if (replaced && lock_file_is_served(p->store->dir))
        tell(told, "it was restored; restart the server, which still uses another key");
    if (st == ST_USER_EXISTS) {
        tell(told, "that of the store is damaged, or has another key, and is kept; pochta-store(5) "
                   "says what that means");
        st = ST_OK;
    }
    return st;
}

enum status backup_doors_restore(struct backup_place *p, int64_t date,
                                 struct account_copy_told *told)
{
    struct buf text;
    buf_init(&text, DOOR_FILE_BYTES);
    enum status st = load_copy(p, date, &text);
    bool loaded = st == ST_OK, failed = !loaded && st != ST_NO_MESSAGE && !status_is_shortage(st);
    if (loaded)
        st = adopt(p, buf_span(&text), told);
    if (failed || st == ST_DAMAGED)
        tell(told, "it cannot be read, or is damaged, in the backup");
    door_file_free_text(&text);
    return failed || st == ST_NO_MESSAGE || st == ST_DAMAGED ? ST_OK : st;
}
