/* SPDX-License-Identifier: ISC */
#include "store/redo_recovery.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "os/file.h"
#include "store/redo_replay.h"
#include "store/store_private.h"

#define SEGMENT_LIMIT (UINT64_C(64) << 20) /* more than a segment has */
#define DIGITS        16                   /* of the log's number in a name */

/* Reads the number of the log in the name of a segment, with or without "old-". */
static bool segment_log(const char *name, uint64_t *log)
{
    struct span s = span_str(name);
    if (span_starts(s, SPAN(REDO_OLD)))
        s = span_skip(s, strlen(REDO_OLD));
    if (!span_starts(s, SPAN(REDO_SEGMENT)))
        return false;
    s = span_skip(s, strlen(REDO_SEGMENT));
    return s.n > DIGITS && s.p[DIGITS] == '-' && digits_get_hex(span_first(s, DIGITS), log);
}

/* --- reading the segments --- */

/* What one log says of itself. */
struct seen {
    uint64_t log, oldest;
    uint64_t first, last, records; /* sequences, and how many there are of those that count */
};

struct reading {
    struct replay *replay;
    struct seen *seen;
    size_t logs;
    bool failed;

    /* Which messages are read; NULL: all. */
    const struct redo_range *range;
    bool (*want)(void *ctx, const struct redo_message *m);
    void *ctx;
};

static bool is_wanted(const struct reading *g, const struct redo_place *p,
                      const struct redo_message *m)
{
    return (!g->range || (p->serial >= g->range->from && p->serial < g->range->below)) &&
           (!g->want || g->want(g->ctx, m));
}

static struct seen *find_seen(struct reading *g, uint64_t log)
{
    for (size_t i = 0; i < g->logs; i++)
        if (g->seen[i].log == log)
            return &g->seen[i];
    struct seen *more = realloc(g->seen, (g->logs + 1) * sizeof *more);
    if (!more)
        return NULL;
    g->seen = more;
    g->seen[g->logs] = (struct seen){.log = log, .first = UINT64_MAX};
    return &g->seen[g->logs++];
}

/* Adds the messages in a segment to the replay. */
static bool read_segment(struct reading *g, const char *name, uint64_t log)
{
    struct replay *rp = g->replay;
    struct seen *seen = find_seen(g, log);
    struct redo_place place;
    struct redo_message m;
    struct span content;
    struct buf bytes;
    buf_init(&bytes, SEGMENT_LIMIT);
    bool ok = seen && os_file_load(rp->log_dir, name, &bytes) && replay_add_file(rp, name);
    for (size_t at = 0; ok && redo_record_find(buf_span(&bytes), log, &at, &place, &content);
         at += redo_record_bytes(content.n)) {
        if (place.oldest > seen->oldest)
            seen->oldest = place.oldest;
        if (redo_record_parse(content, &m) && is_wanted(g, &place, &m))
            ok = replay_add(rp, &m, &place, at + REDO_HEADER_BYTES, content.n);
    }
    if (!ok)
        store_failed(rp->store, "read", LAYOUT_LOG "/%s", name);
    g->failed = !ok;
    int error = errno;
    buf_free(&bytes);
    errno = error;
    return ok;
}

static bool read_old(void *ctx, const char *name)
{
    uint64_t log;
    return !span_starts(span_str(name), SPAN(REDO_OLD)) || !segment_log(name, &log) ||
           read_segment(ctx, name, log);
}

static bool read_own(void *ctx, const char *name)
{
    struct reading *g = ctx;
    uint64_t log;
    return span_starts(span_str(name), SPAN(REDO_OLD)) || !segment_log(name, &log) ||
           log != g->range->log || read_segment(g, name, log);
}

static bool counts(const void *ctx, const struct replay_entry *e)
{
    const struct reading *g = ctx;
    for (size_t i = 0; i < g->logs; i++)
        if (g->seen[i].log == e->place.log)
            return e->place.serial >= g->seen[i].oldest;
    return false;
}

