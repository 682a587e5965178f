/* SPDX-License-Identifier: ISC */
/*
 * A checkpoint makes segments free again. It costs a sync of the file system, so it waits until
 * half of the log is used; and if the next one is needed soon, the log grows.
 * What lies in the log for long is settled, too: until then a recovery would write it again, and
 * its tombstones are kept.
 */
#include <errno.h>
#include <stdlib.h>

#include "os/clock.h"
#include "os/cond.h"
#include "os/file.h"
#include "store/redo_private.h"
#include "store/redo_recovery.h"
#include "store/store_private.h"

#define SOON_MS       2000
#define IDLE_MS       (10 * 60 * 1000)
#define LOOK_MS       1000
#define AGAIN_MS      (60 * 1000)         /* after a failure */
#define MOST_PART     16                  /* the largest segment is this part of the limit */
#define MOST_AT_LEAST (UINT64_C(8) << 20) /* bytes, or this */

/* With the mutex held: the lowest serial of a segment that is still needed. */
static uint64_t find_lowest_needed(const struct redo *r)
{
    uint64_t lowest = UINT64_MAX;
    for (unsigned i = 0; i < r->n; i++) {
        const struct segment *s = &r->segments[i];
        if (s->serial && (s->open > 0 || i == r->current) && s->serial < lowest)
            lowest = s->serial;
    }
    return lowest;
}

/* --- checkpoints --- */

/*
 * A failed sync does not tell which file could not be written, and no later sync will write it. So
 * all that is in the log by now is written again before it is freed, by this checkpoint or a later
 * one.
 */
static void suspect_all(struct redo *r)
{
    pthread_mutex_lock(&r->mutex);
    r->suspect = r->serial;
    pthread_mutex_unlock(&r->mutex);
}

/* Makes the messages of these segments durable. False: that failed, and may succeed later. */
static bool settle(struct redo *r, const struct redo_range *range)
{
    if (r->suspect < range->from && !os_file_sync_all(r->store->dir)) {
        store_failed(r->store, "sync", "the file system");
        suspect_all(r);
    }
    bool ok = redo_rewrite(r->store, range, r->suspect >= range->from);
    if (!ok)
        suspect_all(r);
    return ok;
}

/* With the mutex held: frees the segments below a serial, which a mark on the disk allows. */
static void free_below(struct redo *r, uint64_t below)
{
    for (unsigned i = 0; i < r->n; i++)
        if (r->segments[i].serial < below && r->segments[i].serial) {
            r->segments[i].serial = 0;
            r->segments[i].used = 0;
        }
    r->freed = below;
}

/*
 * With the mutex held, which it gives up meanwhile. The order matters: only what is durable may be
 * called old, and only once that is durable, too, may it be written over. As long as it fails,
 * nothing is freed, and deliveries do without the log once it is full.
 */
static bool make_checkpoint(struct redo *r, uint64_t below)
{
    const struct redo_range range = {r->log, r->oldest, below};
    struct redo_ticket ticket;
    pthread_mutex_unlock(&r->mutex);
    bool ok = settle(r, &range);
    pthread_mutex_lock(&r->mutex);
    if (!ok)
        return false;
    r->oldest = below;
    redo_append_mark(r, &ticket);
    pthread_mutex_unlock(&r->mutex);
    ok = ticket.batch && redo_wait(r, &ticket);
    pthread_mutex_lock(&r->mutex);
    if (!ok)
        return false;
    free_below(r, below);
    r->counts.checkpoints++;
    return true;
}

/* With the mutex held, which it gives up meanwhile: doubles the log, as far as allowed. */
static void grow(struct redo *r)
{
    uint64_t most = r->limit / MOST_PART > MOST_AT_LEAST ? r->limit / MOST_PART : MOST_AT_LEAST;
    uint64_t wanted = 2 * r->counts.bytes < r->limit ? 2 * r->counts.bytes : r->limit;
    bool ok = true;
    while (ok && r->counts.bytes < wanted && r->n < REDO_SEGMENTS) {
        uint64_t size = wanted - r->counts.bytes;
        if (size > most)
            size = most;
        pthread_mutex_unlock(&r->mutex);
        ok = store_check_space(r->store, size) == ST_OK && redo_add_segment(r, size, true);
        pthread_mutex_lock(&r->mutex);
    }
}

/* With the mutex held: whether a checkpoint is due, and can free anything. */
static bool is_due(struct redo *r, int64_t since_ms)
{
    bool idle = since_ms >= IDLE_MS && redo_leave_segment(r);
    return !r->failed && (idle || redo_free_bytes(r) < r->counts.bytes / 2) &&
           find_lowest_needed(r) > r->freed;
}

void *redo_keep(void *arg)
{
    struct redo *r = arg;
    int64_t before_ms = os_clock_ms() - SOON_MS, not_before_ms = 0;
    pthread_mutex_lock(&r->mutex);
    while (!r->stopping) {
        int64_t now_ms = os_clock_ms();
        if (now_ms < not_before_ms || !is_due(r, now_ms - before_ms)) {
            os_cond_wait(&r->changed, &r->mutex, now_ms + LOOK_MS);
            continue;
        }
        if (now_ms - before_ms < SOON_MS && r->counts.bytes < r->limit)
            grow(r);
        if (make_checkpoint(r, find_lowest_needed(r)))
            before_ms = now_ms;
        else
            not_before_ms = os_clock_ms() + AGAIN_MS;
    }
    pthread_mutex_unlock(&r->mutex);
    return NULL;
}

/* --- the end --- */

static bool remove_segments(struct redo *r, bool current)
{
    bool ok = true;
    for (unsigned i = 0; i < r->n; i++)
        if ((i == r->current) == current && !os_file_remove(r->dir, r->segments[i].name)) {
            store_failed(r->store, "remove", LAYOUT_LOG "/%s", r->segments[i].name);
            ok = false;
        }
    return ok && os_file_sync_dir(r->dir);
}

/*
 * Empties the log. The mark that no record is needed any more is in the current segment, which
 * therefore goes last: a crash in between must not bring back what the others have.
 */
static bool empty(struct redo *r)
{
    bool ok = !r->failed;
    for (unsigned i = 0; i < r->n; i++)
        ok = ok && r->segments[i].open == 0;
    if (!ok)
        return false;
    pthread_mutex_lock(&r->mutex);
    ok = r->serial == 0 || make_checkpoint(r, r->serial + 1); /* 0: it has never been used */
    pthread_mutex_unlock(&r->mutex);
    return ok && remove_segments(r, false) && remove_segments(r, true);
}

bool redo_close(struct redo *r)
{
    if (!r)
        return true;
    pthread_mutex_lock(&r->mutex);
    bool started = !r->stopping;
    r->stopping = true;
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->mutex);
    if (started)
        pthread_join(r->thread, NULL);
    bool ok = empty(r);
    if (r->failed)
        os_file_sync_all(r->store->dir); /* somebody may have removed what would be recovered */
    for (unsigned i = 0; i < r->n; i++)
        os_file_close(r->segments[i].fd);
    for (unsigned i = 0; i < REDO_BATCHES; i++) {
        free(r->batches[i].bytes);
        pthread_cond_destroy(&r->batches[i].synced);
    }
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->mutex);
    free(r);
    return ok;
}
