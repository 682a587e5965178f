/* SPDX-License-Identifier: ISC */
#include "store/redo_replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/file.h"
#include "store/cache.h"
#include "store/mailbox_private.h"
#include "store/store_private.h"

/* The messages of one account, which are next to each other. */
struct group {
    struct replay *replay;
    struct replay_entry *entries;
    size_t n;
    struct mailbox *mb; /* while the store is in use, and the account is in users/; or NULL */
    int dir;
    struct index *index; /* of what is in it now */
    uint32_t free_id;    /* above all ids in it and in the log */
};

void replay_begin(struct replay *rp, struct store *s, int log_dir, bool in_use, bool only_lost)
{
    *rp = (struct replay){.store = s, .log_dir = log_dir, .in_use = in_use, .only_lost = only_lost};
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

/* Decides what becomes of a message. *as is the message as it will be called. */
static enum fate decide(const struct group *g, const struct mail *m, struct mail *as)
{
    const struct index *ix = g->index;
    bool taken = false;
    struct mail found;
    *as = *m;
    for (size_t i = index_seek(ix, m->id); i < index_count(ix); i++) {
        index_get(ix, i, &found);
        if (found.id != m->id)
            break;
        if (!is_same_message(&found, m))
            taken = true;
        else if (found.state == MAIL_EXPUNGED)
            return FATE_NOTHING;
        else if (found.state == MAIL_BROKEN)
            as->state = MAIL_UNREAD;
        else {
            as->state = found.state;
            return FATE_SAME;
        }
    }
    if (m->token[0] && index_find_token(ix, m->from, m->token) != INDEX_NONE)
        return FATE_NOTHING;
    if (taken)
        as->id = g->free_id;
    return FATE_NEW;
}

/* --- one account --- */

static bool add_name(void *ctx, const char *name)
{
    struct index *ix = ctx;
    struct mail m;
    return !message_file_parse_name(name, &m) || index_add(ix, &m);
}

static bool is_another(void *ctx, const struct mail *first, const struct mail *m)
{
    (void)ctx;
    (void)first;
    (void)m;
    return false;
}

/* Reads which messages the account has. False: errno. */
static bool list_messages(struct group *g)
{
    size_t duplicates, read = 0;
    index_unref(g->index);
    g->index = index_new();
    errno = ENOMEM;
    if (!g->index || !os_file_each(g->dir, add_name, g->index))
        return false;
    errno = ENOMEM;
    if (!index_sort(g->index, is_another, &read, &duplicates))
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
    if (st == ST_OK && strcmp(found.generation, who->generation) == 0)
        return dir;
    os_file_close(dir);
    errno = st == ST_OK ? ENOENT : EIO;
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
    g->dir = open_generation(s, LAYOUT_REMOVED, removed, who);
    return g->dir >= 0;
}

/* Opens an account for the first or the second pass. *st: ST_NO_USER if it is gone. */
static bool open_group(struct group *g, enum status *st)
{
    g->dir = -1;
    g->index = NULL;
    *st = ST_OK;
    if (open_account(g) && list_messages(g))
        return true;
    *st = g->dir < 0 && errno == ENOENT ? ST_NO_USER : ST_IO;
    return false;
}

static void close_group(struct group *g)
{
    int error = errno;
    os_file_close(g->dir);
    index_unref(g->index);
    errno = error;
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

static bool is_needed(const struct group *g, const struct redo_message *m)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    struct os_file_info info;
    struct mail as;
    enum fate fate = decide(g, &m->mail, &as);
    if (fate != FATE_SAME || !g->replay->only_lost)
        return fate != FATE_NOTHING;
    message_file_name(&as, name);
    return !os_file_look(g->dir, name, &info) || info.disk_bytes < m->file.n;
}

static bool write_copies(struct group *g, struct buf *bytes)
{
    struct redo_message m;
    for (size_t i = 0; i < g->n; i++) {
        struct replay_entry *e = &g->entries[i];
        if (!load(g->replay, e, bytes, &m))
            return false;
        if (!is_needed(g, &m))
            g->replay->dropped++;
        else if (!write_copy(g, e, m.file))
            return false;
    }
    return true;
}

/* --- second pass: their names --- */

static void tell_moved(const struct group *g, const struct mail *m, const struct mail *as)
{
    store_trouble(g->replay->store,
                  "mailbox %s: message %u of the delivery log has become %u: another message has "
                  "its id",
                  g->entries->who.name, (unsigned)m->id, (unsigned)as->id);
}

static bool give_name(struct group *g, struct replay_entry *e, const struct mail *m)
{
    char name[MESSAGE_FILE_NAME_BYTES], broken[MESSAGE_FILE_NAME_BYTES];
    struct mail as, aside = *m;
    enum fate fate = decide(g, m, &as);
    aside.state = MAIL_BROKEN;
    message_file_name(&as, name);
    message_file_name(&aside, broken);
    if (fate == FATE_NOTHING)
        return os_file_remove(g->dir, e->copy);
    if (!os_file_rename_over(g->dir, e->copy, g->dir, name))
        return false;
    g->replay->written++;
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
        if (e->copy[0] && (!load(g->replay, e, bytes, &m) || !give_name(g, e, &m.mail)))
            return false;
    }
    return true;
}

