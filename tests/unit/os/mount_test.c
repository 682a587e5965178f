/* SPDX-License-Identifier: ISC */
/* Tables of mounts, kernels and file systems other than those of this machine. */
#include "os/mount.h"

#include <errno.h>
#include <mntent.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "os/file.h"
#include "tap.h"

static char top[200]; /* the directory of the test; it has no links in it */
static char table[220];

#define REPLACED(type, name, parameters)                  \
    type real_##name parameters __asm__("__real_" #name); \
    type here_##name parameters __asm__("__wrap_" #name); \
    type here_##name parameters

/* --- the table of file systems --- */

static bool no_table;

REPLACED(FILE *, setmntent, (const char *path, const char *mode))
{
    return no_table || strcmp(path, "/etc/fstab") != 0 ? NULL : real_setmntent(table, mode);
}

/* lines: of the table, in which @ stands for the directory of the test. */
static bool is_missing(const char *lines, const char *path)
{
    char below[PATH_MAX], point[PATH_MAX] = "";
    struct buf text;

    buf_init(&text, 1000);
    for (; *lines; lines++)
        if (*lines == '@')
            buf_add_str(&text, top);
        else
            buf_add_char(&text, *lines);
    snprintf(below, sizeof below, "%s%s", *path == '/' ? top : "", path);
    bool missing =
        os_file_replace(OS_FILE_CWD, table, buf_span(&text)) && os_mount_missing(below, point);
    ok(!missing || strncmp(point, top, strlen(top)) == 0, "os_mount_missing: which one it is");
    buf_free(&text);
    return missing;
}

static void test_missing(void)
{
    static const struct {
        const char *line, *path; /* a path that begins with / is below the test's directory */
        bool missing;
    } rows[] = {
        {"/dev/x @/mnt ext4 defaults 0 2\n", "/mnt", true},
        {"/dev/x @/mnt ext4 defaults 0 2\n", "/mnt/store", true},
        {"/dev/x @/mnt ext4 defaults 0 2\n", "/mnt/not/there/yet", true},
        {"/dev/x @/mnt ext4 defaults 0 2\n", "/link/store", true},
        {"/dev/x @/mnt ext4 defaults 0 2\n", "mnt/store", true},
        {"/dev/x @/mnt ext4 defaults 0 2\n", "/mnt2", false},
        {"/dev/x @/mnt ext4 defaults 0 2\n", "/other", false},
        {"/dev/x @/mnt ext4 noauto 0 2\n", "/mnt", false},
        {"/dev/x @/mnt none bind 0 0\n", "/mnt", false},
        {"/dev/x @/gone ext4 defaults 0 2\n", "/gone/store", false},
        {"/dev/x / ext4 defaults 0 1\n/dev/y none swap sw 0 0\n", "/mnt", false},
        {"# nothing\n", "/mnt", false},
        {"proc /proc proc defaults 0 0\n/dev/x @/mnt ext4 defaults 0 2\n", "/mnt", true},
        {"proc /proc proc defaults 0 0\n", "/../../../../../../proc/self", false},
    };
    char point[PATH_MAX];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        is_int(is_missing(rows[i].line, rows[i].path), rows[i].missing,
               "os_mount_missing: row %zu, %s", i, rows[i].path);
    no_table = true;
    ok(!os_mount_missing(top, point), "os_mount_missing: without a table nothing is missing");
}

/* --- kernels and file systems --- */

static const char *release = "6.1.0";
static unsigned long type;
static unsigned flags;
static bool has_inodes = true;

REPLACED(int, uname, (struct utsname * u))
{
    *u = (struct utsname){.sysname = "Linux"};
    if (!release)
        return -1;
    snprintf(u->release, sizeof u->release, "%s", release);
    return 0;
}

REPLACED(int, fstatfs64, (int fd, struct statfs *st))
{
    *st = (struct statfs){.f_bsize = 4096};
    memcpy(&st->f_type, &type, sizeof st->f_type < sizeof type ? sizeof st->f_type : sizeof type);
    return fd < 0 ? -1 : 0;
}

REPLACED(int, fstatvfs64, (int fd, struct statvfs *st))
{
    *st = (struct statvfs){.f_bavail = 3, .f_frsize = 512, .f_flag = flags};
    st->f_files = has_inodes ? 10 : 0;
    st->f_favail = has_inodes ? 5 : 0;
    return fd < 0 ? -1 : 0;
}

