/* SPDX-License-Identifier: ISC */
#include "store/mailbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "os/file.h"
#include "store/changes.h"
#include "store/fence.h"
#include "store/mailbox_private.h"
#include "store/store_private.h"

void mailbox_free(struct mailbox *mb)
{
    index_unref(mb->index);
    index_unref(mb->fresh);
    commit_destroy(&mb->commit);
    under_way_destroy(&mb->under_way);
    os_file_close(mb->dir);
    free(mb);
}

struct mailbox *mailbox_new(struct store *s, const char *name)
{
    struct mailbox *mb = calloc(1, sizeof *mb);
    if (!mb)
        return NULL;
    mb->store = s;
    mb->stripe = lock_stripe(s->locks, name);
    atomic_init(&mb->dir, -1);
    strcpy(mb->who.name, name);
    commit_init(&mb->commit);
    under_way_init(&mb->under_way);
    return mb;
}

/* Finds out whether users/NAME is (still) the account that mb stands for. */
static enum status check_account(struct mailbox *mb)
{
    struct store *s = mb->store;
    struct who now = mb->who;
    struct account a;
    int dir = store_open_inside(s, LAYOUT_USERS, mb->who.name);
    if (dir < 0)
        return errno == ENOENT ? ST_NO_USER : store_failed(s, "open", "users/%s", mb->who.name);
    enum status st = account_file_read(s, dir, &now, &a);
    if (st == ST_OK)
        mailbox_set_quota(mb, &a);
    os_crypt_wipe(a.hash, sizeof a.hash);
    if (st == ST_OK && !mb->who.generation[0])
        memcpy(mb->who.generation, now.generation, sizeof now.generation);
    if (st == ST_OK && strcmp(now.generation, mb->who.generation) != 0)
        st = ST_NO_USER;
    if (st == ST_OK && atomic_load(&mb->dir) < 0)
        atomic_store(&mb->dir, dir);
    else
        os_file_close(dir);
    return st;
}

/*
 * Once a sync has failed, the directory may show what will not last, while everything that we have
 * answered must stay true: then an index is kept as it is.
 */
static bool keeps_index(struct mailbox *mb)
{
    return mb->index && commit_failed(&mb->commit);
}

/* The first half of reading the mailbox again. Until the second, no index is up to date. */
static enum status read_mailbox(struct mailbox *mb)
{
    enum status st = check_account(mb);
    if (st == ST_NO_USER)
        atomic_store(&mb->dead, true);
    if (st == ST_OK && !keeps_index(mb))
        st = mailbox_read_names(mb);
    if (st != ST_OK)
        return st;
    atomic_store(&mb->anchored, false);
    mb->readings++;
    mb->fresh_epoch = atomic_load(&mb->store->epochs[mb->stripe]);
    atomic_store(&mb->epoch, 0);
    atomic_store(&mb->doubtful, false);
    return ST_OK;
}

/* How many messages come before the first one that is pending. */
static size_t count_settled(const struct index *ix)
{
    struct index_totals t;
    struct mail m;
    size_t i = 0;
    index_totals(ix, &t);
    if (t.pending == 0)
        return index_count(ix);
    for (bool pending = false; !pending; i += !pending) {
        index_get(ix, i, &m);
        pending = mail_is_pending(&m);
    }
    return i;
}

/* Nobody sees a message before those with lower ids, so what is above one under way waits for it.
 */
static void wait_for_lower(struct mailbox *mb)
{
    struct mail m;
    for (size_t i = mb->settled; i < index_count(mb->index); i++) {
        index_get(mb->index, i, &m);
        if (m.state == MAIL_UNREAD)
            index_set_state(mb->index, i, MAIL_PENDING);
        else if (m.state == MAIL_NORMAL)
            index_set_state(mb->index, i, MAIL_PENDING_NORMAL);
    }
}

/* The second half, after a sync. */
static void use_reading(struct mailbox *mb)
{
    if (keeps_index(mb)) {
        index_unref(mb->fresh);
    } else {
        index_unref(mb->index);
        mb->index = mb->fresh;
        mb->settled = count_settled(mb->index);
        wait_for_lower(mb);
        atomic_store(&mb->unswept, true);
    }
    mb->fresh = NULL;
    atomic_store(&mb->epoch, mb->fresh_epoch);
}

bool mailbox_is_read_only(struct mailbox *mb)
{
    return store_is_failed(mb->store) || commit_failed(&mb->commit) ||
           (!atomic_load(&mb->anchored) && store_is_read_only(mb->store, LAYOUT_USERS));
}

/*
 * A tool that checks or copies files shows no mail, so it need not wait for the disk for each
 * mailbox.
 */
static void sync_reading(struct mailbox *mb)
{
    if (!commit_failed(&mb->commit) && !mb->store->checks)
        mailbox_sync(mb, "");
}

/* The index is up to date, so users/NAME is the directory that it was. */
enum status mailbox_reopen(struct mailbox *mb)
{
    if (atomic_load(&mb->dir) >= 0)
        return ST_OK;
    int dir = store_open_inside(mb->store, LAYOUT_USERS, mb->who.name);
    if (dir < 0)
        return store_failed(mb->store, "open", "users/%s", mb->who.name);
    atomic_store(&mb->dir, dir);
    return ST_OK;
}

