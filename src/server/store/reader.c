/* SPDX-License-Identifier: ISC */
#include "store/reader.h"

#include <errno.h>

#include "base/crc32c.h"
#include "base/utf8.h"
#include "os/file.h"
#include "proto/escape.h"
#include "store/mailbox_private.h"

/* With the lock held, so that nobody renames the file between the look and the open. */
static enum status open_message_file(struct reader *r, struct mail *m)
{
    size_t position = index_find(r->mb->index, m->id);
    char name[MESSAGE_FILE_NAME_BYTES];
    if (!index_has(r->mb->index, INDEX_LIVE, position) &&
        !index_has(r->mb->index, INDEX_DELETED, position))
        return ST_NO_MESSAGE;
    index_get(r->mb->index, position, m);
    message_file_name(m, name);
    r->fd = os_file_open(r->mb->dir, name);
    if (r->fd >= 0)
        return ST_OK;
    if (errno != ENOENT)
        return status_of_errno(errno);
    atomic_store(&r->mb->doubtful, true);
    return ST_NO_MESSAGE;
}

static enum status damaged(struct reader *r, const char *why)
{
    r->damage = why;
    if (!r->look_only)
        mailbox_set_aside(r->mb, r->id, why);
    return ST_DAMAGED;
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
    if (n < 0 && errno != EIO)
        return status_of_errno(errno);
    if (n < (int64_t)want)
        return damaged(r, n < 0 ? "it cannot be read" : "the file is too short");
    r->waiting = want;
    r->offset += want;
    return check_piece(r);
}

/* Reads the header and, in the same piece, the beginning of the body. */
static enum status read_first_piece(struct reader *r, const struct mail *m)
{
    int64_t n = os_file_read_at(r->fd, r->bytes, READER_BYTES, 0);
    if (n < 0 && errno != EIO)
        return status_of_errno(errno);
    r->begin = n < 0 ? 0
                     : message_file_parse_header(span_of(r->bytes, (size_t)n), m, &r->expected,
                                                 &r->checksum);
    if (!r->begin)
        return damaged(r, n < 0 ? "it cannot be read" : "it has no valid header");
    uint64_t whole = r->begin + (uint64_t)m->size;
    if (os_file_size(r->fd) != (int64_t)whole)
        return damaged(r, "the file's length is wrong");
    r->left = m->size;
    r->waiting = (size_t)n - r->begin;
    r->offset = (uint64_t)n;
    r->escapes = m->escapes;
    struct span line =
        utf8_first_line(span_of(r->bytes + r->begin, r->waiting), MESSAGE_LINE_BYTES);
    if (line.n != m->line || escape_count(line) != m->line_esc)
        return damaged(r, "its name does not match its first line");
    return check_piece(r);
}

static enum status open_message(struct reader *r, struct mailbox *mb, const struct mail *m)
{
    struct mail now = *m;
    enum status st = mailbox_lock_to_finish(mb);
    if (st != ST_OK)
        return st;
    r->mb = mb;
    r->id = m->id;
    r->fd = -1;
    st = open_message_file(r, &now);
    mailbox_unlock(mb);
    if (st == ST_OK)
        st = read_first_piece(r, &now);
    if (st != ST_OK)
        reader_close(r);
    return st;
}

enum status reader_open(struct reader *r, struct mailbox *mb, const struct mail *m)
{
    r->look_only = false;
    return open_message(r, mb, m);
}

enum status reader_check(struct reader *r, struct mailbox *mb, const struct mail *m,
                         const char **why)
{
    struct span piece;
    r->look_only = true;
    enum status st = open_message(r, mb, m);
    if (st == ST_OK) {
        do {
            st = reader_next(r, &piece);
        } while (st == ST_OK && piece.n > 0);
        reader_close(r);
    }
    *why = r->damage;
    return st;
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
