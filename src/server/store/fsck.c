/* SPDX-License-Identifier: ISC */
#include "store/fsck.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "os/error.h"
#include "os/file.h"
#include "store/account_list.h"
#include "store/cache.h"
#include "store/door_key.h"
#include "store/group.h"
#include "store/invite.h"
#include "store/layout.h"
#include "store/lock_file.h"
#include "store/mailbox_private.h"
#include "store/reader.h"
#include "store/store_private.h"

#define WHAT_BYTES 350 /* a finding with an error or the name of a file in it */

/* What names alone tell. */
struct found {
    char *file, *what;
    bool set_aside;
};

/* What a mailbox's directory says, read independently of its index. */
struct listing {
    struct fsck *fsck;
    struct mailbox *mb;
    struct mail *mails;
    size_t n, cap;
    uint32_t last_id; /* the highest in any name */
    struct found *found;
    size_t founds;
    struct mail *suspects; /* what the index and the files seem to disagree about */
    size_t n_suspects, cap_suspects;
    bool failed; /* out of memory */
};

static void tell_progress(const struct fsck *f)
{
    if (f->progress)
        f->progress(f);
}

static void report(struct listing *l, const char *file, const char *what, bool set_aside)
{
    l->fsck->findings++;
    l->fsck->finding(l->fsck->ctx, l->mb->who.name, file, what, set_aside);
}

/*
 * Keeps a finding until the lock is given back: whoever reads what we print may be slow, and must
 * not hold up the server.
 */
static void keep(struct listing *l, const char *file, const char *what, bool set_aside)
{
    struct found *more = realloc(l->found, (l->founds + 1) * sizeof *more);
    struct found one = {more ? strdup(file) : NULL, more ? strdup(what) : NULL, set_aside};
    if (more)
        l->found = more;
    if (one.file && one.what) {
        l->found[l->founds++] = one;
        return;
    }
    free(one.file);
    free(one.what);
    l->failed = true;
}

static void report_found(struct listing *l)
{
    for (size_t i = 0; i < l->founds; i++) {
        report(l, l->found[i].file, l->found[i].what, l->found[i].set_aside);
        free(l->found[i].file);
        free(l->found[i].what);
    }
    free(l->found);
}

static bool add_name(void *ctx, const char *name)
{
    struct listing *l = ctx;
    struct mail *mails = array_room(l->mails, l->n, &l->cap, sizeof *mails);
    if (!mails) {
        l->failed = true;
        return false;
    }
    l->mails = mails;
    if (message_file_parse_name(name, &l->mails[l->n]))
        l->n++;
    else if (layout_file(name) == LAYOUT_FILE_OTHER)
        keep(l, name, "not the name of a message", false);
    return true;
}

static int mails_by_id(const void *a, const void *b)
{
    return message_file_order(a, b);
}

static int mails_by_token(const void *a, const void *b)
{
    const struct mail *x = a, *y = b;
    int order = strcmp(x->token, y->token);
    if (order == 0)
        order = strcmp(x->from, y->from);
    return order ? order : mails_by_id(a, b);
}

static bool same_id(const struct mail *a, const struct mail *b)
{
    return a->id == b->id;
}

static bool has_repeat(const struct listing *l, const struct mail *m)
{
    for (size_t i = 0; i < l->n; i++)
        if (&l->mails[i] != m && l->mails[i].state != MAIL_BROKEN &&
            message_file_is_repeat(&l->mails[i], m))
            return true;
    return false;
}

/* With the lock held: renames the file of m so that its name says as, and changes *m to as. */
static bool rename_file(struct listing *l, struct mail *m, const struct mail *as)
{
    atomic_store(&l->mb->doubtful, true);
    bool ok = mailbox_rename_message(l->mb, m, as);
    if (ok)
        *m = *as;
    return ok;
}

static bool set_aside(struct listing *l, struct mail *m)
{
    struct mail as = *m;
    as.state = MAIL_BROKEN;
    return l->fsck->repair && rename_file(l, m, &as);
}