/* Messages that have become durable are no longer pending. */
static void see_durable(struct mailbox *mb)
{
    uint32_t durable = atomic_load(&mb->under_way.durable);
    struct mail m;
    for (; mb->settled < index_count(mb->index); mb->settled++) {
        index_get(mb->index, mb->settled, &m);
        if (m.id > durable)
            break;
        if (mail_is_pending(&m))
            index_set_state(mb->index, mb->settled, mail_named_state(&m));
    }
}

static bool is_of_now(struct mailbox *mb, uint64_t epoch)
{
    return epoch == atomic_load(&mb->store->epochs[mb->stripe]) && !atomic_load(&mb->doubtful);
}

static bool is_up_to_date(struct mailbox *mb)
{
    return is_of_now(mb, atomic_load(&mb->epoch));
}

bool mailbox_is_current(struct mailbox *mb)
{
    return lock_is_ours(mb->store->locks, mb->stripe) && is_up_to_date(mb);
}

/*
 * The store may be lost while we wait for the stripe, as when the process is paused: so the fence
 * is asked again. But a thread that has the stripe should not keep others waiting for the fence.
 */
enum status mailbox_take_stripe(struct store *s, unsigned stripe, const char *name)
{
    if (!fence_holds(s))
        return ST_BUSY;
    switch (lock_take(s->locks, stripe, name)) {
    case LOCK_FAILED:
        if (errno != ETIMEDOUT)
            return store_failed(s, "lock", "users/%s", name);
        store_trouble(s, "mailbox %s: not locked in time: process %u holds the lock", name,
                      lock_holder(s->locks, stripe));
        return ST_BUSY;
    case LOCK_STALE:
        atomic_fetch_add(&s->epochs[stripe], 1);
        break;
    case LOCK_CLEAN:
        break;
    }
    if (fence_holds(s))
        return ST_OK;
    lock_give(s->locks, stripe);
    return ST_BUSY;
}

static enum status take_stripe(struct mailbox *mb)
{
    return mailbox_take_stripe(mb->store, mb->stripe, mb->who.name);
}

/*
 * What another process has renamed but did not live to sync must not be shown before it is durable.
 * So a sync comes after the directory was read and before anyone sees what it says. Meanwhile the
 * stripe is given back: those whose mailboxes share it do not wait for the disk. If another process
 * takes it in that time, the directory must be read again. The second sync is done with the stripe
 * held; otherwise two processes could keep each other busy for ever.
 */
static enum status lock_mailbox(struct mailbox *mb, bool even_dead)
{
    uint64_t synced = 0; /* the reading that our sync came after */
    enum status st = take_stripe(mb);
    if (st != ST_OK)
        return st;
    while (st == ST_OK && !atomic_load(&mb->dead) && !is_up_to_date(mb)) {
        if (!is_of_now(mb, mb->fresh_epoch))
            st = read_mailbox(mb);
        if (st == ST_OK && synced == 0) {
            synced = mb->readings;
            mailbox_unlock(mb);
            sync_reading(mb);
            st = take_stripe(mb);
            if (st != ST_OK)
                return st;
        } else if (st == ST_OK) {
            if (synced != mb->readings)
                sync_reading(mb);
            use_reading(mb);
        }
    }
    if (atomic_load(&mb->dead))
        st = even_dead ? ST_OK : ST_NO_USER;
    if (st == ST_OK)
        see_durable(mb);
    else
        mailbox_unlock(mb);
    return st;
}

enum status mailbox_lock(struct mailbox *mb)
{
    return lock_mailbox(mb, false);
}

enum status mailbox_lock_to_finish(struct mailbox *mb)
{
    return lock_mailbox(mb, true);
}

void mailbox_unlock(struct mailbox *mb)
{
    lock_give(mb->store->locks, mb->stripe);
}

enum status mailbox_temporary_failed(struct mailbox *mb, const char *operation, const char *name)
{
    int error = errno;
    if (error == ENOENT) {
        enum status st = mailbox_lock(mb);
        if (st != ST_OK)
            return st;
        mailbox_unlock(mb);
        errno = error;
    }
    return store_failed(mb->store, operation, "users/%s/%s", mb->who.name, name);
}

enum status mailbox_sync(struct mailbox *mb, const char *after)
{
    if (commit_sync(&mb->commit, mb->dir))
        return fence_proves(mb->store) ? ST_OK : ST_UNKNOWN;
    store_failed(mb->store, "sync", "users/%s%s (read-only from now on)", mb->who.name, after);
    return ST_UNKNOWN;
}

bool mailbox_rename(const struct mailbox *mb, const char *from, const char *to)
{
    if (!mb->store->shared)
        return os_file_rename_new(mb->dir, from, mb->dir, to);
    if (os_file_rename_over(mb->dir, from, mb->dir, to))
        return true;
    int error = errno;
    bool done = error == ENOENT && os_file_refresh(mb->dir) && os_file_exists(mb->dir, to);
    errno = error;
    return done;
}

