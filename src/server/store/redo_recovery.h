/* SPDX-License-Identifier: ISC */
/*
 * redo_recovery: makes the messages that are in a delivery log durable as files (redo.h,
 * docs/store.md). At a start this comes before anything else is done in the store.
 */
#ifndef STORE_REDO_RECOVERY_H
#define STORE_REDO_RECOVERY_H

#include "store/redo_segment.h"

/*
 * Recovers everything in log/, for a server that has the store for itself, and removes the
 * segments. If that fails, which is reported, the segments stay for the next start, and the store
 * is read-only (store_is_failed). If only some accounts cannot be looked at, the segments stay,
 * too, and these accounts are shut (store_is_shut). The segments also stay if a block of them
 * cannot be read.
 */
void redo_recover(struct store *s);

/* Whether a log in the store's directory has segments, so that it must be recovered; also true if
 * that cannot be told. */
bool redo_is_left(int store_dir);

/*
 * Sets first to the name of a segment that a recovery has found and still needs. False: there is
 * none. While a server recovers its log, it has some for a moment.
 */
bool redo_find_old(int store_dir, char first[REDO_NAME_BYTES]);

/*
 * Calls each(ctx, message) for each message that the log of the running server still needs, until
 * it returns false. The server may write to the log meanwhile: some of the messages may have no
 * name yet, or may no longer be needed. False (errno): the log, or a part of it, cannot be read. No
 * log is fine.
 */
bool redo_each(int store_dir, bool (*each)(void *ctx, const struct redo_message *m), void *ctx);

/* The records of one log with a serial from one up to, not including, another one. */
struct redo_range {
    uint64_t log, from, below;
};

/*
 * While the store is in use: writes those messages in the log again, as a recovery does, whose
 * files have lost their blocks, or all of them, and makes them durable. False: not all are durable,
 * which is reported; a later call may succeed.
 */
bool redo_rewrite(struct store *s, const struct redo_range *range, bool all);

#endif
