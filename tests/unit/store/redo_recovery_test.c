/* SPDX-License-Identifier: ISC */
/*
 * What a start makes of the segments that a server has left, case by case. The segments are of our
 * own making, so that this runs on any file system.
 */
#include "store/redo_recovery.h"

#include "redo_left.h"

/* --- what becomes of a message --- */

static void test_new_message(void)
{
    left_begin();
    left_put(&ann, 1, "", "first");
    left_put(&ann, 3, "0123456789abcdef", "third");
    left_put(&bob, 1, "", "for bob");
    left_segment();
    s = left_open(true);
    is_text("ann", 1, "first", "new: a message without a name has one now");
    is_text("ann", 3, "third", "new: so has another one");
    is_text("bob", 1, "for bob", "new: so has one of another account");
    is_state("ann", 1, MAIL_UNREAD, "new: it is unread");
    left_is_empty("new");
    ok(left_said("of its 3 messages 3 were written again, 0 are no longer needed"),
       "new: it is told");
    left_end();
}

/* What reads well may be in the cache alone, so that is no reason to leave it. */
static void test_there_already(enum mail_state state, const char *what)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    struct os_file_info before, after;

    left_begin();
    left_put(&ann, 7, "0123456789abcdef", "text");
    left_segment();
    left_file(&ann, 7, state, "0123456789abcdef", "text", name);
    int dir = fixture_directory(&f, "ann");
    os_file_look(dir, name, &before);
    s = left_open(true);
    ok(os_file_look(dir, name, &after) && after.inode != before.inode,
       "%s: the file was written again, though it reads well", what);
    is_state("ann", 7, state, what);
    is_int(left_count(dir, "0000000007-"), 1, "%s: there is one file of it", what);
    os_file_close(dir);
    left_is_empty(what);
    left_end();
}

static void test_damaged(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    left_begin();
    left_put(&ann, 7, "", "text");
    left_segment();
    left_file(&ann, 7, MAIL_NORMAL, "", "text", name);
    int dir = fixture_directory(&f, "ann");
    struct os_file_info info;
    os_file_look(dir, name, &info);
    static const char zeros[1000];
    os_file_replace(dir, name, span_of(zeros, info.bytes)); /* as a power cut leaves it */
    s = left_open(true);
    is_text("ann", 7, "text", "damaged: a file of the right size is whole again");
    is_state("ann", 7, MAIL_NORMAL, "damaged: ... with the state that it had");
    os_file_close(dir);
    left_end();
}

static void test_broken(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    left_begin();
    left_put(&ann, 7, "0123456789abcdef", "text");
    left_segment();
    left_file(&ann, 7, MAIL_BROKEN, "0123456789abcdef", "tex!", name);
    s = left_open(true);
    int dir = fixture_directory(&f, "ann");
    is_text("ann", 7, "text", "broken: one that was set aside is back");
    is_state("ann", 7, MAIL_UNREAD, "broken: it is unread");
    is_int(left_count(dir, "0000000007-"), 1, "broken: the damaged file is gone");
    os_file_close(dir);
    left_end();

    left_begin();
    left_put(&ann, 7, "0123456789abcdef", "text");
    left_segment();
    left_file(&ann, 5, MAIL_BROKEN, "0123456789abcdef", "text", name);
    s = left_open(true);
    is_text("ann", 7, "text",
            "broken: the same token under another id, broken, stands for nothing");
    left_end();
}

static void test_purged(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    left_begin();
    left_put(&ann, 7, "", "text");
    left_segment();
    left_file(&ann, 7, MAIL_EXPUNGED, "", "text", name);
    int dir = fixture_directory(&f, "ann");
    os_file_truncate(dir, name);
    s = left_open(true);
    is_int(left_count(dir, "0000000007-"), 1, "purged: a tombstone stays alone");
    ok(fixture_file(dir, "0000000007-x", name), "purged: ... a tombstone");
    ok(left_said("0 were written again, 1 are no longer needed"), "purged: it is told");
    os_file_close(dir);
    left_is_empty("purged");
    left_end();
}

