/* SPDX-License-Identifier: ISC */
#include "store/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "os/clock.h"
#include "os/error.h"
#include "os/file.h"
#include "proto/escape.h"
#include "store/mailbox_private.h"
#include "store/store_private.h"

_Static_assert(MESSAGE_FILE_HEADER_BYTES + MESSAGE_FILE_BEGIN_BYTES <= READER_FIRST_BYTES,
               "the first piece has what the line of a list is made of");

static enum status read_whole(struct reader *r, struct mailbox *mb, const struct mail *m);

/* The bytes are not cleared: that would take longer than to read a short message. */
struct reader *reader_new(void)
{
    struct reader *r = malloc(sizeof *r);
    if (r)
        memset(r, 0, offsetof(struct reader, bytes));
    return r;
}

/* A first look found damage, or an error. What a second look finds, if anything, counts. */
static enum status look_again(struct reader *r)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    message_file_name(&r->mail, name);
    if (!r->second && (r->damage || r->error == EIO)) {
        struct reader *again = reader_new();
        if (!again)
            return ST_NO_MEMORY;
        again->look_only = again->second = true;
        if (!r->waited)
            os_clock_sleep(r->mb->store->second_look_ms);
        r->waited = true;
        read_whole(again, r->mb, &r->mail);
        const char *damage = again->damage;
        int error = again->error;
        r->inode = again->inode;
        free(again);
        if (!damage && !error) {
            store_trouble(r->mb->store,
                          "mailbox %s: %s: read wrongly at first (%s), and well again",
                          r->mb->who.name, name, r->damage ? r->damage : os_error_text(r->error));
            r->damage = NULL;
            r->error = 0;
            return ST_IO;
        }
        r->damage = damage;
        r->error = error;
    }
    if (!r->look_only && r->damage) {
        mailbox_set_aside(r->mb, r->mail.id, r->inode, r->damage);
    } else if (!r->look_only) {
        store_trouble(r->mb->store, "mailbox %s: %s: cannot be read and is left out: %s",
                      r->mb->who.name, name, os_error_text(r->error));
        mailbox_hide(r->mb, r->mail.id, true);
    }
    return r->damage ? ST_DAMAGED : ST_UNREADABLE;
}

static enum status damaged(struct reader *r, const char *why)
{
    struct os_file_info info;
    r->inode = os_file_look_at(r->fd, &info) ? info.inode : 0;
    r->damage = why;
    return look_again(r);
}

/* An error of a system call on the file; if it is a shortage, it is not the file's. */
static enum status unreadable(struct reader *r, int error)
{
    if (store_is_shortage(error)) {
        char name[MESSAGE_FILE_NAME_BYTES];
        message_file_name(&r->mail, name);
        errno = error;
        return store_failed(r->mb->store, "read", "users/%s/%s", r->mb->who.name, name);
    }
    r->error = error;
    return look_again(r);
}

/* With the lock held, so that nobody renames the file between the look and the open. */
static enum status open_as_indexed(struct reader *r)
{
    const struct index *ix = r->mb->index;
    size_t position = index_find(ix, r->mail.id);
    char name[MESSAGE_FILE_NAME_BYTES];
    if (position == INDEX_NONE)
        return ST_NO_MESSAGE;
    index_get(ix, position, &r->mail);
    if (!index_belongs(ix, INDEX_LIVE, position) && !index_belongs(ix, INDEX_DELETED, position) &&
        !(r->look_only && r->mail.state == MAIL_BROKEN))
        return ST_NO_MESSAGE;
    message_file_name(&r->mail, name);
    r->fd = os_file_open_any(r->mb->dir, name);
    if (r->fd < 0 && errno == ENOENT) {
        atomic_store(&r->mb->doubtful, true);
        return ST_NO_MESSAGE;
    }
    return ST_OK;
}

/*
 * A file that still has the name that it had when the caller found the message is that message's:
 * no other ever gets this name. So the lock is needed only where there is no such file.
 */
static enum status open_message_file(struct reader *r)
{
    if (!r->look_only) {
        char name[MESSAGE_FILE_NAME_BYTES];
        message_file_name(&r->mail, name);
        r->fd = os_file_open_any(r->mb->dir, name);
        if (r->fd >= 0)
            return ST_OK;
    }
    enum status st = mailbox_lock_to_finish(r->mb);
    if (st != ST_OK)
        return st;
    st = open_as_indexed(r);
    int error = errno;
    mailbox_unlock(r->mb);
    return st == ST_OK && r->fd < 0 ? unreadable(r, error) : st;
}

/* Checks the waiting bytes against what the header and the name say of the whole. */
static enum status check_piece(struct reader *r)
{
    struct span piece = span_of(r->bytes + r->begin, r->waiting);
    size_t escapes = escape_count(piece);
    bool last = r->waiting == r->left;
    r->checksum = crc32c(r->checksum, piece);
    if (last && r->checksum != r->expected)
        return damaged(r, "the checksum is wrong");
    if (escapes > r->escapes || (last && escapes != r->escapes))
        return damaged(r, "its name does not match its body");
    r->escapes -= escapes;
    return ST_OK;
}

