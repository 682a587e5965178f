/* SPDX-License-Identifier: ISC */
#include "os/edit.h"
#include "os/file.h"
#include "os/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "random.h"
#include "tap.h"

static bool
    cannot_refuse; /* whether renames replace what is there, as on some network file systems */
static int unlinks_before, failing_unlinks;
static int unlink_error = EIO, rename_error = EINVAL;

/* The linker gives us all calls of renameat2 and unlinkat. */
int real_rename(int from_dir, const char *from, int to_dir, const char *to,
                unsigned flags) __asm__("__real_renameat2");
int rename_here(int from_dir, const char *from, int to_dir, const char *to,
                unsigned flags) __asm__("__wrap_renameat2");
int real_unlink(int dir, const char *name, int flags) __asm__("__real_unlinkat");
int unlink_here(int dir, const char *name, int flags) __asm__("__wrap_unlinkat");

int rename_here(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    errno = rename_error;
    return cannot_refuse ? -1 : real_rename(from_dir, from, to_dir, to, flags);
}

int unlink_here(int dir, const char *name, int flags)
{
    if (failing_unlinks == 0 || unlinks_before-- > 0)
        return real_unlink(dir, name, flags);
    failing_unlinks--;
    errno = unlink_error;
    return -1;
}

static bool put(int dir, const char *name, const char *text)
{
    int fd = os_file_create(dir, name);
    bool ok = fd >= 0 && os_file_write(fd, text, strlen(text)) && os_file_sync(fd);
    os_file_close(fd);
    return ok;
}

static bool holds(int dir, const char *name, const char *want)
{
    struct buf b;
    buf_init(&b, 1000);
    bool same = os_file_load(dir, name, &b) && span_eq(buf_span(&b), span_str(want));
    buf_free(&b);
    return same;
}

static bool count_one(void *ctx, const char *name)
{
    (void)name;
    ++*(int *)ctx;
    return true;
}

static bool stop_at_once(void *ctx, const char *name)
{
    count_one(ctx, name);
    return false;
}

static int count_names(int dir)
{
    int n = 0;
    return os_file_each(dir, count_one, &n) ? n : -1;
}

static void test_create(int dir)
{
    struct stat st;

    ok(put(dir, "made", "text"), "os_file_create: creates a file");
    ok(fstatat(dir, "made", &st, 0) == 0 && (st.st_mode & 07777) == 0600,
       "os_file_create: with mode 0600");
    ok(os_file_create(dir, "made") < 0 && errno == EEXIST,
       "os_file_create: EEXIST if the name is taken");
    int fd = os_file_open(dir, "made");
    ok(fcntl(fd, F_GETFD) & FD_CLOEXEC, "os_file_open: closes on exec");
    is_int(os_file_size(fd), 4, "os_file_size: the size");
    char bytes[8];
    is_int(os_file_read_at(fd, bytes, 8, 1), 3, "os_file_read_at: reads to the end of the file");
    ok(memcmp(bytes, "ext", 3) == 0, "os_file_read_at: reads from the offset");
    is_int(os_file_read_at(fd, bytes, 8, 4), 0, "os_file_read_at: nothing at the end");
    os_file_close(fd);
    ok(os_file_truncate(dir, "made") && holds(dir, "made", ""), "os_file_truncate: empties a file");
    ok(os_file_remove(dir, "made") && !os_file_exists(dir, "made"),
       "os_file_remove: removes a file");
    ok(!os_file_remove(dir, "made") && errno == ENOENT,
       "os_file_remove: ENOENT if there is no file");
    ok(os_file_open(dir, "made") < 0 && errno == ENOENT,
       "os_file_open: ENOENT if there is no file");
}

/* After 2038, when seconds need more than 32 bits. */
static void test_late_date(int dir)
{
    const int64_t late = INT64_C(5000000000);
    struct os_file_info info = {.modified = 0};
    ok(put(dir, "late", ""), "a file");
    int fd = openat(dir, "late", O_RDWR | O_CLOEXEC);
    ok(os_edit_date(fd, late), "os_edit_date: a date in 2128");
    os_file_close(fd);
    ok(os_file_look(dir, "late", &info), "os_file_look: a file with such a date");
    is_int(info.modified, late, "os_file_look: ... which it tells");
    fd = os_file_open(dir, "late");
    ok(fd >= 0, "os_file_open: opens it");
    os_file_close(fd);
    ok(os_file_remove(dir, "late"), "os_file_remove: removes it");
}

