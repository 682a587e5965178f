/* SPDX-License-Identifier: ISC */
#include "store/messages.h"

#include "store/mailbox_private.h"
#include "store/store_private.h"
#include "store/trash.h"

#define AFTER_DELETION  " after a deletion"
#define DELETED_AT_ONCE 256 /* messages; then others get the lock */

enum status messages_find(struct mailbox *mb, uint64_t id, struct mail *m)
{
    enum status st = mailbox_lock(mb);
    if (st != ST_OK)
        return st;
    size_t position = index_find(mb->index, id);
    if (index_belongs(mb->index, INDEX_LIVE, position))
        index_get(mb->index, position, m);
    else
        st = ST_NO_MESSAGE;
    mailbox_unlock(mb);
    return st;
}

/* Whether an administrator sees it: it is durable, and there is a file with a body. */
static bool is_whole_file(const struct mail *m)
{
    return m->state == MAIL_UNREAD || m->state == MAIL_NORMAL || m->state == MAIL_DELETED ||
           m->state == MAIL_BROKEN;
}

enum status messages_list(struct mailbox *mb, uint64_t first, struct mail *mails, size_t max,
                          size_t *n)
{
    enum status st = mailbox_lock(mb);
    *n = 0;
    if (st != ST_OK)
        return st;
    for (size_t i = index_seek(mb->index, first); i < index_count(mb->index) && *n < max; i++) {
        index_get(mb->index, i, &mails[*n]);
        *n += is_whole_file(&mails[*n]);
    }
    mailbox_unlock(mb);
    return ST_OK;
}

enum status messages_find_any(struct mailbox *mb, uint64_t id, struct mail *m)
{
    size_t n;
    enum status st = messages_list(mb, id, m, 1, &n);
    return st == ST_OK && (n == 0 || m->id != id) ? ST_NO_MESSAGE : st;
}

/*
 * Ids are given in the order of renames, and a sync covers all renames before it. So no message
 * below the first unsettled position is pending, and none above it is durable.
 */
enum status messages_next(struct mailbox *mb, uint32_t *mark, struct mail *m)
{
    enum status st = mailbox_lock(mb);
    if (st != ST_OK)
        return st;
    st = ST_NO_MESSAGE;
    for (size_t i = index_seek(mb->index, (uint64_t)*mark + 1);
         i < mb->settled && st == ST_NO_MESSAGE; i++) {
        index_get(mb->index, i, m);
        *mark = m->id;
        if (index_has(mb->index, INDEX_LIVE, i))
            st = ST_OK;
    }
    mailbox_unlock(mb);
    return st;
}

enum status messages_last(struct mailbox *mb, uint32_t *id)
{
    enum status st = mailbox_lock(mb);
    struct mail m = {.id = 0};
    if (st != ST_OK)
        return st;
    if (mb->settled > 0)
        index_get(mb->index, mb->settled - 1, &m);
    *id = m.id;
    mailbox_unlock(mb);
    return ST_OK;
}

/* Takes the lock unless the mailbox is read-only. */
static enum status lock_to_change(struct mailbox *mb)
{
    return mailbox_is_read_only(mb) ? ST_READ_ONLY : mailbox_lock(mb);
}

/* With the lock held: changes the state of a message in a set. */
static enum status change(struct mailbox *mb, uint64_t id, enum index_set set, enum mail_state to)
{
    size_t position = index_find(mb->index, id);
    return index_belongs(mb->index, set, position) ? mailbox_change_state(mb, position, to)
                                                   : ST_NO_MESSAGE;
}

/* The same without the lock. The change is answered, so it must be durable. */
static enum status change_durably(struct mailbox *mb, uint64_t id, enum index_set set,
                                  enum mail_state to, const char *after)
{
    enum status st = lock_to_change(mb);
    if (st != ST_OK)
        return st;
    st = change(mb, id, set, to);
    mailbox_unlock(mb);
    return st == ST_OK ? mailbox_sync(mb, after) : st;
}

/* Without a trash, what was deleted is purged once that is durable. */
static void purge_deleted(struct mailbox *mb)
{
    if (mb->store->limits.trash_s == 0)
        trash_purge(mb);
}

