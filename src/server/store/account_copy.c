/* SPDX-License-Identifier: ISC */
#include "store/account_copy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "os/clock.h"
#include "os/error.h"
#include "os/file.h"
#include "os/mount.h"
#include "store/cache.h"
#include "store/lock_file.h"
#include "store/mailbox_private.h"
#include "store/message_copy.h"
#include "store/redo_recovery.h"
#include "store/store_private.h"

#define WHAT_BYTES 160
#define TRIES      10 /* to copy a message that is renamed meanwhile */
#define LOOKS      4  /* for a log that could not be recovered; a pause after each */

void account_copy_tell(struct account_copy_told *t, const char *account, const char *file,
                       const char *what)
{
    t->findings++;
    t->finding(t->ctx, account, file, what);
}

enum status account_copy_unread(int error)
{
    return error == ENOENT || error == ENOTDIR || error == ELOOP ? ST_DAMAGED : ST_UNREADABLE;
}

/* A server that starts may be about to show its recovery, and one may end between the two calls. */
enum status account_copy_check_log(struct store *s)
{
    char old[REDO_NAME_BYTES];
    for (int looks = 0; redo_find_old(s->dir, old); looks += !lock_file_is_recovered(s->dir)) {
        if (looks == LOOKS) {
            store_trouble(s,
                          "the delivery log could not be recovered: messages may be in " LAYOUT_LOG
                          "/%s alone; remove the cause, which the server has logged, and start the "
                          "server again",
                          old);
            return ST_READ_ONLY;
        }
        os_clock_sleep(s->second_look_ms);
    }
    return ST_OK;
}

static bool add_name(void *ctx, const char *name)
{
    struct account_names *names = ctx;
    struct mail *all = array_room(names->all, names->n, &names->cap, sizeof *all);
    names->failed = !all;
    if (!all)
        return false;
    names->all = all;
    if (message_file_parse_name(name, &all[names->n]))
        names->n++;
    return true;
}

static int by_id(const void *a, const void *b)
{
    return message_file_order(a, b);
}

enum status account_names_read(struct account_names *names, int dir)
{
    if (!os_file_each(dir, add_name, names))
        return ST_IO;
    if (names->failed)
        return ST_NO_MEMORY;
    if (names->n > 0)
        qsort(names->all, names->n, sizeof *names->all, by_id);
    return ST_OK;
}

void account_names_free(struct account_names *names)
{
    free(names->all);
    *names = (struct account_names){.n = 0};
}

/* With the lock held. */
static enum status read_names(struct account_copy *c)
{
    struct store *s = c->store;
    int dir = c->mailbox->dir;
    enum status st = account_names_read(&c->names, dir);
    if (st == ST_IO)
        return store_failed(s, "list", "users/%s", c->who.name);
    if (st == ST_OK && !os_file_load(dir, LAYOUT_ACCOUNT, &c->account))
        return store_failed(s, "read", "users/%s/" LAYOUT_ACCOUNT, c->who.name);
    return st;
}

enum status account_copy_begin(struct account_copy *c, struct store *s, const char *name)
{
    *c = (struct account_copy){.store = s};
    snprintf(c->who.name, sizeof c->who.name, "%s", name);
    buf_init(&c->account, ACCOUNT_FILE_BYTES);
    enum status st = mailbox_open(s, &c->who, &c->mailbox);
    if (st == ST_OK)
        st = mailbox_lock(c->mailbox);
    if (st != ST_OK)
        return st;
    c->who = *mailbox_who(c->mailbox);
    st = read_names(c);
    mailbox_unlock(c->mailbox);
    return st;
}

void account_copy_end(struct account_copy *c)
{
    mailbox_close_once(c->mailbox);
    account_names_free(&c->names);
    os_crypt_wipe(c->account.p, c->account.n);
    buf_free(&c->account);
}

static bool is_same_file(const struct account_copy *c, int copy)
{
    struct buf file;
    buf_init(&file, ACCOUNT_FILE_BYTES);
    bool same = os_file_load(copy, LAYOUT_ACCOUNT, &file) &&
                span_eq(buf_span(&file), buf_span(&c->account));
    os_crypt_wipe(file.p, file.n);
    buf_free(&file);
    return same;
}

