/* SPDX-License-Identifier: ISC */
#include "client/mbox.h"

#include <errno.h>
#include <string.h>

#include "mime/envelope.h"
#include "os/edit.h"
#include "os/file.h"
#include "os/lock.h"
#include "proto/message.h"

#define CHUNK_BYTES 65536
#define LOOK_BYTES  2000 /* more than a separator and the beginning of the next line */
#define LOCK_BYTE   0    /* a lock of the whole file, as other programs set it, contains it */

static const struct span separator = {"From ", 5};
static const char nothing[5];
static const struct span mark_field = {ENVELOPE_MARK ": ", sizeof ENVELOPE_MARK + 1};

static void begin(struct mbox *b, int fd)
{
    *b = (struct mbox){.fd = fd};
    buf_init(&b->in, 4 * CHUNK_BYTES);
}

bool mbox_open(struct mbox *b, const char *path)
{
    begin(b, os_file_open_path(path));
    return b->fd >= 0;
}

bool mbox_open_to_add(struct mbox *b, const char *path)
{
    begin(b, os_edit_open(path));
    return b->fd >= 0 && os_lock_set(b->fd, LOCK_BYTE, OS_LOCK_EXCLUSIVE);
}

void mbox_close(struct mbox *b)
{
    os_file_close(b->fd);
    buf_free(&b->in);
    b->fd = -1;
}

static struct span waiting(const struct mbox *b)
{
    return span_skip(buf_span(&b->in), b->pos);
}

/* Reads, so that at least LOOK_BYTES wait, or all that the file has. */
static bool look(struct mbox *b)
{
    if (waiting(b).n >= LOOK_BYTES)
        return true;
    buf_consume(&b->in, b->pos);
    b->pos = 0;
    errno = ENOMEM;
    char *space = buf_space(&b->in, CHUNK_BYTES);
    int64_t n = space ? os_file_read_at(b->fd, space, CHUNK_BYTES, b->at + b->in.n) : -1;
    if (n < 0)
        return false;
    buf_added(&b->in, (size_t)n);
    return true;
}

/* The line that waits, with its end; of a very long one a part. Empty at the end of the file. */
static struct span line_of(const struct mbox *b)
{
    return span_line(waiting(b));
}

static void take(struct mbox *b, size_t n)
{
    b->pos += n;
    b->at += n;
}

/* A separator has a time of day. */
static bool is_separator(struct span line)
{
    for (size_t i = separator.n; span_starts(line, separator) && i + 4 < line.n; i++)
        if (line.p[i] == ':' && line.p[i - 1] >= '0' && line.p[i - 1] <= '9' &&
            line.p[i + 1] >= '0' && line.p[i + 1] <= '9')
            return true;
    return false;
}

/*
 * Whether what waits is a message of ours that a crash kept from being completed: after any of its
 * bytes the file ends, or has only zeros.
 */
static bool is_torn(struct span s)
{
    bool ends = s.n < LOOK_BYTES;
    if (!span_starts(s, span_of(nothing, sizeof nothing)))
        return s.n > 0 && s.n < sizeof nothing && span_count(s, '\0') == s.n;
    s = span_first(s, LOOK_BYTES);
    struct span there = s;
    while (there.n > sizeof nothing && there.p[there.n - 1] == '\0')
        there.n--;
    size_t line = span_find(there, '\n');
    if (line == there.n)
        return ends || (there.n < s.n && span_count(there, '\0') == sizeof nothing);
    struct span rest = span_skip(there, line + 1);
    return span_starts(rest, mark_field) ||
           (rest.n < mark_field.n && span_starts(mark_field, rest));
}

static bool is_empty(struct span line)
{
    return span_eq(line, SPAN("\n")) || span_eq(line, SPAN("\r\n"));
}

/*
 * Whether a line of a message needs one more >: without any, it would look like a separator, or
 * like the beginning of a message that is not complete.
 */
static bool is_quoted(struct span line)
{
    while (line.n > 0 && line.p[0] == '>')
        line = span_skip(line, 1);
    return span_starts(line, separator) || span_starts(line, span_of(nothing, sizeof nothing));
}

/* The line without the > that was put before it. */
static struct span unquoted(struct span line)
{
    return line.n > 0 && line.p[0] == '>' && is_quoted(line) ? span_skip(line, 1) : line;
}

/*
 * Reads the lines of a message up to the next separator. The empty line before that separator does
 * not belong to the message. whole: the message's own separator ended with a newline.
 */
