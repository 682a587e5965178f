/* SPDX-License-Identifier: ISC */
#include "os/lock.h"

#include <errno.h>

#include "file_private.h"
#include "windows_private.h"

/*
 * On Windows, a lock also keeps others from reading the byte; so the lock is on a byte far beyond
 * the end of the file.
 */
#define BEYOND 0x40000000 /* the higher half of the offset */

int os_lock_open(int dir, const char *name)
{
    return os_file_open_to_write(dir, name);
}

bool os_lock_set(int fd, long byte, enum os_lock lock)
{
    DWORD flags =
        (lock == OS_LOCK_EXCLUSIVE ? LOCKFILE_EXCLUSIVE_LOCK : 0) | LOCKFILE_FAIL_IMMEDIATELY;
    OVERLAPPED at = {.Offset = (DWORD)byte, .OffsetHigh = BEYOND};
    HANDLE file = os_windows_handle(fd);
    UnlockFileEx(file, 0, 1, 0, &at);
    return lock == OS_LOCK_NONE || LockFileEx(file, flags, 0, 1, 0, &at) || os_windows_failed();
}

bool os_lock_is_held(int fd, long byte)
{
    OVERLAPPED at = {.Offset = (DWORD)byte, .OffsetHigh = BEYOND};
    HANDLE file = os_windows_handle(fd);
    DWORD flags = LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY;
    if (!LockFileEx(file, flags, 0, 1, 0, &at))
        return true;
    UnlockFileEx(file, 0, 1, 0, &at);
    return false;
}

bool os_lock_is_named(int fd, int dir, const char *name)
{
    struct os_file_info mine, named;
    bool known = os_file_look_at(fd, &mine) && os_file_look(dir, name, &named);
    if (known && mine.inode == named.inode)
        return true;
    if (known || errno == ENOENT)
        errno = 0;
    return false;
}
