/* SPDX-License-Identifier: ISC */
#include "store/redo.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "os/cond.h"
#include "os/file.h"
#include "os/lock.h"
#include "os/random.h"
#include "store/redo_private.h"
#include "store/store_private.h"

#define FIRST_SEGMENTS      4
#define FIRST_SEGMENT_BYTES (UINT64_C(256) << 10)
#define BLOCK_MOST          (UINT64_C(64) << 10)

/* --- segments --- */

/* Zeros are written, not only allocated: otherwise each block would need the journal once more. */
static bool fill_with_zeros(int fd, uint64_t size)
{
    static const char zeros[65536];
    for (uint64_t at = 0; at < size; at += sizeof zeros)
        if (!os_file_write(fd, zeros, size - at < sizeof zeros ? size - at : sizeof zeros))
            return false;
    return true;
}

bool redo_add_segment(struct redo *r, uint64_t size, bool sync)
{
    struct segment s = {.size = size / r->block * r->block};
    snprintf(s.name, sizeof s.name, REDO_SEGMENT "%016" PRIx64 "-%u", r->log, r->n);
    s.fd = os_file_create(r->dir, s.name);
    if (s.fd < 0)
        return false;
    if (!fill_with_zeros(s.fd, s.size) ||
        (sync && !(os_file_sync(s.fd) && os_file_sync_dir(r->dir)))) {
        int error = errno;
        os_file_close(s.fd);
        os_file_remove(r->dir, s.name);
        errno = error;
        return false;
    }
    pthread_mutex_lock(&r->mutex);
    r->segments[r->n++] = s;
    r->counts.bytes += s.size;
    pthread_mutex_unlock(&r->mutex);
    return true;
}

static void use_segment(struct redo *r, unsigned i)
{
    r->current = i;
    r->segments[i].serial = ++r->serial;
    r->segments[i].since = INT64_MAX;
}

/* --- appending: all of this with the mutex held --- */

static struct batch *batch_of(struct redo *r, uint64_t number)
{
    return &r->batches[number % REDO_BATCHES];
}

static uint64_t whole_blocks(const struct redo *r, uint64_t bytes)
{
    return (bytes + r->block - 1) / r->block * r->block;
}

/* Begins the batch after the one that is filled, which takes no more. */
static void close_batch(struct redo *r)
{
    struct batch *b = batch_of(r, r->filled);
    r->segments[b->segment].used = b->offset + whole_blocks(r, b->n);
    r->filled++;
}

/*
 * Whether this many bytes fit into the batch that is filled. The last block of a segment is kept
 * for a mark: otherwise a full log could not be emptied.
 */
static bool fits_batch(struct redo *r, size_t bytes, bool mark)
{
    struct batch *b = batch_of(r, r->filled);
    const struct segment *s = &r->segments[r->current];
    if (b->n == 0) {
        b->segment = r->current;
        b->offset = s->used;
    }
    return b->offset + whole_blocks(r, b->n + bytes) + (mark ? 0 : r->block) <= s->size;
}

/* Makes a free segment the current one. False: no segment is free, or too many batches wait. */
static bool next_segment(struct redo *r)
{
    bool empty = batch_of(r, r->filled)->n == 0;
    for (unsigned i = 1; i < r->n && (empty || r->filled - r->done < REDO_BATCHES); i++) {
        unsigned at = (r->current + i) % r->n;
        if (r->segments[at].serial != 0)
            continue;
        if (!empty)
            close_batch(r);
        use_segment(r, at);
        return true;
    }
    return false;
}

bool redo_leave_segment(struct redo *r)
{
    return !r->failed && r->segments[r->current].since != INT64_MAX && next_segment(r);
}

/* Makes room for this many bytes in a batch, and for what fills its last block. */
static bool reserve(const struct redo *r, struct batch *b, size_t bytes)
{
    size_t cap = whole_blocks(r, b->n + bytes);
    if (cap <= b->cap)
        return true;
    char *more = realloc(b->bytes, cap);
    if (!more)
        return false;
    b->bytes = more;
    b->cap = cap;
    return true;
}

static void add(struct batch *b, struct span s)
{
    if (s.n > 0)
        memcpy(b->bytes + b->n, s.p, s.n);
    b->n += s.n;
}

static void add_zeros(struct batch *b, size_t n)
{
    memset(b->bytes + b->n, 0, n);
    b->n += n;
}

