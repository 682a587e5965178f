/* SPDX-License-Identifier: ISC */
#include "store/redo_replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/file.h"
#include "os/mount.h"
#include "store/cache.h"
#include "store/mailbox_private.h"
#include "store/store_private.h"

#define AT_ONCE 10000 /* messages: their new files take room before they replace the old ones */

/* The messages of one account, which are next to each other. */
struct group {
    struct replay *replay;
    struct replay_entry *entries;
    size_t n;
    int dir;
    struct index *index; /* of what is in it now */
    uint32_t free_id;    /* above all ids in it and in the log */
    bool failed;         /* out of memory */
    bool removed;        /* the account was deleted: dir is in removed/ */
};

void replay_begin(struct replay *rp, struct store *s, int log_dir, enum replay_kind kind)
{
    *rp = (struct replay){.store = s, .log_dir = log_dir, .kind = kind};
}

void replay_end(struct replay *rp)
{
    for (unsigned i = 0; i < rp->n_files; i++)
        os_file_close(rp->files[i]);
    free(rp->files);
    free(rp->entries);
}

bool replay_add_file(struct replay *rp, const char *name)
{
    int *more = realloc(rp->files, (rp->n_files + 1) * sizeof *more);
    if (!more)
        return false;
    rp->files = more;
    rp->files[rp->n_files] = os_file_open(rp->log_dir, name);
    return rp->files[rp->n_files] >= 0 && ++rp->n_files > 0;
}

bool replay_add(struct replay *rp, const struct redo_message *m, const struct redo_place *place,
                uint64_t offset, size_t bytes)
{
    if (rp->n == rp->cap) {
        size_t cap = rp->cap ? 2 * rp->cap : 256;
        struct replay_entry *more = realloc(rp->entries, cap * sizeof *more);
        if (!more)
            return false;
        rp->entries = more;
        rp->cap = cap;
    }
    rp->entries[rp->n++] = (struct replay_entry){.who = m->who,
                                                 .place = *place,
                                                 .file = rp->n_files - 1,
                                                 .id = m->mail.id,
                                                 .bytes = (uint32_t)bytes,
                                                 .offset = offset};
    return true;
}

void replay_filter(struct replay *rp, bool (*counts)(const void *ctx, const struct replay_entry *e),
                   const void *ctx)
{
    size_t n = 0;
    for (size_t i = 0; i < rp->n; i++)
        if (counts(ctx, &rp->entries[i]))
            rp->entries[n++] = rp->entries[i];
    rp->n = n;
}

/* --- one record --- */

/* Reads a record again: of all of them, only where they are is kept in memory. False: errno. */
static bool load(const struct replay *rp, const struct replay_entry *e, struct buf *bytes,
                 struct redo_message *m)
{
    buf_clear(bytes);
    char *p = buf_space(bytes, e->bytes);
    int64_t n = p ? os_file_read_at(rp->files[e->file], p, e->bytes, e->offset) : -1;
    if (n < 0)
        return false;
    buf_added(bytes, (size_t)n);
    errno = EIO; /* what could be read a moment ago */
    return redo_record_parse(buf_span(bytes), m);
}

static bool is_same_message(const struct mail *a, const struct mail *b)
{
    return a->id == b->id && a->time == b->time && a->size == b->size && a->escapes == b->escapes &&
           a->line == b->line && a->line_esc == b->line_esc && strcmp(a->from, b->from) == 0 &&
           strcmp(a->token, b->token) == 0;
}

enum fate {
    FATE_NOTHING, /* it is not needed */
    FATE_SAME,    /* its file is written over */
    FATE_NEW      /* it gets a file */
};

/* The states in which a message has a file of its own, or had one. */
static const enum mail_state states[] = {MAIL_UNREAD, MAIL_NORMAL, MAIL_DELETED, MAIL_EXPUNGED};

/* Looks for the file of a message, whose name depends on its state. */
static bool find_file(int dir, const struct mail *m, struct mail *as, struct os_file_info *info)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    *as = *m;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        as->state = states[i];
        message_file_name(as, name);
        if (os_file_look(dir, name, info))
            return true;
    }
    return false;
}

/*
 * Whether a message needs nothing. A file whose blocks could not be allocated when it was written
 * back loses its contents, and no sync fails (this was measured on ext4). But it has no blocks
 * then.
 */
static bool has_its_blocks(const struct group *g, const struct redo_message *m)
{
    struct os_file_info info;
    struct mail as;
    return find_file(g->dir, &m->mail, &as, &info) &&
           (as.state == MAIL_EXPUNGED || info.disk_bytes >= m->file.n);
}

