/* SPDX-License-Identifier: ISC */
/*
 * The functions that replace the C library's calls for files: descriptors, locks and failures over
 * disk.h. Names that end in 64 are the library's calls for files of any size.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "calls.h"
#include "machine.h"

#define FIRST_FD   1000
#define FDS        1024
#define LOCKS      1024
#define SEMAPHORES "/dev/shm/sem."
#define GIB        (UINT64_C(1) << 30)
#define EXT4_MAGIC 0xef53
#define XFS_MAGIC  0x58465342

static struct open_file files[FDS];
unsigned calls_errors_told;

/* A lock belongs to an open file, not to a process. */
static struct {
    struct open_file *file; /* NULL: the place is free */
    long byte;
    bool exclusive;
} locks[LOCKS];
static int lock_places; /* number of places that were ever used */

int calls_fail(int error)
{
    errno = error;
    return -1;
}

bool calls_is_dead(void)
{
    return disk_faults.dead_at && machine.steps >= disk_faults.dead_at;
}

bool calls_begin(const char *call, unsigned rate)
{
    machine_step(call);
    disk_housekeeping();
    if (!calls_is_dead() && (rate == 0 || machine_below(10000) >= rate))
        return true;
    disk_counts.faults++;
    errno = EIO;
    return false;
}

bool calls_has_room(void)
{
    if (machine_below(10000) >= disk_faults.full)
        return true;
    disk_counts.faults++;
    errno = ENOSPC;
    return false;
}

/* --- descriptors --- */

struct open_file *calls_file(int fd)
{
    if (fd < FIRST_FD || fd >= FIRST_FD + FDS || !files[fd - FIRST_FD].inode) {
        errno = EBADF;
        return NULL;
    }
    return &files[fd - FIRST_FD];
}

static int open_inode(struct inode *i, int flags)
{
    int n = 0;
    while (n < FDS && files[n].inode)
        n++;
    if (n == FDS)
        return calls_fail(EMFILE);
    i->opened++;
    /* The next descriptor gets an error that was not reported to any other (errseq_t). */
    files[n] = (struct open_file){.inode = i,
                                  .process = machine_current(),
                                  .writes = (flags & O_ACCMODE) != O_RDONLY,
                                  .appends = flags & O_APPEND,
                                  .seen = i->told,
                                  .seen_disk = calls_errors_told};
    return FIRST_FD + n;
}

static void drop_locks(const struct open_file *f)
{
    for (int i = 0; i < lock_places; i++)
        if (locks[i].file == f)
            locks[i].file = NULL;
    machine_wake(f->inode);
}

static void close_file(struct open_file *f)
{
    drop_locks(f);
    free(f->read.entries);
    free(f->shown);
    f->inode->opened--;
    *f = (struct open_file){.inode = NULL};
}

void disk_end_process(unsigned process)
{
    for (int i = 0; i < FDS; i++)
        if (files[i].inode && files[i].process == process)
            close_file(&files[i]);
}

REPLACED(int, close, int fd)
{
    struct open_file *f = calls_file(fd);
    machine_step("close");
    if (!f)
        machine_violated("close of a descriptor that is not open: %d", fd);
    close_file(f);
    return 0;
}

/* --- paths --- */

/* The result of following a path from a directory's descriptor. */
struct place {
    struct inode *dir, *inode; /* inode NULL: no such file */
    char name[DISK_NAME_BYTES];
};

static struct inode *step_into(struct inode *dir, const char *name)
{
    if (strcmp(name, ".") == 0)
        return dir;
    return strcmp(name, "..") == 0 ? dir->parent : disk_find(dir, name);
}

