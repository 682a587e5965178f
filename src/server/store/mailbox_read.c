/* SPDX-License-Identifier: ISC */
/* How the names in a mailbox's directory become its index. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "os/file.h"
#include "store/mailbox_private.h"
#include "store/store_private.h"

/* A message whose id another one keeps. */
struct other {
    size_t position;
    struct mail first, mail;
};

struct reading {
    struct mailbox *mb;
    struct index *index;
    struct other *others;
    size_t n, cap;
    bool failed; /* out of memory */
};

/* A temporary of another process is a leftover if we are the server: then no other is running. */
static void drop_temporary(struct mailbox *mb, const char *name)
{
    const char *process = name + strlen(LAYOUT_TEMPORARY);
    if (mb->store->server && strncmp(process, mb->store->process, STORE_PROCESS_DIGITS) != 0)
        os_file_remove(mb->dir, name);
}

static bool read_name(void *ctx, const char *name)
{
    struct reading *r = ctx;
    struct mail m;
    if (message_file_parse_name(name, &m)) {
        r->failed = !index_add(r->index, &m);
        return !r->failed;
    }
    switch (layout_file(name)) {
    case LAYOUT_FILE_TEMPORARY:
        drop_temporary(r->mb, name);
        break;
    case LAYOUT_FILE_NEW_ACCOUNT:
        os_file_remove(r->mb->dir, name); /* it is written under the lock, which we hold */
        break;
    case LAYOUT_FILE_ACCOUNT:
    case LAYOUT_FILE_INVITE:
        break;
    case LAYOUT_FILE_OTHER:
        store_trouble(r->mb->store, "mailbox %s: %.200s is not a message and was left alone",
                      r->mb->who.name, name);
        break;
    }
    return true;
}

/*
 * Where a rename cannot refuse to replace, it is a link and an unlink (os_file_rename_new). A crash
 * between them leaves one file with two names, and either is right: neither change was answered.
 * A delivery under way may have its file's name already, or not yet; it comes before that.
 */
static bool is_same_file(void *ctx, const struct mail *first, const struct mail *m)
{
    struct mailbox *mb = ((struct reading *)ctx)->mb;
    char names[2][MESSAGE_FILE_NAME_BYTES];
    struct os_file_info infos[2];
    if (mail_is_pending(first))
        return message_file_is_same(first, m);
    message_file_name(first, names[0]);
    message_file_name(m, names[1]);
    for (int i = 0; i < 2; i++)
        if (!os_file_look(mb->dir, names[i], &infos[i]))
            return false;
    if (infos[0].inode != infos[1].inode)
        return false;
    if (mb->store->server)
        os_file_remove(mb->dir, names[1]);
    return true;
}

static void keep_other(void *ctx, size_t position, const struct mail *first, const struct mail *m)
{
    struct reading *r = ctx;
    struct other *others = array_room(r->others, r->n, &r->cap, sizeof *others);
    r->failed = r->failed || !others;
    if (!others)
        return;
    r->others = others;
    r->others[r->n++] = (struct other){position, *first, *m};
}

/* Logs two files that have the same id, or sender and token: the first stays; now says what becomes
 * of the second. */
static void tell(const struct mailbox *mb, const char *have, const struct mail *first,
                 const struct mail *second, const char *now)
{
    char names[2][MESSAGE_FILE_NAME_BYTES];
    struct mail named = *first;
    named.state = mail_named_state(first);
    message_file_name(&named, names[0]);
    message_file_name(second, names[1]);
    store_trouble(mb->store, "mailbox %s: two files have the same %s: %s stays, %s %s",
                  mb->who.name, have, names[0], names[1], now);
}

static bool set_aside(struct reading *r, const struct mail *m)
{
    struct mail as = *m;
    as.state = MAIL_BROKEN;
    return mailbox_rename_message(r->mb, m, &as);
}

/* Gives a file the next free id. 0: that failed. */
static uint32_t give_free_id(struct reading *r, const struct other *o)
{
    struct mail as = o->mail;
    uint32_t last = index_last_id(r->index);
    as.id = last + 1;
    if (last == MAIL_ID_MAX || !mailbox_rename_message(r->mb, &o->mail, &as))
        return 0;
    index_set_state(r->index, o->position, MAIL_GONE);
    under_way_pass(&r->mb->under_way, as.id);
    r->failed = !index_add(r->index, &as);
    return as.id;
}

/* A repeat of a message that the mailbox already has gets no id. */
static void settle_other(struct reading *r, const struct other *o)
{
    const struct mail *m = &o->mail;
    bool repeat = m->token[0] && index_find_token(r->index, m->from, m->token) != INDEX_NONE;
    uint32_t id = repeat ? 0 : give_free_id(r, o);
    char now[100] = "is left out";
    if (id > 0)
        snprintf(now, sizeof now, "is message %u from now on", (unsigned)id);
    else if (repeat && set_aside(r, m))
        snprintf(now, sizeof now, "is a repeat and was set aside");
    tell(r->mb, "id", &o->first, m, now);
}

/*
 * Called after all ids are settled. Otherwise the message that was answered could count as the
 * repeat, because the other one still has a lower id that it will lose.
 */
static void settle_repeats(struct reading *r)
{
    size_t first;
    for (size_t i = 0; (i = index_next_repeat(r->index, i, &first)) != INDEX_NONE; i++) {
        struct mail one, m;
        index_get(r->index, first, &one);
        index_get(r->index, i, &m);
        if (m.state == MAIL_EXPUNGED || mail_is_pending(&m) || !set_aside(r, &m))
            continue;
        index_set_state(r->index, i, MAIL_BROKEN);
        tell(r->mb, "sender and token", &one, &m, "was set aside");
    }
}

/* Only a server knows all ids that were given. After a failed sync, nothing is renamed. */
static void settle_twice(struct reading *r)
{
    struct mailbox *mb = r->mb;
    if (!mb->store->server || mailbox_is_read_only(mb)) {
        if (r->n > 0)
            store_trouble(mb->store, "mailbox %s: %zu files have the id of another file",
                          mb->who.name, r->n);
        return;
    }
    for (size_t i = 0; i < r->n && !r->failed; i++)
        settle_other(r, &r->others[i]);
    settle_repeats(r);
}

/*
 * Deliveries under way come first: one that ends meanwhile gets its name, but a directory need not
 * show a name that it gets while it is being read.
 */
static enum status read_names(struct reading *r)
{
    struct mailbox *mb = r->mb;
    struct index_twice twice = {is_same_file, keep_other, r};
    if (!under_way_add(&mb->under_way, r->index))
        return ST_NO_MEMORY;
    if (!os_file_each(mb->dir, read_name, r))
        return store_failed(mb->store, "list", "users/%s", mb->who.name);
    if (r->failed || !index_sort(r->index, mb->index, &twice))
        return ST_NO_MEMORY;
    if (!r->failed)
        settle_twice(r);
    return r->failed ? ST_NO_MEMORY : ST_OK;
}

enum status mailbox_read_names(struct mailbox *mb)
{
    struct reading r = {.mb = mb, .index = index_new()};
    if (!r.index)
        return ST_NO_MEMORY;
    enum status st = read_names(&r);
    free(r.others);
    if (st != ST_OK) {
        index_unref(r.index);
        return st;
    }
    index_unref(mb->fresh);
    mb->fresh = r.index;
    return ST_OK;
}