/*
 * A server knows better which of two messages was shown under the id, and may have given higher ids
 * to messages that have no file name yet. If one runs, it gives this file an id when it next reads
 * the mailbox, which it must do after our visit.
 */
static bool give_free_id(struct listing *l, struct mail *m)
{
    struct mail as = *m;
    as.id = l->last_id + 1;
    if (!l->fsck->repair || l->last_id == MAIL_ID_MAX || lock_file_is_served(l->mb->store->dir) ||
        !rename_file(l, m, &as))
        return false;
    l->last_id++;
    return true;
}

/* With the lock held: m has the id of first. Treats it as mailbox_read.c does. */
static void settle_id(struct listing *l, struct mail *m, const struct mail *first)
{
    char name[MESSAGE_FILE_NAME_BYTES], other[MESSAGE_FILE_NAME_BYTES], what[WHAT_BYTES];
    message_file_name(m, name);
    message_file_name(first, other);
    int n = snprintf(what, sizeof what, "another file has the same id: %s", other);
    m->hidden = true; /* one finding is enough */
    bool repeat = has_repeat(l, m), aside = repeat && set_aside(l, m);
    if (!repeat && give_free_id(l, m))
        snprintf(what + n, sizeof what - (size_t)n, ": given the id %u", (unsigned)m->id);
    keep(l, name, what, aside);
}

/* Messages that were set aside are no duplicates; nor is a tombstone, if another file has its
 * id. */
static void find_ids(struct listing *l)
{
    const struct mail *first = NULL;
    for (size_t i = 0; i < l->n; i++) {
        struct mail *m = &l->mails[i];
        if (m->state == MAIL_BROKEN)
            continue;
        if (!first || !same_id(first, m))
            first = m;
        else if (m->state != MAIL_EXPUNGED)
            settle_id(l, m, first);
    }
}

static void find_tokens(struct listing *l)
{
    char name[MESSAGE_FILE_NAME_BYTES], other[MESSAGE_FILE_NAME_BYTES], what[WHAT_BYTES];
    const struct mail *first = NULL;
    for (size_t i = 0; i < l->n; i++) {
        struct mail *m = &l->mails[i];
        if (m->state == MAIL_BROKEN || m->hidden)
            continue;
        if (first && message_file_is_repeat(first, m)) {
            message_file_name(m, name);
            message_file_name(first, other);
            snprintf(what, sizeof what, "another message has the same sender and token: %s", other);
            keep(l, name, what, set_aside(l, m));
        } else {
            first = m;
        }
    }
}

static bool equals(const struct mail *file, const struct mail *m)
{
    return message_file_is_same(file, m) && file->state == mail_named_state(m);
}

/*
 * Several files can have one id; the index has each of them. One that it leaves out may come first
 * by its name, if the state of the one that keeps the id has changed since.
 */
static bool index_says_so(const struct index *ix, const struct mail *file)
{
    struct mail m;
    size_t first = index_seek(ix, file->id);
    for (size_t i = first; i < index_count(ix); i++) {
        index_get(ix, i, &m);
        bool left_out = i > first && m.state == MAIL_BROKEN && message_file_is_same(file, &m);
        if (m.id != file->id || left_out || equals(file, &m))
            return m.id == file->id;
    }
    return false;
}

static void suspect(struct listing *l, const struct mail *m)
{
    struct mail *more = array_room(l->suspects, l->n_suspects, &l->cap_suspects, sizeof *more);
    l->failed = l->failed || !more;
    if (!more)
        return;
    l->suspects = more;
    l->suspects[l->n_suspects] = *m;
    l->suspects[l->n_suspects++].state = mail_named_state(m);
}

/* The files are sorted by id. */
static bool files_say_so(const struct listing *l, const struct mail *m)
{
    size_t low = 0, high = l->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (l->mails[middle].id < m->id)
            low = middle + 1;
        else
            high = middle;
    }
    while (low < l->n && l->mails[low].id == m->id && !equals(&l->mails[low], m))
        low++;
    return low < l->n && l->mails[low].id == m->id;
}

