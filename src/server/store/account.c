/* SPDX-License-Identifier: ISC */
#include "store/account.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "os/file.h"
#include "os/mount.h"
#include "os/random.h"
#include "store/cache.h"
#include "store/changes.h"
#include "store/deleted_accounts.h"
#include "store/fence.h"
#include "store/group_place.h"
#include "store/invite.h"
#include "store/mailbox_private.h"
#include "store/store_private.h"

#define DELIVERIES_WAIT_MS 5000

/*
 * A sync of the whole file system also writes the data of other programs: for fewer accounts than
 * this, a sync of each costs less.
 */
#define AT_ONCE_LEAST 32

#define TRIES 10 /* to change an account that others change, too */

/*
 * Makes a directory with the whole account in it, so that it is durable before it appears. The
 * invite, which may be NULL, comes last.
 */
static enum status make_directory(struct store *s, const char *temporary, const struct who *who,
                                  const struct account *a, const char *invite)
{
    enum status st = ST_OK;
    if (!os_file_make_dir(s->dirs[LAYOUT_NEW], temporary))
        return store_failed(s, "create", "new/%s", temporary);
    int dir = os_file_open_subdir(s->dirs[LAYOUT_NEW], temporary);
    if (dir < 0)
        return store_failed(s, "open", "new/%s", temporary);
    if (!account_file_write(dir, LAYOUT_ACCOUNT, who, a))
        st = store_failed(s, "write", "new/%s/" LAYOUT_ACCOUNT, temporary);
    else if (!os_file_sync_dir(dir))
        st = store_failed(s, "sync", "new/%s", temporary);
    if (st == ST_OK && invite)
        st = invite_take(s, invite, dir);
    os_file_close(dir);
    return st;
}

void account_discard(struct store *s, const char *temporary)
{
    int dir = store_open_inside(s, LAYOUT_NEW, temporary);
    bool given = dir >= 0 ? invite_give_back(s, dir) : errno == ENOENT || errno == ENOTDIR;
    if (!given)
        store_failed(s, dir >= 0 ? "give the invite back of" : "open",
                     "new/%s, which is left as it is", temporary);
    else if (!os_file_remove_tree(s->dirs[LAYOUT_NEW], temporary) && errno != ENOENT)
        store_failed(s, "remove", "new/%s", temporary);
    os_file_close(dir);
}

enum status account_may_register(struct store *s, const char *name, bool invited)
{
    enum status st = store_check_space(s, ACCOUNT_FILE_BYTES);
    if (st != ST_OK)
        return st;
    if (store_is_read_only(s, LAYOUT_USERS) || (invited && store_is_read_only(s, LAYOUT_INVITES)))
        return ST_READ_ONLY;
    if (name_is_reserved(name))
        return ST_RESERVED;
    return os_file_exists(s->dirs[LAYOUT_USERS], name) ? ST_USER_EXISTS
                                                       : group_place_check_free(s, name);
}

enum status account_give_name(struct store *s, const char *temporary, const char *name)
{
    if (!fence_holds(s))
        return ST_BUSY;
    changes_note_account(s, name, NULL);
    if (os_file_rename_new(s->dirs[LAYOUT_NEW], temporary, s->dirs[LAYOUT_USERS], name))
        return ST_OK;
    return errno == EEXIST ? ST_USER_EXISTS
                           : store_failed(s, "rename", "new/%s to users/%s", temporary, name);
}

enum status account_register(struct store *s, const char *name, const char *hash)
{
    return account_register_invited(s, name, hash, NULL);
}

enum status account_register_invited(struct store *s, const char *name, const char *hash,
                                     const char *invite)
{
    struct account a = account_file_standard;
    struct who who;
    char temporary[LAYOUT_NAME_BYTES];
    enum status st = account_may_register(s, name, invite != NULL);
    if (st != ST_OK)
        return st;
    snprintf(who.name, sizeof who.name, "%s", name);
    os_random_hex(who.generation, STORE_GENERATION_DIGITS);
    layout_account(name, who.generation, temporary);
    snprintf(a.hash, sizeof a.hash, "%s", hash);
    st = make_directory(s, temporary, &who, &a, invite);
    os_crypt_wipe(a.hash, sizeof a.hash);
    if (st == ST_OK)
        st = account_give_name(s, temporary, name);
    if (st != ST_OK) {
        account_discard(s, temporary);
        return st;
    }
    return store_sync(s, LAYOUT_USERS) ? ST_OK : ST_UNKNOWN;
}

/* --- many accounts --- */