bool account_copy_is_same(const struct account_copy *c, int copy)
{
    struct account_names there = {.n = 0};
    bool same =
        is_same_file(c, copy) && account_names_read(&there, copy) == ST_OK && there.n == c->names.n;
    for (size_t i = 0; same && i < there.n; i++)
        same = message_file_is_same(&there.all[i], &c->names.all[i]) &&
               there.all[i].state == c->names.all[i].state;
    account_names_free(&there);
    return same;
}

/* --- one message --- */

/* A copy under way. */
struct work {
    struct account_copy *copy;
    int to, earlier;
    bool sync; /* each file */
    const char *path;
    struct account_names there; /* in the earlier copy */
    struct account_copy_told *told;
};

/* The same message in the earlier copy, not set aside if there is one like that; or NULL. */
static const struct mail *find_earlier(const struct work *w, const struct mail *m)
{
    size_t low = 0, high = w->there.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->there.all[middle].id < m->id)
            low = middle + 1;
        else
            high = middle;
    }
    while (low < w->there.n && w->there.all[low].id == m->id &&
           !message_file_is_same(&w->there.all[low], m))
        low++;
    return low < w->there.n && w->there.all[low].id == m->id ? &w->there.all[low] : NULL;
}

static enum status write_failed(const struct work *w, const char *name)
{
    return store_failed(w->copy->store, "write", "%s/%s", w->path, name);
}

static void tell(const struct work *w, const char *name, const char *what)
{
    account_copy_tell(w->told, w->copy->who.name, name, what);
}

static enum status put_tombstone(const struct work *w, const struct mail *m)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    message_file_name(m, name);
    return message_copy_tombstone(w->to, m, w->sync) ? ST_OK : write_failed(w, name);
}

/*
 * Finds the present name of the message: its state may have changed since its name was read. False:
 * it has no file any more, or the mailbox cannot be locked (*st).
 */
static bool find_now(const struct work *w, struct mail *m, enum status *st)
{
    static const char states[] = "undxb";
    char name[MESSAGE_FILE_NAME_BYTES];
    struct mailbox *mb = w->copy->mailbox;
    bool found = false;
    *st = mailbox_lock_to_finish(mb);
    w->copy->unreadable = *st != ST_OK && !status_is_shortage(*st);
    if (*st != ST_OK)
        return false;
    for (const char *state = states; *state && !found; state++) {
        m->state = (enum mail_state) * state;
        message_file_name(m, name);
        found = os_file_exists(mb->dir, name);
    }
    mailbox_unlock(mb);
    return found;
}

/* Gives the copy of a damaged message the name of one that was set aside. */
static enum status set_aside(const struct work *w, const struct mail *m, const char *why)
{
    char name[MESSAGE_FILE_NAME_BYTES], aside[MESSAGE_FILE_NAME_BYTES], what[WHAT_BYTES];
    message_file_name(m, name);
    if (m->state == MAIL_BROKEN)
        return ST_OK;
    if (!message_copy_set_aside(w->to, m, aside))
        return write_failed(w, aside);
    snprintf(what, sizeof what, "copied as damaged: %s", why);
    tell(w, name, what);
    return ST_OK;
}

/*
 * Copies it from the mailbox. *again: look for its present name, and try once more, because it is
 * gone, or looks damaged at the first look.
 */
static enum status copy_from_mailbox(const struct work *w, const struct mail *m, bool first,
                                     bool *again)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    const char *why;
    uint64_t bytes;
    message_file_name(m, name);
    enum message_copied copied =
        message_copy(w->copy->mailbox->dir, m, w->to, name, w->sync, &bytes, &why);
    w->told->bytes += bytes;
    *again = copied == MESSAGE_COPY_GONE;
    if (copied == MESSAGE_COPY_WHOLE)
        w->told->copied++;
    if (copied == MESSAGE_COPY_WHOLE || copied == MESSAGE_COPY_GONE)
        return ST_OK;
    if (copied == MESSAGE_COPY_FAILED || copied == MESSAGE_COPY_SHORTAGE)
        return write_failed(w, name);
    if (copied == MESSAGE_COPY_UNREADABLE)
        why = os_error_text(errno);
    if (!first)
        return set_aside(w, m, why);
    *again = true;
    return os_file_remove(w->to, name) ? ST_OK : write_failed(w, name);
}

