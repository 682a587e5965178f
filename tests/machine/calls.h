/* SPDX-License-Identifier: ISC */
/*
 * calls: what the replaced calls for files have in common: descriptors (calls.c), which reading,
 * writing and syncing use (data.c).
 */
#ifndef CALLS_H
#define CALLS_H

#include <dirent.h>

#include "disk_private.h"

/* An open file: what a descriptor stands for. */
struct open_file {
    struct inode *inode; /* NULL: the place is free */
    unsigned process;
    bool writes;
    uint64_t position;
    unsigned seen, seen_disk; /* of the file's errors and the disk's */
    uint32_t cookie;          /* the next of a directory's entries */
    unsigned batch;           /* entries that were read beforehand, as getdents does */
    struct names read;
    struct dirent *shown; /* what readdir returned last */
};

/* NULL: there is none (errno). */
struct open_file *calls_file(int fd);

/* Sets errno; -1. */
int calls_fail(int error);

/* Begins a call: a step. False: the disk fails it (errno), as it does so many of 10000. */
bool calls_begin(const char *call, unsigned rate);
bool calls_is_dead(void);

/* Whether there is room for something new. False: errno. */
bool calls_has_room(void);

extern unsigned calls_errors_told; /* of disk_errors() */

#endif
