/* SPDX-License-Identifier: ISC */
/*
 * disk_private: the file system of disk.h without descriptors, for what replaces the calls of
 * files. Inodes stay valid until disk_crash.
 */
#ifndef DISK_PRIVATE_H
#define DISK_PRIVATE_H

#include <stddef.h>

#include "disk.h"

#define DISK_PAGE       4096
#define DISK_SECTOR     512
#define DISK_NAME_BYTES 224

struct inode;

/* A name in a directory. Listings are in the order of the cookies, as in ext4, which hashes names.
 */
struct entry {
    uint32_t cookie;
    struct inode *inode;
    char name[DISK_NAME_BYTES];
};

struct names {
    struct entry *entries;
    unsigned n, room;
};

/* NULL: there is none. */
struct entry *names_find(const struct names *names, const char *name);
void names_add(struct names *names, const char *name, struct inode *inode, uint32_t cookie);
void names_remove(struct names *names, const char *name);
void names_copy(struct names *to, const struct names *from);

/* Parts that are equal on the platter and in the cache are shared. NULL: zeros. */
struct page {
    unsigned char *now, *durable;
    unsigned char dirty; /* one bit for each sector that was not written yet */
};

struct inode {
    unsigned number, links, opened;
    bool directory;
    struct inode *parent;
    struct names now, durable; /* of a directory */
    struct page *pages;        /* of a file */
    size_t n_pages;
    uint64_t size, durable_size; /* bytes */
    bool dirty;                  /* it has something that was not written yet */
    bool no_blocks;              /* its blocks were never found: see disk.h, errors */
    uint64_t touched, grown;     /* up to which entry of the journal a sync must write */
    unsigned errors, told;       /* failed writes so far; of which somebody has heard */
    int64_t changed_s, modified_s;
};

struct inode *disk_root(void);
struct inode *disk_find(struct inode *dir, const char *name);
unsigned disk_errors(void); /* failed writes on the whole disk */

/* Each of these is one entry of the journal. The caller has checked that it can be done. */
struct inode *disk_create(struct inode *dir, const char *name, bool directory);
void disk_rename(struct inode *from_dir, const char *from, struct inode *to_dir, const char *to);
void disk_unlink(struct inode *dir, const char *name);
void disk_truncate(struct inode *file, uint64_t size);

void disk_write(struct inode *file, const void *bytes, size_t n, uint64_t at);
size_t disk_read(const struct inode *file, void *bytes, size_t n, uint64_t at);
bool disk_has_room(const struct inode *file, size_t n, uint64_t at); /* it needs no more of it */

/* Up to which entry of the journal a sync of this file must write; data: an fdatasync. */
uint64_t disk_target(const struct inode *i, bool data);
uint64_t disk_target_all(void);

/* Writes: a file's data; all data; the journal up to an entry. */
void disk_flush(struct inode *i);
void disk_flush_all(void);
void disk_commit(uint64_t target);

/* The kernel cannot write what is dirty in this file, or in all. */
void disk_lose(struct inode *i);
void disk_lose_all(void);

/* Closes all descriptors, in calls.c. */
void disk_close_all(void);

/* What the kernel does by itself, now and then. */
void disk_housekeeping(void);

#endif
