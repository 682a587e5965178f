/* SPDX-License-Identifier: ISC */
/*
 * redo_segment: reads the segments of delivery logs, of a log in use and of those that a start has
 * found and moved aside ("old-").
 */
#ifndef STORE_REDO_SEGMENT_H
#define STORE_REDO_SEGMENT_H

#include "store/redo_record.h"

#define REDO_SEGMENT    "segment-" /* the beginning of a segment's name: segment-LOG-NUMBER */
#define REDO_OLD        "old-"     /* put before it by the start that has found it */
#define REDO_NAME_BYTES 64         /* room for that, with its NUL */

/* Reads the number of the log in the name of a segment, old or not. False: not a segment's name. */
bool redo_segment_log(const char *name, uint64_t *log);

/* Whether a segment is old. */
bool redo_segment_is_old(const char *name);

/* What a log says of itself. */
struct redo_log {
    uint64_t log;
    uint64_t oldest;              /* records with a lower serial are no longer needed */
    char newest[REDO_NAME_BYTES]; /* the segment that says so; it must be removed last */
};

/* A walk through the records of all segments in a directory, old ones or the others. */
struct redo_walk {
    int dir;
    bool old;

    /* Called for each record; false ends the walk. offset: of the content in the segment. */
    bool (*record)(void *ctx, const char *segment, const struct redo_place *place,
                   struct span content, uint64_t offset);
    void *ctx;

    struct redo_log *logs; /* found so far */
    size_t n_logs;
    bool damaged;                /* a block could not be read (EIO) and was taken for empty */
    int error;                   /* errno; 0: the walk did not fail */
    char where[REDO_NAME_BYTES]; /* the segment that the walk has failed on */
};

/*
 * Reads all segments. A server may write to them meanwhile, or remove them. False: they cannot be
 * read (w->error), or record has returned false. The caller frees w->logs.
 */
bool redo_walk(struct redo_walk *w);

/* The log of this number; NULL: the walk has found none of its segments. */
const struct redo_log *redo_walk_log(const struct redo_walk *w, uint64_t log);

#endif
