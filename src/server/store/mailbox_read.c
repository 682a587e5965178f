/* SPDX-License-Identifier: ISC */
/* How the names in a mailbox's directory become its index. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "os/file.h"
#include "store/changes.h"
#include "store/layout.h"
#include "store/mailbox_private.h"
#include "store/store_private.h"

struct load {
    struct mailbox *mb;
    struct index *index;
    struct mail *strangers; /* which have the id of another message */
    size_t n_strangers, cap_strangers;
    bool failed; /* out of memory */
};

/* A temporary of another process is a leftover if we are the server: then no other is running. */
static void drop_temporary(struct mailbox *mb, const char *name)
{
    const char *process = name + strlen(LAYOUT_TEMPORARY);
    if (mb->store->server && strncmp(process, mb->store->process, STORE_PROCESS_DIGITS) != 0)
        os_file_remove(mb->dir, name);
}

static bool load_name(void *ctx, const char *name)
{
    struct load *l = ctx;
    struct mail m;
    if (message_file_parse_name(name, &m)) {
        l->failed = !index_add(l->index, &m);
        return !l->failed;
    }
    switch (layout_file(name)) {
    case LAYOUT_FILE_TEMPORARY:
        drop_temporary(l->mb, name);
        break;
    case LAYOUT_FILE_NEW_ACCOUNT:
        os_file_remove(l->mb->dir, name); /* it is written under the lock, which we hold */
        break;
    case LAYOUT_FILE_ACCOUNT:
    case LAYOUT_FILE_INVITE:
        break;
    case LAYOUT_FILE_OTHER:
        store_trouble(l->mb->store, "mailbox %s: %.200s is not a message and was left alone",
                      l->mb->who.name, name);
        break;
    }
    return true;
}

/* Whether the index from before this reading has the message under its id. */
static bool was_known(const struct mailbox *mb, const struct mail *m)
{
    struct mail known;
    size_t position = mb->index ? index_find(mb->index, m->id) : INDEX_NONE;
    if (position == INDEX_NONE)
        return false;
    index_get(mb->index, position, &known);
    return message_file_is_same(&known, m);
}

/*
 * Two files have one id. Returns the one that is another message in the place of the first, which
 * we have told others of, as far as we know; or NULL, if both are one message.
 */
static const struct mail *find_stranger(const struct mailbox *mb, const struct mail *first,
                                        const struct mail *m)
{
    if (message_file_is_same(first, m) || m->state == MAIL_BROKEN ||
        message_file_is_repeat(first, m))
        return NULL;
    if (mail_is_pending(first))
        return m;
    return mail_is_pending(m) || m->state == MAIL_EXPUNGED || was_known(mb, m) ? first : m;
}

static void note_stranger(struct load *l, const struct mail *m)
{
    struct mail *more = array_room(l->strangers, l->n_strangers, &l->cap_strangers, sizeof *more);
    l->failed = l->failed || !more;
    if (!more)
        return;
    l->strangers = more;
    l->strangers[l->n_strangers++] = *m;
}

/*
 * Where a rename cannot refuse to replace, it is a link and an unlink (os_file_rename_new). A crash
 * between them leaves one file with two names, and either is right: neither change was answered.
 * A delivery under way may have its file's name already, or not yet; it comes before that.
 */
static bool is_same_file(void *ctx, const struct mail *first, const struct mail *m)
{
    struct load *l = ctx;
    struct mailbox *mb = l->mb;
    char names[2][MESSAGE_FILE_NAME_BYTES];
    struct os_file_info infos[2];
    if (mail_is_pending(first) && message_file_is_same(first, m))
        return true;
    message_file_name(first, names[0]);
    message_file_name(m, names[1]);
    if (os_file_look(mb->dir, names[0], &infos[0]) && os_file_look(mb->dir, names[1], &infos[1]) &&
        infos[0].inode == infos[1].inode) {
        if (mb->store->server)
            os_file_remove(mb->dir, names[1]);
        return true;
    }
    const struct mail *stranger = mb->store->server ? find_stranger(mb, first, m) : NULL;
    if (stranger)
        note_stranger(l, stranger);
    return false;
}

/*
 * Deliveries under way are looked at first: one that ends meanwhile has its name then, but a
 * directory need not show a name that it gets while it is read.
 */
static enum status load_index(struct load *l, size_t *duplicates)
{
    struct mailbox *mb = l->mb;
    l->index = index_new();
    l->n_strangers = 0;
    if (!l->index)
        return ST_NO_MEMORY;
    l->failed = !under_way_add(&mb->under_way, l->index);
    if (!l->failed && !os_file_each(mb->dir, load_name, l))
        return store_failed(mb->store, "list", "users/%s", mb->who.name);
    bool sorted = !l->failed && index_sort(l->index, is_same_file, l, duplicates);
    return sorted && !l->failed ? ST_OK : ST_NO_MEMORY;
}

/* Whether another message has the sender and token of a stranger, which then is its repeat. */
static bool is_there(const struct load *l, const struct mail *stranger)
{
    struct mail m;
    size_t position = stranger->token[0]
                          ? index_find_token(l->index, stranger->from, stranger->token)
                          : INDEX_NONE;
    if (position == INDEX_NONE)
        return false;
    index_get(l->index, position, &m);
    return m.id != stranger->id;
}

/*
 * A server that has lost the store to us may have given an id that we have given, too. Neither
 * message may hide the other: so the stranger gets the next free id. Like all that a reading finds
 * it is synced before anyone sees it. Returns how many were moved.
 */
static size_t move_strangers(const struct load *l)
{
    struct mailbox *mb = l->mb;
    char from[MESSAGE_FILE_NAME_BYTES], to[MESSAGE_FILE_NAME_BYTES];
    uint32_t last = index_last_id(l->index);
    size_t moved = 0;
    for (size_t i = 0; i < l->n_strangers && last < MAIL_ID_MAX; i++) {
        struct mail m = l->strangers[i];
        message_file_name(&m, from);
        m.id = last + 1;
        message_file_name(&m, to);
        if (is_there(l, &l->strangers[i]))
            continue;
        changes_note(mb->store, mb->who.name, &mb->noted);
        if (!mailbox_rename(mb, from, to)) {
            store_failed(mb->store, "rename", "users/%s/%s to %s", mb->who.name, from, to);
            continue;
        }
        store_trouble(mb->store, "mailbox %s: %s has the id of another message and is now %s",
                      mb->who.name, from, to);
        last++;
        moved++;
    }
    return moved;
}

enum status mailbox_read_names(struct mailbox *mb)
{
    struct load l = {.mb = mb};
    size_t duplicates = 0;
    enum status st = load_index(&l, &duplicates);
    if (st == ST_OK && l.n_strangers > 0 && !mailbox_is_read_only(mb) && move_strangers(&l) > 0) {
        index_unref(l.index);
        st = load_index(&l, &duplicates);
    }
    free(l.strangers);
    if (st != ST_OK) {
        index_unref(l.index);
        return st;
    }
    if (duplicates)
        store_trouble(mb->store, "mailbox %s: %zu files have the id of another file", mb->who.name,
                      duplicates);
    index_unref(mb->fresh);
    mb->fresh = l.index;
    return ST_OK;
}
