/* SPDX-License-Identifier: ISC */
/*
 * Two messages with one id, as a server leaves them that wrote on after it had lost the store to
 * another: neither hides the other.
 */
#include "store_faults.h"

#include "redo_left.h"
#include "store/fsck.h"
#include "store/mailbox_private.h"

#define TOKEN "0123456789abcdef"

static struct mailbox *mb; /* of ann */
static int dir;            /* its directory */

static void begin(bool server)
{
    s = left_open(server);
    mb = fixture_mailbox(s, "ann");
    dir = fixture_directory(&f, "ann");
}

static void end(void)
{
    mailbox_close(mb);
    os_file_close(dir);
    left_close();
}

/* Reads the mailbox from its directory. */
static void read_again(void)
{
    atomic_store(&mb->doubtful, true);
    if (mailbox_lock(mb) == ST_OK)
        mailbox_unlock(mb);
}

static void put(uint32_t id, enum mail_state state, const char *token, const char *body)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    left_file(&ann, id, state, token, body, name);
}

/* The names of messages that are shorter come first. */
static void test_start(void)
{
    left_begin();
    put(1, MAIL_UNREAD, "", "late");
    put(1, MAIL_UNREAD, "", "answered");
    put(2, MAIL_UNREAD, "", "next");
    begin(true);
    is_int(fixture_text(mb, 1, "late"), ST_OK, "start: one of two keeps the id");
    is_int(fixture_text(mb, 3, "answered"), ST_OK, "start: ... the other gets the next");
    is_int(fixture_text(mb, 2, "next"), ST_OK, "start: ... and the rest stays");
    ok(left_said("has the id of another message and is now 0000000003-u,"),
       "start: ... as is told");
    ok(!left_said("files have the id of another file"), "start: ... and nothing else");
    end();
    begin(true);
    is_int(fixture_text(mb, 3, "answered"), ST_OK, "start: ... for good");
    is_int(left_texts.n, 0, "start: ... after which nothing is told");
    end();
    left_end();
}

/* What this server has answered keeps its id. */
static void test_known(void)
{
    struct mail m;

    left_begin();
    begin(true);
    ok(delivery_put(mb, "bob", SPAN("answered"), SPAN(""), &m, NULL) == ST_OK && m.id == 1,
       "known: a message is accepted");
    put(1, MAIL_UNREAD, "", "late");
    read_again();
    is_int(fixture_text(mb, 1, "answered"), ST_OK, "known: it keeps its id");
    is_int(fixture_text(mb, 2, "late"), ST_OK, "known: ... and one that comes late gets the next");
    ok(delivery_put(mb, "bob", SPAN("new"), SPAN(""), &m, NULL) == ST_OK && m.id == 3,
       "known: ... and the message after that the next but one");
    put(3, MAIL_UNREAD, "", "a");
    put(3, MAIL_DELETED, "", "ab");
    read_again();
    is_int(fixture_text(mb, 3, "new"), ST_OK, "known: it keeps its id among three");
    is_int(left_count(dir, "0000000004-") + left_count(dir, "0000000005-"), 2,
           "known: ... and the others get one each");
    end();
    left_end();
}

/* The sender has sent it again, with the same token, to the server that has the store now. */
static void test_repeat(void)
{
    left_begin();
    put(1, MAIL_UNREAD, TOKEN, "late");
    put(1, MAIL_UNREAD, TOKEN, "answered");
    put(2, MAIL_UNREAD, "", "late!");
    put(2, MAIL_UNREAD, TOKEN "00", "of two");
    put(3, MAIL_UNREAD, TOKEN "00", "of three");
    begin(true);
    is_int(left_count(dir, "0000000001-"), 2, "repeat: under the same id: it is not moved");
    is_int(left_count(dir, "0000000002-"), 2, "repeat: ... nor under another");
    is_int(left_count(dir, "0000000004-"), 0, "repeat: ... so that users see it once");
    ok(left_said("mailbox ann: 2 files have the id of another file"), "repeat: ... as is told");
    end();
    left_end();
}

/* The same message twice, or one that is none any more. */
static void test_others(void)
{
    left_begin();
    put(1, MAIL_UNREAD, "", "one");
    put(1, MAIL_NORMAL, "", "one");
    put(2, MAIL_UNREAD, "", "two");
    put(2, MAIL_BROKEN, "", "broken");
    put(3, MAIL_UNREAD, "", "three");
    put(3, MAIL_EXPUNGED, "", "tombstone");
    begin(true);
    is_int(left_count(dir, "0000000001-"), 2, "others: a copy is not moved");
    is_int(left_count(dir, "0000000002-"), 2, "others: ... nor what was set aside");
    ok(left_count(dir, "0000000003-x") == 1 && fixture_text(mb, 4, "three") == ST_OK,
       "others: a tombstone keeps its id");
    end();
    left_end();
}

