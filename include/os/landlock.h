/* SPDX-License-Identifier: ISC */
/*
 * os_landlock: gives up rights of the process to files and network for good, with Linux's Landlock:
 * https://docs.kernel.org/userspace-api/landlock.html. The usual permissions still apply, and
 * descriptors that are already open keep working.
 */
#ifndef OS_LANDLOCK_H
#define OS_LANDLOCK_H

#include <stddef.h>

/* What remains allowed below a directory. Nothing may be executed. */
enum os_landlock_access {
    OS_LANDLOCK_READ,   /* read files and directories */
    OS_LANDLOCK_REMOVE, /* remove files */
    OS_LANDLOCK_FILES,  /* create, write, rename and remove files */
    OS_LANDLOCK_TREE /* all that with directories, sockets, links and FIFOs, and between directories
                      */
};

struct os_landlock_rule {
    const char *path; /* skipped if it does not exist or cannot be reached */
    enum os_landlock_access access;
};

/*
 * From now on only what the n rules allow can be done with files. No TCP connection can be opened
 * and no TCP port bound (ABI 4); no signal can be sent to another process, and no abstract socket
 * of another process can be connected to (ABI 6). Returns the kernel's Landlock ABI. Returns 0 if
 * nothing was changed, and sets *why to the cause (a constant); ABI 1 is not used, because it would
 * forbid renaming files between directories. Applies to the calling thread and those that it starts
 * later.
 */
unsigned os_landlock_apply(const struct os_landlock_rule *rules, size_t n, const char **why);

#endif