static bool read_lines(struct mbox *b, struct buf *mail, bool whole)
{
    const char *empty = NULL; /* an empty line that was not added yet */
    while (look(b)) {
        struct span line = line_of(b);
        if (line.n == 0) {
            b->lacks = empty ? 0 : whole ? 1 : 2;
            return true;
        }
        if (empty && (is_separator(line) || is_torn(waiting(b))))
            return true;
        if (empty)
            buf_add_str(mail, empty);
        empty = NULL;
        if (whole && is_empty(line))
            empty = line.n == 1 ? "\n" : "\r\n";
        else
            buf_add(mail, whole ? unquoted(line) : line);
        whole = span_ends(line, SPAN("\n"));
        take(b, line.n);
    }
    return false;
}

enum mbox_result mbox_next(struct mbox *b, struct mbox_mail *m)
{
    uint64_t cut = 0; /* where half a message begins; within it another one may seem to begin */
    bool was_torn = false;
    for (;;) {
        buf_clear(&m->line);
        buf_clear(&m->mail);
        if (!look(b))
            return MBOX_FAILED;
        bool torn = is_torn(waiting(b));
        struct span line = line_of(b);
        if (line.n == 0) {
            b->end = b->at;
            return MBOX_END;
        }
        if (!torn && !is_separator(line))
            return MBOX_NONE;
        m->offset = b->at;
        cut = was_torn ? cut : b->at;
        was_torn = torn;
        bool ended = span_ends(line, SPAN("\n"));
        while (span_ends(line, SPAN("\n")) || span_ends(line, SPAN("\r")))
            line.n--;
        buf_add(&m->line, line);
        take(b, line_of(b).n);
        if (!read_lines(b, &m->mail, ended))
            return MBOX_FAILED;
        if (!torn)
            return MBOX_ONE;
        if (waiting(b).n > 0)
            continue;
        b->end = cut;
        b->lacks = 0;
        b->torn = true;
        return MBOX_END;
    }
}

static void add_quoted(struct buf *out, struct span body)
{
    while (body.n > 0) {
        struct span line = span_line(body);
        if (is_quoted(line))
            buf_add_char(out, '>');
        buf_add(out, line);
        body = span_skip(body, line.n);
    }
}

static void add_all(struct buf *out, const char *mark, struct span from, const struct tm *utc,
                    bool seen, struct span mail)
{
    static const struct tm unknown = {.tm_year = 70, .tm_mday = 1, .tm_wday = 4};
    char date[MESSAGE_DATE_BYTES];
    struct span header = envelope_header(mail), body = span_skip(mail, header.n), line;
    message_date_format(1, utc ? utc : &unknown, date);
    buf_add(out, separator);
    buf_printf(out, "%.*s %s\n" ENVELOPE_MARK ": %s\n", SPAN_PRINTF(from), date, mark);
    envelope_add_fields(out, header, true);
    buf_add_str(out, seen ? "Status: RO\n\n" : "\n");
    if (header.n > 0)
        span_cut(&body, '\n', &line); /* the empty line, of which one was added */
    add_quoted(out, body);
    buf_add_str(out, body.n == 0 || span_ends(body, SPAN("\n")) ? "\n" : "\n\n");
}

/* Writes the message, and then the bytes that make it count. */
static bool write_all(struct mbox *b, struct span all)
{
    uint64_t at = b->end + b->lacks;
    return os_file_write_at(b->fd, "\n\n", b->lacks, b->end) &&
           os_file_write_at(b->fd, nothing, sizeof nothing, at) &&
           os_file_write_at(b->fd, all.p + separator.n, all.n - separator.n, at + separator.n) &&
           os_file_sync(b->fd) && os_file_write_at(b->fd, separator.p, separator.n, at) &&
           os_file_sync(b->fd);
}

/* Makes the file end at b->end. It never cuts off what another program has appended. */
static bool is_at_end(struct mbox *b)
{
    if (b->torn && !os_edit_cut(b->fd, b->end))
        return false;
    b->torn = false;
    errno = EAGAIN;
    return os_file_size(b->fd) == (int64_t)b->end;
}

bool mbox_add(struct mbox *b, const char *mark, struct span from, const struct tm *utc, bool seen,
              struct span mail)
{
    struct buf all;
    buf_init(&all, SIZE_MAX / 2);
    add_all(&all, mark, from, utc, seen, mail);
    errno = ENOMEM;
    bool ok = buf_ok(&all) && is_at_end(b);
    if (ok && !write_all(b, buf_span(&all))) {
        int saved = errno;
        os_edit_cut(b->fd, b->end);
        errno = saved;
        ok = false;
    } else if (ok) {
        b->end += b->lacks + all.n;
        b->lacks = 0;
    }
    buf_free(&all);
    return ok;
}
