/*
 * os_landlock: gives up, for the process and for good, what it will not need of files and network,
 * by Linux's Landlock: https://docs.kernel.org/userspace-api/landlock.html. It comes on top of the
 * usual permissions, and descriptors that are open go on as they are.
 */
#ifndef OS_LANDLOCK_H
#define OS_LANDLOCK_H

#include <stddef.h>

/* What is still allowed beneath a directory. Nothing is ever executed. */
enum os_landlock_access {
    OS_LANDLOCK_READ,   /* files and directories are read */
    OS_LANDLOCK_REMOVE, /* files go */
    OS_LANDLOCK_FILES,  /* files are made, written, renamed there and removed */
    OS_LANDLOCK_TREE    /* all that, and directories and sockets, and renames between directories */
};

struct os_landlock_rule {
    const char *path; /* passed over where it is not there, or not to be reached */
    enum os_landlock_access access;
};

/*
 * From here on files are used as the rules say; no TCP connection is begun and no TCP port taken
 * (ABI 4); no process outside gets a signal and no abstract socket outside is connected to (ABI 6).
 * Returns which ABI of Landlock the kernel has. 0: nothing has changed, and *why says in words why
 * (a constant); with less than ABI 2 files could not be renamed between directories. For the thread
 * that calls it, and those it starts later.
 */
unsigned os_landlock_apply(const struct os_landlock_rule *rules, size_t n, const char **why);

#endif
