/* SPDX-License-Identifier: ISC */
#include "os/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_private.h"

/* NOLINTNEXTLINE(misc-redundant-expression): this is what it asserts. */
_Static_assert(OS_FILE_CWD == AT_FDCWD, "OS_FILE_CWD is the system's value");

int os_file_open_dir(const char *path)
{
    return TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

int os_file_open_subdir(int dir, const char *name)
{
    return TEMP_FAILURE_RETRY(openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/* O_NONBLOCK: opening a FIFO must not wait for a writer. It has no effect on regular files. */
#define READING (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

static int open_regular(int dir, const char *name, int flags)
{
    struct stat st;
    int fd = TEMP_FAILURE_RETRY(openat(dir, name, READING | flags));
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) != 0) {
        os_file_close(fd);
        return -1;
    }
    if (!S_ISREG(st.st_mode)) {
        os_file_close(fd);
        errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
        return -1;
    }
    return fd;
}

int os_file_open(int dir, const char *name)
{
    return open_regular(dir, name, O_NOFOLLOW);
}

int os_file_open_path(const char *path)
{
    return open_regular(OS_FILE_CWD, path, 0);
}

int os_file_open_stream(const char *path)
{
    return TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC));
}

int os_file_create(int dir, const char *name)
{
    return TEMP_FAILURE_RETRY(
        openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
}

/* Never retried: Linux frees the descriptor whatever close returns. */
void os_file_close(int fd)
{
    int saved = errno;
    if (fd >= 0)
        close(fd);
    errno = saved;
}

int64_t os_file_read_some(int fd, void *bytes, size_t size, uint64_t offset)
{
    return TEMP_FAILURE_RETRY(pread(fd, bytes, size, (off_t)offset));
}

int64_t os_file_read_next(int fd, void *bytes, size_t size)
{
    return TEMP_FAILURE_RETRY(read(fd, bytes, size));
}

bool os_file_write_at(int fd, const void *bytes, size_t size, uint64_t offset)
{
    const char *p = bytes;
    while (size > 0) {
        ssize_t n = TEMP_FAILURE_RETRY(pwrite(fd, p, size, (off_t)offset));
        if (n < 0)
            return false;
        p += n;
        size -= (size_t)n;
        offset += (uint64_t)n;
    }
    return true;
}

bool os_file_write(int fd, const void *bytes, size_t size)
{
    const char *p = bytes;
    while (size > 0) {
        ssize_t n = TEMP_FAILURE_RETRY(write(fd, p, size));
        if (n < 0)
            return false;
        p += n;
        size -= (size_t)n;
    }
    return true;
}

int64_t os_file_size(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 ? (int64_t)st.st_size : -1;
}

static enum os_file_kind kind_of(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return OS_FILE_REGULAR;
    case S_IFDIR:
        return OS_FILE_DIRECTORY;
    case S_IFLNK:
        return OS_FILE_LINK;
    default:
        return OS_FILE_OTHER;
    }
}

static struct os_file_info info_of(const struct stat *st)
{
    return (struct os_file_info){.changed = st->st_ctime,
                                 .changed_ns =
                                     st->st_ctim.tv_sec * INT64_C(1000000000) + st->st_ctim.tv_nsec,
                                 .modified = st->st_mtime,
                                 .bytes = (uint64_t)st->st_size,
                                 .disk_bytes = (uint64_t)st->st_blocks * 512,
                                 .inode = st->st_ino,
                                 .kind = kind_of(st->st_mode),
                                 .owner = st->st_uid,
                                 .group = st->st_gid,
                                 .mode = st->st_mode & 07777};
}

bool os_file_look(int dir, const char *name, struct os_file_info *info)
{
    struct stat st;
    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    *info = info_of(&st);
    return true;
}

bool os_file_look_at(int fd, struct os_file_info *info)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return false;
    *info = info_of(&st);
    return true;
}

/* Removes a file, and keeps errno: something else has failed before. Returns false. */
static bool give_up(int dir, const char *name)
{
    int saved = errno;
    unlinkat(dir, name, 0);
    errno = saved;
    return false;
}

bool os_file_sync(int fd)
{
    return fsync(fd) == 0;
}

/*
 * After an error has shut down XFS, it has discarded what was not yet in its log, finds nothing
 * left to sync in a directory, and returns 0. But fstat fails from then on.
 */
bool os_file_sync_dir(int dir)
{
    struct stat st;
    return fsync(dir) == 0 && fstat(dir, &st) == 0;
}

bool os_file_rename_new(int from_dir, const char *from, int to_dir, const char *to)
{
    if (renameat2(from_dir, from, to_dir, to, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    /*
     * For file systems without RENAME_NOREPLACE. A link never replaces an existing name. A
     * directory cannot be linked, but renaming it replaces nothing except an empty directory.
     */
    struct stat st;
    if (fstatat(from_dir, from, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    if (!S_ISDIR(st.st_mode))
        return linkat(from_dir, from, to_dir, to, 0) == 0 &&
               (unlinkat(from_dir, from, 0) == 0 || give_up(to_dir, to));
    if (renameat(from_dir, from, to_dir, to) == 0)
        return true;
    if (errno == ENOTEMPTY || errno == ENOTDIR)
        errno = EEXIST;
    return false;
}

bool os_file_rename_over(int from_dir, const char *from, int to_dir, const char *to)
{
    return renameat(from_dir, from, to_dir, to) == 0;
}

bool os_file_remove(int dir, const char *name)
{
    return unlinkat(dir, name, 0) == 0;
}

bool os_file_remove_dir(int dir, const char *name)
{
    return unlinkat(dir, name, AT_REMOVEDIR) == 0;
}

bool os_file_make_dir(int dir, const char *name)
{
    return mkdirat(dir, name, 0700) == 0;
}

bool os_file_exists(int dir, const char *name)
{
    struct stat st;
    return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_dot(const char *name)
{
    return name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
}

/* Opens the directory again, because a duplicate of the descriptor would share its position. */
bool os_file_each(int dir, bool (*each)(void *ctx, const char *name), void *ctx)
{
    int fd = os_file_open_subdir(dir, ".");
    if (fd < 0)
        return false;
    DIR *stream = fdopendir(fd);
    if (!stream) {
        os_file_close(fd);
        return false;
    }

    bool on = true;
    int error = 0;
    while (on) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (!entry) {
            error = errno;
            break;
        }
        if (!is_dot(entry->d_name))
            on = each(ctx, entry->d_name);
    }
    closedir(stream);
    errno = error;
    return error == 0;
}

bool os_file_standard_open(void)
{
    return fcntl(0, F_GETFD) >= 0 && fcntl(1, F_GETFD) >= 0 && fcntl(2, F_GETFD) >= 0;
}

bool os_file_resolve(const char *path, char target[OS_FILE_PATH_BYTES])
{
    _Static_assert(OS_FILE_PATH_BYTES >= PATH_MAX, "realpath has room");
    return realpath(path, target) != NULL;
}
