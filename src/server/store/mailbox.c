#include "store/mailbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "os/file.h"
#include "store/store_private.h"

void mailbox_free(struct mailbox *mb)
{
    index_unref(mb->index);
    commit_destroy(&mb->commit);
    os_file_close(mb->dir);
    free(mb);
}

struct mailbox *mailbox_new(struct store *s, const char *name)
{
    struct mailbox *mb = calloc(1, sizeof *mb);

    if (!mb)
        return NULL;
    mb->store = s;
    mb->stripe = lock_stripe(name);
    mb->dir = -1;
    strcpy(mb->who.name, name);
    commit_init(&mb->commit);
    return mb;
}

void mailbox_bury(struct mailbox *mb)
{
    mb->dead = true;
    cache_remove(mb);
}

struct load {
    struct mailbox *mb;
    struct index *index;
    bool failed;
};

/* A temporary that another process has left, now that we are the server and it is not. */
static void drop_temporary(struct mailbox *mb, const char *name)
{
    const char *process = name + strlen(STORE_TEMPORARY);

    if (mb->store->server && strncmp(process, mb->store->process, STORE_PROCESS_DIGITS) != 0)
        os_file_remove(mb->dir, name);
}

static bool load_name(void *ctx, const char *name)
{
    struct load *l = ctx;
    struct mail m;

    if (mail_parse_file_name(name, &m)) {
        l->failed = !index_add(l->index, &m);
        return !l->failed;
    }
    if (strncmp(name, STORE_TEMPORARY, strlen(STORE_TEMPORARY)) == 0)
        drop_temporary(l->mb, name);
    else if (strcmp(name, STORE_ACCOUNT ".new") == 0)
        os_file_remove(l->mb->dir, name); /* its writer died: it held the lock that we hold */
    else if (strcmp(name, STORE_ACCOUNT) != 0 && !invite_is_taken(name))
        store_trouble(l->mb->store, "mailbox %s: %.200s is no message, left alone", l->mb->who.name,
                      name);
    return true;
}

static enum status load_index(struct mailbox *mb)
{
    struct load l = {.mb = mb, .index = index_new()};
    size_t duplicates;

    if (!l.index)
        return ST_NO_MEMORY;
    if (!os_file_each(mb->dir, load_name, &l)) {
        index_unref(l.index);
        return status_of_errno(errno);
    }
    if (l.failed || !index_sort(l.index, &duplicates)) {
        index_unref(l.index);
        return ST_NO_MEMORY;
    }
    if (duplicates)
        store_trouble(mb->store, "mailbox %s: %zu files have the id of another", mb->who.name,
                      duplicates);
    index_unref(mb->index);
    mb->index = l.index;
    mb->settled = index_count(l.index); /* what was there to be read had been synced */
    trash_drop_tombstones(mb);
    trash_purge(mb);
    return ST_OK;
}

/* Finds out whether users/NAME is (still) the account that mb stands for. */
static enum status check_account(struct mailbox *mb)
{
    struct store *s = mb->store;
    struct who now = mb->who;
    struct account a;
    int dir = os_file_open_subdir(s->users, mb->who.name);
    enum status st;

    if (dir < 0)
        return errno == ENOENT ? ST_NO_USER : status_of_errno(errno);
    st = account_read(s, dir, &now, &a);
    if (st == ST_OK)
        mailbox_set_quota(mb, &a);
    os_crypt_wipe(a.hash, sizeof a.hash);
    if (st == ST_OK && mb->dir < 0) {
        memcpy(mb->who.generation, now.generation, sizeof now.generation);
        mb->dir = dir;
        return ST_OK;
    }
    os_file_close(dir);
    if (st == ST_OK && strcmp(now.generation, mb->who.generation) != 0)
        return ST_NO_USER;
    return st;
}

/*
 * After a failed sync the directory may show what will not last, and what we have said of it stays
 * true: the index is kept as it is.
 */
static bool must_keep_index(struct mailbox *mb)
{
    return mb->index && commit_failed(&mb->commit);
}

/*
 * Reads the mailbox anew. The sync comes before the look: what another process renamed but did not
 * live to sync must not be shown before it is durable.
 */
static enum status load(struct mailbox *mb)
{
    enum status st = check_account(mb);