static void test_refused(int dir)
{
    ok(symlinkat("nowhere", dir, "link") == 0 && mkfifoat(dir, "fifo", 0600) == 0 &&
           os_file_make_dir(dir, "sub"),
       "os_file_make_dir: a directory, beside a symbolic link and a FIFO");
    ok(os_file_open(dir, "link") < 0 && errno == ELOOP,
       "os_file_open: does not follow a symbolic link");
    ok(os_file_open(dir, "fifo") < 0 && errno == EINVAL,
       "os_file_open: refuses a FIFO without waiting");
    ok(os_file_open(dir, "sub") < 0 && errno == EISDIR, "os_file_open: refuses a directory");
    ok(os_file_open_subdir(dir, "link") < 0,
       "os_file_open_subdir: does not follow a symbolic link");
    ok(os_file_exists(dir, "link"), "os_file_exists: a dangling symbolic link exists");
    ok(os_file_create(dir, "link") < 0 && errno == EEXIST,
       "os_file_create: EEXIST for a dangling symbolic link");
    os_file_remove(dir, "link");
    os_file_remove(dir, "fifo");
    os_file_remove_tree(dir, "sub");
    is_int(count_names(dir), 0, "os_file_remove_tree: removes an empty directory");
}

static void test_load(int dir)
{
    struct buf b;

    put(dir, "file", "12345678");
    buf_init(&b, 8);
    ok(os_file_load(dir, "file", &b) && b.n == 8, "os_file_load: a file as long as the limit");
    ok(!os_file_load(dir, "file", &b) && errno == EFBIG,
       "os_file_load: EFBIG if the buffer is full");
    buf_free(&b);
    buf_init(&b, 7);
    ok(!os_file_load(dir, "file", &b) && errno == EFBIG,
       "os_file_load: EFBIG if the limit is one byte too low");
    buf_free(&b);
    os_file_remove(dir, "file");
}

/* Gives descriptor 0 a file's content to read. */
static void put_standard(int dir, const char *text)
{
    put(dir, "input", text);
    int fd = os_file_open(dir, "input");
    dup2(fd, 0);
    close(fd);
}

static void test_first_line(int dir, const char *path)
{
    char line[5], file[OS_FILE_PATH_BYTES + 8];
    int saved = dup(0);
    struct buf b;

    put(dir, "lines", "four\nmore\n");
    snprintf(file, sizeof file, "%s/lines", path);
    ok(os_file_first_line(file, line, sizeof line) == 4 && memcmp(line, "four", 4) == 0,
       "os_file_first_line: a line, without its LF");
    is_int(os_file_first_line(file, line, 4), 4, "os_file_first_line: a line as long as the room");
    ok(os_file_first_line(file, line, 3) < 0 && errno == EFBIG,
       "os_file_first_line: EFBIG if the line is one byte longer than the room");
    ok(os_file_first_line(path, line, 5) < 0 && errno == EISDIR,
       "os_file_first_line: EISDIR for a directory");
    ok(os_file_first_line("/nowhere/file", line, 5) < 0 && errno == ENOENT,
       "os_file_first_line: ENOENT if there is no file");
    put_standard(dir, "one\nrest");
    is_int(os_file_first_line(NULL, line, 5), 3, "os_file_first_line: of standard input");
    buf_init(&b, 4);
    ok(os_file_load_standard(&b) && span_eq(buf_span(&b), SPAN("rest")),
       "os_file_load_standard: the first line was read, and not a byte more");
    is_int(os_file_first_line(NULL, line, 5), 0, "os_file_first_line: at the end, an empty line");
    put_standard(dir, "!");
    ok(!os_file_load_standard(&b) && errno == EFBIG,
       "os_file_load_standard: EFBIG if the buffer is full");
    buf_free(&b);
    dup2(saved, 0);
    close(saved);
    os_file_remove(dir, "lines");
    os_file_remove(dir, "input");
}

static void test_replace(int dir)
{
    put(dir, "file.new", "left by a writer that died");
    ok(os_file_replace(dir, "file", SPAN("one")) && holds(dir, "file", "one"),
       "os_file_replace: creates a file, although a temporary was left");
    ok(os_file_replace(dir, "file", SPAN("")) && holds(dir, "file", ""),
       "os_file_replace: replaces a file");
    is_int(count_names(dir), 1, "os_file_replace: leaves no temporary");
    os_file_remove(dir, "file");
    os_file_make_dir(dir, "file");
    ok(!os_file_replace(dir, "file", SPAN("two")) && errno == EISDIR,
       "os_file_replace: fails if the name is a directory");
    is_int(count_names(dir), 1, "os_file_replace: leaves no temporary after a failure");
    os_file_remove_tree(dir, "file");
}