/* Makes an account's directory in new/. at_once: one sync of the file system follows for all. */
static enum status make_in_new(struct store *s, struct account_new *a, bool at_once)
{
    char temporary[LAYOUT_NAME_BYTES];
    struct who who;
    if (os_file_exists(s->dirs[LAYOUT_USERS], a->name))
        return ST_USER_EXISTS;
    enum status st = group_place_check_free(s, a->name);
    if (st != ST_OK)
        return st;
    os_random_hex(a->generation, STORE_GENERATION_DIGITS);
    memcpy(who.name, a->name, sizeof who.name);
    memcpy(who.generation, a->generation, sizeof who.generation);
    layout_account(a->name, a->generation, temporary);
    if (!at_once)
        return make_directory(s, temporary, &who, &a->account, NULL);
    if (!os_file_make_dir(s->dirs[LAYOUT_NEW], temporary))
        return store_failed(s, "create", "new/%s", temporary);
    int dir = os_file_open_subdir(s->dirs[LAYOUT_NEW], temporary);
    if (dir < 0 || !account_file_write_unsynced(dir, LAYOUT_ACCOUNT, &who, &a->account))
        st = store_failed(s, "write", "new/%s/" LAYOUT_ACCOUNT, temporary);
    os_file_close(dir);
    return st;
}

/* Removes what was made of an account that does not get its name. */
static void discard_unnamed(struct store *s, struct account_new *a, enum status st)
{
    char temporary[LAYOUT_NAME_BYTES];
    a->st = st;
    if (!a->generation[0])
        return;
    layout_account(a->name, a->generation, temporary);
    account_discard(s, temporary);
}

/* Makes the accounts in new/, all of them durable, or none. */
static enum status make_all(struct store *s, struct account_new *accounts, size_t n)
{
    /* Opened before anything is written: the sync of a later one could miss an error. */
    int dir = os_file_open_subdir(s->dir, layout_dirs[LAYOUT_NEW]);
    enum status st = dir < 0 ? store_failed(s, "open", "new") : ST_OK;
    bool at_once = st == ST_OK && n >= AT_ONCE_LEAST && os_mount_reports_sync(dir);
    for (size_t i = 0; i < n && st == ST_OK; i++) {
        accounts[i].st = make_in_new(s, &accounts[i], at_once);
        if (accounts[i].st != ST_USER_EXISTS)
            st = accounts[i].st;
    }
    if (st == ST_OK && at_once && !os_file_sync_all(dir))
        st = store_failed(s, "sync", "the file system of new");
    os_file_close(dir);
    for (size_t i = 0; i < n && st != ST_OK; i++)
        if (accounts[i].st != ST_USER_EXISTS)
            discard_unnamed(s, &accounts[i], st);
    return st;
}

/* After a failure, those that have no name yet get none. */
static enum status name_all(struct store *s, struct account_new *accounts, size_t n)
{
    enum status st = ST_OK;
    for (size_t i = 0; i < n; i++) {
        char temporary[LAYOUT_NAME_BYTES];
        if (accounts[i].st != ST_OK)
            continue;
        layout_account(accounts[i].name, accounts[i].generation, temporary);
        enum status named = st == ST_OK ? account_give_name(s, temporary, accounts[i].name) : st;
        if (named != ST_OK)
            discard_unnamed(s, &accounts[i], named);
        if (named != ST_USER_EXISTS)
            st = named;
    }
    return st;
}

enum status account_register_many(struct store *s, struct account_new *accounts, size_t n)
{
    enum status st = store_check_space(s, n * ACCOUNT_FILE_BYTES);
    if (st == ST_OK && store_is_read_only(s, LAYOUT_USERS))
        st = ST_READ_ONLY;
    for (size_t i = 0; i < n; i++) {
        accounts[i].st = st;
        accounts[i].generation[0] = '\0';
    }
    if (st != ST_OK)
        return st;
    st = make_all(s, accounts, n);
    if (st == ST_OK)
        st = name_all(s, accounts, n);
    /*
     * Also for existing accounts: the process that made them may have been killed before its sync.
     */
    if (store_sync(s, LAYOUT_USERS))
        return st;
    for (size_t i = 0; i < n; i++)
        if (accounts[i].st == ST_OK || accounts[i].st == ST_USER_EXISTS)
            st = accounts[i].st = ST_UNKNOWN;
    return n == 0 ? ST_UNKNOWN : st;
}

enum status account_find(struct store *s, const char *name, struct who *who, struct account *a)
{
    int dir = store_open_inside(s, LAYOUT_USERS, name);
    if (dir < 0)
        return errno == ENOENT ? ST_NO_USER : store_failed(s, "open", "users/%s", name);
    snprintf(who->name, sizeof who->name, "%s", name);
    enum status st = account_file_read(s, dir, who, a);
    os_file_close(dir);
    return st;
}

static bool is_same(const struct account *a, const struct account *b)
{
    return strcmp(a->hash, b->hash) == 0 && a->disabled == b->disabled &&
           a->quota_bytes == b->quota_bytes && a->quota_messages == b->quota_messages &&
           a->warnings == b->warnings && a->warned == b->warned;
}

/*
 * Gives the new file, which is durable, its name. ST_BUSY: the account is not as it was then,
 * because somebody else has changed it meanwhile. The file has its name only on ST_OK.
 */