static void test_same_token(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    left_begin();
    left_put(&ann, 7, "0123456789abcdef", "text");
    left_segment();
    left_file(&ann, 5, MAIL_UNREAD, "0123456789abcdef", "text", name);
    s = left_open(true);
    int dir = fixture_directory(&f, "ann");
    is_int(left_count(dir, "0000000007-"), 0, "same token: the message is there under another id");
    is_text("ann", 5, "text", "same token: ... which stays");
    os_file_close(dir);
    left_is_empty("same token");
    left_end();
}

/* The first was set aside, so the repeat was delivered; then the power failed. */
static void test_sent_again(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    left_begin();
    left_put(&ann, 5, "0123456789abcdef", "text");
    left_put(&ann, 6, "0123456789abcdee", "other");
    left_put(&ann, 7, "", "without");
    left_put(&ann, 8, "", "without");
    left_put(&ann, 9, "0123456789abcdef", "text");
    left_put(&bob, 9, "0123456789abcdee", "to bob");
    left_segment();
    left_file(&ann, 5, MAIL_BROKEN, "0123456789abcdef", "tex!", name);
    s = left_open(true);
    int dir = fixture_directory(&f, "ann");
    is_text("ann", 9, "text", "sent again: the repeat is there");
    ok(fixture_file(dir, "0000000005-b", name), "sent again: the first stays aside");
    is_int(left_count(dir, "0000000005-"), 1, "sent again: ... and is there once");
    is_text("ann", 6, "other", "sent again: another token is no repeat");
    is_text("ann", 7, "without", "sent again: two without a token");
    is_text("ann", 8, "without", "sent again: ... are both there");
    is_text("bob", 9, "to bob", "sent again: nor is a token of another account");
    ok(left_said("of its 6 messages 5 were written again, 1 are no longer needed"),
       "sent again: it is told");
    os_file_close(dir);
    left_end();
}

static void test_taken_id(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    left_begin();
    left_put(&ann, 7, "", "text");
    left_put(&ann, 8, "", "next");
    left_segment();
    left_file(&ann, 7, MAIL_NORMAL, "", "another text", name);
    s = left_open(true);
    is_text("ann", 7, "another text", "taken id: the message that has it stays");
    is_text("ann", 8, "next", "taken id: so does the next one in the log");
    is_text("ann", 9, "text", "taken id: it gets the next free one");
    ok(left_said("mailbox ann: message 7 of the delivery log has become 9"),
       "taken id: it is told");
    left_is_empty("taken id");
    left_end();
}

/* --- accounts --- */

static void test_gone(void)
{
    struct who carl = {.name = "carl", .generation = "00112233445566aa"};

    left_begin();
    struct who other = ann;
    other.generation[0] = other.generation[0] == '0' ? '1' : '0';
    left_put(&carl, 1, "", "for nobody");
    left_put(&other, 1, "", "for one of before");
    left_segment();
    s = left_open(true);
    int dir = fixture_directory(&f, "ann");
    is_int(left_count(dir, "00000"), 0, "gone: nothing goes to another account of the same name");
    ok(left_said("0 were written again, 2 are no longer needed"), "gone: it is told");
    os_file_close(dir);
    left_is_empty("gone");
    left_end();
}

static void test_removed(void)
{
    left_begin();
    s = left_open(true);
    is_int(account_delete(s, &ann), ST_OK, "removed: an account is deleted");
    left_close();
    left_put(&ann, 1, "", "text");
    left_segment();
    s = left_open(true);
    left_is_empty("removed");
    is_int(deleted_accounts_restore(s, "ann"), ST_OK, "removed: it is restored");
    is_text("ann", 1, "text", "removed: it has the message");
    left_end();
}

