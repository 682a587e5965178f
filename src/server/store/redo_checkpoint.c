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
#include "store/cache.h"
#include "store/mailbox_private.h"
#include "store/redo_private.h"
#include "store/redo_recovery.h"
#include "store/store_private.h"

#define SOON_MS       2000
#define IDLE_MS       (10 * 60 * 1000)
#define LOOK_MS       1000
#define MOST_PART     16                  /* the largest segment is this part of the limit */
#define MOST_AT_LEAST (UINT64_C(8) << 20) /* bytes, or this */

/* With the mutex held: the lowest serial of a segment that is still needed; all below it are not.
 */
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

/*
 * A file whose blocks could not be allocated when it was written back loses its contents, and no
 * sync fails (this was measured on ext4). But it has no blocks then. Also true if that cannot be
 * told.
 */
static bool has_lost_blocks(void *ctx, const struct redo_message *m)
{
    struct store *s = ctx;
    struct mailbox *mb;
    char name[MESSAGE_FILE_NAME_BYTES];
    struct os_file_info info;
    struct mail mail;
    bool lost = true;
    if (mailbox_open(s, &m->who, &mb) != ST_OK)
        return true;
    if (mailbox_lock(mb) == ST_OK) {
        size_t position = index_find(mb->index, m->mail.id);
        lost = false;
        if (index_belongs(mb->index, INDEX_LIVE, position) ||
            index_belongs(mb->index, INDEX_DELETED, position)) {
            index_get(mb->index, position, &mail);
            message_file_name(&mail, name);
            lost = !os_file_look(mb->dir, name, &info) || info.disk_bytes < m->file.n;
        }
        mailbox_unlock(mb);
    }
    mailbox_close_once(mb);
    return lost;
}

/*
 * Makes the messages of the segments with a serial below this one durable. After a failed sync
 * nobody knows what is on the disk, so they are written again. False: errno.
 */
static bool settle_below(struct redo *r, uint64_t below)
{
    const struct redo_range range = {r->log, r->oldest, below};
    if (!r->suspect && !os_file_sync_all(r->store->dir)) {
        store_failed(r->store, "sync", "the file system");
        r->suspect = true;
    }
    bool ok = redo_rewrite(r->store, &range, r->suspect ? NULL : has_lost_blocks, r->store);
    r->suspect = r->suspect && !ok;
    return ok;
}

/* --- checkpoints --- */

/* With the mutex held: frees the segments below a serial, which a mark on the disk allows. */
static void free_below(struct redo *r, uint64_t below)
{
    for (unsigned i = 0; i < r->n; i++)
        if (r->segments[i].serial < below && r->segments[i].serial) {
            r->segments[i].serial = 0;
            r->segments[i].used = 0;
        }
}

/* A shortage passes; until then nothing is freed, and deliveries do without the log. */
static bool is_shortage(int error)
{
    return error == ENOMEM || error == EMFILE || error == ENFILE || error == ENOSPC ||
           error == EDQUOT;
}

/*
 * With the mutex held, which it gives up meanwhile. The order matters: only what is durable may be
 * called old, and only once that is durable, too, may it be written over.
 */
static bool make_checkpoint(struct redo *r)
{
    struct redo_ticket ticket;
    uint64_t below = find_lowest_needed(r);
    pthread_mutex_unlock(&r->mutex);
    bool ok = settle_below(r, below);
    bool failed = !ok && !is_shortage(errno);
    if (failed)
        store_fail(r->store, "make the messages durable that are in", LAYOUT_LOG);
    pthread_mutex_lock(&r->mutex);
    r->failed = r->failed || failed;
    if (!ok)
        return false;
    r->oldest = below;
    redo_append_mark(r, &ticket);
    pthread_mutex_unlock(&r->mutex);
    ok = ticket.batch && redo_wait(r, &ticket);
    pthread_mutex_lock(&r->mutex);
    if (ok)
        free_below(r, below);
    r->counts.checkpoints += ok;
    return ok;
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
        ok = store_check_space(r->store, size) == ST_OK && redo_add_segment(r, size);
        pthread_mutex_lock(&r->mutex);
    }
    if (!ok)
        r->limit = r->counts.bytes;
}

void *redo_keep(void *arg)
{
    struct redo *r = arg;
    int64_t before_ms = os_clock_ms() - SOON_MS;
    pthread_mutex_lock(&r->mutex);
    while (!r->stopping) {
        int64_t now_ms = os_clock_ms();
        bool idle = now_ms - before_ms >= IDLE_MS && redo_leave_segment(r);
        bool needed = !r->failed && (idle || redo_free_bytes(r) < r->counts.bytes / 2);
        if (needed && now_ms - before_ms < SOON_MS && r->counts.bytes < r->limit)
            grow(r);
        bool done = needed && find_lowest_needed(r) > r->oldest && make_checkpoint(r);
        if (done)
            before_ms = now_ms;
        else
            os_cond_wait(&r->changed, &r->mutex, now_ms + LOOK_MS);
    }
    pthread_mutex_unlock(&r->mutex);
    return NULL;
}

/* --- the end --- */

static bool remove_segments(struct redo *r)
{
    bool ok = true;
    for (unsigned i = 0; i < r->n; i++)
        if (!os_file_remove(r->dir, r->segments[i].name)) {
            store_failed(r->store, "remove", LAYOUT_LOG "/%s", r->segments[i].name);
            ok = false;
        }
    return os_file_sync_dir(r->dir) && ok;
}

static bool is_settled(const struct redo *r)
{
    for (unsigned i = 0; i < r->n; i++)
        if (r->segments[i].open > 0)
            return false;
    return !r->failed;
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
    bool ok = is_settled(r) && settle_below(r, UINT64_MAX) && remove_segments(r);
    for (unsigned i = 0; i < r->n; i++)
        os_file_close(r->segments[i].fd);
    for (unsigned i = 0; i < REDO_BATCHES; i++) {
        buf_free(&r->batches[i].bytes);
        pthread_cond_destroy(&r->batches[i].synced);
    }
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->mutex);
    free(r);
    return ok;
}