enum status messages_delete(struct mailbox *mb, uint64_t id)
{
    enum status st = change_durably(mb, id, INDEX_LIVE, MAIL_DELETED, AFTER_DELETION);
    if (st == ST_OK)
        purge_deleted(mb);
    return st;
}

/* A message that is gone is an error for it alone. */
static bool can_go_on(enum status st)
{
    return st == ST_OK || st == ST_NO_MESSAGE;
}

/* Begins to delete the first of n messages. Returns how many have an outcome; *st is the last. */
static size_t delete_some(struct mailbox *mb, const uint32_t *ids, size_t n, enum status *outcomes,
                          enum status *st)
{
    size_t i = 0;
    *st = lock_to_change(mb);
    if (*st != ST_OK)
        return 0;
    while (i < n && i < DELETED_AT_ONCE && can_go_on(*st)) {
        *st = change(mb, ids[i], INDEX_LIVE, MAIL_DELETED);
        outcomes[i++] = *st;
    }
    mailbox_unlock(mb);
    return i;
}

size_t messages_delete_many(struct mailbox *mb, const uint32_t *ids, size_t n,
                            enum status *outcomes)
{
    enum status st = ST_OK;
    size_t done = 0, deleted = 0;
    while (done < n && can_go_on(st))
        done += delete_some(mb, ids + done, n - done, outcomes + done, &st);
    for (size_t i = 0; i < n; i++) {
        outcomes[i] = i < done ? outcomes[i] : st;
        deleted += outcomes[i] == ST_OK;
    }
    if (deleted == 0)
        return 0;
    if (mailbox_sync(mb, AFTER_DELETION) == ST_OK) {
        purge_deleted(mb);
        return deleted;
    }
    for (size_t i = 0; i < n; i++)
        outcomes[i] = outcomes[i] == ST_OK ? ST_UNKNOWN : outcomes[i];
    return 0;
}

enum status messages_restore(struct mailbox *mb, uint64_t id)
{
    return change_durably(mb, id, INDEX_DELETED, MAIL_NORMAL, " after a restoration");
}

enum status messages_mark(struct mailbox *mb, uint64_t id, enum mail_state state)
{
    struct mail m;
    enum status st = lock_to_change(mb);
    if (st != ST_OK)
        return st;
    size_t position = index_find(mb->index, id);
    if (!index_belongs(mb->index, INDEX_LIVE, position)) {
        st = ST_NO_MESSAGE;
    } else if (!index_has(mb->index, INDEX_LIVE, position)) {
        st = ST_UNREADABLE;
    } else {
        index_get(mb->index, position, &m);
        st = m.state == state ? ST_OK : mailbox_change_state(mb, position, state);
    }
    mailbox_unlock(mb);
    return st;
}

void messages_mark_read(struct mailbox *mb, const uint32_t *ids, size_t n)
{
    if (lock_to_change(mb) != ST_OK)
        return;
    for (size_t i = 0; i < n; i++) {
        size_t position = index_find(mb->index, ids[i]);
        if (index_has(mb->index, INDEX_UNREAD, position) &&
            mailbox_change_state(mb, position, MAIL_NORMAL) != ST_OK)
            break;
    }
    mailbox_unlock(mb);
}

enum status messages_mail_bytes(struct mailbox *mb, const uint32_t *ids, uint64_t *bytes, size_t n)
{
    enum status st = mailbox_lock(mb);
    for (size_t i = 0; i < n; i++)
        bytes[i] = 0;
    if (st != ST_OK)
        return st;
    for (size_t i = 0; i < n; i++) {
        size_t position = index_find(mb->index, ids[i]);
        if (index_has(mb->index, INDEX_LIVE, position))
            bytes[i] = index_mail_bytes(mb->index, position);
    }
    mailbox_unlock(mb);
    return ST_OK;
}

void messages_note_mail_bytes(struct mailbox *mb, const uint32_t *ids, const uint64_t *bytes,
                              size_t n)
{
    if (mailbox_lock(mb) != ST_OK)
        return;
    for (size_t i = 0; i < n; i++) {
        size_t position = index_find(mb->index, ids[i]);
        if (index_has(mb->index, INDEX_LIVE, position))
            index_set_mail_bytes(mb->index, position, bytes[i]);
    }
    mailbox_unlock(mb);
}