static bool find(int fd, const char *path, struct place *place)
{
    const struct open_file *f = NULL;
    struct inode *at = disk_root();
    if (*path != '/' && fd != AT_FDCWD) {
        f = calls_file(fd);
        if (!f)
            return false;
        at = f->inode;
    }
    place->inode = at;
    for (path += strspn(path, "/"); *path; path += strspn(path, "/")) {
        size_t n = strcspn(path, "/");
        if (!place->inode || !place->inode->directory || n >= sizeof place->name) {
            errno = n >= sizeof place->name ? ENAMETOOLONG : place->inode ? ENOTDIR : ENOENT;
            return false;
        }
        memcpy(place->name, path, n);
        place->name[n] = 0;
        place->dir = place->inode;
        place->inode = step_into(place->dir, place->name);
        path += n;
    }
    return true;
}

static int open_place(int dir, const char *path, int flags)
{
    struct place p = {.name = ""};
    if (!calls_begin("open", disk_faults.name) || !find(dir, path, &p))
        return -1;
    if (machine.trace)
        fprintf(stderr, "         open %s%s\n", path, p.inode ? "" : " (new)");
    if (p.inode && flags & O_CREAT && flags & O_EXCL)
        return calls_fail(EEXIST);
    if (!p.inode && !(flags & O_CREAT))
        return calls_fail(ENOENT);
    if (p.inode && flags & O_DIRECTORY && !p.inode->directory)
        return calls_fail(ENOTDIR);
    if (p.inode && p.inode->directory && (flags & O_ACCMODE) != O_RDONLY)
        return calls_fail(EISDIR);
    if (!p.inode) {
        if (!p.dir->links)
            return calls_fail(ENOENT);
        if (!calls_has_room())
            return -1;
        p.inode = disk_create(p.dir, p.name, false);
    }
    return open_inode(p.inode, flags);
}

REPLACED(int, openat64, int dir, const char *path, int flags, ...)
{
    return open_place(dir, path, flags);
}

REPLACED(int, __openat64_2, int dir, const char *path, int flags)
{
    return open_place(dir, path, flags);
}

REPLACED(int, open64, const char *path, int flags, ...)
{
    return open_place(AT_FDCWD, path, flags);
}

REPLACED(int, mkdirat, int dir, const char *path, mode_t mode)
{
    struct place p = {.name = ""};
    (void)mode;
    if (!calls_begin("mkdir", disk_faults.name) || !find(dir, path, &p))
        return -1;
    if (p.inode)
        return calls_fail(EEXIST);
    if (!p.dir->links)
        return calls_fail(ENOENT);
    if (!calls_has_room())
        return -1;
    disk_create(p.dir, p.name, true);
    return 0;
}

REPLACED(int, unlinkat, int dir, const char *path, int flags)
{
    struct place p = {.name = ""};
    if (!calls_begin("unlink", disk_faults.name) || !find(dir, path, &p))
        return -1;
    if (machine.trace)
        fprintf(stderr, "         unlink %s\n", path);
    if (!p.inode)
        return calls_fail(ENOENT);
    if (p.inode->directory != !!(flags & AT_REMOVEDIR))
        return calls_fail(p.inode->directory ? EISDIR : ENOTDIR);
    if (p.inode->now.n > 0)
        return calls_fail(ENOTEMPTY);
    disk_unlink(p.dir, p.name);
    return 0;
}

REPLACED(int, renameat2, int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    struct place a = {.name = ""}, b = {.name = ""};
    if (!calls_begin("rename", disk_faults.name) || !find(from_dir, from, &a) ||
        !find(to_dir, to, &b))
        return -1;
    if (machine.trace)
        fprintf(stderr, "         rename %s to %s\n", from, to);
    if (strcmp(from, ".") == 0)
        return calls_fail(EBUSY);
    if (!a.inode || !b.dir->links)
        return calls_fail(ENOENT);
    if (b.inode && flags & RENAME_NOREPLACE)
        return calls_fail(EEXIST);
    if (b.inode && b.inode->directory && (!a.inode->directory || b.inode->now.n > 0))
        return calls_fail(a.inode->directory ? ENOTEMPTY : EISDIR);
    if (machine_below(4) == 0 && !calls_has_room()) /* most names fit into the directory's blocks */
        return -1;
    disk_rename(a.dir, a.name, b.dir, b.name);
    return 0;
}

