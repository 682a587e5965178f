/* SPDX-License-Identifier: ISC */
#include "store/delivery.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/clock.h"
#include "os/file.h"
#include "os/mount.h"
#include "store/changes.h"
#include "store/mailbox_private.h"
#include "store/quota.h"
#include "store/redo.h"
#include "store/store_private.h"
#include "store/trash.h"

#define PAGE_BYTES      4096
#define REPEAT_WAIT_MS  30000 /* for the first delivery, which waits for the disk */
#define RENAME_WAIT_MS  5000
#define LOG_LEAST_FREE  (UINT64_C(16) << 20) /* bytes on the disk */
#define RENAME_PAUSE_MS 100

/*
 * A message exists once its record is in the delivery log, or, without the log, once its name is in
 * the mailbox. Before that a sender has been promised nothing; before that is synced, too, nothing
 * is answered. docs/store.md has both sequences.
 */

/* A new message on its way. */
struct letter {
    struct mailbox *mb;
    struct delivery delivery; /* its mail is pending, once it has an id */
    struct mail *mail;
    struct span body;
    char header[MESSAGE_FILE_HEADER_BYTES];
    size_t header_bytes;
    char temporary[LAYOUT_NAME_BYTES];
    bool logged;  /* by the log, not by syncs of its own */
    bool refused; /* the log had no room: nothing was done */
    struct redo_ticket ticket;
    struct trash trash; /* a purge for its sake, between its halves */
    struct mail made;   /* mail points to it */
    bool repeat;        /* of a message that is there */
    bool entered;       /* it has an id: settle, then see */
    enum status st;     /* if it was not entered: why */
};

/* Writes header and body; the part that fits a page goes in one call, as most messages do. */
static bool write_message(int fd, const struct letter *l)
{
    char page[PAGE_BYTES];
    size_t n = l->header_bytes;
    struct span head = span_first(l->body, sizeof page - n), rest = span_skip(l->body, head.n);
    memcpy(page, l->header, n);
    if (head.n > 0)
        memcpy(page + n, head.p, head.n);
    return os_file_write(fd, page, n + head.n) && os_file_write(fd, rest.p, rest.n);
}

static enum status sync_failed(const struct letter *l)
{
    struct mailbox *mb = l->mb;
    commit_fail(&mb->commit);
    return store_failed(mb->store, "sync", "users/%s/%s (the mailbox is read-only from now on)",
                        mb->who.name, l->temporary);
}

/* Writes a new temporary, and syncs it unless the log will. On failure no file is left. */
static enum status write_temporary(struct letter *l)
{
    struct mailbox *mb = l->mb;
    store_temporary(mb->store, l->temporary);
    int fd = os_file_create(mb->dir, l->temporary);
    enum status st = ST_OK;
    if (fd < 0)
        return mailbox_temporary_failed(mb, "create", l->temporary);
    if (!write_message(fd, l))
        st = store_failed(mb->store, "write", "users/%s/%s", mb->who.name, l->temporary);
    else if (!l->logged && !os_file_sync(fd))
        st = sync_failed(l);
    os_file_close(fd);
    if (st != ST_OK)
        os_file_remove(mb->dir, l->temporary);
    return st;
}

/* The same for a temporary that was written for the log, which then had no room. */
static enum status sync_temporary(struct letter *l)
{
    struct mailbox *mb = l->mb;
    int fd = os_file_open(mb->dir, l->temporary);
    enum status st = ST_OK;
    if (fd < 0)
        st = mailbox_temporary_failed(mb, "open", l->temporary);
    else if (!os_file_sync(fd))
        st = sync_failed(l);
    os_file_close(fd);
    return st;
}

/* With the lock held: finds the message of the same sender and token. */
static bool find_repeat(struct mailbox *mb, const struct mail *sent, struct mail *m)
{
    if (!sent->token[0])
        return false;
    size_t position = index_find_token(mb->index, sent->from, sent->token);
    if (position == INDEX_NONE)
        return false;
    index_get(mb->index, position, m);
    return true;
}

