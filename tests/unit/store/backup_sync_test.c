/* SPDX-License-Identifier: ISC */
/*
 * On file systems where syncfs does not report errors, each file and directory that a backup, a
 * restore, an export or an import writes is synced before the list, the account, the letter or the
 * mark gets its name, and a failed sync is reported. On all file systems, a restore also syncs the
 * names of accounts that are there already.
 */
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "backup_fixture.h"
#include "os/mount.h"

static struct fixture g;
static struct store *to; /* a second store */

static bool reports; /* the file system of the tests */

bool reports_here(int fd) __asm__("__wrap_os_mount_reports_sync");
bool reports_here(int fd)
{
    return fd >= 0 && reports;
}

/* --- what is synced --- */

static struct {
    bool on;
    int calls, fails_at;
    struct {
        ino_t inode;
        int64_t holds;
    } all[1000];
    int n;
    int names, unsynced; /* names that were given; files that were not synced then */
} syncs;

static void path_of(int fd, char target[600])
{
    char open_file[64];
    snprintf(open_file, sizeof open_file, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(open_file, target, 599);
    target[n > 0 ? n : 0] = '\0';
}

/* What changes if something is written: the bytes of a file, the names in a directory. */
static int64_t what_it_holds(const char *path, const struct stat *st)
{
    int64_t n = st->st_size;
    DIR *d = S_ISDIR(st->st_mode) ? opendir(path) : NULL;
    if (!d)
        return n;
    for (n = 0; readdir(d);)
        n++;
    closedir(d);
    return n;
}

/* Below the directory for backups, or with the accounts of the second store. */
static bool is_ours(const char *path)
{
    size_t n = strlen(g.path);
    return strstr(path, place_path) ||
           (strncmp(path, g.path, n) == 0 &&
            (strncmp(path + n, "/new", 4) == 0 || strncmp(path + n, "/users", 6) == 0));
}

/* Replaces that of the C library. */
int fsync(int fd)
{
    char path[600];
    struct stat st;
    path_of(fd, path);
    if (!syncs.on || !is_ours(path) || fstat(fd, &st) != 0)
        return (int)syscall(SYS_fsync, fd);
    if (++syncs.calls == syncs.fails_at) {
        errno = EIO;
        return -1;
    }
    if (syncs.n == (int)(sizeof syncs.all / sizeof *syncs.all))
        exit(1);
    syncs.all[syncs.n].inode = st.st_ino;
    syncs.all[syncs.n++].holds = what_it_holds(path, &st);
    return 0;
}

/* Says that all is well, and syncs nothing. */
int syncfs(int fd)
{
    return fd >= 0 ? 0 : -1;
}

static int look(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    int i = syncs.n - 1;
    (void)kind;
    if (at->level == 0 && strcmp(path, place_path) == 0)
        return 0; /* it is synced again after the mark has got its name */
    while (i >= 0 && syncs.all[i].inode != st->st_ino)
        i--;
    if (i >= 0 && syncs.all[i].holds == what_it_holds(path, st))
        return 0;
    syncs.unsynced++;
    diag("%s is not synced", path);
    return 0;
}

static void look_at(int dir, const char *name)
{
    char path[600], whole[900];
    path_of(dir, path);
    snprintf(whole, sizeof whole, "%s/%s", path, name);
    syncs.names++;
    nftw(strcmp(name, ".") == 0 ? path : whole, look, 10, FTW_PHYS);
}

bool real_rename_new(int from_dir, const char *from, int to_dir,
                     const char *new_name) __asm__("__real_os_file_rename_new");
bool rename_new_here(int from_dir, const char *from, int to_dir,
                     const char *new_name) __asm__("__wrap_os_file_rename_new");
bool rename_new_here(int from_dir, const char *from, int to_dir, const char *new_name)
{
    if (syncs.on && from_dir == place && strchr(from, '.')) /* the list of a backup */
        look_at(place, "accounts");
    else if (syncs.on && from_dir == to->dirs[LAYOUT_NEW])
        look_at(from_dir, from);
    return real_rename_new(from_dir, from, to_dir, new_name);
}

bool real_rename_over(int from_dir, const char *from, int to_dir,
                      const char *new_name) __asm__("__real_os_file_rename_over");
bool rename_over_here(int from_dir, const char *from, int to_dir,
                      const char *new_name) __asm__("__wrap_os_file_rename_over");
bool rename_over_here(int from_dir, const char *from, int to_dir, const char *new_name)
{
    if (syncs.on && strcmp(new_name, "pochta-export") == 0)
        look_at(place, ".");
    else if (syncs.on && from_dir == to->dirs[LAYOUT_NEW])
        look_at(from_dir, from);
    return real_rename_over(from_dir, from, to_dir, new_name);
}

/* --- what is done --- */

static char name[MESSAGE_FILE_NAME_BYTES];

/* A letter that reads well, one that is damaged, a tombstone, and one that cannot be read. */
static void prepare(void)
{
    messages_delete(mb, 1); /* there is no trash */
    if (!fixture_file(ann_dir, "0000000002-", name))
        exit(1);
    os_file_truncate(ann_dir, name);
    fixture_deliver(mb, "bob", "four");
    if (!fixture_file(ann_dir, "0000000004-", name))
        exit(1);
    os_file_remove(ann_dir, name);
    if (symlinkat("nowhere", ann_dir, name) != 0)
        exit(1);
    changes_note(s, "ann", NULL);
}

static struct backup made;

/* The second one: it links and copies. */
static void prepare_backup(void)
{
    backup_make(&made);
    prepare();
}

static enum status back_up(void)
{
    return backup_make(&made);
}

static void prepare_restore(void)
{
    prepare();
    backup_make(&made);
    int dir = backup_copy_of_ann(made.date);
    if (!backup_name(dir, "0000000003-", name))
        exit(1);
    os_file_remove(dir, name);
    if (symlinkat("nowhere", dir, name) != 0)
        exit(1);
    os_file_close(dir);
}

static enum status bring_back(void)
{
    struct restore r = backup_restore(to, NULL);
    return restore_all(&r);
}

static struct mailbox *open_ann(void)
{
    struct who who = {.name = "ann"};
    struct mailbox *there;
    if (mailbox_open(to, &who, &there) != ST_OK)
        exit(1);
    return there;
}

/* One letter was purged, and one is gone. */
static void prepare_letters(void)
{
    backup_make(&made);
    bring_back();
    struct mailbox *there = open_ann();
    messages_delete(there, 1); /* there is no trash */
    if (!fixture_file(there->dir, "0000000002-", name) || !os_file_remove(there->dir, name))
        exit(1);
    mailbox_close(there);
}

static enum status bring_letters(void)
{
    const uint32_t ids[] = {1, 2};
    struct restore r = backup_restore(to, NULL);
    return restore_letters(&r, "ann", ids, 2);
}

static enum status export_it(void)
{
    struct restore r = backup_restore(s, NULL);
    return restore_export(&r, "ann");
}

static void prepare_import(void)
{
    prepare();
    if (export_it() != ST_OK)
        exit(1);
}

static enum status import_it(void)
{
    struct restore r = backup_restore(to, NULL);
    struct export_mark mark;
    return restore_import(&r, &mark);
}

static const struct part {
    const char *what;
    void (*prepare)(void);
    enum status (*act)(void);
    int names;
} parts[] = {
    {"a backup", prepare_backup, back_up, 1},       {"a restore", prepare_restore, bring_back, 2},
    {"letters", prepare_letters, bring_letters, 2}, {"an export", prepare, export_it, 1},
    {"an import", prepare_import, import_it, 1},
};

static enum status run(const struct part *p, int fails_at)
{
    backup_begin();
    fixture_begin(&g);
    to = fixture_open(&g, true);
    memset(&syncs, 0, sizeof syncs);
    syncs.on = true;
    p->prepare();
    syncs.calls = syncs.names = syncs.unsynced = 0;
    syncs.fails_at = fails_at;
    enum status st = p->act();
    syncs.on = false;
    store_close(to);
    fixture_end(&g);
    backup_end();
    return st;
}

static void test_part(const struct part *p)
{
    is_int(run(p, 0), ST_OK, "%s", p->what);
    int all = syncs.calls, reported = 0, early = 0;
    is_int(syncs.names, p->names, "%s: all that it makes gets its name", p->what);
    is_int(syncs.unsynced, 0, "%s: ... after everything is synced", p->what);
    for (int i = 1; i <= all; i++) {
        reported += run(p, i) != ST_OK;
        early += syncs.unsynced;
    }
    is_int(reported, all, "%s: each sync that fails is reported", p->what);
    is_int(early, 0, "%s: after a failed sync, nothing gets a name without a sync", p->what);
}

/* The restore that made the accounts may have been killed before it synced their names. */
static void test_there(void)
{
    backup_begin();
    fixture_begin(&g);
    to = fixture_open(&g, true);
    backup_make(&made);
    is_int(bring_back(), ST_OK, "there: a restore");
    memset(&syncs, 0, sizeof syncs);
    syncs.on = true;
    is_int(bring_back(), ST_OK, "there: another restore, which finds all accounts");
    is_int(syncs.calls, 1, "there: ... syncs their names");
    syncs.calls = 0;
    syncs.fails_at = 1;
    is_int(bring_back(), ST_UNKNOWN, "there: a sync that fails is reported");
    syncs.on = false;
    store_close(to);
    fixture_end(&g);
    backup_end();
}

int main(void)
{
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        test_part(&parts[i]);
    reports = true;
    test_there();
    return done_testing();
}
