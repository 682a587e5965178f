/* SPDX-License-Identifier: ISC */
/* Files, locks and mounts: each system call fails in its turn. */
#include "os_each.h"

#include "os/lock.h"
#include "os/mount.h"

/* --- what the functions do; false: it has failed, and errno is set --- */

static bool is_content(const char *bytes, int64_t n)
{
    return n == 7 && memcmp(bytes, "content", 7) == 0;
}

static bool loads(bool by_path)
{
    struct buf b;

    buf_init(&b, 100);
    bool good = by_path ? os_file_load_path(file_path, &b) : os_file_load(dir, "file", &b);
    good = good && is_content(b.p, (int64_t)b.n);
    buf_free(&b);
    return good;
}

static bool reads_line(void)
{
    char bytes[10];
    int64_t n = os_file_first_line(file_path, bytes, sizeof bytes);

    return is_content(bytes, n);
}

static bool reads(bool whole)
{
    char bytes[10];
    int64_t n = whole ? os_file_read_at(fd, bytes, sizeof bytes, 0)
                      : os_file_read_some(fd, bytes, sizeof bytes, 0);

    return whole || !faults.failed || faults.error != SHORT ? is_content(bytes, n) : n == 1;
}

static bool looks(bool by_name)
{
    struct os_file_info info;

    return (by_name ? os_file_look(dir, "file", &info) : os_file_look_at(fd, &info)) &&
           info.bytes == 7;
}

static bool lists(void)
{
    int n = 0;

    return os_file_each(dir, count_name, &n) && n == 2;
}

/* What stands in for standard input is closed again. */
static bool fills_standard(void)
{
    int saved = dup(0);

    close(0);
    bool good = os_file_standard_fill();
    int error = errno;
    dup2(saved, 0);
    close(saved);
    errno = error;
    return good;
}

static bool takes_over(void)
{
    int other = dup(spare);
    bool good = os_lock_take_over(other, spare);

    if (!good)
        os_file_close(other);
    return good;
}

static bool tells_space(void)
{
    uint64_t bytes = 0, inodes = 0;

    return os_mount_free_space(dir, &bytes, &inodes) && bytes > 0 && inodes > 0;
}

static bool tells_block(void)
{
    return os_mount_block_bytes(dir) >= (size_t)sysconf(_SC_PAGESIZE);
}

#define CHANGED "file:CONTENT new:- file.new:- sub:/ sub/inner:inside "
#define EMPTY   "file: new:- file.new:- sub:/ sub/inner:inside "
#define ADDED   "file:content new:more file.new:- sub:/ sub/inner:inside "
#define CREATED "file:content new: file.new:- sub:/ sub/inner:inside "
#define MOVED   "file:- new:content file.new:- sub:/ sub/inner:inside "
#define REMOVED "file:- new:- file.new:- sub:/ sub/inner:inside "
#define NO_TREE "file:content new:- file.new:- sub:- sub/inner:- "
#define NEW_DIR "file:content new:/ file.new:- sub:/ sub/inner:inside "

/* What is called; the calls whose failure does not matter; what there is afterwards. */
ACT(open_dir, opened(os_file_open_dir(path)))
ACT(reach_dir, opened(os_file_reach_dir(path)))
ACT(open_subdir, opened(os_file_open_subdir(dir, "sub")))
ACT(open, opened(os_file_open(dir, "file")))
ACT(open_any, opened(os_file_open_any(dir, "file")))
ACT(open_path, opened(os_file_open_path(file_path)))
ACT(create, opened(os_file_create(dir, "new")))
ACT(load, loads(false))
ACT(load_path, loads(true))
ACT(first_line, reads_line())
ACT(read_at, reads(true))
ACT(read_some, reads(false))
ACT(write, os_file_write(fd, "CONTENT", 7))
ACT(write_at, os_file_write_at(fd, "CONTENT", 7, 0))
ACT(size, os_file_size(fd) == 7)
ACT(look, looks(true))
ACT(look_at, looks(false))
ACT(sync, os_file_sync(fd))
ACT(sync_dir, os_file_sync_dir(dir))
ACT(sync_data, os_file_sync_data(fd))
ACT(sync_all, os_file_sync_all(fd))
ACT(make, os_file_make(dir, "new", SPAN("more")))
ACT(replace, os_file_replace(dir, "file", SPAN("CONTENT")))
ACT(rename_over, os_file_rename_over(dir, "file", dir, "new"))
ACT(remove, os_file_remove(dir, "file"))
ACT(truncate, os_file_truncate(dir, "file"))
ACT(make_dir, os_file_make_dir(dir, "new"))
ACT(give, os_file_give(fd, geteuid(), getegid()))
ACT(go_into, os_file_go_into(dir) && chdir("/") == 0)
ACT(each, lists())
ACT(fill, fills_standard())
ACT(raise_limit, os_file_raise_limit() >= 20)
ACT(edit_open, opened(os_edit_open(file_path)))
ACT(edit_date, os_edit_date(fd, 1))
ACT(edit_cut, os_edit_cut(fd, 0))
ACT(lock_open, opened(os_lock_open(dir, "file")))
ACT(lock_set, os_lock_set(fd, 0, OS_LOCK_EXCLUSIVE))
ACT(lock_is_named, os_lock_is_named(fd, dir, "file"))
ACT(lock_take_over, takes_over())
ACT(is_one, os_mount_is_one(dir, dir))
ACT(free_space, tells_space())
ACT(block_bytes, tells_block())
ACT(is_read_only, !os_mount_is_read_only(dir))
ACT(is_shared, !os_mount_is_shared(dir))

