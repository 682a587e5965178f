/* SPDX-License-Identifier: ISC */
#include "store/redo_replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "os/file.h"
#include "os/random.h"
#include "store/cache.h"
#include "store/changes.h"
#include "store/mailbox_private.h"
#include "store/redo_account.h"
#include "store/store_private.h"

#define AT_ONCE 10000 /* messages: their new files take room before they replace the old ones */

/* The messages of one account, which are next to each other. */
struct group {
    struct replay *replay;
    struct replay_entry *entries;
    size_t n;
    const struct replay_entry *end; /* of all that the account has, in this group and later ones */
    struct redo_account account;
};

void replay_begin(struct replay *rp, struct store *s, enum replay_kind kind)
{
    *rp = (struct replay){.store = s, .kind = kind};
    os_random_bytes(rp->key, sizeof rp->key);
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
    int fd = os_file_open(rp->store->log_dir, name);
    if (fd < 0)
        return false;
    rp->files[rp->n_files++] = fd;
    return true;
}

static uint64_t repeat_of(const struct replay *rp, const struct mail *m)
{
    char text[sizeof m->from + sizeof m->token];
    int n = snprintf(text, sizeof text, "%s=%s", m->from, m->token);
    return m->token[0] ? siphash(rp->key, span_of(text, (size_t)n)) : 0;
}

bool replay_add(struct replay *rp, const struct redo_message *m, const struct redo_place *place,
                uint64_t offset, struct span content)
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
                                                 .bytes = (uint32_t)content.n,
                                                 .checksum = crc32c(0, content),
                                                 .offset = offset,
                                                 .repeat = repeat_of(rp, &m->mail)};
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

/*
 * Reads a record again: of all of them, only where they are is kept in memory. After a failed write
 * the first reading may have come from the cache, and the second from the disk, which still has an
 * earlier record there. False: errno.
 */
static bool load(const struct replay *rp, const struct replay_entry *e, struct buf *bytes,
                 struct redo_message *m)
{
    buf_clear(bytes);
    char *p = buf_space(bytes, e->bytes);
    int64_t n = p ? os_file_read_at(rp->files[e->file], p, e->bytes, e->offset) : -1;
    if (n < 0)
        return false;
    buf_added(bytes, (size_t)n);
    errno = EIO;
    return crc32c(0, buf_span(bytes)) == e->checksum && redo_record_parse(buf_span(bytes), m);
}

static bool open_account(struct group *g)
{
    return redo_account_open(&g->account, g->replay->store, &g->entries->who);
}

/* Ids that the log has are not free either. */
static bool list_messages(struct group *g)
{
    struct redo_account *a = &g->account;
    a->drop_copies = g->replay->kind == REPLAY_ALONE;
    if (!redo_account_list(a))
        return false;
    for (size_t i = 0; i < g->n; i++)
        if (g->entries[i].id >= a->free_id)
            a->free_id = g->entries[i].id + 1;
    return true;
}

/* Removes the new files that have no names. */
static void remove_copies(struct group *g)
{
    for (size_t i = 0; i < g->n; i++) {
        if (g->account.dir >= 0 && g->entries[i].copy[0])
            os_file_remove(g->account.dir, g->entries[i].copy);
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
           (g->replay->kind != REPLAY_ALONE || g->account.removed ||
            store_shut(g->replay->store, g->entries->who.name));
}

/* --- first pass: new files --- */

static bool write_copy(struct group *g, struct replay_entry *e, struct span file)
{
    store_temporary(g->replay->store, e->copy);
    int fd = os_file_create(g->account.dir, e->copy);
    bool ok = fd >= 0 && os_file_write(fd, file.p, file.n);
    int error = errno;
    os_file_close(fd);
    errno = error;
    return ok;
}

/*
 * A message that was set aside is no reason to refuse a repeat of it. If the log has both, and the
 * first has no file, the repeat alone counts: it is the one that was answered.
 */
static bool was_sent_again(const struct group *g, const struct replay_entry *e)
{
    for (const struct replay_entry *later = e + 1; e->repeat != 0 && later < g->end; later++)
        if (later->repeat == e->repeat)
            return true;
    return false;
}

static bool write_copies(struct group *g, struct buf *bytes)
{
    struct redo_message m;
    struct mail as;
    for (size_t i = 0; i < g->n; i++) {
        struct replay_entry *e = &g->entries[i];
        if (!load(g->replay, e, bytes, &m))
            return false;
        if (g->replay->kind == REPLAY_WHAT_IS_LOST && redo_account_has(&g->account, &m))
            continue;
        enum redo_fate fate = redo_account_decide(&g->account, &m, &as);
        if (fate == REDO_NOTHING || (fate == REDO_NEW && was_sent_again(g, e)))
            g->replay->dropped++;
        else if (fate == REDO_UNKNOWN || !write_copy(g, e, m.file))
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
        well = load(g->replay, &g->entries[i], bytes, &m) && redo_account_has(&g->account, &m);
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
    redo_account_close(&g->account);
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
    enum redo_fate fate = redo_account_decide(&g->account, rm, &as);
    aside.state = MAIL_BROKEN;
    message_file_name(&as, name);
    message_file_name(&aside, broken);
    if (fate == REDO_UNKNOWN)
        return false;
    changes_note(g->replay->store, g->entries->who.name, NULL);
    bool ok =
        fate != REDO_NOTHING && os_file_rename_over(g->account.dir, e->copy, g->account.dir, name);
    if (!ok && fate != REDO_NOTHING && errno == EISDIR) { /* that must not shut the whole mailbox */
        as.id = g->account.free_id;
        message_file_name(&as, name);
        fate = redo_account_decide_moved(&g->account, rm);
        ok = fate == REDO_NEW && os_file_rename_over(g->account.dir, e->copy, g->account.dir, name);
    }
    if (fate == REDO_NOTHING ? !os_file_remove(g->account.dir, e->copy) : !ok)
        return false;
    e->copy[0] = '\0';
    g->replay->written += fate != REDO_NOTHING;
    if (fate == REDO_NOTHING)
        return true;
    if (as.id == m->id)
        return os_file_remove(g->account.dir, broken) || errno == ENOENT;
    g->account.free_id++;
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
    redo_account_close(&g->account);
    return ok;
}

/* The mailbox cannot be locked now. */
static bool leave_locked(struct group *g)
{
    if (open_account(g))
        errno = EBUSY;
    bool ok = leave(g);
    redo_account_close(&g->account);
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
    redo_account_close(&g->account);
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

static bool has_account(const struct replay_entry *e, const struct who *who)
{
    return strcmp(e->who.name, who->name) == 0 && strcmp(e->who.generation, who->generation) == 0;
}

/* Calls pass for the entries of each account, from one up to, not including, another one. */
static bool each_account(struct replay *rp, size_t from, size_t end,
                         bool (*pass)(struct group *g, struct buf *bytes))
{
    bool ok = true;
    struct buf bytes;
    buf_init(&bytes, REDO_CONTENT_MAX);
    for (size_t i = from; i < end && ok;) {
        struct group g = {.replay = rp, .entries = &rp->entries[i], .account.dir = -1};
        const struct who *who = &g.entries->who;
        while (i < end && has_account(&rp->entries[i], who)) {
            i++;
            g.n++;
        }
        for (g.end = &rp->entries[i]; g.end < &rp->entries[rp->n] && has_account(g.end, who);)
            g.end++;
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
