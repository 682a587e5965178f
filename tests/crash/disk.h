/* SPDX-License-Identifier: ISC */
/*
 * disk: a block device in memory that knows what reached it and in which order. It is one file of a
 * FUSE file system that a thread of this process serves, behind a loop device. Each write and each
 * flush is a record; any of them can be applied again, whole or in part, and all that has changed
 * can be taken back.
 *
 * A loop device turns a flush, and the FUA of a write, into a sync of its file, which is a record
 * without bytes. The file is served without a cache, one request after the other, so that what came
 * before that record is what the flush has made durable.
 *
 * Nothing but the counts and the file system is for several threads.
 */
#ifndef DISK_H
#define DISK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISK_SECTOR 512 /* what a power cut does not tear */

struct disk_record {
    uint64_t offset;
    uint32_t size; /* 0: a flush */
    char *bytes;
};

struct disk;

/* With the content of an image's file. dir: an empty directory, where the file system is mounted.
 * NULL, said why: the system does not allow it. */
struct disk *disk_new(const char *image, const char *dir);
void disk_free(struct disk *d);

/* Mounts the device at a directory. False, said why. */
bool disk_mount(struct disk *d, const char *type, const char *at);

/* Begins and ends to keep records; those of before are dropped. */
void disk_record(struct disk *d, bool on);

/* How many records there are. Safe while they are made: what was answered at this count was
 * answered when at least these had been made. */
const atomic_uint *disk_count(const struct disk *d);

/* The number-th, valid until records are dropped. */
const struct disk_record *disk_at(const struct disk *d, unsigned number);

/* From here on, what changes can be taken back; that takes back all since. */
void disk_keep(struct disk *d);
void disk_take_back(struct disk *d);

/* Applies bytes of a record: as many as size says, from its byte from on. */
void disk_apply(struct disk *d, const struct disk_record *r, size_t from, size_t size);

#endif