static const struct row rows[] = {
    {"os_file_open_dir", "", BEFORE, do_open_dir},
    {"os_file_reach_dir", "", BEFORE, do_reach_dir},
    {"os_file_open_subdir", "", BEFORE, do_open_subdir},
    {"os_file_open", "", BEFORE, do_open},
    {"os_file_open_any", "", BEFORE, do_open_any},
    {"os_file_open_path", "", BEFORE, do_open_path},
    {"os_file_create", "", CREATED, do_create},
    {"os_file_load", "", BEFORE, do_load},
    {"os_file_load_path", "", BEFORE, do_load_path},
    {"os_file_first_line", "", BEFORE, do_first_line},
    {"os_file_read_at", "", BEFORE, do_read_at},
    {"os_file_read_some", "", BEFORE, do_read_some},
    {"os_file_write", "", CHANGED, do_write},
    {"os_file_write_at", "", CHANGED, do_write_at},
    {"os_file_size", "", BEFORE, do_size},
    {"os_file_look", "", BEFORE, do_look},
    {"os_file_look_at", "", BEFORE, do_look_at},
    {"os_file_sync", "", BEFORE, do_sync},
    {"os_file_sync_dir", "", BEFORE, do_sync_dir},
    {"os_file_sync_data", "", BEFORE, do_sync_data},
    {"os_file_sync_all", "", BEFORE, do_sync_all},
    {"os_file_make", "", ADDED, do_make},
    {"os_file_replace", "", CHANGED, do_replace},
    {"os_file_rename_over", "", MOVED, do_rename_over},
    {"os_file_remove", "", REMOVED, do_remove},
    {"os_file_truncate", "", EMPTY, do_truncate},
    {"os_file_make_dir", "", NEW_DIR, do_make_dir},
    {"os_file_give", "", BEFORE, do_give},
    {"os_file_go_into", "", BEFORE, do_go_into},
    {"os_file_each", "", BEFORE, do_each},
    {"os_file_standard_fill", "", BEFORE, do_fill},
    {"os_file_raise_limit", "getrlimit64", BEFORE, do_raise_limit},
    {"os_edit_open", "", BEFORE, do_edit_open},
    {"os_edit_date", "", BEFORE, do_edit_date},
    {"os_edit_cut", "", EMPTY, do_edit_cut},
    {"os_lock_open", "", BEFORE, do_lock_open},
    {"os_lock_set", "", BEFORE, do_lock_set},
    {"os_lock_is_named", "", BEFORE, do_lock_is_named},
    {"os_lock_take_over", "", BEFORE, do_lock_take_over},
    {"os_mount_is_one", "renameat", BEFORE, do_is_one},
    {"os_mount_free_space", "", BEFORE, do_free_space},
    {"os_mount_block_bytes", "fstat64 fopen64", BEFORE, do_block_bytes},
    {"os_mount_is_read_only", "fstatvfs64", BEFORE, do_is_read_only},
    {"os_mount_is_shared", "", BEFORE, do_is_shared},
};

/* Removes as much as possible: what is left is what could not be removed. */
static void test_remove_tree(void)
{
    static const struct row row = {"os_file_remove_tree", "", NO_TREE, NULL};
    int nth = 1;

    for (bool failed = true; failed && nth < 50; nth++) {
        each_prepare();
        int descriptors = open_descriptors();
        faults_arm(nth, EIO);
        bool good = os_file_remove_tree(dir, "sub");
        int got = errno;
        faults_disarm();
        failed = faults.failed != NULL;
        each_check(good == !failed && (good || got == EIO), &row, nth, "it says something else");
        each_check(open_descriptors() == descriptors, &row, nth, "a descriptor is left open");
        each_check(!good || strcmp(picture(), NO_TREE) == 0, &row, nth, picture());
        each_check(good || strstr(picture(), "sub:/"), &row, nth, picture());
        each_clean_up();
    }
    ok(nth > 5 && nth < 50 && wrong == 0, "os_file_remove_tree: each of %d calls fails", nth - 2);
}

/* The kernel has two words for a lock that is taken; the caller hears one. */
static void test_lock(void)
{
    each_prepare();
    faults_arm(1, EACCES);
    ok((!os_lock_set(fd, 0, OS_LOCK_SHARED) && errno == EAGAIN) || HAS_OTHER_NAMES,
       "os_lock_set: EAGAIN for EACCES");
    faults_disarm();
    int other = os_file_reach_dir("/proc/self");
    ok(!os_lock_is_named(other, dir, "file") && errno == 0,
       "os_lock_is_named: not what is elsewhere");
    os_file_close(other);
    ok(!os_lock_is_named(fd, dir, "sub/inner") && errno == 0, "os_lock_is_named: not another file");
    each_clean_up();
}

int main(void)
{
    each_test(rows, sizeof rows / sizeof *rows);
    wrong = 0;
    test_remove_tree();
    test_lock();
    return done_testing();
}
