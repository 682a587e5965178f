/* SPDX-License-Identifier: ISC */
/*
 * os_mount: which directories are on one file system, and what is missing from a mount point.
 */
#ifndef OS_MOUNT_H
#define OS_MOUNT_H

#include <limits.h>
#include <stdbool.h>

/*
 * Whether files can be renamed from one open directory to the other, because both are on one file
 * system and below one mount point. Changes nothing. Safe for threads.
 */
bool os_mount_is_one(int from_dir, int to_dir);

/*
 * Looks in fstab(5) for a file system that is mounted at boot, at the path or above it, but is not
 * mounted now. Sets point to its mount point. False: all are mounted. Only one thread at a time may
 * call it.
 */
bool os_mount_missing(const char *path, char point[PATH_MAX]);

#endif