static void test_tool(void)
{
    left_begin();
    put(1, MAIL_UNREAD, "", "late");
    put(1, MAIL_UNREAD, "", "answered");
    begin(false);
    is_int(left_count(dir, "0000000001-"), 2, "tool: it moves nothing");
    ok(left_said("mailbox ann: 1 files have the id of another file"), "tool: ... and says so");
    end();
    left_end();
}

static void note_finding(void *ctx, const char *mailbox, const char *file, const char *what,
                         bool set_aside)
{
    struct buf *text = ctx;

    (void)mailbox;
    buf_printf(text, "%s: %s%s\n", file, what, set_aside ? ": set aside" : "");
}

/* A repair hides neither. What is twice there it sets aside. */
static void test_fsck(void)
{
    struct fsck fsck = {.finding = note_finding, .repair = true};
    char name[MESSAGE_FILE_NAME_BYTES], want[3 * MESSAGE_FILE_NAME_BYTES];
    struct buf text;

    left_begin();
    buf_init(&text, 10000);
    put(1, MAIL_UNREAD, "", "late");
    left_file(&ann, 1, MAIL_UNREAD, "", "answered", name);
    begin(false);
    fsck.store = s;
    fsck.ctx = &text;
    snprintf(want, sizeof want,
             "%s: another message has the same id; a server gives it one of its own\n", name);
    ok(fsck_mailbox(&fsck, "ann") == ST_OK && span_eq(buf_span(&text), span_str(want)),
       "fsck: two messages have one id");
    is_int(left_count(dir, "0000000001-u"), 2, "fsck: ... a repair changes nothing");
    end();
    buf_clear(&text);
    put(2, MAIL_UNREAD, TOKEN, "late");
    left_file(&ann, 2, MAIL_UNREAD, TOKEN, "answered", name);
    begin(false);
    fsck.store = s;
    is_int(fsck_mailbox(&fsck, "ann"), ST_OK, "fsck: a message is twice there");
    is_int(left_count(dir, "0000000002-b"), 1, "fsck: ... a repair sets the second aside");
    end();
    buf_free(&text);
    left_end();
}

/* Where hosts share the store, the old name of a message is not removed by a call of its own. */
static void test_state(void)
{
    left_begin();
    put(1, MAIL_UNREAD, "", "one");
    begin(true);
    for (int i = 0; i < 2; i++) {
        s->shared = i == 1;
        faults_meanwhile(i ? "os_file_rename_over" : "os_file_rename_new", "0000000001-", 1, NULL,
                         0);
        ok(mailbox_lock(mb) == ST_OK &&
               mailbox_change_state(mb, 0, i ? MAIL_UNREAD : MAIL_NORMAL) == ST_OK,
           "state: it is changed");
        mailbox_unlock(mb);
        ok(faults_happened(), "state: ... by one call, %s", i ? "on shared files" : "on others");
    }
    is_int(fixture_text(mb, 1, "one"), ST_OK, "state: ... and the message is there");
    s->shared = false;
    end();
    left_end();
}

/* Nor does a delivery there make a link, which it would remove again if it cannot end. */
static void test_delivery(void)
{
    left_begin();
    begin(true);
    for (int i = 0; i < 2; i++) {
        struct mail m;
        s->shared = i == 1;
        faults_meanwhile(i ? "os_file_rename_over" : "os_file_rename_new", "new-", 1, NULL, 0);
        ok(delivery_put(mb, "bob", SPAN("kept"), SPAN(""), &m, NULL) == ST_OK,
           "delivery: it succeeds");
        ok(faults_happened(), "delivery: ... by one call, %s", i ? "on shared files" : "on others");
    }
    is_int(fixture_text(mb, 2, "kept"), ST_OK, "delivery: ... and the message is there");
    s->shared = false;
    end();
    left_end();
}

/* They cannot be moved: then it is as before. */
static void test_failure(void)
{
    left_begin();
    put(1, MAIL_UNREAD, "", "late");
    put(1, MAIL_UNREAD, "", "answered");
    faults_meanwhile("os_file_rename_new", "0000000001-", 1, NULL, EIO);
    begin(true);
    ok(faults_happened() && left_count(dir, "0000000001-") == 2, "failure: a rename");
    ok(left_said("mailbox ann: 1 files have the id of another file"), "failure: ... as is told");
    is_int(fixture_text(mb, 1, "late"), ST_OK, "failure: ... and one of the two is there");
    end();
    put(MAIL_ID_MAX, MAIL_UNREAD, "", "the last id");
    begin(true);
    is_int(left_count(dir, "0000000001-"), 2, "failure: no id is left");
    end();
    left_end();
}

int main(void)
{
    test_start();
    test_known();
    test_repeat();
    test_others();
    test_tool();
    test_fsck();
    test_state();
    test_delivery();
    test_failure();
    return done_testing();
}
