/* SPDX-License-Identifier: ISC */
#include "os/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

_Static_assert(OS_FILE_CWD == AT_FDCWD, "OS_FILE_CWD is the system's value");

/* How much os_file_load reads at a time. */
#define LOAD_BYTES 16384

int os_file_open_dir(const char *path)
{
    return TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

int os_file_reach_dir(const char *path)
{
    return TEMP_FAILURE_RETRY(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC));
}

int os_file_open_subdir(int dir, const char *name)
{
    return TEMP_FAILURE_RETRY(openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/* O_NONBLOCK: opening a FIFO must not wait for a writer. It has no effect on regular files. */
#define READING (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

int os_file_open_any(int dir, const char *name)
{
    return TEMP_FAILURE_RETRY(openat(dir, name, READING | O_NOFOLLOW));
}

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

int64_t os_file_read_at(int fd, void *bytes, size_t size, uint64_t offset)
{
    char *p = bytes;
    size_t done = 0;
    while (done < size) {
        int64_t n = os_file_read_some(fd, p + done, size - done, offset + done);
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (int64_t)done;
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

/* Reads to the end of the file. It exceeds the limit only if one more byte can be read. */
static bool load_rest(int fd, struct buf *into)
{
    for (;;) {
        char beyond = 0;
        size_t room = into->limit - into->n;
        size_t want = room < LOAD_BYTES ? room : LOAD_BYTES;
        char *p = want > 0 ? buf_space(into, want) : &beyond;
        if (!p) {
            errno = ENOMEM;
            return false;
        }
        ssize_t n = TEMP_FAILURE_RETRY(read(fd, p, want > 0 ? want : 1));
        if (n <= 0)
            return n == 0;
        if (want == 0) {
            errno = EFBIG;
            return false;
        }
        buf_added(into, (size_t)n);
    }
}

static bool load(int fd, struct buf *into)
{
    if (fd < 0)
        return false;
    bool ok = load_rest(fd, into);
    os_file_close(fd);
    return ok;
}

bool os_file_load(int dir, const char *name, struct buf *into)
{
    return load(os_file_open(dir, name), into);
}

bool os_file_load_path(const char *path, struct buf *into)
{
    return load(os_file_open_path(path), into);
}

bool os_file_load_standard(struct buf *into)
{
    return load_rest(STDIN_FILENO, into);
}

int64_t os_file_first_line(const char *path, char *bytes, size_t size)
{
    int fd = path ? TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC)) : STDIN_FILENO;
    size_t n = 0;
    ssize_t got = -1;
    char c;
    if (fd < 0)
        return -1;
    while ((got = TEMP_FAILURE_RETRY(read(fd, &c, 1))) == 1 && c != '\n') {
        if (n == size) {
            errno = EFBIG;
            got = -1;
            break;
        }
        bytes[n++] = c;
    }
    if (path)
        os_file_close(fd);
    return got < 0 ? -1 : (int64_t)n;
}

/* Removes a file, and keeps errno: something else has failed before. Returns false. */
static bool give_up(int dir, const char *name)
{
    int saved = errno;
    unlinkat(dir, name, 0);
    errno = saved;
    return false;
}

bool os_file_make(int dir, const char *name, struct span content)
{
    int fd = os_file_create(dir, name);
    if (fd < 0)
        return false;
    bool ok = os_file_write(fd, content.p, content.n) && os_file_sync(fd);
    os_file_close(fd);
    if (!ok)
        give_up(dir, name);
    return ok;
}

/* Removes a file name.new first, which a process that died may have left. */
bool os_file_replace(int dir, const char *name, struct span content)
{
    char *temporary;
    if (asprintf(&temporary, "%s.new", name) < 0) {
        errno = ENOMEM;
        return false;
    }
    bool ok = (unlinkat(dir, temporary, 0) == 0 || errno == ENOENT) &&
              os_file_make(dir, temporary, content);
    if (ok && !os_file_rename_over(dir, temporary, dir, name)) {
        give_up(dir, temporary);
        ok = false;
    }
    free(temporary);
    return ok;
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

bool os_file_make_dir(int dir, const char *name)
{
    return mkdirat(dir, name, 0700) == 0;
}

bool os_file_exists(int dir, const char *name)
{
    struct stat st;
    return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool os_file_give(int fd, uint32_t user, uint32_t group)
{
    return fchown(fd, user, group) == 0;
}

struct removal {
    int dir;
    int error; /* of the first entry that could not be removed, or 0 */
};

/* Goes on after a failure, to remove as much as possible. */
static bool remove_entry(void *ctx, const char *name)
{
    struct removal *r = ctx;
    if (!os_file_remove_tree(r->dir, name) && r->error == 0)
        r->error = errno;
    return true;
}

bool os_file_remove_tree(int dir, const char *name)
{
    if (unlinkat(dir, name, 0) == 0)
        return true;
    if (errno != EISDIR && errno != EPERM)
        return false;

    struct removal r = {.dir = os_file_open_subdir(dir, name)};
    if (r.dir < 0)
        return false;
    if (!os_file_each(r.dir, remove_entry, &r))
        r.error = errno;
    os_file_close(r.dir);
    if (r.error != 0) {
        errno = r.error;
        return false;
    }
    return unlinkat(dir, name, AT_REMOVEDIR) == 0;
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

    struct dirent *entry;
    bool on = true;
    int error = 0;
    while (on) {
        errno = 0;
        entry = readdir(stream);
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

bool os_file_standard_fill(void)
{
    while (!os_file_standard_open())
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

const char *os_file_doubtful_system(int fd)
{
    static const struct {
        unsigned long type; /* as in statfs(2) */
        const char *name;
    } systems[] = {{0x6969, "nfs"},       {0x517b, "smb"},         {0xff534d42, "cifs"},
                   {0xfe534d42, "smb2"},  {0x794c7630, "overlay"}, {0x01021994, "tmpfs"},
                   {0x858458f6, "ramfs"}, {0x01021997, "9p"},      {0x65735546, "fuse"},
                   {0x00c36400, "ceph"},  {0x5346414f, "afs"},     {0x4d44, "vfat"},
                   {0x2011bab0, "exfat"}};
    struct statfs st;

    if (TEMP_FAILURE_RETRY(fstatfs(fd, &st)) != 0)
        return "";
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++)
        if (((unsigned long)st.f_type & 0xffffffff) == systems[i].type)
            return systems[i].name;
    return "";
}

bool os_file_resolve(const char *path, char target[OS_FILE_PATH_BYTES])
{
    _Static_assert(OS_FILE_PATH_BYTES >= PATH_MAX, "realpath has room");
    return realpath(path, target) != NULL;
}