/* A message that is pending may have no file yet. Of several with one id the first counts. */
static void compare_index(struct listing *l)
{
    struct index *ix = l->mb->index;
    uint32_t last = 0;
    struct mail m;
    for (size_t i = 0; i < l->n; i++)
        if (!(i > 0 && same_id(&l->mails[i - 1], &l->mails[i])) && !index_says_so(ix, &l->mails[i]))
            suspect(l, &l->mails[i]);
    for (size_t i = 0; i < index_count(ix); i++) {
        index_get(ix, i, &m);
        if (m.state == MAIL_GONE || m.id == last)
            continue;
        last = m.id;
        if (!mail_is_pending(&m) && !files_say_so(l, &m))
            suspect(l, &m);
    }
}

/* With the lock held: everything that names alone can tell. */
static enum status check_names(struct listing *l)
{
    if (!os_file_each(l->mb->dir, add_name, l))
        return store_failed(l->mb->store, "list", "users/%s", l->mb->who.name);
    if (l->failed)
        return ST_NO_MEMORY;
    qsort(l->mails, l->n, sizeof *l->mails, mails_by_id);
    l->last_id = l->n > 0 ? l->mails[l->n - 1].id : 0;
    find_ids(l);
    qsort(l->mails, l->n, sizeof *l->mails, mails_by_token);
    find_tokens(l);
    qsort(l->mails, l->n, sizeof *l->mails, mails_by_id);
    if (!atomic_load(&l->mb->doubtful))
        compare_index(l);
    return l->failed ? ST_NO_MEMORY : ST_OK;
}

/*
 * A server gives a message its name without the lock (delivery.c). Of that its index knows, but not
 * that of another process: so a tool reads the directory once more. What it reads then has all
 * names that were seen before, and only what still differs is a finding.
 */
static enum status look_again(struct listing *l)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    if (l->n_suspects == 0)
        return ST_OK;
    if (!l->mb->store->server)
        atomic_store(&l->mb->doubtful, true);
    enum status st = mailbox_lock(l->mb);
    if (st != ST_OK)
        return st;
    for (size_t i = 0; i < l->n_suspects; i++) {
        message_file_name(&l->suspects[i], name);
        if (os_file_exists(l->mb->dir, name) != index_says_so(l->mb->index, &l->suspects[i]))
            keep(l, name, "the index does not match", false);
    }
    mailbox_unlock(l->mb);
    return l->failed ? ST_NO_MEMORY : ST_OK;
}

/* Whether no other file has the id, or the sender and the token, of a message that was set aside.
 */
static bool is_alone(const struct listing *l, const struct mail *m)
{
    for (size_t i = 0; i < l->n; i++)
        if (&l->mails[i] != m &&
            (same_id(&l->mails[i], m) || message_file_is_repeat(&l->mails[i], m)))
            return false;
    return true;
}

/* Renames the file of a message that was set aside so that it is unread. */
static bool bring_back(struct listing *l, struct mail *m)
{
    struct mail as = *m;
    as.state = MAIL_UNREAD;
    if (mailbox_lock(l->mb) != ST_OK)
        return false;
    bool ok = rename_file(l, m, &as);
    mailbox_unlock(l->mb);
    return ok && mailbox_sync(l->mb, " after a repair") == ST_OK;
}

static void report_unchecked(struct listing *l, const char *name, enum status st,
                             const struct reader *r)
{
    char what[WHAT_BYTES];
    if (st == ST_UNREADABLE)
        snprintf(what, sizeof what, "it cannot be read: %s", os_error_text(r->error));
    else
        snprintf(what, sizeof what, "it could not be checked: %s", status_text(st));
    report(l, name, what, false);
}

