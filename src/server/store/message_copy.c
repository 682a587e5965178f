/* SPDX-License-Identifier: ISC */
#include "store/message_copy.h"

#include <errno.h>
#include <stdlib.h>

#include "base/crc32c.h"
#include "os/file.h"
#include "proto/escape.h"
#include "store/store_private.h"

#define PIECE_BYTES 61440

_Static_assert(MESSAGE_FILE_HEADER_BYTES + MESSAGE_FILE_BEGIN_BYTES <= PIECE_BYTES,
               "the first piece has what the line of a list is made of");

struct copying {
    const struct mail *mail;
    int from, to;
    uint64_t offset;             /* of the next piece */
    uint64_t whole;              /* bytes of a whole file, once its header is known */
    uint32_t checksum, expected; /* of what was read so far; of the whole */
    uint64_t escapes;            /* in what was read of the body */
    const char *damage;          /* the first that was found, or NULL */
};

static void find_damage(struct copying *c, bool damaged, const char *what)
{
    if (damaged && !c->damage)
        c->damage = what;
}

/* Returns the bytes of the body in the first piece. */
static struct span check_head(struct copying *c, struct span piece)
{
    size_t head = message_file_parse_header(piece, c->mail, &c->expected, &c->checksum);
    struct span body = span_skip(piece, head);
    char room[MESSAGE_LINE_BYTES];
    struct span line;
    find_damage(c, head == 0, "it has no valid header");
    find_damage(c, !message_file_line(c->mail, body, room, &line),
                "its name does not match its first line");
    c->whole = head + (uint64_t)c->mail->size;
    return body;
}

static void check_piece(struct copying *c, struct span piece)
{
    struct span body = c->offset == 0 ? check_head(c, piece) : piece;
    c->checksum = crc32c(c->checksum, body);
    c->escapes += escape_count(body);
    c->offset += piece.n;
}

static void check_end(struct copying *c)
{
    find_damage(c, c->offset == 0, "it has no valid header");
    find_damage(c, c->offset != c->whole, "the file's length is wrong");
    find_damage(c, c->checksum != c->expected, "the checksum is wrong");
    find_damage(c, c->escapes != c->mail->escapes, "its name does not match its body");
}

/* Of a file that is longer than it should be, no more is copied than shows that. */
static enum message_copied copy_pieces(struct copying *c, char *bytes)
{
    int64_t n;
    do {
        n = os_file_read_at(c->from, bytes, PIECE_BYTES, c->offset);
        if (n < 0)
            return store_is_shortage(errno) ? MESSAGE_COPY_SHORTAGE : MESSAGE_COPY_UNREADABLE;
        if (!os_file_write(c->to, bytes, (size_t)n))
            return MESSAGE_COPY_FAILED;
        if (n > 0)
            check_piece(c, span_of(bytes, (size_t)n));
    } while (n == PIECE_BYTES && c->offset <= c->whole);
    check_end(c);
    return c->damage ? MESSAGE_COPY_DAMAGED : MESSAGE_COPY_WHOLE;
}

static enum message_copied copy_opened(struct copying *c, int to, const char *to_name, bool sync)
{
    char *bytes = malloc(PIECE_BYTES);
    enum message_copied result = bytes ? MESSAGE_COPY_FAILED : MESSAGE_COPY_SHORTAGE;
    c->to = bytes ? os_file_create(to, to_name) : -1;
    if (c->to >= 0)
        result = copy_pieces(c, bytes);
    int error = errno;
    if (sync && result != MESSAGE_COPY_FAILED && result != MESSAGE_COPY_SHORTAGE &&
        !os_file_sync(c->to)) {
        result = MESSAGE_COPY_FAILED;
        error = errno;
    }
    if (result == MESSAGE_COPY_FAILED && store_is_shortage(error))
        result = MESSAGE_COPY_SHORTAGE;
    if (c->to >= 0 && (result == MESSAGE_COPY_FAILED || result == MESSAGE_COPY_SHORTAGE))
        os_file_remove(to, to_name);
    os_file_close(c->to);
    free(bytes);
    errno = error;
    return result;
}

static bool make_empty(int dir, const char *name, bool sync)
{
    if (sync)
        return os_file_make(dir, name, SPAN(""));
    int fd = os_file_create(dir, name);
    os_file_close(fd);
    return fd >= 0;
}

enum message_copied message_copy(int from, const struct mail *m, int to, const char *to_name,
                                 bool sync, uint64_t *bytes, const char **why)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    struct copying c = {.mail = m};
    message_file_name(m, name);
    *bytes = 0;
    *why = NULL;
    c.from = os_file_open(from, name);
    if (c.from < 0 && errno == ENOENT)
        return MESSAGE_COPY_GONE;
    if (c.from < 0 && store_is_shortage(errno))
        return MESSAGE_COPY_SHORTAGE;
    /* Whatever has this name instead of a file, such as a link, has no bytes of a message. */
    enum message_copied result = MESSAGE_COPY_UNREADABLE;
    if (c.from >= 0) {
        result = copy_opened(&c, to, to_name, sync);
    } else {
        int error = errno;
        if (make_empty(to, to_name, sync))
            errno = error;
        else
            result = MESSAGE_COPY_FAILED;
    }
    int error = errno;
    os_file_close(c.from);
    *bytes = c.offset;
    *why = c.damage;
    errno = error;
    return result;
}

bool message_copy_set_aside(int dir, const struct mail *m, char aside[MESSAGE_FILE_NAME_BYTES])
{
    char name[MESSAGE_FILE_NAME_BYTES];
    struct mail broken = *m;
    broken.state = MAIL_BROKEN;
    message_file_name(m, name);
    message_file_name(&broken, aside);
    return os_file_rename_new(dir, name, dir, aside);
}

bool message_copy_tombstone(int dir, const struct mail *m, bool sync)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    message_file_name(m, name);
    return make_empty(dir, name, sync);
}
