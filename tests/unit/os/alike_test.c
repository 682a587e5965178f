/* SPDX-License-Identifier: ISC */
/*
 * What the client needs of the os room, without a call of one system: runs on Linux, and under wine
 * with the twins for Windows. The other tests of this room look closer at Linux.
 */
#include <errno.h>

#include "os/clock.h"
#include "os/command.h"
#include "os/crypt.h"
#include "os/edit.h"
#include "os/environment.h"
#include "os/error.h"
#include "os/file.h"
#include "os/lock.h"
#include "os/net.h"
#include "os/path.h"
#include "os/random.h"
#include "os/udp.h"
#include "tap.h"

#define PATIENT_MS 20000 /* only a defect makes a test wait this long */

/* Wine keeps the name of a file that was removed, or replaced, while it is open. */
static bool wine;

static bool put(int dir, const char *name, const char *text)
{
    int fd = os_file_create(dir, name);
    bool made = fd >= 0 && os_file_write(fd, text, strlen(text)) && os_file_sync(fd);
    os_file_close(fd);
    return made;
}

static bool holds(int dir, const char *name, const char *want)
{
    struct buf b;
    buf_init(&b, 1000);
    bool same = os_file_load(dir, name, &b) && span_eq(buf_span(&b), span_str(want));
    if (!same)
        diag("%s holds \"%.*s\"", name, SPAN_PRINTF(buf_span(&b)));
    buf_free(&b);
    return same;
}

struct names {
    int n;
    bool found;
    const char *wanted;
};

static bool see_name(void *ctx, const char *name)
{
    struct names *names = ctx;
    names->n++;
    names->found = names->found || strcmp(name, names->wanted) == 0;
    return true;
}

static int count_names(int dir, const char *wanted)
{
    struct names names = {.wanted = wanted};
    if (!os_file_each(dir, see_name, &names))
        return -1;
    return names.found ? names.n : -names.n;
}

static void test_content(int dir)
{
    char bytes[16] = "";
    ok(put(dir, "made", "a\nb\r\nc\032d"), "os_file_create: creates a file");
    ok(holds(dir, "made", "a\nb\r\nc\032d"), "os_file_load: gives the bytes that were written");
    ok(os_file_create(dir, "made") < 0 && errno == EEXIST, "os_file_create: EEXIST");
    ok(os_file_open(dir, "none") < 0 && errno == ENOENT, "os_file_open: ENOENT");
    ok(os_file_make_dir(dir, "sub") && os_file_open(dir, "sub") < 0 && errno == EISDIR,
       "os_file_open: EISDIR");
    ok(!os_file_make_dir(dir, "sub") && errno == EEXIST, "os_file_make_dir: EEXIST");
    int fd = os_file_open(dir, "made");
    is_int(os_file_size(fd), 8, "os_file_size: without CR added");
    is_int(os_file_read_at(fd, bytes, sizeof bytes, 2), 6, "os_file_read_at: reads to the end");
    ok(memcmp(bytes, "b\r\nc\032d", 6) == 0, "os_file_read_at: reads from the offset");
    is_int(os_file_read_at(fd, bytes, sizeof bytes, 8), 0, "os_file_read_at: nothing at the end");
    os_file_close(fd);
    ok(os_file_remove(dir, "sub") || os_file_remove_tree(dir, "sub"), "a directory is removed");
}

static void test_names(int dir)
{
    static const char name[] = "Ёлка 世界 \xf0\x9f\x8c\xb2.txt";
    ok(put(dir, name, "wood") && holds(dir, name, "wood"), "a name beyond ASCII");
    is_int(count_names(dir, name), 2, "os_file_each: tells it as it was given");
    ok(os_file_exists(dir, name) && os_file_remove(dir, name) && !os_file_exists(dir, name),
       "os_file_remove: removes the file");
    ok(!os_file_remove(dir, name) && errno == ENOENT, "os_file_remove: ENOENT");
}

static void test_rename(int dir)
{
    ok(put(dir, "other", "old"), "there is another file");
    ok(!os_file_rename_new(dir, "made", dir, "other") && errno == EEXIST,
       "os_file_rename_new: EEXIST");
    ok(holds(dir, "other", "old") && os_file_exists(dir, "made"), "... and both are as before");
    ok(os_file_rename_new(dir, "other", dir, "third"), "os_file_rename_new: to a new name");
    ok(!os_file_exists(dir, "other") && holds(dir, "third", "old"), "... which it has then");
    ok(os_file_rename_over(dir, "third", dir, "made") && holds(dir, "made", "old"),
       "os_file_rename_over: replaces a file");
    int fd = os_file_open(dir, "made");
    ok(put(dir, "next", "new") && os_file_rename_over(dir, "next", dir, "made"),
       "... which somebody reads");
    char bytes[4] = "";
    ok(os_file_read_at(fd, bytes, 3, 0) == 3 && memcmp(bytes, "old", 3) == 0 &&
           holds(dir, "made", "new"),
       "... who still sees the old one");
    os_file_close(fd);
}

