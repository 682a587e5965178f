/* SPDX-License-Identifier: ISC */
/*
 * changes_private: what the sources of changes.h share: changes.c writes the notes, changes_read.c
 * reads them; account_list.c keeps its file beside them.
 */
#ifndef STORE_CHANGES_PRIVATE_H
#define STORE_CHANGES_PRIVATE_H

#include <pthread.h>

#include "store/changes.h"
#include "store/changes_known.h"

struct changes {
    int dir;
    uint64_t store;        /* which "known" is that of this store */
    pthread_mutex_t mutex; /* guards fd and failed_ms, and that only one thread appends */
    struct {
        int fd;            /* of the hour's file; -1: not open */
        atomic_llong hour; /* that hour, since 1970; 0: none so far */
        atomic_llong seen; /* state_of the directory before we looked for the last hour */
    } files[CHANGES_KINDS];
    atomic_bool lost;  /* "known" must be removed, and could not be so far */
    int64_t failed_ms; /* when a note could not be written last; 0: never */
};

/* Whether "known" is there and of this store. */
bool changes_is_known(const struct changes *c, struct changes_known *k);

#endif