/* Reads the next piece into bytes + begin. */
static enum status read_next_piece(struct reader *r)
{
    size_t want = READER_BYTES - r->begin < r->left ? READER_BYTES - r->begin : (size_t)r->left;
    int64_t n = os_file_read_at(r->fd, r->bytes + r->begin, want, r->offset);
    if (n < 0)
        return unreadable(r, errno);
    if (n < (int64_t)want)
        return damaged(r, "the file is too short");
    r->waiting = want;
    r->offset += want;
    return check_piece(r);
}

/* Whether the first n bytes are the whole file of the message, and the reader had room for more. */
static bool begin_whole(struct reader *r, int64_t n)
{
    struct span bytes = span_of(r->bytes, (size_t)n);
    r->begin = message_file_parse_header(bytes, &r->mail, &r->expected, &r->checksum);
    return r->begin && n < READER_FIRST_BYTES && (uint64_t)n == r->begin + (uint64_t)r->mail.size;
}

/* Reads the header and, in the same piece, the beginning of the body. */
static enum status read_first_piece(struct reader *r)
{
    const struct mail *m = &r->mail;
    int64_t n = os_file_read_some(r->fd, r->bytes, READER_FIRST_BYTES, 0);
    struct os_file_info info = {.kind = OS_FILE_REGULAR, .bytes = n < 0 ? 0 : (uint64_t)n};
    bool ok = n >= 0;
    if (ok && !begin_whole(r, n)) {
        if (n < READER_FIRST_BYTES)
            n = os_file_read_at(r->fd, r->bytes, READER_FIRST_BYTES, 0);
        ok = n >= 0 && os_file_look_at(r->fd, &info);
        if (ok)
            begin_whole(r, n);
    }
    if (!ok || info.kind != OS_FILE_REGULAR)
        return unreadable(r, ok ? EINVAL : errno);
    if (!r->begin)
        return damaged(r, "it has no valid header");
    /* If more was read than that, somebody has just cut it. */
    if ((uint64_t)n > info.bytes || info.bytes != r->begin + (uint64_t)m->size)
        return damaged(r, "the file's length is wrong");
    r->left = m->size;
    r->waiting = (size_t)n - r->begin;
    r->offset = (uint64_t)n;
    r->escapes = m->escapes;
    if (!message_file_line(m, span_of(r->bytes + r->begin, r->waiting), r->line_room, &r->line))
        return damaged(r, "its name does not match its first line");
    return check_piece(r);
}

static enum status open_message(struct reader *r, struct mailbox *mb, const struct mail *m)
{
    r->mb = mb;
    r->mail = *m;
    r->fd = -1;
    r->damage = NULL;
    r->error = 0;
    enum status st = open_message_file(r);
    bool hidden = r->mail.hidden;
    if (st == ST_OK)
        st = read_first_piece(r);
    if (st != ST_OK)
        reader_close(r);
    else if (hidden && !r->look_only)
        mailbox_hide(mb, m->id, false);
    return st;
}

enum status reader_open(struct reader *r, struct mailbox *mb, const struct mail *m)
{
    r->look_only = r->second = false;
    enum status st = open_message(r, mb, m);
    return st == ST_IO ? open_message(r, mb, m) : st;
}

bool reader_leaves_out(enum status st)
{
    return st == ST_DAMAGED || st == ST_UNREADABLE || st == ST_NO_MESSAGE;
}

static enum status read_whole(struct reader *r, struct mailbox *mb, const struct mail *m)
{
    struct span piece;
    enum status st = open_message(r, mb, m);
    if (st != ST_OK)
        return st;
    do {
        st = reader_next(r, &piece);
    } while (st == ST_OK && piece.n > 0);
    reader_close(r);
    return st;
}

enum status reader_check(struct reader *r, struct mailbox *mb, const struct mail *m)
{
    r->look_only = true;
    r->second = false;
    enum status st = read_whole(r, mb, m);
    return st == ST_IO ? read_whole(r, mb, m) : st;
}

enum status reader_next(struct reader *r, struct span *piece)
{
    enum status st = ST_OK;
    *piece = span_of(NULL, 0);
    if (r->left == 0)
        return ST_OK;
    if (r->waiting == 0) {
        r->begin = 0;
        st = read_next_piece(r);
    }
    if (st != ST_OK)
        return st;
    *piece = span_of(r->bytes + r->begin, r->waiting);
    r->left -= r->waiting;
    r->waiting = 0;
    return ST_OK;
}

void reader_close(struct reader *r)
{
    os_file_close(r->fd);
    r->fd = -1;
}

enum status reader_load(struct mailbox *mb, const struct mail *m, struct buf *body)
{
    struct reader *r = reader_new();
    struct span piece;
    enum status st = r ? reader_open(r, mb, m) : ST_NO_MEMORY;
    if (st == ST_OK) {
        do {
            st = reader_next(r, &piece);
        } while (st == ST_OK && piece.n > 0 && buf_add(body, piece));
        reader_close(r);
    }
    free(r);
    return st == ST_OK && !buf_ok(body) ? ST_NO_MEMORY : st;
}
