/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into the tool by tests/crash/backup: the file system looks like one where syncfs
 * reports no errors (btrfs), and syncfs does nothing. So everything that must be durable must be
 * synced file by file.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <sys/statfs.h>
#include <unistd.h>

#define BTRFS 0x9123683e /* as in statfs(2) */

int syncfs(int fd)
{
    return fd >= 0 ? 0 : -1;
}

/* NOLINTNEXTLINE(readability-inconsistent*): the system's names. */
int fstatfs64(int fd, struct statfs64 *st)
{
    int (*real)(int, struct statfs64 *) = NULL;

    *(void **)&real = dlsym(RTLD_NEXT, "fstatfs64");
    int result = real ? real(fd, st) : -1;
    st->f_type = BTRFS;
    return result;
}