static void test_reports_sync(void)
{
    static const struct {
        unsigned long type;
        const char *release;
        bool reports;
    } rows[] = {
        {0xef53, "6.1.0", true},    {0x58465342, "6.1.0", true},
        {0x58465342, "5.17", true}, {0xef53, "5.17.3-amd64", true},
        {0xef53, "5.16.20", false}, {0xef53, "4.19", false},
        {0xef53, "7", true},        {0xef53, "5", false},
        {0xef53, NULL, false},      {0x01021994, "6.1.0", false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        type = rows[i].type;
        release = rows[i].release;
        is_int(os_mount_reports_sync(0), rows[i].reports,
               "os_mount_reports_sync: %lx with Linux %s", type,
               release ? release : "of an unknown version");
    }
    ok(!os_mount_reports_sync(-1), "os_mount_reports_sync: no, if that cannot be told");
}

static void test_space(void)
{
    uint64_t bytes, inodes;

    ok(os_mount_free_space(0, &bytes, &inodes) && bytes == 1536 && inodes == 5,
       "os_mount_free_space: bytes and inodes for unprivileged users");
    has_inodes = false;
    ok(os_mount_free_space(0, &bytes, &inodes) && inodes == UINT64_MAX,
       "os_mount_free_space: a file system that makes inodes when it needs them");
    ok(!os_mount_is_read_only(0), "os_mount_is_read_only: no");
    flags = ST_RDONLY;
    ok(os_mount_is_read_only(0) && !os_mount_is_read_only(-1), "os_mount_is_read_only: yes");
}

/* --- devices --- */

static const char *physical; /* what the kernel says about the block size, or NULL */
static int asked;

REPLACED(FILE *, fopen64, (const char *path, const char *mode))
{
    char name[240];

    if (strncmp(path, "/sys/dev/block/", 15) != 0)
        return real_fopen64(path, mode);
    asked++;
    if (!physical)
        return NULL;
    snprintf(name, sizeof name, "%s/physical", top);
    return os_file_replace(OS_FILE_CWD, name, span_str(physical)) ? real_fopen64(name, mode) : NULL;
}

static void test_block(int dir)
{
    struct stat st;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    fstat(dir, &st);
    size_t least = (size_t)st.st_blksize > page ? (size_t)st.st_blksize : page;
    is_int(os_mount_block_bytes(dir), least, "os_mount_block_bytes: of an unknown device");
    is_int(asked, 2, "... which may be a disk or a partition");
    physical = "512\n";
    is_int(os_mount_block_bytes(dir), least,
           "os_mount_block_bytes: at least that of the file system");
    physical = "1048576\n";
    is_int(os_mount_block_bytes(dir), 1048576, "os_mount_block_bytes: that of the device");
    physical = "";
    is_int(os_mount_block_bytes(dir), least, "os_mount_block_bytes: a device that says nothing");
    is_int(os_mount_block_bytes(-1), page, "os_mount_block_bytes: a page, if that cannot be told");
}

/* --- one mount, or two --- */

static int rename_error;

REPLACED(int, renameat, (int from_dir, const char *from, int to_dir, const char *to))
{
    if (strcmp(from, ".") != 0)
        return real_renameat(from_dir, from, to_dir, to);
    errno = rename_error;
    return -1;
}

static void test_is_one(int dir)
{
    int other = os_file_reach_dir("/proc");

    rename_error = EBUSY;
    ok(os_mount_is_one(dir, dir), "os_mount_is_one: a directory and itself");
    rename_error = EXDEV;
    ok(!os_mount_is_one(dir, dir) && errno == EXDEV, "os_mount_is_one: two mounts of one system");
    ok(!os_mount_is_one(dir, other) && errno == EXDEV, "os_mount_is_one: two file systems");
    ok(!os_mount_is_one(dir, -1) && errno == EBADF, "os_mount_is_one: the second is closed");
    ok(!os_mount_is_one(-1, dir) && errno == EBADF, "os_mount_is_one: the first is closed");
    os_file_close(other);
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    char made[100], real[PATH_MAX];

    snprintf(made, sizeof made, "%.60s/os_mount_test.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(made) || !realpath(made, real) || chdir(real) != 0)
        return 1;
    snprintf(top, sizeof top, "%.190s", real);
    snprintf(table, sizeof table, "%s/fstab", top);
    int dir = os_file_open_dir(top);
    if (!os_file_make_dir(dir, "mnt") || !os_file_make_dir(dir, "mnt2") ||
        symlink("mnt", "link") != 0)
        return 1;
    test_missing();
    test_is_one(dir);
    test_block(dir);
    test_reports_sync();
    test_space();
    os_file_close(dir);
    ok(chdir("/") == 0 && os_file_remove_tree(OS_FILE_CWD, top), "the directory is removed");
    return done_testing();
}
