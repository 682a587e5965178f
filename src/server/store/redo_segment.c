/* SPDX-License-Identifier: ISC */
#include "store/redo_segment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/digits.h"
#include "os/file.h"

#define SEGMENT_LIMIT (UINT64_C(64) << 20) /* more than a segment has */
#define PIECE_BYTES   65536
#define BLOCK_BYTES   4096
#define DIGITS        16 /* of the log's number in a name */

bool redo_segment_is_old(const char *name)
{
    return span_starts(span_str(name), SPAN(REDO_OLD));
}

bool redo_segment_log(const char *name, uint64_t *log)
{
    struct span s = span_str(name);
    if (s.n >= REDO_NAME_BYTES)
        return false;
    if (redo_segment_is_old(name))
        s = span_skip(s, strlen(REDO_OLD));
    if (!span_starts(s, SPAN(REDO_SEGMENT)))
        return false;
    s = span_skip(s, strlen(REDO_SEGMENT));
    return s.n > DIGITS && s.p[DIGITS] == '-' && digits_get_hex(span_first(s, DIGITS), log);
}

/*
 * Reads a piece of a file. A block that the disk cannot read becomes zeros: the records in the
 * others still count. Returns how many bytes, or -1.
 */
static int64_t read_piece(struct redo_walk *w, int fd, char *p, size_t bytes, uint64_t offset)
{
    int64_t n = os_file_read_at(fd, p, bytes, offset);
    if (n >= 0 || errno != EIO)
        return n;
    for (size_t at = 0; at < bytes; at += BLOCK_BYTES) {
        size_t block = bytes - at < BLOCK_BYTES ? bytes - at : BLOCK_BYTES;
        memset(p + at, 0, block);
        if (os_file_read_at(fd, p + at, block, offset + at) >= 0)
            continue;
        if (errno != EIO)
            return -1;
        memset(p + at, 0, block);
        w->damaged = true;
    }
    return (int64_t)bytes;
}

/*
 * Reads a whole segment, up to where it may have just been cut, in place of what is in the buffer.
 * False: errno.
 */
static bool load(struct redo_walk *w, const char *name, struct buf *bytes)
{
    buf_clear(bytes);
    int fd = os_file_open(w->dir, name);
    int64_t size = fd >= 0 ? os_file_size(fd) : -1, n = size;
    for (int64_t at = 0; n > 0 && at < size; at += n) {
        size_t piece = size - at < PIECE_BYTES ? (size_t)(size - at) : PIECE_BYTES;
        char *p = buf_space(bytes, piece);
        if (!p)
            errno = ENOMEM;
        n = p ? read_piece(w, fd, p, piece, (uint64_t)at) : -1;
        if (n > 0)
            buf_added(bytes, (size_t)n);
    }
    int error = errno;
    os_file_close(fd);
    errno = error;
    return n >= 0;
}

/* The place of a log in w->logs; w->n_logs: it is not there. */
static size_t place_of(const struct redo_walk *w, uint64_t log)
{
    size_t i = 0;
    while (i < w->n_logs && w->logs[i].log != log)
        i++;
    return i;
}

/* Finds a log, or adds it. NULL: out of memory. */
static struct redo_log *find_log(struct redo_walk *w, uint64_t log)
{
    size_t place = place_of(w, log);
    if (place < w->n_logs)
        return &w->logs[place];
    struct redo_log *more = realloc(w->logs, (w->n_logs + 1) * sizeof *more);
    if (!more)
        return NULL;
    w->logs = more;
    w->logs[place] = (struct redo_log){.log = log};
    w->n_logs++;
    return &w->logs[place];
}

const struct redo_log *redo_walk_log(const struct redo_walk *w, uint64_t log)
{
    size_t place = place_of(w, log);
    return place < w->n_logs ? &w->logs[place] : NULL;
}

/* False: record has returned false. */
static bool walk_records(struct redo_walk *w, const char *name, struct redo_log *log,
                         struct span bytes)
{
    struct redo_place place;
    struct span content;
    for (size_t at = 0; redo_record_find(bytes, log->log, &at, &place, &content);
         at += redo_record_bytes(content.n)) {
        if (place.oldest > log->oldest) {
            log->oldest = place.oldest;
            snprintf(log->newest, sizeof log->newest, "%s", name);
        }
        if (!w->record(w->ctx, name, &place, content, at + REDO_HEADER_BYTES))
            return false;
    }
    return true;
}

struct walk_state {
    struct redo_walk *walk;
    struct buf
        bytes; /* of one segment after another: to give its memory back is dearer than to read */
    bool ok;
};

static bool walk_segment(void *ctx, const char *name)
{
    struct walk_state *state = ctx;
    struct redo_walk *w = state->walk;
    uint64_t number;
    if (redo_segment_is_old(name) != w->old || !redo_segment_log(name, &number))
        return true;
    struct redo_log *log = find_log(w, number);
    if (!log)
        errno = ENOMEM;
    bool loaded = log && load(w, name, &state->bytes);
    if (!loaded && errno != ENOENT) { /* a server that stops removes its segments */
        w->error = errno;
        snprintf(w->where, sizeof w->where, "%s", name);
    }
    state->ok = !w->error && (!loaded || walk_records(w, name, log, buf_span(&state->bytes)));
    return state->ok;
}

bool redo_walk(struct redo_walk *w)
{
    struct walk_state state = {.walk = w, .ok = true};
    buf_init(&state.bytes, SEGMENT_LIMIT);
    bool listed = os_file_each(w->dir, walk_segment, &state);
    if (!listed)
        w->error = errno;
    buf_free(&state.bytes);
    return listed && state.ok;
}