/* What is set aside may have the name of a file that was set aside before, which stays, too. */
bool mailbox_rename_message(struct mailbox *mb, const struct mail *m, const struct mail *as)
{
    char from[MESSAGE_FILE_NAME_BYTES], to[MESSAGE_FILE_NAME_BYTES];
    message_file_name(m, from);
    message_file_name(as, to);
    changes_note(mb->store, mb->who.name, &mb->noted);
    if (as->state == MAIL_BROKEN && os_file_exists(mb->dir, to)) {
        errno = EEXIST;
        return false;
    }
    return mailbox_rename(mb, from, to);
}

enum status mailbox_change_state(struct mailbox *mb, size_t position, enum mail_state state)
{
    struct mail m, as;
    index_get(mb->index, position, &m);
    as = m;
    as.state = state;
    if (state == MAIL_DELETED || state == MAIL_EXPUNGED)
        changes_note_trash(mb->store, mb->who.name, &mb->noted_trash);
    if (!mailbox_rename_message(mb, &m, &as)) {
        char from[MESSAGE_FILE_NAME_BYTES], to[MESSAGE_FILE_NAME_BYTES];
        message_file_name(&m, from);
        message_file_name(&as, to);
        enum status st =
            store_failed(mb->store, "rename", "users/%s/%s to %s", mb->who.name, from, to);
        if (errno == ENOENT || errno == EEXIST)
            atomic_store(&mb->doubtful, true);
        return errno == ENOENT ? ST_NO_MESSAGE : st;
    }
    index_set_state(mb->index, position, state);
    return ST_OK;
}

/* With the lock held: whether the message at a position has another file than the one with inode.
 */
static bool has_another_file(const struct mailbox *mb, size_t position, uint64_t inode)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    struct os_file_info info;
    struct mail m;
    index_get(mb->index, position, &m);
    message_file_name(&m, name);
    return inode && os_file_look(mb->dir, name, &info) && info.inode != inode;
}

bool mailbox_set_aside(struct mailbox *mb, uint32_t id, uint64_t inode, const char *why)
{
    bool aside = !store_is_failed(mb->store) && mailbox_lock(mb) == ST_OK, another = false;
    if (aside) {
        size_t position = index_find(mb->index, id);
        if (index_belongs(mb->index, INDEX_LIVE, position) ||
            index_belongs(mb->index, INDEX_DELETED, position)) {
            another = has_another_file(mb, position, inode);
            aside = !another && mailbox_change_state(mb, position, MAIL_BROKEN) == ST_OK;
        }
        mailbox_unlock(mb);
    }
    store_trouble(mb->store, "mailbox %s: message %u %s: %s", mb->who.name, (unsigned)id,
                  aside     ? "set aside"
                  : another ? "was damaged, and has been written again meanwhile"
                            : "is damaged, but cannot be set aside",
                  why);
    return aside;
}

void mailbox_hide(struct mailbox *mb, uint32_t id, bool hidden)
{
    if (mailbox_lock(mb) != ST_OK)
        return;
    size_t position = index_find(mb->index, id);
    if (index_belongs(mb->index, INDEX_LIVE, position) ||
        index_belongs(mb->index, INDEX_DELETED, position))
        index_hide(mb->index, position, hidden);
    if (hidden)
        atomic_store(&mb->hides, true);
    mailbox_unlock(mb);
}

void mailbox_show_hidden(struct mailbox *mb)
{
    atomic_store(&mb->hides, false);
    for (size_t i = 0; i < index_count(mb->index); i++)
        if (index_has(mb->index, INDEX_HIDDEN, i))
            index_hide(mb->index, i, false);
}

const struct who *mailbox_who(const struct mailbox *mb)
{
    return &mb->who;
}

void mailbox_set_quota(struct mailbox *mb, const struct account *a)
{
    mb->quota_bytes = a->quota_bytes;
    mb->quota_messages = a->quota_messages;
    mb->warnings = a->warnings;
    atomic_store(&mb->warned, a->warned);
}

struct mailbox_quota account_quota(struct store *s, const struct account *a)
{
    const struct store_limits *limits = &s->limits;
    struct mailbox_quota q = {a->quota_bytes, a->quota_messages};
    if (q.bytes == ACCOUNT_QUOTA_STANDARD)
        q.bytes = limits->quota_bytes;
    if (q.messages == ACCOUNT_QUOTA_STANDARD)
        q.messages = limits->quota_messages;
    return q;
}

struct mailbox_quota mailbox_quota(const struct mailbox *mb)
{
    const struct account a = {.quota_bytes = mb->quota_bytes, .quota_messages = mb->quota_messages};
    return account_quota(mb->store, &a);
}

enum status mailbox_totals(struct mailbox *mb, struct index_totals *totals,
                           struct mailbox_quota *quota)
{
    enum status st = mailbox_lock(mb);
    if (st != ST_OK)
        return st;
    index_totals(mb->index, totals);
    *quota = mailbox_quota(mb);
    mailbox_unlock(mb);
    return ST_OK;
}
