/* SPDX-License-Identifier: ISC */
/*
 * changes_private: what the sources of changes.h share: changes.c has the notes, changes_known.c
 * what says whether they count.
 */
#ifndef STORE_CHANGES_PRIVATE_H
#define STORE_CHANGES_PRIVATE_H

#include <pthread.h>

#include "store/changes.h"

#define CHANGES_KNOWN      "known"
#define CHANGES_FORGOTTEN  "forgotten"
#define CHANGES_HOUR_S     3600
#define CHANGES_NAME_BYTES 16 /* of an hour's file, with its NUL */

struct changes {
    int dir;
    uint64_t store;        /* which "known" is that of this store, see changes_hash */
    pthread_mutex_t mutex; /* guards fd, lost and failed_ms, and that only one thread appends */
    int fd;                /* of the hour's file; -1: not open */
    atomic_llong hour;     /* that hour, since 1970; 0: none so far */
    bool lost;             /* "known" must be removed, and could not be so far */
    int64_t failed_ms;     /* when a note could not be written last; 0: never */
};

/* What the file "known" says. */
struct changes_known {
    int64_t since;  /* the notes are complete from this time on */
    uint64_t store; /* see changes_hash */
    bool clean;     /* false: they are so only until the next boot */
    char boot[48];  /* if not clean: of which boot; "none": the system does not tell */
};

/* The hours of the files, as numbers since 1970. */
int64_t changes_hour(int64_t time);
void changes_hour_name(int64_t hour, char name[CHANGES_NAME_BYTES]);
bool changes_parse_hour(const char *name, int64_t *hour);

/* The hour of the last file in an open changes/, or 0. False: errno. */
bool changes_last_hour(int dir, int64_t *hour);

/* Whether "known" is there and of this store. */
bool changes_is_known(const struct changes *c, struct changes_known *k);

/* With the mutex held: removes "known", because a note is missing. Returns whether it was there. */
bool changes_lose(struct changes *c);

#endif
