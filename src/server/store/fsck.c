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
#include "store/changes.h"
#include "store/invite.h"
#include "store/layout.h"
#include "store/mailbox_private.h"
#include "store/reader.h"
#include "store/store_private.h"

#define WHAT_BYTES 128 /* a finding with an error in it */

/* What names alone tell. */
struct found {
    char *file;
    const char *what;
    bool set_aside;
};

/* What a mailbox's directory says, read independently of its index. */
struct listing {
    struct fsck *fsck;
    struct mailbox *mb;
    struct mail *mails;
    size_t n, cap;
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
    char *copy = more ? strdup(file) : NULL;
    if (more)
        l->found = more;
    if (copy)
        l->found[l->founds++] = (struct found){copy, what, set_aside};
    else
        l->failed = true;
}

static void report_found(struct listing *l)
{
    for (size_t i = 0; i < l->founds; i++) {
        report(l, l->found[i].file, l->found[i].what, l->found[i].set_aside);
        free(l->found[i].file);
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

/* With the lock held: renames the file so that it says another state. */
static bool rename_file(struct listing *l, const struct mail *m, enum mail_state state)
{
    char from[MESSAGE_FILE_NAME_BYTES], to[MESSAGE_FILE_NAME_BYTES];
    struct mail changed = *m;
    changed.state = state;
    message_file_name(m, from);
    message_file_name(&changed, to);
    atomic_store(&l->mb->doubtful, true);
    changes_note(l->mb->store, l->mb->who.name, &l->mb->noted);
    return os_file_rename_new(l->mb->dir, from, l->mb->dir, to);
}

/* Messages that were set aside are nobody's duplicates. */
static void find_duplicates(struct listing *l,
                            bool (*same)(const struct mail *a, const struct mail *b),
                            const char *what, bool repair)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    const struct mail *last = NULL;
    for (size_t i = 0; i < l->n; i++) {
        struct mail *m = &l->mails[i];
        if (m->state == MAIL_BROKEN)
            continue;
        if (last && same(last, m)) {
            message_file_name(m, name);
            bool aside = repair && rename_file(l, m, MAIL_BROKEN);
            keep(l, name, what, aside);
            if (aside) {
                m->state = MAIL_BROKEN;
                continue;
            }
        }
        last = m;
    }
}

static bool same_id(const struct mail *a, const struct mail *b)
{
    return a->id == b->id;
}

/* Two files of one message, or two messages; a server moves the second of these. */
static bool is_copy(const struct mail *a, const struct mail *b)
{
    return same_id(a, b) && (message_file_is_same(a, b) || message_file_is_repeat(a, b));
}

static bool is_stranger(const struct mail *a, const struct mail *b)
{
    return same_id(a, b) && !is_copy(a, b);
}

static bool equals(const struct mail *file, const struct mail *m)
{
    return message_file_is_same(file, m) && file->state == mail_named_state(m);
}

/* Several files can have one id if someone has copied them; the index has each of them. */
static bool index_says_so(const struct index *ix, const struct mail *file)
{
    struct mail m;
    for (size_t i = index_seek(ix, file->id); i < index_count(ix); i++) {
        index_get(ix, i, &m);
        if (m.id != file->id || equals(file, &m))
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
    qsort(l->mails, l->n, sizeof *l->mails, mails_by_token);
    find_duplicates(l, message_file_is_repeat, "another message has the same sender and token",
                    l->fsck->repair);
    qsort(l->mails, l->n, sizeof *l->mails, mails_by_id);
    find_duplicates(l, is_copy, "another file has the same id", l->fsck->repair);
    find_duplicates(l, is_stranger,
                    "another message has the same id; a server gives it one of its own", false);
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
static bool bring_back(struct listing *l, const struct mail *m)
{
    if (mailbox_lock(l->mb) != ST_OK)
        return false;
    bool ok = rename_file(l, m, MAIL_UNREAD);
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
static void check_broken(struct listing *l, const struct mail *m, struct reader *r)
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
static void check_message_file(struct listing *l, const struct mail *m, struct reader *r)
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

bool fsck_all(struct fsck *f)
{
    account_list_drop(f->store);
    fsck_log(f, NULL, 0);
    return store_each_user(f->store, check_user, f) && invite_fsck(f->store, report_invite, f);
}
