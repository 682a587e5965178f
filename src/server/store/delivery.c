/* SPDX-License-Identifier: ISC */
#include "store/delivery.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "os/clock.h"
#include "os/file.h"
#include "store/mailbox_private.h"
#include "store/store_private.h"
#include "store/trash.h"

#define PAGE_BYTES 4096

/*
 * A message exists once its name is in the mailbox. Before that rename a sender has been promised
 * nothing; before the directory is synced, too, nothing is answered.
 */

/* Writes header and body; the part that fits a page goes in one call, as most messages do. */
static bool write_message(int fd, const struct mail *m, struct span body)
{
    char page[PAGE_BYTES];
    size_t n = message_file_header(m, body, page);
    struct span head = span_first(body, sizeof page - n);
    if (head.n > 0)
        memcpy(page + n, head.p, head.n);
    body = span_skip(body, head.n);
    return os_file_write(fd, page, n + head.n) && os_file_write(fd, body.p, body.n);
}

/* Writes a new temporary and syncs it. On failure no file is left. */
static enum status write_temporary(struct mailbox *mb, const char *temporary, const struct mail *m,
                                   struct span body)
{
    int fd = os_file_create(mb->dir, temporary);
    enum status st = ST_OK;
    if (fd < 0)
        return store_failed(mb->store, "create", "users/%s/%s", mb->who.name, temporary);
    if (!write_message(fd, m, body)) {
        st = store_failed(mb->store, "write", "users/%s/%s", mb->who.name, temporary);
    } else if (!os_file_sync(fd)) {
        commit_fail(&mb->commit);
        st = store_failed(mb->store, "sync", "users/%s/%s (the mailbox is read-only from now on)",
                          mb->who.name, temporary);
    }
    os_file_close(fd);
    if (st != ST_OK)
        os_file_remove(mb->dir, temporary);
    return st;
}

/* With the lock held: finds the message of the same sender and token. */
static bool find_repeat(struct mailbox *mb, const struct mail *sent, struct mail *m)
{
    if (!sent->token[0])
        return false;
    size_t position = index_find_token(mb->index, sent->from, sent->token);
    if (position == INDEX_NONE)
        return false;
    index_get(mb->index, position, m);
    return true;
}

/*
 * With the lock held: gives the temporary its name, and with it an id. The message is entered into
 * the index, as pending, before the rename: if that fails, nothing has happened yet.
 */
static enum status enter_message(struct mailbox *mb, const char *temporary, struct mail *m)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    uint32_t last = index_last_id(mb->index);
    if (last == MAIL_ID_MAX)
        return ST_FULL;
    m->id = last + 1;
    struct mail pending = *m;
    pending.state = m->state == MAIL_NORMAL ? MAIL_PENDING_NORMAL : MAIL_PENDING;
    if (!index_add(mb->index, &pending))
        return ST_NO_MEMORY;
    message_file_name(m, name);
    if (os_file_rename_new(mb->dir, temporary, mb->dir, name))
        return ST_OK;
    enum status st =
        store_failed(mb->store, "rename", "users/%s/%s to %s", mb->who.name, temporary, name);
    index_set_state(mb->index, index_count(mb->index) - 1, MAIL_GONE);
    return st;
}

/*
 * Lets everyone see a durable message and all with lower ids, from the next time they take the
 * lock: the sync that came after its rename covers all renames before it, and those gave the lower
 * ids.
 */
static void announce(struct mailbox *mb, uint32_t id)
{
    unsigned known = atomic_load(&mb->durable);
    while (known < id && !atomic_compare_exchange_weak(&mb->durable, &known, id))
        continue;
}

/* Waits until a pending message is durable, and announces it. */
static enum status settle(struct mailbox *mb, uint32_t id, const char *after)
{
    enum status st = mailbox_sync(mb, after);
    if (st == ST_OK)
        announce(mb, id);
    return st;
}