/* A gap is what damage leaves, or a power cut in what was written last, which nobody was promised.
 */
static void tell_gaps(struct reading *g)
{
    for (size_t i = 0; i < g->replay->n; i++) {
        const struct redo_place *p = &g->replay->entries[i].place;
        struct seen *seen = find_seen(g, p->log);
        seen->records++;
        seen->first = p->sequence < seen->first ? p->sequence : seen->first;
        seen->last = p->sequence > seen->last ? p->sequence : seen->last;
    }
    for (size_t i = 0; i < g->logs; i++) {
        uint64_t all = g->seen[i].records ? g->seen[i].last - g->seen[i].first + 1 : 0;
        if (all > g->seen[i].records)
            store_trouble(g->replay->store,
                          "the delivery log is damaged: %llu messages in it cannot be read",
                          (unsigned long long)(all - g->seen[i].records));
    }
}

/* --- recovery --- */

struct log_names {
    struct store *store;
    size_t n;
    bool failed;
};

/* A process that was stopped, and does not know of us, must not go on with its segments. */
static bool move_aside(void *ctx, const char *name)
{
    struct log_names *l = ctx;
    struct store *s = l->store;
    char old[REDO_NAME_BYTES + sizeof REDO_OLD];
    uint64_t log;
    if (!segment_log(name, &log) || strlen(name) >= REDO_NAME_BYTES - sizeof REDO_OLD) {
        store_trouble(s, LAYOUT_LOG "/%.200s is not a segment and was left alone", name);
        return true;
    }
    l->n++;
    if (span_starts(span_str(name), SPAN(REDO_OLD)))
        return true;
    snprintf(old, sizeof old, REDO_OLD "%s", name);
    if (!os_file_rename_new(s->log_dir, name, s->log_dir, old)) {
        store_failed(s, "rename", LAYOUT_LOG "/%s", name);
        l->failed = true;
    }
    return true;
}

static bool remove_old(void *ctx, const char *name)
{
    struct log_names *l = ctx;
    if (span_starts(span_str(name), SPAN(REDO_OLD)) && !os_file_remove(l->store->log_dir, name)) {
        store_failed(l->store, "remove", LAYOUT_LOG "/%s", name);
        l->failed = true;
    }
    return true;
}

static void tell_recovered(const struct replay *rp)
{
    if (rp->n > 0)
        store_trouble(
            rp->store,
            "the delivery log was not closed: of its %zu messages %zu were written again, "
            "%zu are no longer needed, %zu are left for the next start",
            rp->n, rp->written, rp->dropped, rp->kept);
}

/* The earliest date of what is left in the log: its tombstones are still needed (trash.c). */
static int64_t keep_since(const struct replay *rp)
{
    return rp->kept > 0 ? INT64_MIN : INT64_MAX;
}

static bool recover(struct log_names *l)
{
    struct store *s = l->store;
    struct replay replay;
    struct reading reading = {.replay = &replay};
    replay_begin(&replay, s, s->log_dir, false, false);
    bool ok = os_file_each(s->log_dir, read_old, &reading) && !reading.failed;
    if (ok) {
        replay_filter(&replay, counts, &reading);
        tell_gaps(&reading);
        ok = replay_run(&replay);
    }
    if (ok)
        tell_recovered(&replay);
    s->log_since = keep_since(&replay);
    if (ok && replay.kept == 0) {
        os_file_each(s->log_dir, remove_old, l);
        ok = !l->failed && os_file_sync_dir(s->log_dir);
    }
    replay_end(&replay);
    free(reading.seen);
    return ok;
}

void redo_recover(struct store *s)
{
    struct log_names l = {.store = s};
    bool ok = os_file_each(s->log_dir, move_aside, &l) && !l.failed;
    if (ok && l.n > 0)
        ok = os_file_sync_dir(s->log_dir) && recover(&l);
    if (!ok) {
        s->log_since = INT64_MIN;
        store_fail(s, "recover", LAYOUT_LOG);
    }
}

