/* SPDX-License-Identifier: ISC */
/*
 * disk_private: the file system of disk.h without descriptors, for the functions that replace the
 * calls for files. Inodes stay valid until disk_crash.
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

/* The entry of a name; NULL: there is no such name. */
struct entry *names_find(const struct names *names, const char *name);
void names_add(struct names *names, const char *name, struct inode *inode, uint32_t cookie);
void names_remove(struct names *names, const char *name);
void names_copy(struct names *to, const struct names *from);

/* A page; now and durable are one block of memory if they are equal. NULL: zeros. */
struct page {
    unsigned char *now, *durable;
    unsigned char dirty; /* one bit for each sector that is not on the platter yet */
};

struct inode {
    unsigned number, links, opened;
    bool directory;
    struct inode *parent;
    struct names now, durable; /* of a directory */
    struct page *pages;        /* of a file */
    size_t n_pages;
    uint64_t size, durable_size; /* bytes */
    bool dirty;                  /* it has data that is not on the platter yet */
    bool no_blocks;              /* no blocks were found for its data: see Errors in disk.h */
    uint64_t touched, grown;     /* entry of the journal up to which fsync, fdatasync must write */
    unsigned errors, told;       /* failed writes so far; how many were reported */
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

/* The entry of the journal up to which a sync of this file must write; data: an fdatasync. */
uint64_t disk_target(const struct inode *i, bool data);
uint64_t disk_target_all(void);

/* Writes: a file's data; all data; the journal up to an entry. */
void disk_flush(struct inode *i);
void disk_flush_all(void);
void disk_commit(uint64_t target);

/* The kernel cannot write the dirty data of this file, or of all files. */
void disk_lose(struct inode *i);
void disk_lose_all(void);

/* Closes all descriptors, in calls.c. */
void disk_close_all(void);

/* What the kernel does by itself now and then: writes back, drops clean pages. */
void disk_housekeeping(void);

#endif
