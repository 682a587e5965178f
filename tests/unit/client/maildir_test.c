/* SPDX-License-Identifier: ISC */
/*
 * Maildirs in a directory of the test's own. A limit for the size of files stands in for a full
 * disk. The clock is the test's: how old a file in tmp/ is cannot be set.
 */
#include "client/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/file.h"
#include "tap.h"

#define STALE_S (36 * 60 * 60)
#define DATE    1512305493

static char root[] = "/tmp/pochta-maildir.XXXXXX";
static char path[sizeof root + 16];
static int64_t clock_ahead_s; /* of the system's clock */

/* The linker gives us all calls of os_clock_now. */
int64_t real_now(void) __asm__("__real_os_clock_now");
int64_t now_ahead(void) __asm__("__wrap_os_clock_now");

int64_t now_ahead(void)
{
    return real_now() + clock_ahead_s;
}

/* A path in the Maildir. */
static const char *at(const char *below)
{
    static char whole[OS_FILE_PATH_BYTES];
    snprintf(whole, sizeof whole, "%s/%s", path, below);
    return whole;
}

static bool look(const char *below, struct stat *st)
{
    return stat(at(below), st) == 0;
}

static void put(const char *below, const char *content)
{
    os_file_make(OS_FILE_CWD, at(below), span_str(content));
}

static bool contains(const char *below, const char *content)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    bool same = os_file_load_path(at(below), &text) && span_eq(buf_span(&text), span_str(content));
    buf_free(&text);
    return same;
}

static bool count_name(void *ctx, const char *name)
{
    (void)name;
    ++*(int *)ctx;
    return true;
}

/* How many names a directory has; -1: it cannot be read. */
static int count(const char *below)
{
    int n = 0, fd = os_file_open_dir(at(below));
    bool read = fd >= 0 && os_file_each(fd, count_name, &n);
    os_file_close(fd);
    return read ? n : -1;
}

static unsigned mode_of(const char *below)
{
    struct stat st;
    return look(below, &st) ? st.st_mode & 07777 : 0;
}