/* Whether a file has exactly these bytes. */
static bool is_file_of(int dir, const struct mail *m, struct span bytes)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    struct buf file;
    message_file_name(m, name);
    buf_init(&file, bytes.n);
    bool same = os_file_load(dir, name, &file) && span_eq(buf_span(&file), bytes);
    buf_free(&file);
    return same;
}

/* Whether the mailbox has the message under another id, as an earlier recovery has given it. */
static bool was_moved(const struct group *g, const struct redo_message *m)
{
    struct mail found, same;
    for (size_t i = 0; i < index_count(g->index); i++) {
        index_get(g->index, i, &found);
        same = found;
        same.id = m->mail.id;
        if (found.id != m->mail.id && is_same_message(&same, &m->mail) &&
            is_file_of(g->dir, &found, m->file))
            return true;
    }
    return false;
}

/* Decides what becomes of a message. *as is the message as it will be called. */
static enum fate decide(const struct group *g, const struct redo_message *rm, struct mail *as)
{
    const struct index *ix = g->index;
    const struct mail *m = &rm->mail;
    struct os_file_info info;
    bool taken = false;
    struct mail found;
    if (find_file(g->dir, m, as, &info))
        return as->state == MAIL_EXPUNGED ? FATE_NOTHING : FATE_SAME;
    *as = *m;
    for (size_t i = index_seek(ix, m->id); i < index_count(ix); i++) {
        index_get(ix, i, &found);
        if (found.id != m->id)
            break;
        if (!is_same_message(&found, m))
            taken = true;
        else if (found.state == MAIL_BROKEN)
            as->state = MAIL_UNREAD;
    }
    if (m->token[0] && index_find_token(ix, m->from, m->token) != INDEX_NONE)
        return FATE_NOTHING;
    if (!taken)
        return FATE_NEW;
    as->id = g->free_id;
    return was_moved(g, rm) ? FATE_NOTHING : FATE_NEW;
}

/* --- one account --- */

/* A new file that an earlier recovery has left takes room that this one needs. */
static void drop_copy(const struct group *g, const char *name)
{
    const char *process = name + strlen(LAYOUT_TEMPORARY);
    if (g->replay->kind == REPLAY_ALONE && layout_file(name) == LAYOUT_FILE_TEMPORARY &&
        strncmp(process, g->replay->store->process, STORE_PROCESS_DIGITS) != 0)
        os_file_remove(g->dir, name);
}

static bool add_name(void *ctx, const char *name)
{
    struct group *g = ctx;
    struct mail m;
    if (message_file_parse_name(name, &m))
        g->failed = !index_add(g->index, &m);
    else
        drop_copy(g, name);
    return !g->failed;
}

/* Reads which messages the account has. False: errno. */
static bool list_messages(struct group *g)
{
    size_t duplicates;
    g->index = index_new();
    g->failed = !g->index;
    bool listed = g->failed || os_file_each(g->dir, add_name, g);
    if (listed && (g->failed || !index_sort(g->index, NULL, NULL, &duplicates))) {
        errno = ENOMEM;
        return false;
    }
    if (!listed)
        return false;
    g->free_id = index_last_id(g->index);
    for (size_t i = 0; i < g->n; i++)
        if (g->entries[i].id > g->free_id)
            g->free_id = g->entries[i].id;
    g->free_id++;
    return true;
}

/* Opens the account's directory if it is the one of this generation. -1: errno, ENOENT if not. */
static int open_generation(struct store *s, enum layout_dir which, const char *name,
                           const struct who *who)
{
    struct who found = *who;
    struct account a;
    int dir = store_open_inside(s, which, name);
    if (dir < 0)
        return -1;
    enum status st = account_file_read(s, dir, &found, &a);
    os_crypt_wipe(a.hash, sizeof a.hash);
    if (st == ST_OK && strcmp(found.generation, who->generation) != 0)
        errno = ENOENT;
    else if (st == ST_OK && !os_mount_is_one(dir, s->log_dir))
        errno = EXDEV; /* the syncs are of the file system that the log is on */
    else if (st == ST_OK)
        return dir;
    else if (errno == ENOENT)
        errno = EIO; /* an account without its file */
    os_file_close(dir);
    return -1;
}

/* An account that was deleted can be restored, and must have its messages then. */
static bool open_account(struct group *g)
{
    struct store *s = g->replay->store;
    const struct who *who = &g->entries->who;
    char removed[LAYOUT_NAME_BYTES];
    g->dir = open_generation(s, LAYOUT_USERS, who->name, who);
    if (g->dir >= 0 || errno != ENOENT)
        return g->dir >= 0;
    layout_account(who->name, who->generation, removed);
    g->removed = true;
    g->dir = open_generation(s, LAYOUT_REMOVED, removed, who);
    return g->dir >= 0;
}

