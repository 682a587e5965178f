/* SPDX-License-Identifier: ISC */
/*
 * What only a server does with files.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.h"

#define BLOCK_BYTES 4096

int os_file_reach_dir(const char *path)
{
    return TEMP_FAILURE_RETRY(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC));
}

int os_file_open_any(int dir, const char *name)
{
    return TEMP_FAILURE_RETRY(
        openat(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC));
}

int os_file_open_append(int dir, const char *name)
{
    return TEMP_FAILURE_RETRY(openat(
        dir, name, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC,
        0600));
}

bool os_file_append(int fd, const void *bytes, size_t size)
{
    ssize_t n = TEMP_FAILURE_RETRY(write(fd, bytes, size));
    if (n >= 0 && (size_t)n < size)
        errno = ENOSPC;
    return n == (ssize_t)size;
}

bool os_file_refresh(int fd)
{
    struct statx st;
    return statx(fd, "", AT_EMPTY_PATH | AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, &st) == 0;
}

/* The kernel wants whole blocks at addresses of whole blocks. */
bool os_file_read_through(int dir, const char *name)
{
    _Alignas(BLOCK_BYTES) char block[BLOCK_BYTES];
    int fd = TEMP_FAILURE_RETRY(openat(dir, name, O_RDONLY | O_DIRECT | O_NOFOLLOW | O_CLOEXEC));
    if (fd < 0)
        return errno == EINVAL;
    ssize_t n = TEMP_FAILURE_RETRY(pread(fd, block, sizeof block, 0));
    os_file_close(fd);
    return n >= 0 || errno == EINVAL;
}

bool os_file_sync_data(int fd)
{
    return fdatasync(fd) == 0;
}

/* For fstat see os_file_sync_dir. */
bool os_file_sync_all(int fd)
{
    struct stat st;
    return syncfs(fd) == 0 && fstat(fd, &st) == 0;
}

bool os_file_truncate(int dir, const char *name)
{
    int fd = TEMP_FAILURE_RETRY(
        openat(dir, name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC));
    if (fd < 0)
        return false;
    bool ok = TEMP_FAILURE_RETRY(ftruncate(fd, 0)) == 0;
    os_file_close(fd);
    return ok;
}

bool os_file_link(int from_dir, const char *from, int to_dir, const char *to)
{
    return linkat(from_dir, from, to_dir, to, 0) == 0;
}

bool os_file_give(int fd, uint32_t user, uint32_t group)
{
    return fchown(fd, user, group) == 0;
}

bool os_file_standard_fill(void)
{
    while (!os_file_standard_open())
        /* NOLINTNEXTLINE(android-cloexec-open): standard input, output and error are inherited. */
        if (TEMP_FAILURE_RETRY(open("/dev/null", O_RDWR)) < 0)
            return false;
    return true;
}

bool os_file_go_into(int dir)
{
    return fchdir(dir) == 0;
}

uint64_t os_file_raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return _POSIX_OPEN_MAX;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}