static enum status enter_file(struct mailbox *mb, const char *temporary, const struct account *then,
                              const struct account *next)
{
    struct who who = mb->who;
    struct account now = account_file_standard;
    enum status st = mailbox_lock(mb);
    if (st != ST_OK)
        return st;
    st = account_file_read(mb->store, mb->dir, &who, &now);
    if (st == ST_OK && !is_same(&now, then))
        st = ST_BUSY;
    if (st == ST_OK)
        changes_note_account(mb->store, mb->who.name, &mb->noted);
    if (st == ST_OK && !os_file_rename_over(mb->dir, temporary, mb->dir, LAYOUT_ACCOUNT))
        st = store_failed(mb->store, "rename", "users/%s/%s", mb->who.name, temporary);
    if (st == ST_OK)
        mailbox_set_quota(mb, next);
    mailbox_unlock(mb);
    os_crypt_wipe(now.hash, sizeof now.hash);
    return st;
}

/* The new file is written and synced before the lock is taken: nobody waits for a sync. */
static enum status rewrite_file(struct mailbox *mb, void (*change)(void *ctx, struct account *a),
                                void *ctx)
{
    char temporary[LAYOUT_NAME_BYTES];
    struct who who = mb->who;
    struct account then = account_file_standard;
    enum status st = account_file_read(mb->store, mb->dir, &who, &then);
    struct account next = then;
    if (st == ST_OK) {
        change(ctx, &next);
        store_temporary(mb->store, temporary);
        if (!account_file_write(mb->dir, temporary, &mb->who, &next))
            st = mailbox_temporary_failed(mb, "write", temporary);
    }
    if (st == ST_OK) {
        st = enter_file(mb, temporary, &then, &next);
        if (st != ST_OK)
            os_file_remove(mb->dir, temporary);
    }
    os_crypt_wipe(then.hash, sizeof then.hash);
    os_crypt_wipe(next.hash, sizeof next.hash);
    return st;
}

enum status account_change(struct store *s, const struct who *who,
                           void (*change)(void *ctx, struct account *a), void *ctx)
{
    struct mailbox *mb;
    enum status st = mailbox_open(s, who, &mb);
    if (st != ST_OK)
        return st;
    st = mailbox_is_read_only(mb) ? ST_READ_ONLY : ST_BUSY;
    for (int i = 0; i < TRIES && st == ST_BUSY; i++)
        st = rewrite_file(mb, change, ctx);
    if (st == ST_OK)
        st = mailbox_sync(mb, " after a change of the account");
    mailbox_close(mb);
    return st;
}

struct new_hash {
    const char *old; /* NULL: whatever it is */
    const char *hash;
    bool refused;
};

static void set_hash(void *ctx, struct account *a)
{
    struct new_hash *n = ctx;
    n->refused = n->old && strcmp(n->old, a->hash) != 0;
    if (!n->refused)
        snprintf(a->hash, sizeof a->hash, "%s", n->hash);
}

enum status account_set_hash(struct store *s, const struct who *who, const char *hash)
{
    struct new_hash n = {.hash = hash};
    return account_change(s, who, set_hash, &n);
}

enum status account_replace_hash(struct store *s, const struct who *who, const char *old,
                                 const char *hash)
{
    struct new_hash n = {.old = old, .hash = hash};
    enum status st = account_change(s, who, set_hash, &n);
    return n.refused ? ST_WRONG_PASSWORD : st;
}

/*
 * With the lock held: one rename takes the whole account away. Deliveries under way end first,
 * which takes no lock: in an account that is restored, their ids would be given again.
 */
static enum status move_away(struct store *s, struct mailbox *mb)
{
    char removed[LAYOUT_NAME_BYTES];
    if (!under_way_wait_all(&mb->under_way, DELIVERIES_WAIT_MS)) {
        store_trouble(s, "mailbox %s: not deleted, because deliveries take too long", mb->who.name);
        return ST_BUSY;
    }
    layout_account(mb->who.name, mb->who.generation, removed);
    changes_note_account(s, mb->who.name, &mb->noted);
    if (!os_file_rename_new(s->dirs[LAYOUT_USERS], mb->who.name, s->dirs[LAYOUT_REMOVED], removed))
        return store_failed(s, "rename", "users/%s to removed/%s", mb->who.name, removed);
    deleted_accounts_note(s, removed);
    atomic_store(&mb->dead, true);
    return ST_OK;
}

enum status account_delete(struct store *s, const struct who *who)
{
    struct mailbox *mb;
    if (store_is_read_only(s, LAYOUT_USERS) || store_is_read_only(s, LAYOUT_REMOVED))
        return ST_READ_ONLY;
    enum status st = mailbox_open(s, who, &mb);
    if (st != ST_OK)
        return st;
    st = mailbox_lock(mb);
    if (st == ST_OK) {
        st = move_away(s, mb);
        mailbox_unlock(mb);
    }
    mailbox_close(mb);
    if (st != ST_OK)
        return st;
    return store_sync(s, LAYOUT_REMOVED) && store_sync(s, LAYOUT_USERS) ? ST_OK : ST_UNKNOWN;
}