REPLACED(int, renameat, int from_dir, const char *from, int to_dir, const char *to)
{
    return here_renameat2(from_dir, from, to_dir, to, 0);
}

/* --- looking --- */

static void describe(const struct inode *i, struct stat *st)
{
    *st = (struct stat){.st_dev = 5,
                        .st_ino = i->number,
                        .st_mode = i->directory ? S_IFDIR | 0700 : S_IFREG | 0600,
                        .st_nlink = i->links,
                        .st_uid = geteuid(),
                        .st_gid = getegid(),
                        .st_size = (off_t)i->size,
                        .st_blksize = (blksize_t)disk_block,
                        .st_mtime = i->modified_s,
                        .st_ctime = i->changed_s};
    if (!i->no_blocks)
        st->st_blocks = (blkcnt_t)((i->size + DISK_PAGE - 1) / DISK_PAGE * 8);
}

REPLACED(int, fstatat64, int dir, const char *path, struct stat *st, int flags)
{
    struct place p = {.name = ""};
    (void)flags;
    if (strncmp(path, SEMAPHORES, strlen(SEMAPHORES)) == 0) {
        char name[100];
        snprintf(name, sizeof name, "/%s", path + strlen(SEMAPHORES));
        *st = (struct stat){.st_mode = S_IFREG | 0600, .st_uid = geteuid()};
        return machine_has_semaphore(name) ? 0 : calls_fail(ENOENT);
    }
    if (!calls_begin("stat", disk_faults.read) || !find(dir, path, &p))
        return -1;
    if (!p.inode)
        return calls_fail(ENOENT);
    describe(p.inode, st);
    return 0;
}

REPLACED(int, fstat64, int fd, struct stat *st)
{
    const struct open_file *f = calls_file(fd);
    if (!f || !calls_begin("fstat", 0))
        return -1;
    describe(f->inode, st);
    return 0;
}

REPLACED(int, fstatfs64, int fd, struct statfs *st)
{
    (void)fd;
    *st = (struct statfs){.f_type = disk_is_xfs ? XFS_MAGIC : EXT4_MAGIC};
    return 0;
}

REPLACED(int, fstatvfs64, int fd, struct statvfs *st)
{
    (void)fd;
    machine_step("statvfs");
    uint64_t free_bytes = disk_faults.full ? machine_below(40) << 20 : 100 * GIB;
    *st = (struct statvfs){.f_frsize = DISK_PAGE,
                           .f_bavail = free_bytes / DISK_PAGE,
                           .f_files = 1 << 20,
                           .f_favail = 1 << 19};
    return calls_is_dead() ? calls_fail(EIO) : 0;
}

REPLACED(int, uname, struct utsname *u)
{
    *u = (struct utsname){.release = "6.18.0"};
    return 0;
}

/* For the file with the device's block size: this machine does not have it. */
REPLACED(FILE *, fopen64, const char *path, const char *mode)
{
    (void)path, (void)mode;
    errno = ENOENT;
    return NULL;
}

/* --- reading directories --- */

REPLACED(DIR *, fdopendir, int fd)
{
    struct open_file *f = calls_file(fd);
    return (DIR *)(void *)f;
}

static const struct entry *next_entry(const struct names *names, uint32_t cookie)
{
    const struct entry *found = NULL;
    for (unsigned i = 0; i < names->n; i++)
        if (names->entries[i].cookie >= cookie &&
            (!found || names->entries[i].cookie < found->cookie))
            found = &names->entries[i];
    return found;
}

/*
 * Reads some entries at once. As in a real directory, a file that is renamed meanwhile may show
 * under both names, or under neither.
 */
