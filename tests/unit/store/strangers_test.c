/* SPDX-License-Identifier: ISC */
/*
 * Files of a server that wrote on after it had lost the store to another: among those of the other,
 * and when their names change.
 */
#include <dirent.h>
#include <fcntl.h>

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
    is_int(fixture_text(mb, 3, "answered"), ST_OK, "start: ... the other message gets the next id");
    is_int(fixture_text(mb, 2, "next"), ST_OK, "start: ... and other messages keep theirs");
    ok(left_said("is message 3 from now on"), "start: ... which is logged");
    end();
    begin(true);
    is_int(fixture_text(mb, 3, "answered"), ST_OK, "start: ... for good");
    is_int(left_texts.n, 0, "start: ... and nothing more is logged");
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
    is_int(fixture_text(mb, 2, "late"), ST_OK,
           "known: ... and one that comes late gets the next id");
    ok(delivery_put(mb, "bob", SPAN("new"), SPAN(""), &m, NULL) == ST_OK && m.id == 3,
       "known: ... and the message after that the next but one");
    put(3, MAIL_UNREAD, "", "a");
    put(3, MAIL_DELETED, "", "ab");
    read_again();
    is_int(fixture_text(mb, 3, "new"), ST_OK, "known: it keeps its id among three");
    is_int(left_count(dir, "0000000004-") + left_count(dir, "0000000005-"), 2,
           "known: ... and the others get new ids");
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
    is_int(left_count(dir, "0000000001-u") + 2 * left_count(dir, "0000000001-b"), 3,
           "repeat: under the same id: it is set aside");
    is_int(left_count(dir, "0000000002-u") + 2 * left_count(dir, "0000000002-b"), 3,
           "repeat: ... as is one under another id");
    is_int(left_count(dir, "0000000004-"), 0, "repeat: ... so that users see it once");
    end();
    left_end();
}

/* A file has the id of a message that was set aside, or looks like the same message. */
static void test_others(void)
{
    left_begin();
    put(1, MAIL_UNREAD, "", "one");
    put(1, MAIL_NORMAL, "", "one");
    put(2, MAIL_UNREAD, "", "two");
    put(2, MAIL_BROKEN, "", "broken");
    put(3, MAIL_UNREAD, "", "three");
    put(3, MAIL_EXPUNGED, "", "tombstone");
    put(4, MAIL_UNREAD, TOKEN, "four");
    put(4, MAIL_EXPUNGED, TOKEN, "four");
    begin(true);
    ok(left_count(dir, "0000000001-n") == 1 && fixture_text(mb, 5, "one") == ST_OK,
       "others: a copy gets an id: perhaps it is another message");
    is_int(left_count(dir, "0000000002-"), 2, "others: ... files that were set aside stay");
    ok(left_count(dir, "0000000003-x") == 1 && fixture_text(mb, 6, "three") == ST_OK,
       "others: a tombstone keeps its id");
    ok(left_count(dir, "0000000004-x") == 1 && left_count(dir, "0000000004-b") == 1,
       "others: ... and a repeat of it is not shown again");
    end();
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

/* There, too, a file that is set aside does not replace one that was. */
static void test_aside(void)
{
    left_begin();
    put(1, MAIL_UNREAD, "", "one");
    put(1, MAIL_BROKEN, "", "one");
    begin(true);
    s->shared = true;
    ok(!mailbox_set_aside(mb, 1, 0, "a test") && left_count(dir, "0000000001-") == 2,
       "aside: no file is replaced");
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

/* What an NFS server does if its power fails before it has answered. */
static void rename_unanswered(void)
{
    char *temporary = NULL, name[MESSAGE_FILE_NAME_BYTES];
    struct mail m;
    struct dirent *e;
    DIR *list = fdopendir(openat(dir, ".", O_RDONLY | O_DIRECTORY));
    while (list && !temporary && (e = readdir(list)))
        if (strncmp(e->d_name, "new-", 4) == 0)
            temporary = strdup(e->d_name);
    if (list)
        closedir(list);
    index_get(mb->index, index_count(mb->index) - 1, &m);
    m.state = MAIL_UNREAD;
    message_file_name(&m, name);
    ok(temporary && renameat(dir, temporary, dir, name) == 0, "unanswered: the rename is done");
    free(temporary);
}

/* The rename of a delivery was done, but the answer is that there is no such file. */
static void test_unanswered(void)
{
    struct mail m;
    left_begin();
    begin(true);
    s->shared = true;
    faults_meanwhile("os_file_rename_over", "new-", 1, rename_unanswered, ENOENT);
    is_int(delivery_put(mb, "bob", SPAN("kept"), SPAN(""), &m, NULL), ST_OK,
           "unanswered: the delivery succeeds");
    ok(faults_happened(), "unanswered: ... although its rename has failed");
    is_int(fixture_text(mb, 1, "kept"), ST_OK, "unanswered: ... and the message is there");
    faults_meanwhile("os_file_rename_over", "new-", 1, NULL, ENOENT);
    ok(delivery_put(mb, "bob", SPAN("not kept"), SPAN(""), &m, NULL) != ST_OK,
       "unanswered: a rename that was not done is a failure");
    ok(faults_happened(), "unanswered: ... and the rename was tried");
    s->shared = false;
    end();
    left_end();
}

static void count_finding(void *ctx, const char *mailbox, const char *file, const char *what,
                          bool set_aside)
{
    (void)mailbox;
    (void)set_aside;
    is_str(what, file ? ctx : "", "left out: a finding");
}

/* A file that the index leaves out does not count, although its name now comes before the other's.
 */
static void test_left_out(void)
{
    static char what[3 * MESSAGE_FILE_NAME_BYTES];
    struct fsck fsck = {.finding = count_finding, .ctx = what};
    char name[MESSAGE_FILE_NAME_BYTES];

    left_begin();
    put(1, MAIL_DELETED, "", "one");
    left_file(&ann, 1, MAIL_NORMAL, TOKEN, "two", name);
    put(1, MAIL_BROKEN, TOKEN, "two");
    put(2, MAIL_UNREAD, TOKEN, "two");
    snprintf(what, sizeof what, "another message has the same sender and token: %s", name);
    begin(true);
    fsck.store = s;
    is_int(left_count(dir, "0000000001-x"), 1, "left out: the message with the id is purged");
    is_int(fsck_mailbox(&fsck, "ann"), ST_OK, "left out: fsck");
    is_int((int64_t)fsck.findings, 1, "left out: findings");
    end();
    left_end();
}

int main(void)
{
    test_start();
    test_known();
    test_repeat();
    test_others();
    test_state();
    test_aside();
    test_delivery();
    test_unanswered();
    test_left_out();
    return done_testing();
}
