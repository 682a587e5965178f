/* SPDX-License-Identifier: ISC */
/*
 * redo: the delivery log, DIR/log. A message that was appended and synced here is durable, although
 * neither its file nor the file's name is synced: if the machine stops, redo_recovery.h makes both
 * again. One sync is for all who wait for one. docs/store.md has the whole sequence and the
 * reasons.
 *
 * The log consists of segments: files of zeros of a fixed size, written and synced beforehand, so
 * that a sync of what is written over them needs no commit of the file system's journal. A segment
 * is used again after a checkpoint: when all its messages have their names, and a sync of the file
 * system has made these and the messages' files durable.
 *
 * A failed write or sync of the log makes the whole store read-only (store_is_failed). Only a
 * server has a log, and only on file systems for which os_mount_reports_sync is true. Safe for
 * threads.
 */
#ifndef STORE_REDO_H
#define STORE_REDO_H

#include "store/redo_record.h"

struct redo;

/* What an append gives, for the calls that follow. */
struct redo_ticket {
    unsigned segment;
    uint64_t batch;
};

/* What the log has done, for tests and benchmarks. */
struct redo_counts {
    uint64_t bytes, limit; /* of its segments; they may grow to limit */
    uint64_t records, syncs, refused, checkpoints;
};

/*
 * Makes the log's first segments, which may grow to limit bytes under load, and starts the thread
 * that makes checkpoints. dir is the store's directory log/, which is empty. NULL: *why says why
 * there is no log, and errno is set, or 0 where *why says all. The caller ends it with redo_close.
 */
struct redo *redo_open(struct store *s, int dir, uint64_t limit, const char **why);

/*
 * Makes a last checkpoint and removes the segments, if all messages have their names; if not, or if
 * that fails, the segments stay for the next start, and false is returned. Frees r, which may be
 * NULL. No other thread may use it any more.
 */
bool redo_close(struct redo *r);

/* Whether there is probably room for one more message with a body of this many bytes. */
bool redo_has_room(struct redo *r, uint64_t bytes);

/*
 * Appends a message, given by head and body, the bytes of its file, to the batch that is written
 * next. False: there is no room, and nothing was appended. To be called with the mailbox's lock
 * held, so that records have the order of ids. After true the message's segment is kept until
 * redo_named.
 */
bool redo_append(struct redo *r, const struct who *who, const struct mail *m, struct span head,
                 struct span body, struct redo_ticket *ticket);

/*
 * Waits until what was appended is on stable storage. False: that failed, nothing is known of it,
 * and the store is read-only from now on.
 */
bool redo_wait(struct redo *r, const struct redo_ticket *ticket);

/* The message has its name, or nobody will need it again. */
void redo_named(struct redo *r, const struct redo_ticket *ticket);

/*
 * Whether all messages in the log were accepted, by their own dates, later than time: then one of
 * that time is not in the log.
 */
bool redo_is_newer(struct redo *r, int64_t time);

void redo_counts(struct redo *r, struct redo_counts *counts);

#endif