static void test_make(int dir)
{
    ok(os_file_sync_dir(dir), "os_file_sync_dir: works");
    ok(os_file_make(dir, "whole", SPAN("all of it")) && holds(dir, "whole", "all of it"),
       "os_file_make: a file with its content");
    ok(os_file_remove(dir, "whole"), "os_file_remove: removes it");
}

static void test_look(int dir)
{
    struct os_file_info info, again;
    int64_t now = os_clock_now();
    ok(os_file_look(dir, "made", &info) && info.kind == OS_FILE_REGULAR && info.bytes == 3,
       "os_file_look: a file of 3 bytes");
    ok(info.modified > now - 1000 && info.modified < now + 1000, "... that was written just now");
    is_int(info.mode & 0077, 0, "... and nobody but its owner can read it");
    int fd = os_file_open(dir, "made");
    ok(os_file_look_at(fd, &again) && again.inode == info.inode && again.bytes == 3,
       "os_file_look_at: tells the same");
    os_file_close(fd);
    ok(!os_file_look(dir, "none", &info) && errno == ENOENT, "os_file_look: ENOENT");
}

static void test_edit(int dir, const char *path)
{
    char inside[OS_FILE_PATH_BYTES + 8];
    struct os_file_info info;
    char line[8] = "";
    snprintf(inside, sizeof inside, "%s/edit", path);
    int fd = os_edit_open(inside);
    ok(fd >= 0 && os_file_write_at(fd, "line\r\nrest", 10, 0) && os_edit_cut(fd, 7),
       "os_edit_open: makes a file, which os_edit_cut cuts off");
    ok(os_edit_date(fd, 1512305493), "os_edit_date: sets when it was modified");
    os_file_close(fd);
    ok(os_file_look(dir, "edit", &info) && info.modified == 1512305493 && info.bytes == 7,
       "... which os_file_look tells");
    is_int(os_file_first_line(inside, line, sizeof line), 5, "os_file_first_line: without its LF");
    ok(os_file_first_line(inside, line, 3) < 0 && errno == EFBIG, "os_file_first_line: EFBIG");
    ok(os_edit_open(path) < 0 && errno == EISDIR, "os_edit_open: EISDIR");
    ok(os_file_remove(dir, "edit"), "it is removed");
}

static void test_lock(int dir)
{
    int one = os_lock_open(dir, "made"), two = os_lock_open(dir, "made");
    int reader = os_file_open(dir, "made");
    char bytes[4] = "";
    ok(one >= 0 && two >= 0 && os_lock_set(one, 1000, OS_LOCK_EXCLUSIVE),
       "os_lock_set: takes a free lock");
    ok(!os_lock_set(two, 1000, OS_LOCK_EXCLUSIVE) && errno == EAGAIN,
       "os_lock_set: EAGAIN while another descriptor has it");
    ok(os_lock_is_held(two, 1000) && os_lock_is_held(reader, 1000), "os_lock_is_held: by another");
    ok(os_file_read_at(reader, bytes, 3, 0) == 3 && holds(dir, "made", "new"),
       "meanwhile the file can be read");
    ok(os_file_rename_new(dir, "made", dir, "moved") && os_lock_is_named(one, dir, "moved") &&
           !os_lock_is_named(one, dir, "made"),
       "os_lock_is_named: the new name of a file that is open");
    os_file_close(one);
    ok(os_lock_set(two, 1000, OS_LOCK_EXCLUSIVE), "it is free when that one is closed");
    ok(os_file_remove(dir, "moved") && (wine || !os_file_exists(dir, "moved")),
       "a file that is open is removed");
    os_file_close(two);
    os_file_close(reader);
    ok(!os_file_exists(dir, "moved"), "... and is gone when it is closed");
}

static void test_clock(void)
{
    struct tm tm, local;
    int64_t begin_ms = os_clock_ms(), begin_us = os_clock_us();
    os_clock_sleep(20);
    ok(os_clock_ms() - begin_ms >= 20 && os_clock_us() - begin_us >= 20000,
       "os_clock_sleep: sleeps for at least the given time");
    ok(begin_us / 1000 - begin_ms < PATIENT_MS, "os_clock_us: the same clock as os_clock_ms");
    ok(os_clock_now() > 1512305493, "os_clock_now: is later than the report of 2017");
    os_clock_utc(1512305493, &tm);
    ok(tm.tm_year == 117 && tm.tm_mon == 11 && tm.tm_mday == 3 && tm.tm_hour == 12 &&
           tm.tm_min == 51 && tm.tm_sec == 33 && tm.tm_wday == 0,
       "os_clock_utc: the parts of a time in 2017");
    is_int(os_clock_from_utc(&tm), 1512305493, "os_clock_from_utc: the same time");
    os_clock_local(1512305493, &local);
    int64_t apart = os_clock_from_utc(&local) - 1512305493;
    ok(apart > -24 * 3600 && apart < 24 * 3600 && apart % 900 == 0,
       "os_clock_local: some time zone");
    os_clock_local(INT64_MAX, &tm);
    is_int(tm.tm_year + 1900, 9999, "os_clock_local: a time that is too late gives the year 9999");
}

