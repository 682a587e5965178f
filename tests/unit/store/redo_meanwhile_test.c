/* SPDX-License-Identifier: ISC */
/*
 * Messages are written again from a delivery log, while others change what it says they need:
 * files, accounts, locks and segments, between two calls of the store.
 */
#include "store_faults.h"

#include <fcntl.h>
#include <unistd.h>

#include "redo_left.h"
#include "store/lock.h"
#include "store/mailbox_private.h"
#include "store/redo_recovery.h"

static const struct redo_range all_of_log = {.log = 1, .from = 1, .below = 2};
static struct store *tool;

/* A server in use, and a log with a message of ann that has no name yet. */
static void begin(void)
{
    left_begin();
    s = left_open(true);
    left_put(&ann, 1, "", "text");
    left_segment();
}

static int count_new(void)
{
    int dir = fixture_directory(&f, "ann"), n = left_count(dir, LAYOUT_TEMPORARY);

    os_file_close(dir);
    return n;
}

static int count_letters(void)
{
    int dir = fixture_directory(&f, "ann"), n = left_count(dir, "0000000");

    os_file_close(dir);
    return n;
}

/* --- between the two passes --- */

static void purge(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    left_file(&ann, 1, MAIL_EXPUNGED, "", "text", name);
}

static void test_purged(void)
{
    begin();
    faults_meanwhile("os_file_sync_all", NULL, 1, purge, 0);
    ok(redo_rewrite(s, &all_of_log, true) && faults_happened(), "purged: between the passes");
    is_int(count_letters(), 1, "purged: only the tombstone is there");
    is_int(count_new(), 0, "purged: ... and no new file");
    left_end();
}

static void remove_account(void)
{
    os_file_remove_tree(s->dirs[LAYOUT_USERS], "ann");
}

static void test_account_gone(void)
{
    begin();
    faults_meanwhile("os_file_sync_all", NULL, 1, remove_account, 0);
    ok(redo_rewrite(s, &all_of_log, true) && faults_happened(), "account gone: between the passes");
    ok(!os_file_exists(s->dirs[LAYOUT_USERS], "ann"), "account gone: nothing is written there");
    left_end();
}

static void lock_account(void)
{
    lock_take(tool->locks, lock_stripe(tool->locks, "ann"), "ann");
}

static void lock_and_remove_account(void)
{
    lock_account();
    remove_account();
}

static void test_locked(void)
{
    static void (*const ways[])(void) = {lock_account, lock_and_remove_account};

    for (size_t i = 0; i < 2; i++) {
        begin();
        tool = left_open(false);
        struct mailbox *mb = fixture_mailbox(s, "ann");
        faults_meanwhile("os_file_sync_all", NULL, 1, ways[i], 0);
        ok(!redo_rewrite(s, &all_of_log, true) && faults_happened(),
           "locked: a tool has the mailbox%s", i ? ", which is gone" : "");
        ok(left_said("cannot write again users/ann"), "locked: ... which is told");
        if (i == 0)
            is_int(count_new(), 0, "locked: ... and no new file is left");
        lock_give(tool->locks, lock_stripe(tool->locks, "ann"));
        store_close(tool);
        if (i == 0) {
            ok(redo_rewrite(s, &all_of_log, true), "locked: the next time it is written");
            is_text("ann", 1, "text", "locked: ... and there");
        }
        mailbox_close(mb);
        left_end();
    }
}

/* A directory has the name of the message. */
static void make_directory(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    struct mail m = redo_mail(1, "text", "");
    int dir = fixture_directory(&f, "ann");

    message_file_name(&m, name);
    os_file_make_dir(dir, name);
    os_file_close(dir);
}

static void test_directory(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    begin();
    make_directory();
    left_file(&ann, 7, MAIL_UNREAD, "", "text", name);
    ok(redo_rewrite(s, &all_of_log, true), "directory: in place of a file");
    is_text("ann", 7, "text", "directory: the message is there under another id");
    is_int(count_letters(), 2, "directory: ... so it is not written once more");
    is_int(count_new(), 0, "directory: ... and no new file is left");
    left_end();

    begin();
    make_directory();
    faults_meanwhile("os_file_rename_over", LAYOUT_TEMPORARY, 2, NULL, EIO);
    ok(!redo_rewrite(s, &all_of_log, true) && faults_happened(),
       "directory: no other name, either");
    is_int(count_new(), 0, "directory: ... then no new file is left");
    ok(redo_rewrite(s, &all_of_log, true), "directory: the next time it gets one");
    is_text("ann", 2, "text", "directory: ... and is there");
    left_end();
}

/* The place is taken, and another file looks like the message, but is longer. */
static void test_longer(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    struct buf bytes;

    begin();
    left_file(&ann, 1, MAIL_UNREAD, "", "another", name);
    left_file(&ann, 9, MAIL_UNREAD, "", "text", name);
    int dir = fixture_directory(&f, "ann");
    buf_init(&bytes, 1000);
    os_file_load(dir, name, &bytes);
    buf_add_str(&bytes, " and more");
    os_file_replace(dir, name, buf_span(&bytes));
    buf_free(&bytes);
    os_file_close(dir);
    ok(redo_rewrite(s, &all_of_log, true), "longer: a file that only begins like the message");
    is_text("ann", 10, "text", "longer: ... is another one, so the message is written");
    left_end();
}