static void test_rename(int dir)
{
    put(dir, "a", "a");
    put(dir, "b", "b");
    ok(!os_file_rename_new(dir, "a", dir, "b") && errno == EEXIST,
       "os_file_rename_new: EEXIST if the name is taken");
    ok(holds(dir, "a", "a") && holds(dir, "b", "b"), "os_file_rename_new: then nothing is changed");
    ok(os_file_rename_new(dir, "a", dir, "c") && holds(dir, "c", "a") && !os_file_exists(dir, "a"),
       "os_file_rename_new: renames to a free name");
    ok(os_file_rename_over(dir, "c", dir, "b") && holds(dir, "b", "a"),
       "os_file_rename_over: replaces a file");
    ok(!os_file_rename_new(dir, "x", dir, "y") && errno == ENOENT,
       "os_file_rename_new: ENOENT if there is no file");

    os_file_make_dir(dir, "d");
    os_file_make_dir(dir, "e");
    int e = os_file_open_subdir(dir, "e");
    put(e, "inner", "");
    os_file_close(e);
    ok(!os_file_rename_new(dir, "d", dir, "e") && errno == EEXIST,
       "os_file_rename_new: EEXIST if a directory has the name of a directory to rename");
    ok(!os_file_rename_new(dir, "d", dir, "b") && errno == EEXIST,
       "os_file_rename_new: EEXIST if a file has the name of a directory to rename");
    ok(os_file_rename_new(dir, "e", dir, "f") && !os_file_exists(dir, "e"),
       "os_file_rename_new: renames a directory");
    ok(os_file_remove_tree(dir, "d") && os_file_remove_tree(dir, "f") && os_file_remove(dir, "b"),
       "os_file_remove_tree: removes directories with files");
}

static void test_tree(int dir)
{
    int at = dup(dir);
    int stopped = 0;

    for (int i = 0; i < 20; i++) {
        os_file_make_dir(at, "deep");
        put(at, "file", "x");
        int below = os_file_open_subdir(at, "deep");
        os_file_close(at);
        at = below;
    }
    os_file_close(at);
    is_int(count_names(dir), 2, "os_file_each: all names without . and ..");
    is_int(count_names(dir), 2, "os_file_each: begins at the start each time");
    ok(os_file_each(dir, stop_at_once, &stopped) && stopped == 1,
       "os_file_each: stops when the callback returns false");
    ok(os_file_remove_tree(dir, "deep") && os_file_remove_tree(dir, "file"),
       "os_file_remove_tree: removes a deep directory, and a file");
    is_int(count_names(dir), 0, "os_file_remove_tree: leaves nothing");
    ok(!os_file_remove_tree(dir, "deep") && errno == ENOENT,
       "os_file_remove_tree: ENOENT if there is nothing");
    ok(!os_file_each(-1, count_one, &stopped), "os_file_each: false if it is not a directory");
}

/* What can be removed is removed, and the first error is told. */
static void test_tree_that_stays(int dir)
{
    static const char *const names[] = {"a", "b", "..c"};

    os_file_make_dir(dir, "tree");
    int tree = os_file_open_subdir(dir, "tree");
    for (size_t i = 0; i < 3; i++)
        put(tree, names[i], "x");
    is_int(count_names(tree), 3, "os_file_each: a name that begins with two dots, too");
    unlinks_before = 1; /* that of the directory, which fails with EISDIR */
    failing_unlinks = 2;
    ok(!os_file_remove_tree(dir, "tree") && errno == EIO, "os_file_remove_tree: two files stay");
    is_int(count_names(tree), 2, "... and the third is removed");
    os_file_close(tree);
    unlinks_before = 0;
    failing_unlinks = 1;
    unlink_error = EPERM; /* which POSIX has for directories */
    ok(os_file_remove_tree(dir, "tree") && !os_file_exists(dir, "tree"),
       "os_file_remove_tree: a system with another error for a directory");
    unlink_error = EIO;
}

