/* SPDX-License-Identifier: ISC */
/*
 * What a backup cannot have: the delivery log alone has it, or a mailbox cannot be locked, or a
 * message is renamed all the time. backup_test.c has the rest.
 */
#include "store_faults.h"

#include "backup_fixture.h"
#include "store/lock_file.h"
#include "store/redo_segment.h"

#define OLD REDO_OLD REDO_SEGMENT "0000000000000001-0"

static int log_dir(void)
{
    return os_file_open_subdir(s->dir, LAYOUT_LOG);
}

static void leave_segment(void)
{
    int dir = log_dir();

    if (!os_file_make(dir, OLD, SPAN("")))
        exit(1);
    os_file_close(dir);
}

static int recovery; /* the descriptor of one under way */

static void end_recovery(void)
{
    int dir = log_dir();

    os_file_remove(dir, OLD);
    os_file_close(dir);
    os_file_close(recovery);
}

static void test_log(void)
{
    struct restore r;
    struct backup b;

    backup_begin();
    leave_segment();
    is_int(backup_make(&b), ST_READ_ONLY, "log: no backup while it is not recovered");
    ok(strstr(f.last, "the delivery log could not be recovered"), "log: which is told: %s", f.last);
    is_str(b.date, "", "log: none was begun");
    r = backup_restore(s, NULL);
    is_int(restore_export(&r, "ann"), ST_READ_ONLY, "log: and no export");
    recovery = lock_file_begin_recovery(s->dir, 0);
    ok(recovery >= 0, "log: a recovery begins");
    faults_meanwhile("os_file_open_subdir", LAYOUT_LOG, 20, end_recovery, 0);
    is_int(backup_make(&b), ST_OK, "log: a backup waits for its end");
    ok(faults_happened(), "log: it did");
    backup_end();
}

/* --- a mailbox that changes --- */

/* Gives the file of the first message another state, as another process would. */
static void rename_to(enum mail_state state)
{
    char name[MESSAGE_FILE_NAME_BYTES], other[MESSAGE_FILE_NAME_BYTES];
    struct mail m;

    if (!fixture_file(ann_dir, "0000000001-", name) || !message_file_parse_name(name, &m))
        exit(1);
    m.state = state;
    message_file_name(&m, other);
    os_file_rename_over(ann_dir, name, ann_dir, other);
}

static int times;

/* It is renamed before each time that it is opened. */
static void rename_again(void)
{
    static const char states[] = {MAIL_NORMAL, MAIL_DELETED};

    rename_to((enum mail_state)states[times % 2]);
    if (--times > 0)
        faults_meanwhile("os_file_open", "0000000001-", 1, rename_again, 0);
}

static bool count_note(void *ctx, const char *account)
{
    int *n = ctx;

    n[0] += strcmp(account, "ann") == 0;
    return true;
}

static int notes(void)
{
    int n = 0;

    ok(changes_each_since(s, changes_now(s), count_note, &n), "the notes are known");
    return n;
}

static void test_renamed(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    struct backup b;

    backup_begin();
    times = 3;
    faults_meanwhile("os_file_open", "0000000001-", 1, rename_again, 0);
    is_int(backup_make(&b), ST_OK, "renamed thrice: a backup");
    is_int(times, 0, "renamed thrice: it was");
    int dir = backup_copy_of_ann(b.date);
    ok(backup_name(dir, "0000000001-", name), "renamed thrice: the backup has it");
    is_str(findings, "", "renamed thrice: nothing is told");
    os_file_close(dir);
    backup_end();

    backup_begin();
    times = 100;
    int before = notes();
    faults_meanwhile("os_file_open", "0000000001-", 1, rename_again, 0);
    is_int(backup_make(&b), ST_OK, "renamed for ever: a backup");
    faults_happened();
    ok(strstr(findings, "it changes all the time"), "renamed for ever: it is told");
    is_int(notes(), before + 1, "renamed for ever: the next backup looks for it");
    backup_end();
}

static void lose_lock(void)
{
    rename_to(MAIL_NORMAL);
    atomic_store(&mb->doubtful, true);
    faults_meanwhile("os_file_each", NULL, 1, NULL, EIO);
}

static void test_unlocked(void)
{
    struct backup first, b;
    struct restore r;

    backup_begin();
    faults_meanwhile("os_file_open", "0000000001-u", 1, lose_lock, 0);
    is_int(backup_make(&first), ST_OK, "not locked: a backup");
    ok(faults_happened(), "not locked: it was");
    is_int((int)first.accounts, 1, "not locked: it lacks the account");
    ok(strstr(findings, "ann/: it cannot be copied: "), "not locked: which is told");
    int dir = backup_copy_of_ann(first.date);
    ok(dir < 0, "not locked: the half of a copy is gone");
    os_file_close(dir);

    is_int(backup_make(&first), ST_OK, "not locked: the next backup");
    is_int((int)first.accounts, 2, "not locked: has the account");
    fixture_deliver(mb, "bob", "four");
    int before = notes();
    faults_meanwhile("os_file_open", "0000000004-", 1, lose_lock, ENOENT);
    is_int(backup_make(&b), ST_OK, "not locked: a backup after it");
    ok(faults_happened(), "not locked: it was again");
    is_int((int)b.accounts, 2, "not locked: the account is in it");
    ok(strstr(findings, "stays as it was in the earlier backup"), "not locked: which is told");
    is_int(notes(), before + 1, "not locked: the next backup looks for it");
    r = backup_restore(s, NULL);
    const uint32_t id = 2;
    is_int(restore_letters(&r, "ann", &id, 1), ST_OK, "not locked: the earlier copy is used");
    backup_end();
}

int main(void)
{
    test_log();
    test_renamed();
    test_unlocked();
    return done_testing();
}