/*
 * With the lock held: gives the message an id, and enters it into the index as pending. That comes
 * first: if it fails, nothing has happened yet.
 */
static enum status take_id(struct letter *l)
{
    struct mailbox *mb = l->mb;
    struct mail *pending = &l->delivery.mail;
    uint32_t last = index_last_id(mb->index);
    if (last == MAIL_ID_MAX)
        return ST_FULL;
    l->mail->id = last + 1;
    *pending = *l->mail;
    pending->state = l->mail->state == MAIL_NORMAL ? MAIL_PENDING_NORMAL : MAIL_PENDING;
    return index_add(mb->index, pending) ? ST_OK : ST_NO_MEMORY;
}

/* Gives the temporary its name. False: errno. */
static bool give_name(struct letter *l)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    message_file_name(l->mail, name);
    changes_note(l->mb->store, l->mb->who.name, &l->mb->noted);
    return mailbox_rename(l->mb, l->temporary, name);
}

static enum status rename_failed(const struct letter *l)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    message_file_name(l->mail, name);
    return store_failed(l->mb->store, "rename", "users/%s/%s to %s", l->mb->who.name, l->temporary,
                        name);
}

/*
 * With the lock held: enters the message into the mailbox, unless the log refuses it.
 */
static enum status enter_message(struct letter *l)
{
    struct mailbox *mb = l->mb;
    enum status st = take_id(l);
    if (st != ST_OK)
        return st;
    changes_note(mb->store, mb->who.name, &mb->noted);
    if (!l->logged)
        st = give_name(l) ? ST_OK : rename_failed(l);
    else if (!redo_append(mb->store->redo, &mb->who, l->mail, span_of(l->header, l->header_bytes),
                          l->body, &l->ticket))
        l->refused = true;
    if (st == ST_OK && !l->refused)
        under_way_begin(&mb->under_way, &l->delivery);
    else
        index_set_state(mb->index, index_count(mb->index) - 1, MAIL_GONE);
    return st;
}

/* Whether a rename that failed so may soon succeed. */
static bool may_pass(int error)
{
    return error == ENOSPC || error == EDQUOT || error == ENOMEM;
}

/*
 * A message in the log gets its name once it is durable there: so a name always stands for a
 * durable message. If it gets none, the log must keep it. In a failed log
 * it may be or not. Either way the mailbox is kept as it is.
 */
static bool settle_logged(struct letter *l)
{
    struct mailbox *mb = l->mb;
    int64_t until_ms = os_clock_ms() + RENAME_WAIT_MS;
    bool synced = redo_wait(mb->store->redo, &l->ticket);
    bool named = synced && give_name(l);
    while (synced && !named && may_pass(errno) && os_clock_ms() < until_ms) {
        os_clock_sleep(RENAME_PAUSE_MS);
        named = give_name(l);
    }
    if (synced && !named)
        rename_failed(l);
    if (named)
        redo_named(mb->store->redo, &l->ticket);
    else
        commit_fail(&mb->commit);
    return named;
}

/* Makes an entered message durable. Waits for no other delivery. */
static void settle(struct letter *l)
{
    struct mailbox *mb = l->mb;
    bool ok = l->logged ? settle_logged(l) : mailbox_sync(mb, " after a delivery") == ST_OK;
    under_way_end(&mb->under_way, &l->delivery, ok);
}

/*
 * Then everyone can see it, once those with lower ids are durable. ST_UNKNOWN: it could not be made
 * durable, or an earlier message could not, which leaves this one unseen until the next start.
 */
static enum status see(const struct letter *l)
{
    struct mailbox *mb = l->mb;
    return under_way_wait_seen(&mb->under_way, l->mail->id) ? ST_OK : ST_UNKNOWN;
}

static void fill_in_sender(struct mail *m, const char *from, struct span token)
{
    snprintf(m->from, sizeof m->from, "%s", from);
    snprintf(m->token, sizeof m->token, "%.*s", SPAN_PRINTF(token));
}