/* After a failed write the disk has an earlier record, which is read once the cache lets go. */
static void read_otherwise(void)
{
    char name[REDO_NAME_BYTES];

    left_place.sequence = 0;
    left_put(&ann, 5, "", "late");
    redo_end_block(&left_bytes);
    snprintf(name, sizeof name, REDO_SEGMENT "%016" PRIx64 "-0", left_place.log);
    int dir = left_log_dir(), fd = openat(dir, name, O_WRONLY | O_CLOEXEC);
    if (pwrite(fd, left_bytes.p, left_bytes.n, 0) != (ssize_t)left_bytes.n)
        exit(1);
    os_file_close(fd);
    os_file_close(dir);
    buf_clear(&left_bytes);
}

static void test_read_otherwise(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    begin();
    left_file(&ann, 5, MAIL_UNREAD, "", "late", name);
    faults_meanwhile("os_file_sync_all", NULL, 1, read_otherwise, 0);
    ok(!redo_rewrite(s, &all_of_log, true) && faults_happened(),
       "read otherwise: a record is another one when it is read again");
    ok(left_said("cannot write again users/ann, for 1 messages of the delivery log: Input/output"),
       "read otherwise: ... which is told");
    is_text("ann", 5, "late", "read otherwise: the other message keeps its own text");
    is_int(count_letters(), 1, "read otherwise: ... and the first one has no file");
    is_int(count_new(), 0, "read otherwise: ... nor a new one");
    left_end();
}

/* --- accounts --- */

static void test_no_account_file(void)
{
    struct buf bytes;

    begin();
    left_close();
    int dir = fixture_directory(&f, "ann");
    buf_init(&bytes, 1000);
    os_file_load(dir, LAYOUT_ACCOUNT, &bytes);
    os_file_remove(dir, LAYOUT_ACCOUNT);
    s = left_open(true);
    ok(left_said("cannot write again users/ann, for 1 messages of the delivery log: Input/output"),
       "no account file: the message waits, which is told");
    ok(store_is_shut(s, "ann") && left_segments() == 1, "no account file: ... and the log stays");
    left_close();
    os_file_make(dir, LAYOUT_ACCOUNT, buf_span(&bytes));
    buf_free(&bytes);
    os_file_close(dir);
    s = left_open(true);
    is_text("ann", 1, "text", "no account file: once it is back, the message is there");
    left_is_empty("no account file");
    left_end();
}

/* A start cannot write into an account that was deleted, and whose name is taken again. */
static void test_removed(void)
{
    char name[LAYOUT_NAME_BYTES];

    begin();
    is_int(account_delete(s, &ann), ST_OK, "removed: an account is deleted");
    const struct who other = left_account("ann");
    left_close();
    faults_meanwhile("os_file_create", LAYOUT_TEMPORARY, 1, NULL, EIO);
    s = left_open(true);
    ok(faults_happened() && left_said("cannot write again users/ann, for 1 messages"),
       "removed: its message cannot be written");
    struct mailbox *mb = fixture_mailbox(s, "ann");
    is_str(mailbox_who(mb)->generation, other.generation, "removed: the new account is in use");
    is_int(fixture_deliver(mb, "bob", "new"), 1, "removed: ... and gets mail");
    mailbox_close(mb);
    left_close();
    s = left_open(true);
    left_is_empty("removed: the next start");
    layout_account("ann", ann.generation, name);
    int dir = os_file_open_subdir(s->dirs[LAYOUT_REMOVED], name);
    is_int(left_count(dir, "0000000001-u,"), 1, "removed: ... the message is written");
    os_file_close(dir);
    left_end();
}

/* The account is listed while there is no memory for a part of its index. */
static void test_memory(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    int nth = 1, failed = 0, untrue = 0;

    begin();
    for (uint32_t id = 2; id < 40; id++)
        left_file(&ann, id, MAIL_UNREAD, "0123456789abcdef", "other", name);
    for (;; nth++) {
        faults_meanwhile("calloc", NULL, nth, NULL, ENOMEM);
        bool all = redo_rewrite(s, &all_of_log, true);
        if (!faults_happened())
            break;
        failed += !all;
        untrue += all && count_letters() != 39;
    }
    ok(failed > 3, "memory: the lack of it is told");
    is_int(untrue, 0, "memory: ... or does not matter");
    is_text("ann", 1, "text", "memory: without one, the message is there");
    is_int(count_new(), 0, "memory: ... and no new file");
    left_end();
}