static void fill_in_sender(struct mail *m, const char *from, struct span token)
{
    snprintf(m->from, sizeof m->from, "%s", from);
    snprintf(m->token, sizeof m->token, "%.*s", SPAN_PRINTF(token));
}

enum status delivery_find_repeat(struct mailbox *mb, const char *from, struct span token,
                                 struct mail *first)
{
    struct mail sent;
    if (token.n == 0)
        return ST_NO_MESSAGE;
    fill_in_sender(&sent, from, token);
    /*
     * If the first delivery is still under way, this waits for it. Once a sync has failed, what the
     * directory shows may not last, and no repeat is answered Yes.
     */
    enum status st = mailbox_lock(mb);
    if (st != ST_OK)
        return st;
    st = find_repeat(mb, &sent, first) ? ST_OK : ST_NO_MESSAGE;
    mailbox_unlock(mb);
    if (st == ST_OK && (mail_is_pending(first) || commit_failed(&mb->commit))) {
        first->state = mail_named_state(first);
        return settle(mb, first->id, " after a repeat");
    }
    return st;
}

enum status delivery_check(struct mailbox *mb, uint64_t bytes)
{
    enum status st = commit_failed(&mb->commit) ? ST_READ_ONLY : ST_OK;
    if (st == ST_OK)
        st = store_check_space(mb->store, bytes);
    if (st == ST_OK)
        st = mailbox_lock(mb);
    if (st != ST_OK)
        return st;
    if (index_last_id(mb->index) == MAIL_ID_MAX || !trash_has_room(mb, bytes))
        st = ST_FULL;
    mailbox_unlock(mb);
    return st;
}

static enum status deliver_new(struct mailbox *mb, struct span body, struct mail *m, bool *repeat)
{
    char temporary[LAYOUT_NAME_BYTES];
    struct trash trash = {.index = NULL};
    struct mail first;
    store_temporary(mb->store, temporary);
    enum status st = write_temporary(mb, temporary, m, body);
    if (st != ST_OK)
        return st;
    st = mailbox_lock(mb);
    if (st == ST_OK) {
        *repeat = find_repeat(mb, m, &first);
        if (!*repeat)
            st = trash_make_room(mb, m->size, &trash);
        if (st == ST_OK && !*repeat)
            st = enter_message(mb, temporary, m);
        mailbox_unlock(mb);
    }
    if (st != ST_OK || *repeat) {
        os_file_remove(mb->dir, temporary);
    } else {
        st = settle(mb, m->id, " after a delivery");
        trash.durable = st == ST_OK;
    }
    trash_end(mb, &trash);
    return st;
}

/*
 * Repeats are rare. So they are looked for when the message is ready to be entered, under the lock
 * that this takes anyway; and once more if there was no room, because a repeat needs none.
 */
enum status delivery_put_as(struct mailbox *mb, const char *from, struct span body,
                            struct span token, struct delivery_as as, struct mail *stored,
                            bool *repeat)
{
    struct mail m = {.time = as.time, .state = as.state};
    enum status st = commit_failed(&mb->commit) ? ST_READ_ONLY : ST_OK;
    bool found = false;
    fill_in_sender(&m, from, token);
    message_file_measure(&m, body);
    if (st == ST_OK)
        st = store_check_space(mb->store, body.n);
    if (st == ST_OK)
        st = deliver_new(mb, body, &m, &found);
    if (repeat)
        *repeat = false;
    if (st == ST_UNKNOWN || (st == ST_OK && !found)) {
        *stored = m;
        return st;
    }
    enum status first = delivery_find_repeat(mb, from, token, stored);
    if (repeat)
        *repeat = first == ST_OK;
    return st != ST_OK && first == ST_NO_MESSAGE ? st : first;
}

enum status delivery_put(struct mailbox *mb, const char *from, struct span body, struct span token,
                         struct mail *stored, bool *repeat)
{
    const struct delivery_as now = {os_clock_now(), MAIL_UNREAD};
    return delivery_put_as(mb, from, body, token, now, stored, repeat);
}
