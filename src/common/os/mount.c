/* SPDX-License-Identifier: ISC */
#include "os/mount.h"

#include <errno.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

bool os_mount_is_one(int from_dir, int to_dir)
{
    struct stat from, to;
    if (fstat(from_dir, &from) != 0 || fstat(to_dir, &to) != 0)
        return false;
    if (from.st_dev != to.st_dev) {
        errno = EXDEV;
        return false;
    }
    /* Two mounts of one file system differ in no number. The kernel refuses "." only after that. */
    return renameat(from_dir, ".", to_dir, ".") == 0 || errno != EXDEV;
}

static bool is_below(const char *path, const char *point)
{
    size_t n = strlen(point);
    return point[0] == '/' && point[1] && strncmp(path, point, n) == 0 &&
           (path[n] == '/' || path[n] == '\0');
}

/* Whether no file system is mounted on this directory. */
static bool is_plain(const char *point)
{
    char parent[PATH_MAX + 4];
    struct stat here, above;
    snprintf(parent, sizeof parent, "%s/..", point);
    return stat(point, &here) == 0 && stat(parent, &above) == 0 && here.st_dev == above.st_dev;
}

/* The part of the path that exists may have links in it. */
static void resolve(const char *path, char out[PATH_MAX])
{
    char part[PATH_MAX], *slash;
    snprintf(part, sizeof part, "%s%s", *path == '/' ? "" : "./", path);
    while (!realpath(part, out) && (slash = strrchr(part, '/')))
        *slash = '\0';
}

bool os_mount_missing(const char *path, char point[PATH_MAX])
{
    char real[PATH_MAX] = "";
    const struct mntent *m = NULL;
    bool found = false;
    FILE *table = setmntent("/etc/fstab", "r");
    if (!table)
        return false;
    resolve(path, real);
    while (!found && (m = getmntent(table)))
        found = is_below(real, m->mnt_dir) && !hasmntopt(m, "noauto") && !hasmntopt(m, "bind") &&
                is_plain(m->mnt_dir);
    if (found)
        snprintf(point, PATH_MAX, "%s", m->mnt_dir);
    endmntent(table);
    return found;
}

bool os_mount_free_space(int fd, uint64_t *bytes, uint64_t *inodes)
{
    struct statvfs st;
    if (TEMP_FAILURE_RETRY(fstatvfs(fd, &st)) != 0)
        return false;
    *bytes = (uint64_t)st.f_bavail * st.f_frsize;
    /* Some file systems create inodes as needed, and report none. */
    *inodes = st.f_files > 0 ? (uint64_t)st.f_favail : UINT64_MAX;
    return true;
}

/* As in statfs(2). */
enum { EXT4 = 0xef53, XFS = 0x58465342 };

/* The number of a Linux version: 5.17.3 is 5017. */
static long linux_version(void)
{
    struct utsname u;
    char *end;
    if (uname(&u) != 0)
        return 0;
    long version = strtol(u.release, &end, 10);
    return version * 1000 + (*end == '.' ? strtol(end + 1, NULL, 10) : 0);
}

bool os_mount_reports_sync(int fd)
{
    struct statfs st;
    if (TEMP_FAILURE_RETRY(fstatfs(fd, &st)) != 0)
        return false;
    return (st.f_type == EXT4 || st.f_type == XFS) && linux_version() >= 5017;
}

/* What the device writes at once, or 0 if that cannot be told. */
static size_t physical_block_bytes(dev_t device)
{
    static const char *const places[] = {"", "/.."}; /* of a disk; of a partition */
    unsigned long bytes = 0;
    for (int i = 0; i < 2 && bytes == 0; i++) {
        char path[100];
        snprintf(path, sizeof path, "/sys/dev/block/%u:%u%s/queue/physical_block_size",
                 major(device), minor(device), places[i]);
        char text[32] = "";
        FILE *f = fopen(path, "re");
        if (f && fgets(text, sizeof text, f))
            bytes = strtoul(text, NULL, 10);
        if (f)
            fclose(f);
    }
    return bytes;
}

size_t os_mount_block_bytes(int fd)
{
    struct stat st;
    size_t block = (size_t)sysconf(_SC_PAGESIZE);
    if (fstat(fd, &st) != 0)
        return block;
    size_t physical = physical_block_bytes(st.st_dev);
    if ((size_t)st.st_blksize > block)
        block = (size_t)st.st_blksize;
    return physical > block ? physical : block;
}

bool os_mount_is_read_only(int fd)
{
    struct statvfs st;
    return TEMP_FAILURE_RETRY(fstatvfs(fd, &st)) == 0 && st.f_flag & ST_RDONLY;
}