static void test_shut(void)
{
    struct mailbox *mb;

    left_begin();
    left_put(&ann, 1, "", "text");
    left_put(&bob, 1, "", "for bob");
    left_segment();
    int dir = fixture_directory(&f, "bob");
    os_file_rename_new(dir, "account", dir, "account.moved");
    os_file_make_dir(dir, "account"); /* cannot be read, not even by root */
    s = left_open(true);
    is_text("ann", 1, "text", "shut: others have their messages");
    is_int(mailbox_open(s, &bob, &mb), ST_IO, "shut: the account cannot be opened");
    ok(left_said("1 are left for the next start"), "shut: it is told");
    is_int(left_segments(), 1, "shut: the log is kept");
    is_int(left_version(), 2, "shut: older servers must not use the store");
    ok(!store_is_failed(s), "shut: the store is not read-only for that");
    is_int(s->log_since, INT64_MIN, "shut: all tombstones are kept");
    left_close();
    os_file_remove_tree(dir, "account");
    os_file_rename_new(dir, "account.moved", dir, "account");
    os_file_close(dir);
    s = left_open(true);
    is_text("bob", 1, "for bob", "shut: the next start, which can, gives it the message");
    is_text("ann", 1, "text", "shut: the others have theirs once");
    left_is_empty("shut");
    left_end();
}

/* --- records --- */

static void test_old_serial(void)
{
    left_begin();
    left_place.serial = 1;
    left_put(&ann, 1, "", "old");
    left_place.serial = 4;
    left_put(&ann, 2, "", "new");
    left_segment();
    left_place = (struct redo_place){.log = left_place.log, .serial = 5, .oldest = 2};
    left_put(&bob, 3, "", "says it");
    left_segment();
    s = left_open(true);
    int dir = fixture_directory(&f, "ann");
    is_int(left_count(dir, "0000000001-"), 0,
           "old serial: what is no longer needed is not written");
    is_text("ann", 2, "new", "old serial: the rest is");
    os_file_close(dir);
    left_end();

    left_begin();
    left_put(&ann, 1, "", "old");
    left_place.oldest = 2;
    redo_put_mark(&left_bytes, &left_place);
    left_segment();
    s = left_open(true);
    dir = fixture_directory(&f, "ann");
    is_int(left_count(dir, "0000000001-"), 0, "old serial: also if a mark alone says so");
    os_file_close(dir);
    left_is_empty("old serial");
    left_end();
}

static void test_damaged_block(void)
{
    left_begin();
    for (uint32_t id = 1; id <= 4; id++) {
        left_put(&ann, id, "", "text");
        redo_end_block(&left_bytes);
    }
    memset(left_bytes.p + REDO_BLOCK, 0xff, 2 * (size_t)REDO_BLOCK);
    left_segment();
    s = left_open(true);
    is_text("ann", 1, "text", "damaged blocks: the message before them");
    is_text("ann", 4, "text", "damaged blocks: the message after them");
    ok(left_said("the delivery log is damaged: 2 messages in it cannot be read"),
       "damaged blocks: the gap is told");
    left_is_empty("damaged blocks");
    left_end();
}

static void test_two_logs(void)
{
    left_begin();
    left_put(&ann, 1, "", "of the first");
    left_place.serial = 9;
    left_place.oldest = 9;
    redo_put_mark(&left_bytes, &left_place);
    left_segment();
    left_place = (struct redo_place){.log = 2, .serial = 1, .sequence = 50, .oldest = 1};
    left_put(&ann, 2, "", "of the second");
    left_segment();
    left_replace("notes", SPAN("not ours"));
    s = left_open(true);
    int dir = fixture_directory(&f, "ann");
    is_int(left_count(dir, "0000000001-"), 0, "two logs: what is old in one");
    is_text("ann", 2, "of the second", "two logs: ... is not in the other");
    ok(!left_said("is damaged"), "two logs: there is no gap between them");
    ok(left_said("log/notes is not a segment and was left alone"), "two logs: another file stays");
    os_file_close(dir);
    left_is_empty("two logs");
    left_end();
}

int main(void)
{
    test_new_message();
    test_there_already(MAIL_UNREAD, "unread");
    test_there_already(MAIL_NORMAL, "normal");
    test_there_already(MAIL_DELETED, "deleted");
    test_damaged();
    test_broken();
    test_purged();
    test_same_token();
    test_sent_again();
    test_taken_id();
    test_gone();
    test_removed();
    test_shut();
    test_old_serial();
    test_damaged_block();
    test_two_logs();
    return done_testing();
}
