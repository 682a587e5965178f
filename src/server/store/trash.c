/* SPDX-License-Identifier: ISC */
#include "store/trash.h"

#include <errno.h>

#include "os/file.h"
#include "store/changes.h"
#include "store/mailbox_private.h"
#include "store/quota.h"
#include "store/redo.h"
#include "store/store_private.h"

static void take_body(struct mailbox *mb, const char *name)
{
    if (!os_file_truncate(mb->dir, name))
        store_failed(mb->store, "empty", "users/%s/%s", mb->who.name, name);
}

static bool may_purge(struct mailbox *mb)
{
    return mb->store->server && atomic_load(&mb->snapshots) == 0 && !mailbox_is_read_only(mb);
}

/*
 * Begins to purge those deleted messages for which want(mb, name, ctx) is true, in the order of
 * their ids.
 */
static void purge_wanted(struct mailbox *mb,
                         bool (*want)(struct mailbox *mb, const char *name, const void *ctx),
                         const void *ctx, struct trash *t)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    struct index_totals totals;
    struct mail m;
    if (!may_purge(mb) || !index_copy_set(mb->index, INDEX_DELETED, 0, &t->purged)) {
        index_totals(mb->index, &totals);
        t->left = t->left || totals.deleted > 0;
        return;
    }
    for (size_t i = 0; (i = position_set_next(&t->purged, i)) != POSITION_NONE; i++) {
        index_get(mb->index, i, &m);
        message_file_name(&m, name);
        bool wanted = want(mb, name, ctx);
        if (wanted && mailbox_change_state(mb, i, MAIL_EXPUNGED) == ST_OK) {
            t->n++;
            continue;
        }
        t->left = t->left || wanted;
        position_set_remove(&t->purged, i);
    }
    t->index = index_ref(mb->index);
    atomic_fetch_add(&mb->purges, 1);
}

/*
 * The index may have been replaced since the first half: then the old one changes no more. Either
 * way a tombstone keeps its name, and no sweep removes it while there is a purge.
 */
static void take_bodies(struct mailbox *mb, const struct trash *t)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    struct mail m;
    if (mailbox_lock(mb) != ST_OK)
        return;
    for (size_t i = 0; (i = position_set_next(&t->purged, i)) != POSITION_NONE; i++) {
        index_get(t->index, i, &m);
        message_file_name(&m, name);
        take_body(mb, name);
    }
    mailbox_unlock(mb);
}

/* If users cannot see the trash, no one misses a body whose old name has come back. */
static bool may_take_bodies(struct mailbox *mb, const struct trash *t)
{
    return t->durable || mb->store->limits.trash_s == 0 ||
           (!mailbox_is_read_only(mb) && mailbox_sync(mb, " before a purge") == ST_OK);
}

void trash_end(struct mailbox *mb, struct trash *t)
{
    if (!t->index)
        return;
    if (t->n > 0 && may_take_bodies(mb, t)) {
        take_bodies(mb, t);
        store_tell_purged(mb->store, "messages", mb->who.name, t->n);
    }
    atomic_fetch_sub(&mb->purges, 1);
    index_unref(t->index);
    position_set_free(&t->purged);
}

/* Deleting renames a file, and a rename sets its time of change. */
static bool message_was_kept_enough(struct mailbox *mb, const char *name, const void *ctx)
{
    uint64_t keep_s = mb->store->limits.trash_s;
    struct os_file_info info;
    (void)ctx;
    return keep_s == 0 ||
           (os_file_look(mb->dir, name, &info) && store_is_older(mb->store, info.changed, keep_s));
}

void trash_begin_purge(struct mailbox *mb, struct trash *t)
{
    purge_wanted(mb, message_was_kept_enough, NULL, t);
}

void trash_purge(struct mailbox *mb)
{
    struct trash t = {.index = NULL};
    if (mailbox_lock(mb) != ST_OK)
        return;
    trash_begin_purge(mb, &t);
    mailbox_unlock(mb);
    trash_end(mb, &t);
}