static void tell_gone(const struct work *w, const struct mail *m, bool found)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    message_file_name(m, name);
    tell(w, name, found ? "it is not copied, because it changes all the time" : "it is gone");
}

/*
 * A file that is gone, or looks damaged, may have been renamed, or purged, since its name was read,
 * and then once more; and a first look may read wrongly (reader.h).
 */
static enum status copy_message(const struct work *w, struct mail m)
{
    struct mail now = m;
    bool again, found = true;
    enum status st = copy_from_mailbox(w, &m, true, &again);
    for (int i = 0; i < TRIES && st == ST_OK && again && found; i++) {
        enum mail_state state = now.state;
        found = find_now(w, &now, &st);
        if (st != ST_OK)
            return st;
        if (found && now.state == MAIL_EXPUNGED)
            return put_tombstone(w, &now);
        if (found && now.state == state && state != MAIL_BROKEN)
            os_clock_sleep(w->copy->store->second_look_ms);
        st = copy_from_mailbox(w, found ? &now : &m, false, &again);
    }
    if (st == ST_OK && again)
        tell_gone(w, &m, found);
    return st;
}

/* A link to the earlier copy. False: there is no such file, or it has no room for a link. */
static bool link_earlier(const struct work *w, const struct mail *there, const struct mail *m)
{
    char from[MESSAGE_FILE_NAME_BYTES], to[MESSAGE_FILE_NAME_BYTES];
    message_file_name(there, from);
    message_file_name(m, to);
    if (!os_file_link(w->earlier, from, w->to, to))
        return false;
    w->told->linked++;
    return true;
}

static enum status put_message(const struct work *w, const struct mail *m)
{
    const struct mail *there = find_earlier(w, m);
    struct mail as = *m;
    if (m->state == MAIL_EXPUNGED)
        return put_tombstone(w, m);
    if (!there || there->state == MAIL_EXPUNGED ||
        (there->state == MAIL_BROKEN && m->state != MAIL_BROKEN))
        return copy_message(w, *m);
    if (m->state == MAIL_BROKEN)
        as.state = there->state; /* it may have been damaged since the earlier copy */
    return link_earlier(w, there, &as) ? ST_OK : copy_message(w, *m);
}

static enum status put_messages(const struct work *w)
{
    enum status st = ST_OK;
    for (size_t i = 0; i < w->copy->names.n && st == ST_OK; i++) {
        st = put_message(w, &w->copy->names.all[i]);
        if (w->told->progress)
            w->told->progress(w->told->ctx);
    }
    return st;
}

static enum status put_account(const struct work *w)
{
    int fd = os_file_create(w->to, LAYOUT_ACCOUNT);
    const struct buf *text = &w->copy->account;
    enum status st = ST_OK;
    if (fd < 0 || !os_file_write(fd, text->p, text->n) || (w->sync && !os_file_sync(fd)))
        st = write_failed(w, LAYOUT_ACCOUNT);
    os_file_close(fd);
    return st;
}

enum status account_copy_into(struct account_copy *c, int to, const char *path, int earlier,
                              struct account_copy_told *told)
{
    struct work w = {.copy = c,
                     .to = to,
                     .earlier = earlier,
                     .sync = !os_mount_reports_sync(to),
                     .path = path,
                     .told = told};
    enum status st = put_account(&w);
    if (st == ST_OK && earlier >= 0 && account_names_read(&w.there, earlier) != ST_OK)
        account_names_free(&w.there); /* all messages are copied, then */
    if (st == ST_OK)
        st = put_messages(&w);
    if (st == ST_OK && w.sync && !os_file_sync_dir(to))
        st = store_failed(c->store, "sync", "%s", path);
    account_names_free(&w.there);
    return st;
}