static void test_odd(int dir, const char *path)
{
    char name[OS_FILE_PATH_BYTES], fifo[OS_FILE_PATH_BYTES];

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ok(!os_file_replace(dir, name, SPAN("")) && errno == ENAMETOOLONG,
       "os_file_replace: ENAMETOOLONG for a name without room for .new");
    snprintf(fifo, sizeof fifo, "%.4000s/fifo", path);
    ok(mkfifoat(dir, "fifo", 0600) == 0 && os_edit_open(fifo) < 0 && errno == EINVAL,
       "os_edit_open: EINVAL for a FIFO, without waiting");
    ok(os_edit_open(path) < 0 && errno == EISDIR, "os_edit_open: EISDIR for a directory");
    os_file_remove(dir, "fifo");
}

static void test_space(int dir)
{
    uint64_t bytes = 0;
    uint64_t inodes = 0;
    ok(os_mount_free_space(dir, &bytes, &inodes) && bytes > 0 && inodes > 0,
       "os_mount_free_space: some bytes and inodes");
    ok(os_file_sync(dir) && os_file_sync_all(dir), "os_file_sync, os_file_sync_all: a directory");
}

static void test_standard(void)
{
    int saved = dup(0);

    ok(os_file_standard_open(), "os_file_standard_open: all are open");
    close(0);
    ok(!os_file_standard_open(), "os_file_standard_open: one is closed");
    ok(os_file_standard_fill() && os_file_standard_open(),
       "os_file_standard_fill: opens /dev/null in its place");
    dup2(saved, 0);
    close(saved);
}

static void test_rename_by_link(int dir)
{
    cannot_refuse = true;
    put(dir, "one", "1");
    put(dir, "two", "2");
    ok(!os_file_rename_new(dir, "one", dir, "two") && errno == EEXIST,
       "no refusing renames: EEXIST if the new name is taken");
    ok(holds(dir, "one", "1") && holds(dir, "two", "2"), "no refusing renames: ... both are there");
    ok(os_file_rename_new(dir, "one", dir, "three") && holds(dir, "three", "1") &&
           !os_file_exists(dir, "one"),
       "no refusing renames: a file");
    failing_unlinks = 1;
    ok(!os_file_rename_new(dir, "two", dir, "four") && errno == EIO,
       "no refusing renames: the old name cannot be removed");
    ok(holds(dir, "two", "2") && !os_file_exists(dir, "four"),
       "no refusing renames: ... so nothing is renamed");
    os_file_make_dir(dir, "a");
    os_file_make_dir(dir, "b");
    int b = os_file_open_subdir(dir, "b");
    ok(put(b, "full", ""), "no refusing renames: a directory with a file");
    ok(!os_file_rename_new(dir, "a", dir, "b") && errno == EEXIST,
       "no refusing renames: ... is not replaced by another");
    ok(os_file_rename_new(dir, "b", dir, "c") && os_file_exists(b, "full") &&
           os_file_exists(dir, "c"),
       "no refusing renames: ... is renamed");
    os_file_close(b);
    ok(!os_file_rename_new(dir, "c", dir, "two") && errno == EEXIST,
       "no refusing renames: a directory does not replace a file");
    ok(!os_file_rename_new(dir, "c", dir, "none/c") && errno == ENOENT,
       "no refusing renames: a directory to where there is none");
    rename_error = ENOSYS;
    ok(!os_file_rename_new(dir, "none", dir, "some") && errno == ENOENT,
       "no refusing renames: ENOENT if there is no file");
    rename_error = EINVAL;
    cannot_refuse = false;
    ok(os_file_remove(dir, "two") && os_file_remove(dir, "three") &&
           os_file_remove_tree(dir, "a") && os_file_remove_tree(dir, "c"),
       "no refusing renames: nothing else is there");
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    char path[4096];

    snprintf(path, sizeof path, "%s/os_file_test.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(path))
        return 1;
    int dir = os_file_open_dir(path);
    test_create(dir);
    test_late_date(dir);
    test_refused(dir);
    test_load(dir);
    test_first_line(dir, path);
    test_replace(dir);
    test_rename(dir);
    test_rename_by_link(dir);
    test_tree(dir);
    test_tree_that_stays(dir);
    test_odd(dir, path);
    test_space(dir);
    test_standard();
    os_file_close(dir);
    ok(os_file_remove_tree(OS_FILE_CWD, path),
       "os_file_remove_tree: a path relative to the working directory");
    return done_testing();
}