static void test_secrets(void)
{
    char one[33], two[33];
    os_random_hex(one, 32);
    os_random_hex(two, 32);
    ok(strlen(one) == 32 && strspn(one, "0123456789abcdef") == 32, "os_random_hex: 32 hex digits");
    ok(strcmp(one, two) != 0, "... others each time");
    os_crypt_wipe(one, sizeof one);
    ok(one[0] == 0 && one[31] == 0, "os_crypt_wipe: wipes");
}

static void do_nothing(void *ctx)
{
    (void)ctx;
}

static void test_command(void)
{
    const struct os_command_meanwhile meanwhile = {.every_ms = 1000, .act = do_nothing};
    char line[64] = "";
    struct os_end end = {.kind = OS_END_EXIT};
    int64_t n = os_command_first_line("echo secret", line, sizeof line, &end);
    ok((n == 6 || (n == 7 && line[6] == '\r')) && memcmp(line, "secret", 6) == 0,
       "os_command_first_line: what a command prints, without the LF");
    ok(os_command_first_line("exit 3", line, sizeof line, &end) < 0 && end.kind == OS_END_EXIT &&
           end.number == 3,
       "... and the exit code of one that fails");
    ok(os_command_first_line("echo secret", line, 2, &end) < 0 && errno == EFBIG,
       "... EFBIG: the line is too long");
    char seven[] = "SEVEN=7";
    char *variables[] = {seven, NULL};
    ok(os_command_run("exit 0", variables, &meanwhile, &end),
       "os_command_run: a command that succeeds");
    ok(!os_command_run("exit 7", variables, &meanwhile, &end) && end.kind == OS_END_EXIT &&
           end.number == 7,
       "... and one that does not");
}

/* Nobody listens at the port of a socket that was bound and closed; port 1 will do. */
static void test_net(void)
{
    struct address_place place;
    const char *why = NULL;
    int fds[4];
    address_parse_place(SPAN("127.0.0.1:1"), &place);
    ok(os_net_connect(&place, os_clock_ms() + PATIENT_MS, NULL, &why) < 0 && why,
       "os_net_connect: says why nobody is reached: %s", why ? why : "");
    why = NULL;
    address_parse_place(SPAN("nobody.invalid:1"), &place);
    ok(os_net_connect(&place, os_clock_ms() + PATIENT_MS, NULL, &why) < 0 && why,
       "os_net_connect: says that there is no such name: %s", why ? why : "");
    address_parse_place(SPAN("127.0.0.1:1"), &place);
    int n = os_udp_connect(&place, fds, 4, NULL, &why);
    ok(n == 1, "os_udp_connect: a socket for an address");
    os_net_close(n > 0 ? fds[0] : -1);
}

static void test_words(void)
{
    ok(*os_error_text(EACCES) && *os_error_text(-1), "os_error_text: a known and an unknown error");
    ok(strcmp(os_error_text(ENOENT), os_error_text(EACCES)) != 0, "... which differ");
    is_str(os_path_name("a/b/c.txt"), "c.txt", "os_path_name: the last name");
    ok(!os_path_is_absolute("a/b"), "os_path_is_absolute: a relative path is not");
    ok(*os_path_rule(), "os_path_rule: says what is");
    ok(!os_environment("POCHTA_NEVER_SET"), "os_environment: NULL for a variable that is not set");
    char path[OS_FILE_PATH_BYTES];
    ok(!os_environment_dir(OS_ENVIRONMENT_STATE, path) || os_path_is_absolute(path),
       "os_environment_dir: an absolute path: %s", path);
}

int main(void)
{
    char path[OS_FILE_PATH_BYTES], name[32] = "alike-";
    const char *in = os_environment("TMPDIR");
    if (!in)
        in = os_environment("TEMP");
    wine = os_environment("WINEPREFIX");
    int above = os_file_open_dir(in ? in : "/tmp");
    os_random_hex(name + strlen(name), 16);
    ok(above >= 0 && os_file_make_dir(above, name), "os_file_make_dir: makes a directory");
    int dir = os_file_open_subdir(above, name);
    ok(dir >= 0, "os_file_open_subdir: opens it");
    snprintf(path, sizeof path, "%s/%s", in ? in : "/tmp", name);
    test_content(dir);
    test_names(dir);
    test_rename(dir);
    test_make(dir);
    test_look(dir);
    test_edit(dir, path);
    test_lock(dir);
    is_int(count_names(dir, ""), 0, "nothing is left");
    ok(os_file_make_dir(dir, "sub") && put(dir, "sub/file", "x"), "a directory with a file in it");
    os_file_close(dir);
    ok(os_file_remove_tree(above, name) && !os_file_exists(above, name),
       "os_file_remove_tree: removes all of it");
    os_file_close(above);
    test_clock();
    test_secrets();
    test_command();
    test_net();
    test_words();
    return done_testing();
}
