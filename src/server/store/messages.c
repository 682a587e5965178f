#include "store/messages.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/clock.h"
#include "os/file.h"
#include "store/store_private.h"

#define PAGE_BYTES 4096

/*
 * A message exists once its name is in the mailbox. Nothing before that rename is promised to a
 * sender; nothing is answered before the directory, too, is synced.
 */

/* Writes header and body. What of them fits a page goes in one call: most messages do. */
static bool write_message(int fd, const struct mail *m, struct span body)
{
    char page[PAGE_BYTES];
    size_t n = mail_header(m, body, page);
    struct span head = span_first(body, sizeof page - n);

    if (head.n > 0)
        memcpy(page + n, head.p, head.n);
    body = span_skip(body, head.n);
    return os_file_write(fd, page, n + head.n) && os_file_write(fd, body.p, body.n);
}

/* Writes a new temporary and syncs it. On failure nothing is left. */
static enum status write_temporary(struct mailbox *mb, const char *temporary, const struct mail *m,
                                   struct span body)
{
    int fd = os_file_create(mb->dir, temporary);
    enum status st = ST_OK;

    if (fd < 0)
        return status_of_errno(errno);
    if (!write_message(fd, m, body)) {
        st = status_of_errno(errno);
    } else if (!os_file_sync(fd)) {
        st = status_of_errno(errno);
        commit_fail(&mb->commit);
        store_trouble(mb->store, "mailbox %s: sync of a new message failed (errno %d): read-only",
                      mb->who.name, errno);
    }
    os_file_close(fd);
    if (st != ST_OK)
        os_file_remove(mb->dir, temporary);
    return st;
}

/* With the lock held: the message that this sender's token belongs to, in *m. */
static bool find_repeat(struct mailbox *mb, const struct mail *sent, struct mail *m)
{
    size_t position;

    if (!sent->token[0])
        return false;
    position = index_find_token(mb->index, sent->from, sent->token);
    if (position == INDEX_NONE)
        return false;
    index_get(mb->index, position, m);
    return true;
}

/*
 * With the lock held: gives the temporary its name, and with it an id. The index has it as pending
 * from before the rename on, so that a failure to enter it comes while nothing has happened yet.
 */
static enum status enter(struct mailbox *mb, const char *temporary, struct mail *m)
{
    char name[MAIL_FILE_BYTES];
    uint32_t last = index_last_id(mb->index);
    int error;

    if (last == MAIL_ID_MAX)
        return ST_FULL;
    m->id = last + 1;
    m->state = MAIL_PENDING;
    if (!index_add(mb->index, m))
        return ST_NO_MEMORY;
    m->state = MAIL_UNREAD;
    mail_file_name(m, name);
    if (os_file_rename_new(mb->dir, temporary, mb->dir, name))
        return ST_OK;
    error = errno;
    index_set_state(mb->index, index_count(mb->index) - 1, MAIL_GONE);
    return status_of_errno(error);
}

/* Waits until what was renamed is durable. Nothing may be answered Yes before. */
static enum status settle(struct mailbox *mb, const char *what)
{
    if (commit_sync(&mb->commit, mb->dir))
        return ST_OK;
    store_trouble(mb->store, "mailbox %s: sync of the directory failed after a %s: read-only",
                  mb->who.name, what);
    return ST_UNKNOWN;
}

/*
 * The sync that came after this message's rename covers all renames before it, and these made all
 * lower ids. Until now nobody has seen its id; whoever takes the lock next does, see mailbox_lock.
 */
static void announce(struct mailbox *mb, uint32_t id)
{
    unsigned known = atomic_load(&mb->durable);

    while (known < id && !atomic_compare_exchange_weak(&mb->durable, &known, id))
        continue;
}

/* Waits until a pending message is durable, and announces it. */
static enum status settle_message(struct mailbox *mb, uint32_t id, const char *what)
{
    enum status st = settle(mb, what);

    if (st == ST_OK)
        announce(mb, id);
    return st;
}

/*
 * A first sending that is still under way is waited for. Where a sync has failed, what a directory
 * shows may not last: nothing is answered Yes.
 */
static enum status look_for_repeat(struct mailbox *mb, const struct mail *sent, struct mail *first)
{
    enum status st = mailbox_lock(mb);