static void close_group(struct group *g)
{
    int error = errno;
    os_file_close(g->dir);
    index_unref(g->index);
    errno = error;
}

/* Removes the new files that have no names. */
static void remove_copies(struct group *g)
{
    for (size_t i = 0; i < g->n; i++) {
        if (g->dir >= 0 && g->entries[i].copy[0])
            os_file_remove(g->dir, g->entries[i].copy);
        g->entries[i].copy[0] = '\0';
    }
}

/*
 * Something failed for an account. Unless the disk is full, which concerns all, the account is left
 * for the next time, which must find it as it is. One that was deleted is not in use anyway. False:
 * it concerns all.
 */
static bool leave(struct group *g)
{
    int error = errno;
    store_failed(g->replay->store, "write again", "users/%s, for %zu messages of the delivery log",
                 g->entries->who.name, g->n);
    remove_copies(g);
    g->replay->kept += g->n;
    return error != ENOSPC && error != EDQUOT &&
           (g->replay->kind != REPLAY_ALONE || g->removed ||
            store_shut(g->replay->store, g->entries->who.name));
}

/* --- first pass: new files --- */

static bool write_copy(struct group *g, struct replay_entry *e, struct span file)
{
    store_temporary(g->replay->store, e->copy);
    int fd = os_file_create(g->dir, e->copy);
    bool ok = fd >= 0 && os_file_write(fd, file.p, file.n);
    int error = errno;
    os_file_close(fd);
    errno = error;
    return ok;
}

static bool write_copies(struct group *g, struct buf *bytes)
{
    struct redo_message m;
    struct mail as;
    for (size_t i = 0; i < g->n; i++) {
        struct replay_entry *e = &g->entries[i];
        if (!load(g->replay, e, bytes, &m))
            return false;
        if (g->replay->kind == REPLAY_WHAT_IS_LOST && has_its_blocks(g, &m))
            continue;
        if (decide(g, &m, &as) == FATE_NOTHING)
            g->replay->dropped++;
        else if (!write_copy(g, e, m.file))
            return false;
    }
    return true;
}

/* Whether no message of the group needs anything. This is so almost always, and lists nothing. */
static bool is_well(struct group *g, struct buf *bytes)
{
    struct redo_message m;
    bool well = g->replay->kind == REPLAY_WHAT_IS_LOST;
    for (size_t i = 0; i < g->n && well; i++)
        well = load(g->replay, &g->entries[i], bytes, &m) && has_its_blocks(g, &m);
    return well;
}

static bool first_pass(struct group *g, struct buf *bytes)
{
    bool ok = open_account(g);
    if (!ok && errno == ENOENT) {
        g->replay->dropped += g->n;
        return true;
    }
    ok = ok && (is_well(g, bytes) || (list_messages(g) && write_copies(g, bytes)));
    ok = ok || leave(g);
    close_group(g);
    return ok;
}

/* --- second pass: their names --- */

static void tell_moved(const struct group *g, const struct mail *m, const struct mail *as)
{
    store_trouble(g->replay->store,
                  "mailbox %s: message %u of the delivery log has become %u: its place was taken",
                  g->entries->who.name, (unsigned)m->id, (unsigned)as->id);
}

static bool give_name(struct group *g, struct replay_entry *e, const struct redo_message *rm)
{
    const struct mail *m = &rm->mail;
    char name[MESSAGE_FILE_NAME_BYTES], broken[MESSAGE_FILE_NAME_BYTES];
    struct mail as, aside = *m;
    enum fate fate = decide(g, rm, &as);
    aside.state = MAIL_BROKEN;
    message_file_name(&as, name);
    message_file_name(&aside, broken);
    bool ok = fate != FATE_NOTHING && os_file_rename_over(g->dir, e->copy, g->dir, name);
    if (!ok && fate != FATE_NOTHING && errno == EISDIR) { /* that must not shut the whole mailbox */
        as.id = g->free_id;
        message_file_name(&as, name);
        fate = was_moved(g, rm) ? FATE_NOTHING : FATE_NEW;
        ok = fate == FATE_NEW && os_file_rename_over(g->dir, e->copy, g->dir, name);
    }
    if (fate == FATE_NOTHING ? !os_file_remove(g->dir, e->copy) : !ok)
        return false;
    e->copy[0] = '\0';
    g->replay->written += fate != FATE_NOTHING;
    if (fate == FATE_NOTHING)
        return true;
    if (as.id == m->id)
        return os_file_remove(g->dir, broken) || errno == ENOENT;
    g->free_id++;
    g->replay->moved++;
    tell_moved(g, m, &as);
    return true;
}