static void read_entries(struct open_file *f)
{
    unsigned most = 1 + machine_below(40);
    const struct entry *e;
    f->read.n = 0;
    f->batch = 0;
    if (!f->read.entries)
        f->read.entries = calloc(40, sizeof *f->read.entries);
    while (f->read.n < most && (e = next_entry(&f->inode->now, f->cookie))) {
        f->read.entries[f->read.n++] = *e;
        f->cookie = e->cookie + 1;
    }
}

REPLACED(struct dirent *, readdir64, DIR *dir)
{
    struct open_file *f = (struct open_file *)(void *)dir;
    if (f->batch == f->read.n) {
        if (!calls_begin("readdir", disk_faults.read))
            return NULL;
        read_entries(f);
    }
    if (f->read.n == 0)
        return NULL;
    if (!f->shown)
        f->shown = calloc(1, sizeof *f->shown);
    snprintf(f->shown->d_name, sizeof f->shown->d_name, "%s", f->read.entries[f->batch++].name);
    return f->shown;
}

REPLACED(int, closedir, DIR *dir)
{
    close_file((struct open_file *)(void *)dir);
    return 0;
}

/* --- locks --- */

static bool conflicts(const struct open_file *f, long byte, bool exclusive)
{
    for (int i = 0; i < lock_places; i++)
        if (locks[i].file && locks[i].file != f && locks[i].file->inode == f->inode &&
            locks[i].byte == byte && (exclusive || locks[i].exclusive))
            return true;
    return false;
}

static void set_lock(struct open_file *f, const struct flock *fl)
{
    int place = -1;
    for (int i = 0; i < lock_places; i++) {
        if (locks[i].file == f && locks[i].byte == fl->l_start) {
            locks[i].file = NULL;
            machine_wake(f->inode);
        }
        if (!locks[i].file)
            place = i;
    }
    if (fl->l_type == F_UNLCK)
        return;
    if (place < 0 && lock_places == LOCKS)
        machine_violated("more than %d locks", LOCKS);
    if (place < 0)
        place = lock_places++;
    locks[place].file = f;
    locks[place].byte = fl->l_start;
    locks[place].exclusive = fl->l_type == F_WRLCK;
}

REPLACED(int, fcntl64, int fd, int command, ...)
{
    struct open_file *f = calls_file(fd);
    va_list args;
    va_start(args, command);
    struct flock *fl = va_arg(args, struct flock *);
    va_end(args);
    machine_step("lock");
    if (!f)
        return -1;
    bool exclusive = fl->l_type == F_WRLCK;
    if (command == F_OFD_GETLK) {
        fl->l_type = conflicts(f, fl->l_start, exclusive) ? F_WRLCK : F_UNLCK;
        return 0;
    }
    if (exclusive && !f->writes)
        return calls_fail(EBADF);
    while (fl->l_type != F_UNLCK && conflicts(f, fl->l_start, exclusive)) {
        if (command == F_OFD_SETLK)
            return calls_fail(EAGAIN);
        machine_wait(f->inode, INT64_MAX);
    }
    set_lock(f, fl);
    return 0;
}

/* Only for os_lock_take_over, which closes fd next: the locks of fd move, too. */
REPLACED(int, dup3, int fd, int number, int flags)
{
    struct open_file *f = calls_file(fd), *to = calls_file(number);
    (void)flags;
    machine_step("dup3");
    if (!f || !to)
        return -1;
    drop_locks(to);
    to->inode->opened--;
    *to = *f;
    to->read = (struct names){.n = 0};
    to->shown = NULL;
    f->inode->opened++;
    for (int i = 0; i < lock_places; i++)
        if (locks[i].file == f)
            locks[i].file = to;
    return number;
}

void disk_close_all(void)
{
    lock_places = 0;
    for (int i = 0; i < FDS; i++) {
        free(files[i].read.entries);
        free(files[i].shown);
        files[i] = (struct open_file){.inode = NULL};
    }
    calls_errors_told = 0;
}