static bool is_segment(void *ctx, const char *name)
{
    bool *left = ctx;
    uint64_t log;
    *left = segment_log(name, &log);
    return !*left;
}

bool redo_is_left(int store_dir)
{
    bool left = false;
    int dir = os_file_open_subdir(store_dir, LAYOUT_LOG);
    if (dir >= 0)
        os_file_each(dir, is_segment, &left);
    os_file_close(dir);
    return left;
}

static bool take_old(void *ctx, const char *name)
{
    char *first = ctx;
    uint64_t log;
    if (!span_starts(span_str(name), SPAN(REDO_OLD)) || !segment_log(name, &log))
        return true;
    snprintf(first, REDO_NAME_BYTES, "%s", name);
    return false;
}

bool redo_find_old(int store_dir, char first[REDO_NAME_BYTES])
{
    int dir = os_file_open_subdir(store_dir, LAYOUT_LOG);
    first[0] = '\0';
    if (dir >= 0)
        os_file_each(dir, take_old, first);
    os_file_close(dir);
    return first[0];
}

/* --- while the store is in use --- */

/* Segments that a server may be writing to. They are read twice: first for what is the oldest. */
struct walk {
    int dir;
    struct reading reading; /* for what is seen of each log */
    bool (*each)(void *ctx, const struct redo_message *m);
    void *ctx;
    bool second, stopped, failed;
};

static void walk_records(struct walk *w, struct span bytes, struct seen *seen)
{
    struct redo_place place;
    struct redo_message m;
    struct span content;
    for (size_t at = 0; !w->stopped && redo_record_find(bytes, seen->log, &at, &place, &content);
         at += redo_record_bytes(content.n)) {
        if (place.oldest > seen->oldest)
            seen->oldest = place.oldest;
        if (w->second && place.serial >= seen->oldest && redo_record_parse(content, &m))
            w->stopped = !w->each(w->ctx, &m);
    }
}

static bool walk_segment(void *ctx, const char *name)
{
    struct walk *w = ctx;
    struct buf bytes;
    uint64_t log;
    if (span_starts(span_str(name), SPAN(REDO_OLD)) || !segment_log(name, &log))
        return true;
    struct seen *seen = find_seen(&w->reading, log);
    buf_init(&bytes, SEGMENT_LIMIT);
    if (seen && os_file_load(w->dir, name, &bytes))
        walk_records(w, buf_span(&bytes), seen);
    else
        w->failed = !seen || errno != ENOENT; /* a server that stops removes its segments */
    int error = errno;
    buf_free(&bytes);
    errno = error;
    return !w->stopped && !w->failed;
}

bool redo_each(int store_dir, bool (*each)(void *ctx, const struct redo_message *m), void *ctx)
{
    struct walk w = {.each = each, .ctx = ctx, .dir = os_file_open_subdir(store_dir, LAYOUT_LOG)};
    if (w.dir < 0)
        return errno == ENOENT;
    bool ok = os_file_each(w.dir, walk_segment, &w) && !w.failed;
    w.second = true;
    ok = ok && os_file_each(w.dir, walk_segment, &w) && !w.failed;
    int error = errno;
    free(w.reading.seen);
    os_file_close(w.dir);
    errno = error;
    return ok;
}

bool redo_rewrite(struct store *s, const struct redo_range *range,
                  bool (*want)(void *ctx, const struct redo_message *m), void *ctx)
{
    struct replay replay;
    struct reading g = {.replay = &replay, .range = range, .want = want, .ctx = ctx};
    replay_begin(&replay, s, s->log_dir, true, want != NULL);
    bool ok = os_file_each(s->log_dir, read_own, &g) && !g.failed && replay_run(&replay);
    int error = errno;
    if (ok && replay.written > 0)
        store_trouble(s,
                      "the disk may have lost messages: written again from the delivery log: %zu",
                      replay.written);
    replay_end(&replay);
    free(g.seen);
    errno = error;
    return ok;
}