enum status delivery_find_repeat(struct mailbox *mb, const char *from, struct span token,
                                 struct mail *first)
{
    struct mail sent = {.id = 0};
    if (token.n == 0)
        return ST_NO_MESSAGE;
    fill_in_sender(&sent, from, token);
    /*
     * If the first delivery is still under way, this waits for it. Once a sync has failed, what the
     * directory shows may not last, and no repeat is answered Yes.
     */
    enum status st = mailbox_lock(mb);
    if (st != ST_OK)
        return st;
    st = find_repeat(mb, &sent, first) ? ST_OK : ST_NO_MESSAGE;
    mailbox_unlock(mb);
    if (st != ST_OK)
        return st;
    bool pending = mail_is_pending(first);
    first->state = mail_named_state(first);
    if (mailbox_is_read_only(mb) ||
        (pending && !under_way_wait(&mb->under_way, first->id, REPEAT_WAIT_MS)))
        return ST_UNKNOWN;
    return ST_OK;
}

enum status delivery_check(struct mailbox *mb, uint64_t bytes)
{
    enum status st = mailbox_is_read_only(mb) ? ST_READ_ONLY : ST_OK;
    if (st == ST_OK)
        st = store_check_space(mb->store, bytes);
    if (st == ST_OK)
        st = mailbox_lock(mb);
    if (st != ST_OK)
        return st;
    if (index_last_id(mb->index) == MAIL_ID_MAX || !trash_has_room(mb, bytes))
        st = ST_FULL;
    mailbox_unlock(mb);
    return st;
}

/*
 * Takes the lock, and enters the message unless it is a repeat. A purge for its sake begins with
 * it.
 */
static enum status lock_and_enter(struct letter *l)
{
    struct mailbox *mb = l->mb;
    struct mail first;
    enum status st = mailbox_lock(mb);
    if (st != ST_OK)
        return st;
    l->repeat = find_repeat(mb, l->mail, &first);
    if (!l->repeat)
        st = trash_make_room(mb, l->mail->size, &l->trash);
    if (st == ST_OK && !l->repeat)
        st = enter_message(l);
    if (st == ST_OK && !l->repeat && !l->refused)
        quota_note(mb);
    mailbox_unlock(mb);
    return st;
}

/*
 * On a disk that is almost full the rename could find no room for the name, when the message can no
 * longer be refused. As a rule the reserve says that there is room: the caller has checked it.
 */
static bool has_room_for_names(struct store *s)
{
    uint64_t bytes, inodes;
    return s->limits.reserve_bytes >= LOG_LEAST_FREE ||
           (os_mount_free_space(s->dirs[LAYOUT_USERS], &bytes, &inodes) && bytes >= LOG_LEAST_FREE);
}

/*
 * Whether the message goes into the log. The account must be durable before that, because a
 * recovery forgets messages without an account.
 */
static bool may_log(struct mailbox *mb, uint64_t bytes)
{
    struct store *s = mb->store;
    if (!s->redo || store_is_read_only(s, LAYOUT_USERS) || !has_room_for_names(s) ||
        !redo_has_room(s->redo, bytes))
        return false;
    if (!atomic_load(&mb->anchored)) {
        if (!os_mount_is_one(mb->dir, s->log_dir) || !store_sync(s, LAYOUT_USERS))
            return false;
        atomic_store(&mb->anchored, true);
    }
    return true;
}

/*
 * Writes the message, and enters it unless it is a repeat. Repeats are rare. So they are looked for
 * when the message is ready to be entered, under the lock that this takes anyway.
 */