/* A message may have been set aside although only reading it failed. */
static void check_broken(struct listing *l, struct mail *m, struct reader *r)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    enum status st = reader_check(r, l->mb, m);
    message_file_name(m, name);
    if (st != ST_OK && st != ST_DAMAGED && st != ST_NO_MESSAGE)
        report_unchecked(l, name, st, r);
    if (st != ST_OK || !is_alone(l, m))
        return;
    if (!l->fsck->repair)
        report(l, name, "it was set aside, but is whole; --repair brings it back", false);
    else if (bring_back(l, m))
        report(l, name, "it was set aside, but is whole: brought back", false);
    else
        report(l, name, "it was set aside, but is whole; it cannot be brought back", false);
}

/* Without the lock: a file that is renamed or purged meanwhile is not a finding. */
static void check_message_file(struct listing *l, struct mail *m, struct reader *r)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    if (m->state == MAIL_EXPUNGED)
        return;
    if (m->state == MAIL_BROKEN) {
        check_broken(l, m, r);
        return;
    }
    l->fsck->messages++;
    enum status st = reader_check(r, l->mb, m);
    message_file_name(m, name);
    switch (st) {
    case ST_OK:
    case ST_NO_MESSAGE:
        break;
    case ST_DAMAGED:
        report(l, name, r->damage,
               l->fsck->repair && mailbox_set_aside(l->mb, m->id, r->inode, r->damage));
        break;
    default:
        report_unchecked(l, name, st, r);
        break;
    }
}

static enum status check_message_files(struct listing *l)
{
    struct reader *r = reader_new();
    if (!r)
        return ST_NO_MEMORY;
    r->waited = l->fsck->waited;
    for (size_t i = 0; i < l->n; i++) {
        check_message_file(l, &l->mails[i], r);
        tell_progress(l->fsck);
    }
    l->fsck->waited = r->waited;
    free(r);
    return ST_OK;
}

enum status fsck_mailbox(struct fsck *f, const char *name)
{
    struct who who = {.generation = ""};
    struct listing l = {.fsck = f};
    enum status st = ST_NO_USER;
    f->store->checks = !f->store->server;
    if (name_fold(span_str(name), who.name))
        st = mailbox_open(f->store, &who, &l.mb);
    if (st != ST_OK)
        return st;
    f->mailboxes++;
    st = mailbox_lock(l.mb);
    if (st == ST_OK) {
        st = check_names(&l);
        mailbox_unlock(l.mb);
        if (st == ST_OK)
            st = look_again(&l);
        report_found(&l);
    }
    if (st == ST_OK)
        st = check_message_files(&l);
    free(l.mails);
    free(l.suspects);
    mailbox_close(l.mb);
    tell_progress(f);
    return st;
}

static bool check_user(void *ctx, const char *name)
{
    struct fsck *f = ctx;
    char folded[NAME_BYTES + 1];
    bool is_name = name_fold(span_str(name), folded) && strcmp(folded, name) == 0;
    enum status st = is_name ? fsck_mailbox(f, name) : ST_NO_USER;
    if (st != ST_OK) {
        f->findings++;
        f->finding(f->ctx, name, NULL, st == ST_NO_USER ? "not an account" : status_text(st),
                   false);
    }
    return true;
}

static void report_invite(void *ctx, const char *file, const char *what)
{
    struct fsck *f = ctx;
    f->findings++;
    f->finding(f->ctx, "invites", file, what, false);
}

static void report_group(void *ctx, const char *file, const char *what)
{
    struct fsck *f = ctx;
    f->findings++;
    f->finding(f->ctx, LAYOUT_GROUPS, file, what, false);
}

static void check_doors(struct fsck *f)
{
    const char *what = door_key_check(f->store);
    if (!what)
        return;
    f->findings++;
    f->finding(f->ctx, LAYOUT_DOORS, NULL, what, false);
}

bool fsck_all(struct fsck *f)
{
    account_list_drop(f->store);
    fsck_log(f, NULL, 0);
    check_doors(f);
    return store_each_user(f->store, check_user, f) && invite_fsck(f->store, report_invite, f) &&
           group_fsck(f->store, report_group, f);
}
