/* SPDX-License-Identifier: ISC */
#include "store/redo_recovery.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/file.h"
#include "store/redo_replay.h"
#include "store/store_private.h"

/* --- collecting messages --- */

struct collection {
    struct replay *replay;
    const struct redo_range *range; /* NULL: all */
    char file[REDO_NAME_BYTES];     /* the segment that was added to the replay last */
};

static bool collect(void *ctx, const char *segment, const struct redo_place *place,
                    struct span content, uint64_t offset)
{
    struct collection *c = ctx;
    struct replay *rp = c->replay;
    const struct redo_range *range = c->range;
    struct redo_message m;
    if (range &&
        (place->log != range->log || place->serial < range->from || place->serial >= range->below))
        return true;
    if (!redo_record_parse(content, &m))
        return true;
    bool ok = strcmp(c->file, segment) == 0 || replay_add_file(rp, segment);
    snprintf(c->file, sizeof c->file, "%s", segment);
    if (ok && replay_add(rp, &m, place, offset, content))
        return true;
    store_failed(rp->store, "read", LAYOUT_LOG "/%s", segment);
    return false;
}

static bool collect_all(struct redo_walk *w, struct store *s)
{
    bool ok = redo_walk(w);
    errno = w->error;
    if (w->error)
        store_failed(s, "read", LAYOUT_LOG "/%s", w->where);
    if (w->damaged)
        store_trouble(s, "the disk cannot read all blocks of the delivery log");
    return ok;
}

static bool is_needed(const void *ctx, const struct replay_entry *e)
{
    const struct redo_log *log = redo_walk_log(ctx, e->place.log);
    return log && e->place.serial >= log->oldest;
}

/*
 * A gap is what damage leaves, or a power cut in what was written last, which nobody was promised.
 */
static void tell_gap(const struct replay *rp, uint64_t log)
{
    uint64_t first = UINT64_MAX, last = 0, n = 0;
    for (size_t i = 0; i < rp->n; i++) {
        const struct redo_place *p = &rp->entries[i].place;
        if (p->log != log)
            continue;
        first = p->sequence < first ? p->sequence : first;
        last = p->sequence > last ? p->sequence : last;
        n++;
    }
    if (n > 0 && last - first + 1 > n)
        store_trouble(rp->store, "the delivery log is damaged: %llu messages in it cannot be read",
                      (unsigned long long)(last - first + 1 - n));
}

/* --- recovery --- */

struct segments {
    struct store *store;
    const struct redo_walk *walk;
    size_t n;
    bool newest; /* removes those that must go last; else the others */
    bool failed;
};

/* A process that was stopped, and does not know of us, must not go on with its segments. */
static bool move_aside(void *ctx, const char *name)
{
    struct segments *l = ctx;
    struct store *s = l->store;
    char old[REDO_NAME_BYTES + sizeof REDO_OLD];
    uint64_t log;
    snprintf(old, sizeof old, REDO_OLD "%s", name);
    if (!redo_segment_log(name, &log)) {
        store_trouble(s, LAYOUT_LOG "/%.200s is not a segment and was left alone", name);
        return true;
    }
    l->n++;
    if (!redo_segment_is_old(name) && !os_file_rename_new(s->log_dir, name, s->log_dir, old)) {
        store_failed(s, "rename", LAYOUT_LOG "/%s", name);
        l->failed = true;
    }
    return true;
}

static bool remove_old(void *ctx, const char *name)
{
    struct segments *l = ctx;
    uint64_t number;
    if (!redo_segment_is_old(name) || !redo_segment_log(name, &number))
        return true;
    const struct redo_log *log = redo_walk_log(l->walk, number);
    if ((log && strcmp(log->newest, name) == 0) == l->newest &&
        !os_file_remove(l->store->log_dir, name)) {
        store_failed(l->store, "remove", LAYOUT_LOG "/%s", name);
        l->failed = true;
    }
    return true;
}

/* What says which records are no longer needed goes last: otherwise a crash could bring them back.
 */