static enum status enter_new(struct letter *l)
{
    struct mailbox *mb = l->mb;
    l->logged = may_log(mb, l->body.n);
    l->header_bytes = message_file_header(l->mail, l->body, l->header);
    /* may_log may have found that the account cannot be made durable. */
    enum status st = mailbox_is_read_only(mb) ? ST_READ_ONLY : write_temporary(l);
    if (st != ST_OK)
        return st;
    st = lock_and_enter(l);
    if (l->refused) {
        trash_end(mb, &l->trash);
        l->trash = (struct trash){.index = NULL};
        l->logged = l->refused = false;
        st = mailbox_is_read_only(mb) ? ST_READ_ONLY : sync_temporary(l);
        if (st == ST_OK)
            st = lock_and_enter(l);
    }
    l->entered = st == ST_OK && !l->repeat;
    if (!l->entered)
        os_file_remove(mb->dir, l->temporary);
    return st;
}

/* The first half of a delivery. If l->entered, settle comes next. */
static void begin(struct letter *l, const struct delivery_one *one, const char *from,
                  struct span body, const struct mail *measured)
{
    *l = (struct letter){.mb = one->mb, .body = body, .made = *measured};
    l->mail = &l->made;
    l->st = mailbox_is_read_only(l->mb) ? ST_READ_ONLY : ST_OK;
    fill_in_sender(l->mail, from, one->token);
    if (l->st == ST_OK)
        l->st = store_check_space(l->mb->store, body.n);
    if (l->st == ST_OK)
        l->st = enter_new(l);
}

/* The second half, after settle. If there was no room, it may be a repeat, which needs none. */
static void end(struct letter *l, struct delivery_one *one, const char *from)
{
    enum status st = l->entered ? see(l) : l->st;
    l->trash.durable = l->entered && st == ST_OK && !l->logged;
    trash_end(l->mb, &l->trash);
    one->repeat = false;
    if (l->entered) {
        one->stored = *l->mail;
        one->st = st;
        return;
    }
    enum status first = delivery_find_repeat(l->mb, from, one->token, &one->stored);
    one->repeat = first == ST_OK;
    if (first != ST_NO_MESSAGE)
        one->st = first;
    else if (l->repeat) /* it was there a moment ago */
        one->st = ST_BUSY;
    else
        one->st = one->token.n > 0 && store_has_unknown(l->mb->store) ? ST_UNKNOWN : st;
}

/* A letter that waits for others with lower ids has been settled, so no two wait for each other. */
static void put_some(struct letter *letters, struct delivery_one *all, size_t n, const char *from,
                     struct span body, struct delivery_as as)
{
    struct mail measured = {.time = as.time, .state = as.state};
    message_file_measure(&measured, body);
    for (size_t i = 0; i < n; i++)
        if (all[i].st == ST_OK)
            begin(&letters[i], &all[i], from, body, &measured);
    for (size_t i = 0; i < n; i++)
        if (all[i].st == ST_OK && letters[i].entered)
            settle(&letters[i]);
    for (size_t i = 0; i < n; i++)
        if (all[i].st == ST_OK)
            end(&letters[i], &all[i], from);
}

void delivery_put_each(struct delivery_one *all, size_t n, const char *from, struct span body,
                       struct delivery_as as)
{
    struct letter *letters = calloc(n, sizeof *letters);
    if (letters)
        put_some(letters, all, n, from, body, as);
    for (size_t i = 0; i < n && !letters; i++)
        if (all[i].st == ST_OK)
            all[i].st = ST_NO_MEMORY;
    free(letters);
}

enum status delivery_put_as(struct mailbox *mb, const char *from, struct span body,
                            struct span token, struct delivery_as as, struct mail *stored,
                            bool *repeat)
{
    struct delivery_one one = {.mb = mb, .token = token};
    struct letter l;
    put_some(&l, &one, 1, from, body, as);
    if (one.st == ST_OK || one.st == ST_UNKNOWN)
        *stored = one.stored;
    if (repeat)
        *repeat = one.repeat;
    return one.st;
}

enum status delivery_put(struct mailbox *mb, const char *from, struct span body, struct span token,
                         struct mail *stored, bool *repeat)
{
    const struct delivery_as now = {os_clock_now(), MAIL_UNREAD};
    return delivery_put_as(mb, from, body, token, now, stored, repeat);
}
