/* SPDX-License-Identifier: ISC */
/*
 * redo_replay: writes messages from records of the delivery log into their mailboxes again. In a
 * recovery, what is on the disk of such a message is never trusted, however well it reads: after a
 * failed write the cache shows what the disk lacks. Not safe for threads.
 */
#ifndef STORE_REDO_REPLAY_H
#define STORE_REDO_REPLAY_H

#include "base/siphash.h"
#include "store/layout.h"
#include "store/redo_record.h"

/* A message to be written, and where its record is. */
struct replay_entry {
    struct who who;
    struct redo_place place;
    unsigned file;
    uint32_t id, bytes, checksum; /* of the message; the last two of the record's content */
    uint64_t offset;              /* of that in the file */
    uint64_t repeat;              /* the same in all that have this sender and token; 0: no token */
    char copy[LAYOUT_NAME_BYTES]; /* the new file until it gets its name; "" if it was not made */
};

enum replay_kind {
    REPLAY_ALONE,       /* a recovery: nobody else uses the store */
    REPLAY_IN_USE,      /* other threads do: locks are taken, and no account is shut */
    REPLAY_WHAT_IS_LOST /* the same, and a file that has its blocks is not written again */
};

struct replay {
    struct store *store;
    enum replay_kind kind;
    int *files; /* segments, open for reading */
    unsigned n_files;
    unsigned char key[SIPHASH_KEY_BYTES]; /* of repeat: senders choose the tokens */
    struct replay_entry *entries;
    size_t n, cap;

    size_t written, moved, dropped, kept; /* messages: see replay_run */
};

void replay_begin(struct replay *rp, struct store *s, enum replay_kind kind);
void replay_end(struct replay *rp);

/* Opens a segment, to which the entries belong that are added from now on. False: errno. */
bool replay_add_file(struct replay *rp, const char *name);

/* Adds a message, whose record has this content at an offset of the segment. False: errno. */
bool replay_add(struct replay *rp, const struct redo_message *m, const struct redo_place *place,
                uint64_t offset, struct span content);

/* Removes the entries for which counts(ctx, entry) is false. */
void replay_filter(struct replay *rp, bool (*counts)(const void *ctx, const struct replay_entry *e),
                   const void *ctx);

/*
 * Writes all messages, and makes them durable. A message that has its name gets the same name
 * again; one that has none, or was set aside as broken, becomes unread (written). If its id belongs
 * to another message, it gets the next free one (moved). If it was purged, if the mailbox has it
 * under another id, if it has no file and was sent again later, or if its account is gone, nothing
 * is done (dropped). If its account cannot be looked at, which is reported, it is left for the next
 * time, and a recovery shuts the account (kept).
 *
 * False: something else failed, such as a full disk, which is reported. Then the log is still
 * needed. New files that did not get their names are removed.
 */
bool replay_run(struct replay *rp);

#endif