/* --- all --- */

static void report(const struct group *g, const char *what)
{
    store_failed(g->replay->store, what, "users/%s, for %zu messages of the delivery log",
                 g->entries->who.name, g->n);
}

/*
 * Something failed for an account. Unless that concerns all, the account is left for the next
 * start, which must find it as it is. False: it does.
 */
static bool leave(struct group *g)
{
    int error = errno;
    report(g, "write again");
    errno = error;
    if (g->replay->in_use || error == ENOSPC || error == EDQUOT)
        return false;
    for (size_t i = 0; i < g->n; i++)
        g->entries[i].copy[0] = '\0';
    g->replay->kept += g->n;
    return store_shut(g->replay->store, g->entries->who.name);
}

static bool first_pass(struct group *g, struct buf *bytes)
{
    enum status st;
    bool ok = open_group(g, &st) && write_copies(g, bytes);
    if (st == ST_NO_USER)
        g->replay->dropped += g->n;
    else if (!ok)
        ok = leave(g);
    close_group(g);
    return ok || st == ST_NO_USER;
}

/*
 * While the store is in use, names change: then the account is looked at under its lock. Its
 * mailbox has all these messages in its index, unless somebody has removed their names.
 */
static bool second_pass(struct group *g, struct buf *bytes)
{
    enum status st = ST_OK;
    bool locked =
        g->replay->in_use && mailbox_open(g->replay->store, &g->entries->who, &g->mb) == ST_OK;
    if (locked && mailbox_lock(g->mb) != ST_OK) {
        mailbox_close(g->mb);
        errno = ETIMEDOUT;
        report(g, "lock");
        return false;
    }
    bool ok = (open_group(g, &st) && give_names(g, bytes)) || leave(g);
    close_group(g);
    if (locked) {
        atomic_store(&g->mb->doubtful, true);
        mailbox_unlock(g->mb);
        mailbox_close_once(g->mb);
    }
    return ok;
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

/* Calls pass for the entries of each account. */
static bool each_account(struct replay *rp, bool (*pass)(struct group *g, struct buf *bytes))
{
    bool ok = true;
    struct buf bytes;
    buf_init(&bytes, REDO_CONTENT_MAX);
    for (size_t i = 0; i < rp->n && ok;) {
        struct group g = {.replay = rp, .entries = &rp->entries[i]};
        const struct who *who = &g.entries->who;
        while (i < rp->n && strcmp(rp->entries[i].who.name, who->name) == 0 &&
               strcmp(rp->entries[i].who.generation, who->generation) == 0) {
            i++;
            g.n++;
        }
        if (pass == first_pass || has_copies(&g))
            ok = pass(&g, &bytes);
    }
    int error = errno;
    buf_free(&bytes);
    errno = error;
    return ok;
}

static bool sync_all(struct replay *rp)
{
    if (os_file_sync_all(rp->store->dir))
        return true;
    store_failed(rp->store, "sync", "the file system");
    return false;
}

/* The contents are durable before any name leads to them. */
bool replay_run(struct replay *rp)
{
    if (rp->n == 0)
        return true;
    qsort(rp->entries, rp->n, sizeof *rp->entries, by_account);
    return each_account(rp, first_pass) && sync_all(rp) && each_account(rp, second_pass) &&
           sync_all(rp);
}
