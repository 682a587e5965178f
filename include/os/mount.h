/* SPDX-License-Identifier: ISC */
/*
 * os_mount: which file systems directories are on, and which mount points lack theirs.
 */
#ifndef OS_MOUNT_H
#define OS_MOUNT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/*
 * Whether files can be renamed from one open directory to the other, because both are on one file
 * system and below one mount point. False: errno is EXDEV, or the error that prevented
 * the check. Changes nothing. Safe for threads.
 */
bool os_mount_is_one(int from_dir, int to_dir);

/*
 * Looks in fstab(5) for a file system that is mounted at boot, at the path or above it, but is not
 * mounted now. Sets point to its mount point. False: all are mounted. Only one thread at a time may
 * call it.
 */
bool os_mount_missing(const char *path, char point[PATH_MAX]);

/* How many bytes and inodes are free for unprivileged users on the file system of a descriptor. */
bool os_mount_free_space(int fd, uint64_t *bytes, uint64_t *inodes);

/*
 * Whether os_file_sync_all fails on this file system if anything could not be written: ext4 and XFS
 * on Linux 5.17 or later.
 */
bool os_mount_reports_sync(int fd);

/*
 * The bytes that a write to a file on this file system may take along: a power cut during the write
 * can damage that many around it. At least a page.
 */
size_t os_mount_block_bytes(int fd);

/* Whether the file system of a descriptor is mounted read-only; false if that cannot be told. */
bool os_mount_is_read_only(int fd);

/*
 * Whether other hosts may use the file system of a descriptor. A lock on a file there is kept
 * elsewhere, and can be lost through no action of this host. False: this kernel alone keeps the
 * locks. A file system that is unknown, or cannot be determined, counts as shared. Needs no file in
 * /proc. Safe for threads, as are the following.
 */
bool os_mount_is_shared(int fd);

#define OS_MOUNT_OPTIONS_BYTES 1024

/* Each text is "" if it cannot be found out, and is cut if it is too long. */
struct os_mount {
    char system[64];                      /* the kind of file system: "ext4", "fuse.glusterfs" */
    char source[256];                     /* what is mounted: a device, "host:/directory" */
    char point[PATH_MAX];                 /* where */
    char options[OS_MOUNT_OPTIONS_BYTES]; /* all, separated by commas */
};

/*
 * Describes the mount that a descriptor is below, from /proc/self. Without /proc it sets only the
 * kind, which then names neither the program behind FUSE nor the version of NFS.
 */
void os_mount_look(int fd, struct os_mount *m);

/*
 * Whether a mount has an option. *value becomes the part after "=", or empty; it points into m.
 * Pure.
 */
bool os_mount_option(const struct os_mount *m, const char *name, struct span *value);

#endif
