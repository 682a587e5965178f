/* SPDX-License-Identifier: ISC */
/*
 * Groups are changed, read, copied into a backup and restored, while each call fails: in one run
 * only this call, in another run also all later ones. What was answered is true afterwards, no
 * group is damaged, and nothing leaks. With STRIDE=1 the test does all runs, otherwise a part of
 * them.
 */
#include "each_call.h"

#include "store/backup.h"
#include "store/fsck.h"
#include "store/group.h"
#include "store/restore.h"
#include "store_fixture.h"

static struct fixture f;
static struct store *s;
static struct group ann, bob, both, found;
static struct {
    enum status made, added, removed, deleted, taken, backed_up, restored;
} answers;
static char place_path[300];

static void ask_for(struct group *g, const char *name)
{
    struct who who = {.generation = ""};

    snprintf(who.name, sizeof who.name, "%s", name);
    group_insert(g, &who);
}

static void begin(void)
{
    struct group_refusal why = {.why = NULL};

    fixture_begin_in(&f, "/dev/shm");
    s = fixture_open(&f, true);
    if (account_register(s, "ann", "hash") != ST_OK || account_register(s, "bob", "hash") != ST_OK)
        exit(1);
    if (group_add(s, "old", &both, &why) != ST_OK || group_add(s, "saved", &both, &why) != ST_OK)
        exit(1);
}

static void end(void)
{
    store_close(s);
    fixture_end(&f);
}

static bool has(const char *group, const char *name)
{
    bool there = false;
    enum status st = group_find(s, group, &found);

    if (st == ST_OK)
        group_position(&found, name, &there);
    if (st != ST_OK && st != ST_NO_USER)
        is_wrong("%s cannot be read afterwards: %s", group, status_text(st));
    return there;
}

static void note_finding(void *ctx, const char *mailbox, const char *file, const char *what,
                         bool set_aside)
{
    (void)ctx, (void)set_aside;
    is_wrong("%s %s: %s", mailbox, file ? file : "", what);
}

static void check(enum status st, bool done, const char *what)
{
    if (st == ST_OK && !done)
        is_wrong("%s: answered, but not done", what);
    if (st != ST_OK && st != ST_UNKNOWN && done)
        is_wrong("%s: %s, but done", what, status_text(st));
}

static void reopen(void)
{
    struct fsck fsck = {.finding = note_finding};

    store_close(s);
    s = fixture_open(&f, true);
    fsck.store = s;
    fsck_all(&fsck);
    int dir = os_file_open_subdir(s->dir, LAYOUT_GROUPS);
    char left[MESSAGE_FILE_NAME_BYTES];
    if (fixture_file(dir, LAYOUT_REMOVING, left))
        is_wrong("%s is left", left);
    os_file_close(dir);
}

static bool run_changes(const void *ctx, int nth, int error, bool ever)
{
    struct each_held held = each_hold();
    struct group_refusal why = {.why = NULL};

    (void)ctx;
    begin();
    faults_arm(nth, error, ever);
    answers.made = group_add(s, "new", &ann, &why);
    answers.added = group_add(s, "new", &bob, &why);
    answers.removed = group_remove(s, "old", &bob, &why);
    answers.deleted = group_delete(s, "saved");
    answers.taken = account_register(s, "old", "hash");
    bool failed = faults_disarm();
    reopen();
    check(answers.made, has("new", "ann"), "group add");
    if (answers.made == ST_NO_USER || answers.added == ST_NO_USER)
        is_wrong("ann or bob: no such user");
    check(answers.added, has("new", "bob"), "group add of one more");
    check(answers.removed, !has("old", "bob"), "group remove");
    check(answers.deleted, group_find(s, "saved", &found) == ST_NO_USER, "group delete");
    if (!has("old", "ann"))
        is_wrong("ann is not in her group any more");
    if (answers.taken == ST_OK)
        is_wrong("an account has the name of a group");
    end();
    each_check_held(&held);
    return failed;
}

static void note_copy(void *ctx, const char *account, const char *file, const char *what)
{
    (void)ctx, (void)account, (void)file, (void)what;
}

static bool run_backup(const void *ctx, int nth, int error, bool ever)
{
    struct each_held held = each_hold();

    (void)ctx;
    begin();
    snprintf(place_path, sizeof place_path, "%.200s.backups", f.path);
    if (!os_file_make_dir(OS_FILE_CWD, place_path))
        exit(1);
    int place = os_file_open_dir(place_path);
    struct backup b = {.store = s, .dir = place, .path = "b", .told = {.finding = note_copy}};
    struct restore r = {.store = s, .dir = place, .path = "b", .told = {.finding = note_copy}};
    faults_arm(nth, error, ever);
    answers.backed_up = backup_run(&b);
    answers.deleted = group_delete(s, "saved");
    answers.restored = restore_all(&r);
    bool failed = faults_disarm();
    reopen();
    bool whole = answers.backed_up == ST_OK && b.told.findings == 0;
    if (whole && answers.restored == ST_OK && r.told.findings == 0 && !has("saved", "bob"))
        is_wrong("a group was not restored");
    if (whole && answers.deleted == ST_OK && b.groups != 2)
        is_wrong("a backup has not both groups");
    if (!has("old", "ann"))
        is_wrong("a group that was there is gone");
    end();
    os_file_close(place);
    os_file_remove_tree(OS_FILE_CWD, place_path);
    each_check_held(&held);
    return failed;
}

int main(void)
{
    const struct each_call changes = {"changes", run_changes, NULL, 60, 1};
    const struct each_call backups = {"backup", run_backup, NULL, 100, faults_stride()};

    ask_for(&ann, "ann");
    ask_for(&bob, "bob");
    ask_for(&both, "ann");
    ask_for(&both, "bob");
    each_call_fails(&changes, 1, EIO, false);
    each_call_fails(&changes, 1, ENOSPC, true);
    each_call_fails(&backups, 1, EIO, false);
    each_call_fails(&backups, 3, ENOMEM, false);
    return done_testing();
}