/* More messages than are written at once. Most are of an account that is gone. */
static void test_many(void)
{
    struct who zed = {.name = "zed", .generation = "00112233445566aa"};

    begin();
    for (uint32_t id = 1; id <= 10000; id++) {
        left_put(&zed, id, "", "x");
        if (id % 2000 == 0)
            left_segment();
    }
    left_close();
    faults_meanwhile("os_file_create", LAYOUT_TEMPORARY, 1, NULL, ENOSPC);
    s = left_open(true);
    ok(faults_happened() && store_is_failed(s), "many: the disk is full, which ends a recovery");
    struct mailbox *mb = fixture_mailbox(s, "ann");
    struct mail m;
    is_int(delivery_put(mb, "bob", SPAN("x"), SPAN("0123456789abcdef"), &m, NULL), ST_UNKNOWN,
           "many: nobody knows what the log has, so a repeat is not refused for good");
    is_int(delivery_put(mb, "bob", SPAN("x"), SPAN(""), &m, NULL), ST_READ_ONLY,
           "many: ... but what has no token is");
    mailbox_close(mb);
    left_close();
    s = left_open(true);
    ok(left_said("of its 10001 messages 1 were written again, 10000 are no longer needed"),
       "many: the next start recovers all");
    is_text("ann", 1, "text", "many: ... which are there");
    left_is_empty("many");
    left_end();
}

/* --- segments --- */

static void appear(void)
{
    left_place.log = 9;
    left_put(&ann, 9, "", "of another log");
    left_segment();
}

static int seen;

static bool count_message(void *ctx, const struct redo_message *m)
{
    const int *most = ctx;

    (void)m;
    return ++seen < *most;
}

static void test_other_log(void)
{
    int most = 100;

    begin();
    left_put(&ann, 2, "", "more");
    left_segment();
    faults_meanwhile("os_file_each", NULL, 2, appear, 0);
    seen = 0;
    ok(redo_each(s->dir, count_message, &most) && faults_happened(),
       "other log: it has just begun");
    is_int(seen, 2, "other log: ... so its messages are not looked at");
    most = seen = 1;
    ok(redo_each(s->dir, count_message, &most) && seen == 2, "other log: a walk can be ended");
    ok(redo_rewrite(s, &all_of_log, true), "other log: one log is written again");
    is_int(count_letters(), 2, "other log: ... and not the other");
    left_end();
}

static void appear_old(void)
{
    appear();
    int dir = left_log_dir();
    char name[REDO_NAME_BYTES], old[REDO_NAME_BYTES + sizeof REDO_OLD];
    snprintf(name, sizeof name, REDO_SEGMENT "%016" PRIx64 "-%u", left_place.log, left_number - 1);
    snprintf(old, sizeof old, REDO_OLD "%s", name);
    os_file_rename_new(dir, name, dir, old);
    os_file_close(dir);
}

static void test_unread_segment(void)
{
    begin();
    left_put(&ann, 2, "", "more");
    left_segment();
    left_close();
    faults_meanwhile("os_file_remove", REDO_OLD REDO_SEGMENT, 1, appear_old, 0);
    s = left_open(true);
    ok(faults_happened(), "unread segment: it appears when a recovery ends");
    is_text("ann", 1, "text", "unread segment: what the recovery has read is there");
    left_end();
}

static void remove_segment(void)
{
    char name[REDO_NAME_BYTES];
    int dir = left_log_dir();

    snprintf(name, sizeof name, REDO_SEGMENT "%016" PRIx64 "-0", left_place.log);
    os_file_remove(dir, name);
    os_file_close(dir);
}

static void test_segment_gone(void)
{
    int most = 100;

    begin();
    faults_meanwhile("os_file_open", REDO_SEGMENT, 1, remove_segment, 0);
    seen = 0;
    ok(redo_each(s->dir, count_message, &most) && faults_happened(),
       "segment gone: a server that stops removes its log");
    is_int(seen, 0, "segment gone: ... which then has nothing");
    left_end();
}

static void refuse_block(void)
{
    faults_meanwhile("os_file_read_at", NULL, 1, NULL, EACCES);
}

/* A piece cannot be read at once, but block after block. The last one is short. */
static void test_blocks(void)
{
    int most = 100;

    left_begin();
    s = left_open(true);
    left_put(&ann, 1, "", "text");
    redo_end_block(&left_bytes);
    buf_add_str(&left_bytes, "a part of a block");
    left_replace(REDO_SEGMENT "0000000000000001-0", buf_span(&left_bytes));
    faults_meanwhile("os_file_read_at", NULL, 1, NULL, EIO);
    seen = 0;
    ok(redo_each(s->dir, count_message, &most) && faults_happened(),
       "blocks: a piece is unreadable");
    is_int(seen, 1, "blocks: ... its blocks are not");
    faults_meanwhile("os_file_read_at", NULL, 1, refuse_block, EIO);
    ok(!redo_each(s->dir, count_message, &most) && errno == EACCES,
       "blocks: another error than one of the disk is not overlooked");
    left_end();
}

int main(void)
{
    setenv("TMPDIR", "/dev/shm", 1);
    test_purged();
    test_account_gone();
    test_locked();
    test_directory();
    test_longer();
    test_read_otherwise();
    test_no_account_file();
    test_removed();
    test_memory();
    test_many();
    test_other_log();
    test_unread_segment();
    test_segment_gone();
    test_blocks();
    return done_testing();
}
