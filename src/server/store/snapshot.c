/* SPDX-License-Identifier: ISC */
#include "store/snapshot.h"

#include "store/mailbox_private.h"
#include "store/store_private.h"
#include "store/trash.h"

/* The first position of the snapshot at or after one, or INDEX_NONE. */
static size_t next_position(const struct snapshot *snap, size_t at)
{
    size_t position = position_set_next(&snap->set, at);
    return position < snap->end ? position : INDEX_NONE;
}

/* Finds the end of what the caller wants, and measures the messages before it. */
static void choose_messages(struct snapshot *snap, uint64_t most,
                            uint64_t (*measure)(void *ctx, const struct mail *m), void *ctx)
{
    size_t at = snap->begin, i;
    struct mail m;
    while (snap->count < most && (i = next_position(snap, at)) != INDEX_NONE) {
        index_get(snap->index, i, &m);
        snap->count++;
        snap->measured += measure(ctx, &m);
        at = i + 1;
    }
    snap->end = at;
}

enum status snapshot_take(struct snapshot *snap, struct mailbox *mb, enum index_set set,
                          uint64_t first, uint64_t most,
                          uint64_t (*measure)(void *ctx, const struct mail *m), void *ctx)
{
    enum status st = mailbox_lock(mb);
    if (st != ST_OK)
        return st;
    *snap = (struct snapshot){.mb = mb, .end = SIZE_MAX};
    snap->begin = snap->at = index_seek(mb->index, first);
    if (index_copy_set(mb->index, set, snap->begin, &snap->set)) {
        snap->index = index_ref(mb->index);
        atomic_fetch_add(&mb->snapshots, 1);
        choose_messages(snap, most, measure, ctx);
    } else {
        st = ST_NO_MEMORY;
    }
    mailbox_unlock(mb);
    return st;
}

enum status snapshot_next(struct snapshot *snap, struct mail *mails, size_t max, size_t *n)
{
    enum status st = mailbox_lock_to_finish(snap->mb);
    size_t i;
    *n = 0;
    if (st != ST_OK)
        return st;
    while (*n < max && (i = next_position(snap, snap->at)) != INDEX_NONE) {
        index_get(snap->index, i, &mails[(*n)++]);
        snap->at = i + 1;
    }
    mailbox_unlock(snap->mb);
    return ST_OK;
}

void snapshot_rewind(struct snapshot *snap)
{
    snap->at = snap->begin;
}

void snapshot_drop(struct snapshot *snap)
{
    struct mailbox *mb = snap->mb;
    index_unref(snap->index);
    position_set_free(&snap->set);
    if (atomic_fetch_sub(&mb->snapshots, 1) == 1 && mb->store->limits.trash_s == 0)
        trash_purge(mb);
}