    if (st == ST_NO_USER)
        mailbox_bury(mb);
    if (st != ST_OK)
        return st;
    if (!commit_failed(&mb->commit) && !commit_sync(&mb->commit, mb->dir))
        store_trouble(mb->store, "mailbox %s: sync of the directory failed: read-only",
                      mb->who.name);
    atomic_store(&mb->doubtful, false);
    st = must_keep_index(mb) ? ST_OK : load_index(mb);
    if (st == ST_OK)
        atomic_store(&mb->epoch, atomic_load(&mb->store->epochs[mb->stripe]));
    return st;
}

/* What has become durable meanwhile is pending no longer. */
static void see_durable(struct mailbox *mb)
{
    uint32_t durable = atomic_load(&mb->durable);
    struct mail m;

    for (; mb->settled < index_count(mb->index); mb->settled++) {
        index_get(mb->index, mb->settled, &m);
        if (m.id > durable)
            break;
        if (m.state == MAIL_PENDING)
            index_set_state(mb->index, mb->settled, MAIL_UNREAD);
    }
}

static bool is_up_to_date(struct mailbox *mb)
{
    return atomic_load(&mb->epoch) == atomic_load(&mb->store->epochs[mb->stripe]) &&
           !atomic_load(&mb->doubtful);
}

static enum status lock_mailbox(struct mailbox *mb, bool dead_too)
{
    enum status st = ST_OK;

    switch (lock_take(mb->store->locks, mb->stripe, mb->who.name)) {
    case LOCK_FAILED:
        store_trouble(mb->store, "mailbox %s: cannot be locked (errno %d)", mb->who.name, errno);
        return ST_IO;
    case LOCK_STALE:
        atomic_fetch_add(&mb->store->epochs[mb->stripe], 1);
        break;
    case LOCK_CLEAN:
        break;
    }
    if (mb->dead)
        st = dead_too ? ST_OK : ST_NO_USER;
    else if (!is_up_to_date(mb))
        st = load(mb);
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

static bool same_generation(const struct who *asked, const struct who *found)
{
    return !asked->generation[0] || strcmp(asked->generation, found->generation) == 0;
}

/* Makes sure, under the lock, that the account exists. *dead: the name may have another by now. */
static enum status check_open(struct mailbox *mb, const struct who *who, bool *dead)
{
    enum status st = mailbox_lock(mb);

    *dead = st == ST_NO_USER && atomic_load(&mb->epoch) > 0;
    if (st != ST_OK)
        return st;
    if (!same_generation(who, &mb->who))
        st = ST_NO_USER;
    mailbox_unlock(mb);
    return st;
}

/*
 * What is in the cache and up to date is a mailbox of an account that exists. The lock would tell
 * no more, unless another process has had it since; what is done to the mailbox takes it anyway.
 */
enum status mailbox_open(struct store *s, const struct who *who, struct mailbox **out)
{
    struct mailbox *mb;
    enum status st;
    bool dead;

    do {
        st = ST_OK;
        dead = false;
        mb = cache_get(s, who->name);
        if (!mb)
            return ST_NO_MEMORY;
        if (!lock_is_ours(s->locks, mb->stripe) || !is_up_to_date(mb) ||
            !same_generation(who, &mb->who))
            st = check_open(mb, who, &dead);
        if (st != ST_OK)
            cache_put(mb);
    } while (dead);
    *out = st == ST_OK ? mb : NULL;
    return st;
}

void mailbox_close(struct mailbox *mb)
{
    if (mb)
        cache_put(mb);
}

const struct who *mailbox_who(const struct mailbox *mb)
{
    return &mb->who;
}

void mailbox_set_quota(struct mailbox *mb, const struct account *a)
{
    mb->quota_bytes = a->quota_bytes;
    mb->quota_messages = a->quota_messages;
}

struct mailbox_quota mailbox_quota(const struct mailbox *mb)
{
    const struct store_limits *limits = &mb->store->limits;
    struct mailbox_quota q = {mb->quota_bytes, mb->quota_messages};

    if (q.bytes == ACCOUNT_QUOTA_STANDARD)
        q.bytes = limits->quota_bytes;
    if (q.messages == ACCOUNT_QUOTA_STANDARD)
        q.messages = limits->quota_messages;
    return q;
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