    if (st != ST_OK)
        return st;
    st = find_repeat(mb, sent, first) ? ST_OK : ST_NO_MESSAGE;
    mailbox_unlock(mb);
    if (st == ST_OK && (first->state == MAIL_PENDING || commit_failed(&mb->commit))) {
        first->state = MAIL_UNREAD;
        return settle_message(mb, first->id, "repeat");
    }
    return st;
}

static void fill_in_sender(struct mail *m, const char *from, struct span token)
{
    snprintf(m->from, sizeof m->from, "%s", from);
    snprintf(m->token, sizeof m->token, "%.*s", SPAN_PRINTF(token));
}

enum status letter_find_repeat(struct mailbox *mb, const char *from, struct span token,
                               struct mail *first)
{
    struct mail sent;

    if (token.n == 0)
        return ST_NO_MESSAGE;
    fill_in_sender(&sent, from, token);
    return look_for_repeat(mb, &sent, first);
}

static enum status deliver_new(struct mailbox *mb, struct span body, struct mail *m, bool *repeat)
{
    char temporary[STORE_FILE_BYTES];
    enum status st;
    struct mail first;

    snprintf(temporary, sizeof temporary, STORE_TEMPORARY "%s-%llu", mb->store->process,
             atomic_fetch_add(&mb->store->temporaries, 1));
    st = write_temporary(mb, temporary, m, body);
    if (st != ST_OK)
        return st;
    st = mailbox_lock(mb);
    if (st == ST_OK) {
        *repeat = find_repeat(mb, m, &first);
        if (!*repeat)
            st = trash_make_room(mb, m->size);
        if (st == ST_OK && !*repeat)
            st = enter(mb, temporary, m);
        mailbox_unlock(mb);
    }
    if (st != ST_OK || *repeat) {
        os_file_remove(mb->dir, temporary);
        return st;
    }
    return settle_message(mb, m->id, "delivery");
}

static enum status may_deliver(struct mailbox *mb, uint64_t size)
{
    return commit_failed(&mb->commit) ? ST_READ_ONLY : store_check_space(mb->store, size);
}

/*
 * Repeats are rare, so they are looked for when all is ready to be entered, under the lock that
 * this takes anyway. What is in the way of something new is none of a repeat, which needs no room.
 */
enum status letter_deliver(struct mailbox *mb, const char *from, struct span body,
                           struct span token, struct mail *stored, bool *repeat)
{
    struct mail m = {.time = os_clock_now()};
    enum status st = may_deliver(mb, body.n), first;
    bool found = false;

    fill_in_sender(&m, from, token);
    mail_measure(&m, body);
    if (st == ST_OK)
        st = deliver_new(mb, body, &m, &found);
    if (repeat)
        *repeat = false;
    if (st == ST_UNKNOWN || (st == ST_OK && !found)) {
        *stored = m;
        return st;
    }
    first = letter_find_repeat(mb, from, token, stored);
    if (repeat)
        *repeat = first == ST_OK;
    return st != ST_OK && first == ST_NO_MESSAGE ? st : first;
}

static bool is_live(const struct mail *m)
{
    return m->state == MAIL_UNREAD || m->state == MAIL_NORMAL;
}

static bool is_deleted(const struct mail *m)
{
    return m->state == MAIL_DELETED;
}

static bool has_body(const struct mail *m)
{
    return is_live(m) || is_deleted(m);
}

/* With the lock held: a message that is of the kind that is looked for. */
static enum status find_in(struct mailbox *mb, uint64_t id, bool (*kind)(const struct mail *m),
                           size_t *position, struct mail *m)
{
    *position = index_find(mb->index, id);
    if (*position == INDEX_NONE)
        return ST_NO_MESSAGE;
    index_get(mb->index, *position, m);
    return kind(m) ? ST_OK : ST_NO_MESSAGE;
}

enum status letter_find(struct mailbox *mb, uint64_t id, struct mail *m)
{
    size_t position;
    enum status st = mailbox_lock(mb);

    if (st != ST_OK)
        return st;
    st = find_in(mb, id, is_live, &position, m);
    mailbox_unlock(mb);
    return st;
}