static bool remove_all_old(struct segments *l)
{
    for (int newest = 0; newest < 2 && !l->failed; newest++) {
        l->newest = newest;
        if (!os_file_each(l->store->log_dir, remove_old, l) ||
            !os_file_sync_dir(l->store->log_dir)) {
            store_failed(l->store, "sync", LAYOUT_LOG);
            l->failed = true;
        }
    }
    return !l->failed;
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

static bool recover(struct segments *l)
{
    struct store *s = l->store;
    struct replay replay;
    struct collection c = {.replay = &replay};
    struct redo_walk walk = {.dir = s->log_dir, .old = true, .record = collect, .ctx = &c};
    replay_begin(&replay, s, REPLAY_ALONE);
    bool ok = collect_all(&walk, s);
    if (ok) {
        replay_filter(&replay, is_needed, &walk);
        for (size_t i = 0; i < walk.n_logs; i++)
            tell_gap(&replay, walk.logs[i].log);
        ok = replay_run(&replay);
    }
    if (ok)
        tell_recovered(&replay);
    l->walk = &walk;
    if (ok && (replay.kept > 0 || walk.damaged))
        s->log_since = INT64_MIN;
    else if (ok)
        ok = remove_all_old(l);
    l->walk = NULL;
    replay_end(&replay);
    free(walk.logs);
    return ok;
}

void redo_recover(struct store *s)
{
    struct segments l = {.store = s};
    bool ok = os_file_each(s->log_dir, move_aside, &l) && !l.failed;
    if (ok && l.n > 0)
        ok = os_file_sync_dir(s->log_dir) && recover(&l);
    if (ok)
        return;
    s->log_since = INT64_MIN;
    store_fail(s, "its delivery log could not be recovered");
}

static bool is_segment(void *ctx, const char *name)
{
    bool *left = ctx;
    uint64_t log;
    *left = redo_segment_log(name, &log);
    return !*left;
}

bool redo_is_left(int store_dir)
{
    bool left = false;
    int dir = os_file_open_subdir(store_dir, LAYOUT_LOG);
    if (dir < 0)
        return errno != ENOENT && errno != EBADF;
    if (!os_file_each(dir, is_segment, &left))
        left = true;
    os_file_close(dir);
    return left;
}

static bool take_old(void *ctx, const char *name)
{
    char *first = ctx;
    uint64_t log;
    if (!redo_segment_is_old(name) || !redo_segment_log(name, &log))
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

bool redo_rewrite(struct store *s, const struct redo_range *range, bool all)
{
    struct replay replay;
    struct collection c = {.replay = &replay, .range = range};
    struct redo_walk walk = {.dir = s->log_dir, .record = collect, .ctx = &c};
    replay_begin(&replay, s, all ? REPLAY_IN_USE : REPLAY_WHAT_IS_LOST);
    bool ok = collect_all(&walk, s) && !walk.damaged && replay_run(&replay) && replay.kept == 0;
    if (replay.written > 0)
        store_trouble(s,
                      "the disk may have lost messages: written again from the delivery log: %zu",
                      replay.written);
    replay_end(&replay);
    free(walk.logs);
    return ok;
}

struct each {
    const struct redo_walk *first; /* the first walk: it knows which records are needed */
    bool (*each)(void *ctx, const struct redo_message *m);
    void *ctx;
};

static bool skip_record(void *ctx, const char *segment, const struct redo_place *place,
                        struct span content, uint64_t offset)
{
    (void)ctx;
    (void)segment;
    (void)place;
    (void)content;
    (void)offset;
    return true;
}

static bool pass_record(void *ctx, const char *segment, const struct redo_place *place,
                        struct span content, uint64_t offset)
{
    const struct each *e = ctx;
    const struct redo_log *log = redo_walk_log(e->first, place->log);
    struct redo_message m;
    (void)segment;
    (void)offset;
    return !log || place->serial < log->oldest || !redo_record_parse(content, &m) ||
           e->each(e->ctx, &m);
}

bool redo_each(int store_dir, bool (*each)(void *ctx, const struct redo_message *m), void *ctx)
{
    int dir = os_file_open_subdir(store_dir, LAYOUT_LOG);
    if (dir < 0)
        return errno == ENOENT;
    struct redo_walk first = {.dir = dir, .record = skip_record};
    struct each e = {&first, each, ctx};
    struct redo_walk second = {.dir = dir, .record = pass_record, .ctx = &e};
    bool ok = redo_walk(&first);
    int error = first.error;
    if (ok) {
        redo_walk(&second);
        error = second.error;
    }
    if (error == 0 && second.damaged)
        error = EIO;
    free(first.logs);
    free(second.logs);
    os_file_close(dir);
    errno = error;
    return error == 0;
}