static bool room_is_needed(struct mailbox *mb, const char *name, const void *ctx)
{
    const uint64_t *bytes = ctx;
    (void)name;
    return !quota_fits(mb, *bytes, true);
}

bool trash_has_room(struct mailbox *mb, uint64_t bytes)
{
    return quota_fits(mb, bytes, true) || (may_purge(mb) && quota_fits(mb, bytes, false));
}

enum status trash_make_room(struct mailbox *mb, uint64_t bytes, struct trash *t)
{
    if (!quota_fits(mb, bytes, true) && quota_fits(mb, bytes, false))
        purge_wanted(mb, room_is_needed, &bytes, t);
    return quota_fits(mb, bytes, true) ? ST_OK : ST_FULL;
}

/* Whether a message of this date may still be in the delivery log. */
static bool log_may_have(const struct store *s, int64_t time)
{
    return time >= s->log_since || (s->redo && !redo_is_newer(s->redo, time));
}

/*
 * An imported message has a date of long ago: only its file tells how new it is. As long as a
 * message may be in the delivery log, its tombstone keeps a recovery from bringing it back.
 */
static bool may_be_forgotten(struct mailbox *mb, const struct mail *m, int64_t changed)
{
    return !log_may_have(mb->store, m->time) &&
           store_is_older(mb->store, m->time, TRASH_REMEMBER_S) &&
           store_is_older(mb->store, changed, TRASH_REMEMBER_S);
}

/*
 * A tombstone is no longer needed when its token may be forgotten and a higher id is known. One
 * that a crash has left with its body loses it now. After a failed sync nothing is removed, because
 * a power cut could bring back the name that a tombstone had before; nor while a purge may still
 * wait for its sync.
 */
static void drop_tombstones(struct mailbox *mb, struct trash *t)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    struct os_file_info info;
    struct mail m;
    if (!mb->store->server || mailbox_is_read_only(mb) || atomic_load(&mb->purges) > 0) {
        t->left = true;
        return;
    }
    for (size_t i = 0; i < index_count(mb->index); i++) {
        index_get(mb->index, i, &m);
        if (m.state != MAIL_EXPUNGED)
            continue;
        message_file_name(&m, name);
        bool left = true;
        if (!os_file_look(mb->dir, name, &info)) {
            store_failed(mb->store, "look at", "users/%s/%s", mb->who.name, name);
        } else if (info.bytes > 0) {
            take_body(mb, name);
        } else if (i + 1 == index_count(mb->index)) {
            left = false;
        } else if (!may_be_forgotten(mb, &m, info.changed)) {
            left = store_is_older(mb->store, info.changed, TRASH_REMEMBER_S);
        } else if (os_file_remove(mb->dir, name)) {
            index_set_state(mb->index, i, MAIL_GONE);
            left = false;
        } else {
            store_failed(mb->store, "remove", "users/%s/%s", mb->who.name, name);
        }
        t->left = t->left || left;
    }
}

struct noting {
    struct store *store;
    const char *name;
    int dir;
    bool any;
};

static bool note_file(void *ctx, const char *file)
{
    struct noting *n = ctx;
    struct os_file_info info;
    struct mail m;
    if (!message_file_parse_name(file, &m)) {
        enum layout_file kind = layout_file(file);
        n->any = n->any || kind == LAYOUT_FILE_TEMPORARY || kind == LAYOUT_FILE_NEW_ACCOUNT;
    } else if (m.state == MAIL_DELETED || m.state == MAIL_EXPUNGED) {
        n->any = true;
        if (os_file_look(n->dir, file, &info))
            changes_note_trash_at(n->store, n->name, info.changed);
    }
    return true;
}

bool trash_note_all(struct store *s, const char *name)
{
    struct noting n = {s, name, store_open_inside(s, LAYOUT_USERS, name), false};
    if (n.dir < 0)
        return errno != ENOENT;
    bool read = os_file_each(n.dir, note_file, &n);
    os_file_close(n.dir);
    return n.any || !read;
}

void trash_begin_sweep(struct mailbox *mb, struct trash *t)
{
    drop_tombstones(mb, t);
    trash_begin_purge(mb, t);
}