/* Adds a record to the batch that is filled. False: out of memory. */
static bool add_record(struct redo *r, struct span names, struct span head, struct span body,
                       uint32_t checksum, struct redo_ticket *ticket)
{
    char header[REDO_HEADER_BYTES];
    struct batch *b = batch_of(r, r->filled);
    size_t content = names.n + head.n + body.n, bytes = redo_record_bytes(content);
    const struct redo_place place = {.log = r->log,
                                     .serial = r->segments[r->current].serial,
                                     .sequence = r->sequence,
                                     .oldest = r->oldest};
    if (!reserve(r, b, bytes))
        return false;
    redo_record_header(&place, content, checksum, header);
    add(b, span_of(header, sizeof header));
    add(b, names);
    add(b, head);
    add(b, body);
    add_zeros(b, bytes - REDO_HEADER_BYTES - content);
    r->sequence += content > 0;
    *ticket = (struct redo_ticket){.segment = r->current, .batch = r->filled};
    return true;
}

void redo_append_mark(struct redo *r, struct redo_ticket *ticket)
{
    const struct span none = SPAN("");
    bool fits = fits_batch(r, redo_record_bytes(0), true);
    ticket->batch = 0;
    if (!fits && next_segment(r))
        fits = fits_batch(r, redo_record_bytes(0), true);
    if (fits)
        add_record(r, none, none, none, 0, ticket);
}

bool redo_append(struct redo *r, const struct who *who, const struct mail *m, struct span head,
                 struct span body, struct redo_ticket *ticket)
{
    char bytes[REDO_NAMES_BYTES];
    struct span names = span_of(bytes, redo_record_names(who, m, bytes));
    uint32_t checksum = crc32c(crc32c(crc32c(0, names), head), body);
    size_t size = redo_record_bytes(names.n + head.n + body.n);
    pthread_mutex_lock(&r->mutex);
    bool ok = !r->failed &&
              (fits_batch(r, size, false) || (next_segment(r) && fits_batch(r, size, false))) &&
              add_record(r, names, head, body, checksum, ticket);
    if (ok) {
        struct segment *s = &r->segments[ticket->segment];
        s->open++;
        if (m->time < s->since)
            s->since = m->time;
        r->counts.records++;
    } else {
        r->counts.refused++;
        pthread_cond_signal(&r->changed);
    }
    pthread_mutex_unlock(&r->mutex);
    return ok;
}

uint64_t redo_free_bytes(const struct redo *r)
{
    uint64_t bytes = r->segments[r->current].size - r->segments[r->current].used;
    for (unsigned i = 0; i < r->n; i++)
        if (r->segments[i].serial == 0)
            bytes += r->segments[i].size;
    return bytes;
}

bool redo_has_room(struct redo *r, uint64_t bytes)
{
    if (bytes > REDO_MESSAGE_MAX)
        return false;
    pthread_mutex_lock(&r->mutex);
    bool room = !r->failed && redo_free_bytes(r) > whole_blocks(r, REDO_CONTENT_MAX) + r->block;
    if (!room) {
        r->counts.refused++;
        pthread_cond_signal(&r->changed);
    }
    pthread_mutex_unlock(&r->mutex);
    return room;
}

/* --- syncing --- */

/*
 * Whether the path from the store still leads to our file: a successor may have moved it aside, or
 * somebody removed it, or all of log/.
 */
static bool is_in_place(const struct redo *r, const struct segment *s)
{
    char path[sizeof LAYOUT_LOG + REDO_NAME_BYTES];
    snprintf(path, sizeof path, LAYOUT_LOG "/%s", s->name);
    return os_lock_is_named(s->fd, r->store->dir, path);
}

/* Writes a batch, in blocks of its own: what was answered for is never written again. */
static bool write_batch(struct redo *r, struct batch *b)
{
    const struct segment *s = &r->segments[b->segment];
    const char *failed = NULL;
    add_zeros(b, whole_blocks(r, b->n) - b->n);
    if (!os_file_write_at(s->fd, b->bytes, b->n, b->offset))
        failed = "write";
    else if (!os_file_sync_data(s->fd))
        failed = "sync";
    else if (!is_in_place(r, s)) {
        failed = "find";
        errno = ESTALE;
    }
    if (!failed)
        return true;
    store_failed(r->store, failed, LAYOUT_LOG "/%s", s->name);
    store_fail(r->store, "its delivery log failed");
    return false;
}

