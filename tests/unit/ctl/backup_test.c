/* SPDX-License-Identifier: ISC */
/*
 * The directory that pochtactl backup makes: its name is durable, and a link that somebody who owns
 * the directory above puts in its place is not followed.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "ctl/backup.h"
#include "said.h"
#include "store_fixture.h"

#define STRANGER 65534

static struct fixture f;
static char above[300], path[320], other[320];
static bool planting;

bool real_make_dir(int dir, const char *name) __asm__("__real_os_file_make_dir");
bool make_dir_here(int dir, const char *name) __asm__("__wrap_os_file_make_dir");

bool make_dir_here(int dir, const char *name)
{
    bool made = real_make_dir(dir, name);
    if (!made || !planting || strcmp(name, "backups") != 0)
        return made;
    planting = false;
    if (rmdir(path) != 0 || symlink(other, path) != 0)
        exit(1);
    return true;
}

static int syncs, error; /* syncs of the directory above; the errno with which they fail, or 0 */

bool real_sync_dir(int dir) __asm__("__real_os_file_sync_dir");
bool sync_dir_here(int dir) __asm__("__wrap_os_file_sync_dir");

bool sync_dir_here(int dir)
{
    struct stat here, there;
    bool is_above =
        fstat(dir, &here) == 0 && stat(above, &there) == 0 && here.st_ino == there.st_ino;
    syncs += is_above;
    errno = error;
    return (!is_above || !error) && real_sync_dir(dir);
}

static void begin(void)
{
    fixture_begin(&f);
    struct store *s = fixture_open(&f, true);
    if (account_register(s, "ann", "hash") != ST_OK)
        exit(1);
    store_close(s);
    snprintf(above, sizeof above, "%s.above", f.path);
    snprintf(path, sizeof path, "%s/backups", above);
    snprintf(other, sizeof other, "%s/other", above);
    if (mkdir(above, 0700) != 0 || mkdir(other, 0700) != 0)
        exit(1);
    if (getuid() == 0 && chown(other, STRANGER, STRANGER) != 0)
        exit(1);
}

static void end(void)
{
    os_file_remove_tree(OS_FILE_CWD, above);
    fixture_end(&f);
}

static int back_up(void)
{
    char *args[] = {path};
    const struct ctl_options o = {
        .store = f.path, .verb = verb_get(VERB_backup), .args = args, .nargs = 1};
    said_begin();
    int code = ctl_backup(&o);
    said_end();
    return code;
}

static bool count_name(void *ctx, const char *name)
{
    int *n = ctx;
    (void)name;
    ++*n;
    return true;
}

static int names_in(const char *dir)
{
    int n = 0, fd = os_file_open_dir(dir);
    if (fd < 0 || !os_file_each(fd, count_name, &n))
        exit(1);
    os_file_close(fd);
    return n;
}

static void test_link(void)
{
    struct stat st;
    begin();
    planting = true;
    is_int(back_up(), EX_IOERR, "a link in place of the new directory: no backup");
    is_int(names_in(other), 0, "... nothing is written where it leads to");
    ok(stat(other, &st) == 0 && st.st_uid == (getuid() == 0 ? STRANGER : getuid()),
       "... and its owner stays the same");
    unlink(path);
    is_int(back_up(), EX_OK, "without the link, a backup is made");
    ok(names_in(path) >= 3, "... in the new directory");
    end();
}

static void test_sync(void)
{
    struct stat st;
    begin();
    syncs = 0;
    error = EIO;
    is_int(back_up(), EX_CANTCREAT, "the name of the new directory cannot be synced: no backup");
    ok(strstr(said.err, "Input/output error"), "... and the error is printed");
    ok(stat(path, &st) != 0, "... and the directory is removed");
    error = 0;
    is_int(back_up(), EX_OK, "the name of the new directory is synced: a backup");
    is_int(syncs, 2, "... after a second sync");
    end();
}

int main(void)
{
    test_link();
    test_sync();
    return done_testing();
}
