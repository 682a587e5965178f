/* SPDX-License-Identifier: ISC */
/*
 * calls: what the replaced calls for files share. calls.c has the descriptors; data.c reads, writes
 * and syncs by them.
 */
#ifndef CALLS_H
#define CALLS_H

#include <dirent.h>

#include "disk_private.h"

/* An open file: what a descriptor stands for. */
struct open_file {
    struct inode *inode; /* NULL: the place is free */
    unsigned process;
    bool writes, appends;
    uint64_t position;
    unsigned seen, seen_disk; /* reported errors of the file and of the disk */
    uint32_t cookie;          /* of the next entry of a directory */
    unsigned batch;           /* how many entries are read ahead, as by getdents */
    struct names read;
    struct dirent *shown; /* the last result of readdir */
};

/* The open file of a descriptor. NULL: it is not open (errno). */
struct open_file *calls_file(int fd);

/* Sets errno and returns -1. */
int calls_fail(int error);

/* Begins a call, which is a step. False: the disk lets it fail (errno), as rate of 10000 calls. */
bool calls_begin(const char *call, unsigned rate);

/* Whether the disk has failed for good. */
bool calls_is_dead(void);

/* Whether there is room for something new. False: errno. */
bool calls_has_room(void);

extern unsigned calls_errors_told; /* how many of disk_errors() were reported */

#endif