static void set_limit(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* Opens a new and empty Maildir. */
static void begin(struct maildir *d)
{
    os_file_remove_tree(OS_FILE_CWD, path);
    if (!maildir_open(d, path, true))
        exit(1);
}

/* Lists the Maildir again, as the next process would. */
static void again(struct maildir *d)
{
    maildir_close(d);
    if (!maildir_open(d, path, false) || !maildir_list(d))
        exit(1);
}

static bool is_refused(bool make, int why)
{
    struct maildir d;
    errno = 0;
    bool refused = !maildir_open(&d, path, make) && errno == why;
    maildir_close(&d);
    return refused;
}

static void test_open(void)
{
    struct maildir d;
    ok(is_refused(false, ENOENT), "maildir_open: a path that leads nowhere is not opened");
    is_int(count(""), -1, "... and is not made");
    mkdir(path, 0755);
    ok(is_refused(false, ENOTDIR), "an empty directory is no Maildir");
    is_int(count(""), 0, "... and stays empty");
    ok(maildir_open(&d, path, true), "it is made one");
    maildir_close(&d);
    is_int(mode_of("tmp"), 0700, "tmp/ has mode 0700");
    is_int(mode_of("new"), 0700, "... as has new/");
    is_int(mode_of("cur"), 0700, "... and cur/");
    is_int(mode_of(""), 0755, "a directory that was there keeps its mode");
    is_int(count(""), 3, "there is nothing else in it");
    ok(maildir_open(&d, path, true), "a Maildir is opened again to add");
    maildir_close(&d);
    os_file_remove_tree(OS_FILE_CWD, path);
    ok(maildir_open(&d, path, true) && mode_of("") == 0700, "a new directory has mode 0700");
    maildir_close(&d);
    rmdir(at("tmp"));
    ok(maildir_open(&d, path, false), "for reading, new/ and cur/ are enough");
    maildir_close(&d);
    ok(maildir_open(&d, path, true) && count("tmp") == 0, "what is missing is made");
    maildir_close(&d);
    rmdir(at("cur"));
    ok(is_refused(false, ENOTDIR), "without cur/ it is no Maildir");
    rmdir(at("new"));
    ok(maildir_open(&d, path, true) && count("cur") == 0 && count("new") == 0,
       "one that a crash left half made is completed");
    maildir_close(&d);
}

static void test_strangers(void)
{
    os_file_remove_tree(OS_FILE_CWD, path);
    mkdir(path, 0700);
    put("letter.txt", "mine");
    ok(is_refused(true, ENOTDIR), "maildir_open: a directory with something else is left alone");
    is_int(count(""), 1, "... and nothing is made in it");
    os_file_remove_tree(OS_FILE_CWD, path);
    os_file_make(OS_FILE_CWD, path, SPAN("From "));
    ok(is_refused(true, ENOTDIR) && is_refused(false, ENOTDIR), "a file is no Maildir");
    os_file_remove(OS_FILE_CWD, path);
    struct maildir d;
    begin(&d);
    maildir_close(&d);
    rmdir(at("new"));
    put("new", "a file");
    ok(is_refused(true, ENOTDIR), "a file in the place of new/ is refused");
}

static void test_sweep(void)
{
    struct maildir d;
    begin(&d);
    maildir_close(&d);
    put("tmp/7.pochta.0123456789abcdef", "ours");
    put("tmp/7.somebody-else", "another program's");
    clock_ahead_s = STALE_S - 60;
    maildir_open(&d, path, true);
    maildir_close(&d);
    is_int(count("tmp"), 2, "what another process may be writing stays in tmp/");
    clock_ahead_s = STALE_S + 60;
    maildir_open(&d, path, false);
    maildir_close(&d);
    is_int(count("tmp"), 2, "... as does all when it is opened for reading");
    maildir_open(&d, path, true);
    maildir_close(&d);
    clock_ahead_s = 0;
    ok(count("tmp") == 1 && contains("tmp/7.somebody-else", "another program's"),
       "after 36 hours a file of ours is removed, and only ours");
}

static void test_add(void)
{
    struct maildir d;
    struct stat st;
    char longest[MAILDIR_NAME_BYTES], below[MAILDIR_NAME_BYTES + 16];
    begin(&d);
    ok(maildir_add(&d, "1.a", SPAN("one\n"), false, DATE), "maildir_add: an unread message");
    ok(contains("new/1.a", "one\n"), "... is in new/, without flags");
    ok(look("new/1.a", &st) && st.st_mtime == DATE, "... with its date");
    is_int(mode_of("new/1.a"), 0600, "... and mode 0600");
    ok(maildir_add(&d, "2.a", SPAN("two\n"), true, -1), "one that has been read");
    ok(contains("cur/2.a:2,S", "two\n"), "... is in cur/, with the flag S");
    ok(look("cur/2.a:2,S", &st) && st.st_mtime == -1, "... even with a date before 1970");
    ok(maildir_add(&d, "3.a", SPAN(""), false, 0) && contains("new/3.a", ""), "an empty one");
    is_int(count("tmp"), 0, "nothing is left in tmp/");
    ok(maildir_add(&d, "1.a", SPAN("other\n"), false, 0), "one that is there already");
    ok(contains("new/1.a", "one\n") && look("new/1.a", &st) && st.st_mtime == DATE,
       "... is kept as it is");
    is_int(count("tmp"), 0, "... and what was written is gone");
    memset(longest, '8', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    snprintf(below, sizeof below, "cur/%s:2,S", longest);
    ok(maildir_add(&d, longest, SPAN("x"), true, 0) && contains(below, "x"), "the longest name");
    maildir_close(&d);
}

static void test_add_fails(void)
{
    struct maildir d;
    begin(&d);
    set_limit(100);
    char big[101] = "";
    ok(!maildir_add(&d, "1.a", span_of(big, 101), false, 0) && errno == EFBIG,
       "maildir_add: a full disk is an error");
    ok(maildir_add(&d, "2.a", span_of(big, 100), false, 0), "... what fits is added");
    set_limit(RLIM_INFINITY);
    ok(count("tmp") == 0 && count("new") == 1, "... and nothing is left of the other one");
    os_file_remove_tree(OS_FILE_CWD, at("new"));
    ok(!maildir_add(&d, "3.a", SPAN("x"), false, 0) && errno == ENOENT,
       "a directory that is gone is an error");
    is_int(count("tmp"), 0, "... and leaves nothing in tmp/");
    mkdir(at("new"), 0700);
    os_file_remove_tree(OS_FILE_CWD, at("tmp"));
    ok(!maildir_add(&d, "4.a", SPAN("x"), true, 0) && errno == ENOENT, "so it is without tmp/");
    is_int(count("cur"), 0, "... and no part of the message is delivered");
    maildir_close(&d);
}

static void test_list(void)
{
    /* In the order that is expected. */
    static const char *const names[] = {
        "cur/:2,S",        "cur/nothing:2,", "new/x",
        "new/9.b",         "cur/10.a:2,S",   "new/10.b",
        "cur/10.b.c:2,FS", "cur/99.a:2,",    "new/100000000000000000000.z"};
    struct maildir d;
    begin(&d);
    ok(maildir_list(&d) && d.n == 0, "maildir_list: an empty Maildir");
    ok(!maildir_has(&d, "1.a"), "... has no message");
    size_t n = sizeof names / sizeof names[0];
    for (size_t i = n; i-- > 0;)
        put(names[i], "");
    put("new/.hidden", "");
    put("cur/.nfs0001", "");
    put("tmp/5.a", "");
    again(&d);
    is_int(d.n, n, "all files of new/ and cur/, but those that begin with a dot");
    for (size_t i = 0; i < d.n && i < n; i++) {
        is_str(d.files[i].name, names[i] + 4, "file %zu in the order of delivery", i);
        ok(d.files[i].fresh == (names[i][0] == 'n'), "... is known as new or not");
    }
    ok(maildir_has(&d, "10.b") && maildir_has(&d, "10.b.c") && maildir_has(&d, "99.a") &&
           maildir_has(&d, "x"),
       "maildir_has: whatever the flags are");
    ok(!maildir_has(&d, "10") && !maildir_has(&d, "10.") && !maildir_has(&d, "5.a") &&
           !maildir_has(&d, "010.a") && !maildir_has(&d, ".hidden"),
       "maildir_has: no other name");
    maildir_close(&d);
    ok(d.n == 0 && d.fd == -1, "maildir_close: forgets all");
    maildir_close(&d);
}

static void test_many(void)
{
    struct maildir d;
    char name[32];
    int wrong = 0;
    begin(&d);
    for (int i = 1; i <= 700; i++) {
        snprintf(name, sizeof name, "%s/%d.a", i % 3 == 0 ? "cur" : "new", i * 7);
        put(name, "");
    }
    again(&d);
    for (int i = 1; i <= 700 && d.n == 700; i++) {
        snprintf(name, sizeof name, "%d.a", i * 7);
        wrong += strcmp(d.files[i - 1].name, name) != 0 || !maildir_has(&d, name);
        snprintf(name, sizeof name, "%d.a", i * 7 + 1);
        wrong += maildir_has(&d, name);
    }
    ok(d.n == 700 && wrong == 0, "of 700 files each is in its place, and is found");
    maildir_close(&d);
}

static void test_files(void)
{
    struct maildir d;
    struct buf text;
    int64_t date = 0;
    begin(&d);
    buf_init(&text, 8);
    maildir_add(&d, "1.a", SPAN("12345678"), false, DATE);
    maildir_add(&d, "2.a", SPAN("123456789"), true, DATE + 1);
    maildir_add(&d, "3.a", SPAN("x"), true, 0);
    again(&d);
    is_int(d.n, 3, "there are three files");
    ok(maildir_load(&d, &d.files[0], &text) && span_eq(buf_span(&text), SPAN("12345678")),
       "maildir_load: a file as large as the limit");
    ok(!maildir_load(&d, &d.files[2], &text) && errno == EFBIG, "... appended, it is too large");
    buf_clear(&text);
    ok(!maildir_load(&d, &d.files[1], &text) && errno == EFBIG, "... or with one byte more");
    ok(maildir_date(&d, &d.files[0], &date) && date == DATE, "maildir_date: of a new one");
    ok(maildir_date(&d, &d.files[1], &date) && date == DATE + 1, "... and of one in cur/");
    ok(maildir_remove(&d, &d.files[0]) && count("new") == 0 && count("cur") == 2,
       "maildir_remove: this file and no other");
    ok(!maildir_remove(&d, &d.files[0]) && errno == ENOENT, "... once");
    buf_clear(&text);
    ok(!maildir_load(&d, &d.files[0], &text) && errno == ENOENT, "one that is gone cannot be read");
    ok(!maildir_date(&d, &d.files[0], &date) && errno == ENOENT, "... and has no date");
    os_file_remove(OS_FILE_CWD, at("cur/3.a:2,S"));
    ok(symlink("2.a:2,S", at("cur/3.a:2,S")) == 0 && !maildir_load(&d, &d.files[2], &text) &&
           errno == ELOOP,
       "a link is not followed");
    buf_free(&text);
    maildir_close(&d);
}

static void test_base(void)
{
    ok(span_eq(maildir_base("1.a:2,FS"), SPAN("1.a")), "maildir_base: ends before the flags");
    ok(span_eq(maildir_base("1.a"), SPAN("1.a")), "... of which there may be none");
    ok(maildir_base(":2,S").n == 0 && maildir_base("").n == 0, "... and may be empty");
    ok(span_eq(maildir_base("a:b:2,S"), SPAN("a")), "... and ends at the first colon");
}

int main(void)
{
    if (!mkdtemp(root))
        return 1;
    signal(SIGXFSZ, SIG_IGN);
    snprintf(path, sizeof path, "%s/mail", root);
    test_open();
    test_strangers();
    test_sweep();
    test_add();
    test_add_fails();
    test_list();
    test_many();
    test_files();
    test_base();
    os_file_remove_tree(OS_FILE_CWD, root);
    return done_testing();
}