/*
 * With the mutex held, and all batches before this one done. Threads that are ready to run may be
 * about to append: they go first, so that fewer syncs do. Nobody is waited for.
 *
 * At the end, first of all, somebody must write the next batch; then those who have waited for this
 * one wake, and nobody else. They find the mutex free.
 */
static void sync_batch(struct redo *r, uint64_t number)
{
    struct batch *b = batch_of(r, number);
    r->writing = true;
    if (number == r->filled)
        os_cond_yield(&r->mutex);
    if (number == r->filled) /* it still takes records */
        close_batch(r);
    pthread_mutex_unlock(&r->mutex);
    bool ok = write_batch(r, b);
    pthread_mutex_lock(&r->mutex);
    r->writing = false;
    b->n = 0;
    r->counts.syncs++;
    if (ok)
        r->done = number;
    else
        r->failed = true;
    pthread_mutex_unlock(&r->mutex);
    if (ok)
        pthread_cond_signal(&batch_of(r, number + 1)->synced);
    for (unsigned i = 0; i < REDO_BATCHES && !ok; i++)
        pthread_cond_broadcast(&r->batches[i].synced);
    pthread_cond_broadcast(&b->synced);
    pthread_mutex_lock(&r->mutex);
}

bool redo_wait(struct redo *r, const struct redo_ticket *ticket)
{
    struct batch *b = batch_of(r, ticket->batch);
    pthread_mutex_lock(&r->mutex);
    while (r->done < ticket->batch && !r->failed) {
        if (r->writing || r->done + 1 < ticket->batch)
            pthread_cond_wait(&b->synced, &r->mutex);
        else
            sync_batch(r, ticket->batch);
    }
    bool ok = r->done >= ticket->batch;
    pthread_mutex_unlock(&r->mutex);
    return ok;
}

void redo_named(struct redo *r, const struct redo_ticket *ticket)
{
    pthread_mutex_lock(&r->mutex);
    r->segments[ticket->segment].open--;
    if (redo_free_bytes(r) < r->counts.bytes / 2)
        pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->mutex);
}

bool redo_is_newer(struct redo *r, int64_t time)
{
    bool newer = true;
    pthread_mutex_lock(&r->mutex);
    for (unsigned i = 0; i < r->n; i++)
        newer = newer && (r->segments[i].serial == 0 || r->segments[i].since > time);
    pthread_mutex_unlock(&r->mutex);
    return newer;
}

void redo_counts(struct redo *r, struct redo_counts *counts)
{
    pthread_mutex_lock(&r->mutex);
    *counts = r->counts;
    pthread_mutex_unlock(&r->mutex);
}

/* --- beginning --- */

/* One sync for all segments: a new store must be ready soon. */
static bool start(struct redo *r)
{
    for (unsigned i = 0; i < FIRST_SEGMENTS; i++)
        if (!redo_add_segment(r, FIRST_SEGMENT_BYTES, false))
            return false;
    if (!os_file_sync_all(r->dir))
        return false;
    use_segment(r, 0);
    int error = pthread_create(&r->thread, NULL, redo_keep, r);
    errno = error;
    return error == 0;
}

struct redo *redo_open(struct store *s, int dir, uint64_t limit, const char **why)
{
    struct redo *r = calloc(1, sizeof *r);
    *why = "out of memory";
    if (!r)
        return NULL;
    r->store = s;
    r->dir = dir;
    r->block = s->block_bytes < BLOCK_MOST ? s->block_bytes : BLOCK_MOST;
    os_random_bytes(&r->log, sizeof r->log);
    r->limit = r->counts.limit = limit / FIRST_SEGMENT_BYTES * FIRST_SEGMENT_BYTES;
    r->oldest = r->freed = r->filled = 1;
    pthread_mutex_init(&r->mutex, NULL);
    os_cond_init(&r->changed);
    for (unsigned i = 0; i < REDO_BATCHES; i++)
        pthread_cond_init(&r->batches[i].synced, NULL);
    *why = "its segments cannot be made";
    if (start(r))
        return r;
    int error = errno;
    r->stopping = true; /* there is no thread */
    redo_close(r);
    errno = error;
    return NULL;
}