/*
 * Ids are given in the order of renames, and a sync covers all renames before it: so below the
 * first position that is not settled nothing is pending, and nothing durable is above it.
 */
enum status letter_next(struct mailbox *mb, uint32_t *mark, struct mail *m)
{
    enum status st = mailbox_lock(mb);

    if (st != ST_OK)
        return st;
    st = ST_NO_MESSAGE;
    for (size_t i = index_seek(mb->index, (uint64_t)*mark + 1);
         i < mb->settled && st == ST_NO_MESSAGE; i++) {
        index_get(mb->index, i, m);
        *mark = m->id;
        st = is_live(m) ? ST_OK : ST_NO_MESSAGE;
    }
    mailbox_unlock(mb);
    return st;
}

enum status letter_last(struct mailbox *mb, uint32_t *id)
{
    enum status st = mailbox_lock(mb);
    struct mail m = {.id = 0};

    if (st != ST_OK)
        return st;
    if (mb->settled > 0)
        index_get(mb->index, mb->settled - 1, &m);
    *id = m.id;
    mailbox_unlock(mb);
    return ST_OK;
}

enum status letter_change_state(struct mailbox *mb, size_t position, enum mail_state state)
{
    char from[MAIL_FILE_BYTES], to[MAIL_FILE_BYTES];
    struct mail m;

    index_get(mb->index, position, &m);
    mail_file_name(&m, from);
    m.state = state;
    mail_file_name(&m, to);
    if (!os_file_rename_new(mb->dir, from, mb->dir, to)) {
        int error = errno;
        store_trouble(mb->store, "mailbox %s: %s cannot be renamed (errno %d)", mb->who.name, from,
                      error);
        if (error == ENOENT || error == EEXIST)
            atomic_store(&mb->doubtful, true);
        return error == ENOENT ? ST_NO_MESSAGE : status_of_errno(error);
    }
    index_set_state(mb->index, position, state);
    return ST_OK;
}

/* A change of state that is answered, and so must be durable. */
static enum status change_durably(struct mailbox *mb, uint64_t id,
                                  bool (*from)(const struct mail *m), enum mail_state to,
                                  const char *what)
{
    size_t position;
    struct mail m;
    enum status st;

    if (commit_failed(&mb->commit))
        return ST_READ_ONLY;
    st = mailbox_lock(mb);
    if (st != ST_OK)
        return st;
    st = find_in(mb, id, from, &position, &m);
    if (st == ST_OK)
        st = letter_change_state(mb, position, to);
    mailbox_unlock(mb);
    return st == ST_OK ? settle(mb, what) : st;
}

enum status letter_delete(struct mailbox *mb, uint64_t id)
{
    enum status st = change_durably(mb, id, is_live, MAIL_DELETED, "deletion");

    if (st == ST_OK && mb->store->limits.trash_s == 0 && mailbox_lock(mb) == ST_OK) {
        trash_purge(mb);
        mailbox_unlock(mb);
    }
    return st;
}

enum status letter_restore(struct mailbox *mb, uint64_t id)
{
    return change_durably(mb, id, is_deleted, MAIL_NORMAL, "restoration");
}

void letter_mark_read(struct mailbox *mb, const uint32_t *ids, size_t n)
{
    struct mail m;
    size_t position;

    if (commit_failed(&mb->commit) || mailbox_lock(mb) != ST_OK)
        return;
    for (size_t i = 0; i < n; i++)
        if (find_in(mb, ids[i], is_live, &position, &m) == ST_OK && m.state == MAIL_UNREAD &&
            letter_change_state(mb, position, MAIL_NORMAL) != ST_OK)
            break;
    mailbox_unlock(mb);
}

void letter_set_aside(struct mailbox *mb, uint32_t id, const char *why)
{
    size_t position;
    struct mail m;

    store_trouble(mb->store, "mailbox %s: message %u set aside: %s", mb->who.name, (unsigned)id,
                  why);
    if (mailbox_lock(mb) != ST_OK)
        return;
    if (find_in(mb, id, has_body, &position, &m) == ST_OK)
        letter_change_state(mb, position, MAIL_BROKEN);
    mailbox_unlock(mb);
}