static bool give_names(struct group *g, struct buf *bytes)
{
    struct redo_message m;
    for (size_t i = 0; i < g->n; i++) {
        struct replay_entry *e = &g->entries[i];
        if (e->copy[0] && (!load(g->replay, e, bytes, &m) || !give_name(g, e, &m)))
            return false;
    }
    return true;
}

/* An account that is gone by now has taken its new files along. */
static bool name_group(struct group *g, struct buf *bytes)
{
    bool ok = open_account(g);
    if (!ok && errno == ENOENT)
        return true;
    ok = (ok && list_messages(g) && give_names(g, bytes)) || leave(g);
    close_group(g);
    return ok;
}

/* The mailbox cannot be locked now. */
static bool leave_locked(struct group *g)
{
    if (open_account(g))
        errno = EBUSY;
    bool ok = leave(g);
    close_group(g);
    return ok;
}

/*
 * While the store is in use, names change: then the account is looked at under its lock, and its
 * mailbox reads it again afterwards.
 */
static bool second_pass(struct group *g, struct buf *bytes)
{
    struct mailbox *mb = NULL;
    enum status st = ST_NO_USER;
    if (g->replay->kind != REPLAY_ALONE)
        st = mailbox_open(g->replay->store, &g->entries->who, &mb);
    if (st == ST_OK)
        st = mailbox_lock(mb);
    bool locked = st == ST_OK;
    bool ok = locked || st == ST_NO_USER ? name_group(g, bytes) : leave_locked(g);
    if (locked) {
        atomic_store(&mb->doubtful, true);
        mailbox_unlock(mb);
    }
    mailbox_close_once(mb);
    return ok;
}

/* After a failure: nothing is left that another attempt would need the room of. */
static bool clean_up(struct group *g, struct buf *bytes)
{
    (void)bytes;
    if (open_account(g))
        remove_copies(g);
    close_group(g);
    return true;
}

static bool has_copies(const struct group *g)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->entries[i].copy[0])
            return true;
    return false;
}

static int by_account(const void *a, const void *b)
{
    const struct replay_entry *x = a, *y = b;
    int order = strcmp(x->who.name, y->who.name);
    if (order == 0)
        order = strcmp(x->who.generation, y->who.generation);
    if (order == 0)
        order = (x->id > y->id) - (x->id < y->id);
    return order;
}

/* Calls pass for the entries of each account, from one up to, not including, another one. */
static bool each_account(struct replay *rp, size_t from, size_t end,
                         bool (*pass)(struct group *g, struct buf *bytes))
{
    bool ok = true;
    struct buf bytes;
    buf_init(&bytes, REDO_CONTENT_MAX);
    for (size_t i = from; i < end && ok;) {
        struct group g = {.replay = rp, .entries = &rp->entries[i], .dir = -1};
        const struct who *who = &g.entries->who;
        while (i < end && strcmp(rp->entries[i].who.name, who->name) == 0 &&
               strcmp(rp->entries[i].who.generation, who->generation) == 0) {
            i++;
            g.n++;
        }
        if (pass == first_pass || has_copies(&g))
            ok = pass(&g, &bytes);
    }
    buf_free(&bytes);
    return ok;
}

static bool sync_all(struct replay *rp)
{
    if (os_file_sync_all(rp->store->dir))
        return true;
    store_failed(rp->store, "sync", "the file system");
    return false;
}

static bool has_any_copies(const struct replay *rp, size_t from, size_t end)
{
    const struct group all = {.entries = &rp->entries[from], .n = end - from};
    return has_copies(&all);
}

/* The contents are durable before any name leads to them. Only some are under way at a time. */
bool replay_run(struct replay *rp)
{
    bool ok = true, named = false;
    if (rp->n > 0)
        qsort(rp->entries, rp->n, sizeof *rp->entries, by_account);
    for (size_t from = 0, end; from < rp->n && ok; from = end) {
        end = rp->n - from < AT_ONCE ? rp->n : from + AT_ONCE;
        ok = each_account(rp, from, end, first_pass);
        if (ok && has_any_copies(rp, from, end)) {
            named = true;
            ok = sync_all(rp) && each_account(rp, from, end, second_pass);
        }
        if (!ok)
            each_account(rp, from, end, clean_up);
    }
    return ok && (!named || sync_all(rp));
}
