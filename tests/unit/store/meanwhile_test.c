/* SPDX-License-Identifier: ISC */
/*
 * Mailboxes and accounts, while others change them: between two calls of the store a file goes, or
 * another process changes it, or one call fails.
 */
#include "store_faults.h"

#include <sched.h>
#include <unistd.h>

#include "redo_left.h"
#include "store/housekeeper.h"
#include "store/invite.h"
#include "store/mailbox_private.h"
#include "store/redo.h"

#define TOKEN "0123456789abcdef"

static const char *why;
static struct mailbox *mb; /* of ann */
static int dir;            /* its directory */

static void begin(bool server)
{
    left_begin();
    s = left_open(server);
    mb = fixture_mailbox(s, "ann");
    dir = fixture_directory(&f, "ann");
}

static void end(void)
{
    mailbox_close(mb);
    os_file_close(dir);
    left_end();
}

/* The first message's file, which is there. */
static void first_file(char name[MESSAGE_FILE_NAME_BYTES])
{
    if (!fixture_file(dir, "0000000001-", name))
        exit(1);
}

static void remove_first(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    first_file(name);
    os_file_remove(dir, name);
    atomic_store(&mb->doubtful, true);
}

/* As somebody may do by hand. */
static void become_directory(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    first_file(name);
    os_file_remove(dir, name);
    os_file_make_dir(dir, name);
}

static void become_file(const char *text)
{
    char name[MESSAGE_FILE_NAME_BYTES], head[MESSAGE_FILE_HEADER_BYTES + 100];
    struct mail m;

    first_file(name);
    message_file_parse_name(name, &m);
    size_t n = message_file_header(&m, span_str(text), head);
    memcpy(head + n, text, strlen(text));
    os_file_remove_tree(dir, name);
    os_file_make(dir, name, span_of(head, n + strlen(text)));
}

static enum status check(const struct mail *m, const char **damage)
{
    struct reader *r = reader_new();
    enum status st = reader_check(r, mb, m);

    *damage = r->damage ? r->damage : "";
    free(r);
    return st;
}

static enum status open_once(const struct mail *m)
{
    struct reader *r = reader_new();
    enum status st = reader_open(r, mb, m);

    if (st == ST_OK)
        reader_close(r);
    free(r);
    return st;
}

/* --- files that go --- */

static void test_gone(void)
{
    struct mail m;
    const char *damage;

    begin(true);
    fixture_deliver(mb, "bob", "one");
    messages_find(mb, 1, &m);
    char name[MESSAGE_FILE_NAME_BYTES];
    first_file(name);
    os_file_remove(dir, name);
    is_int(messages_delete(mb, 1), ST_NO_MESSAGE, "gone: a message whose file is gone is gone");
    is_int(messages_find(mb, 1, &m), ST_NO_MESSAGE, "gone: ... from then on");
    is_int(check(&m, &damage), ST_NO_MESSAGE, "gone: nor can it be checked");
    ok(reader_leaves_out(ST_NO_MESSAGE) && reader_leaves_out(ST_DAMAGED) &&
           reader_leaves_out(ST_UNREADABLE) && !reader_leaves_out(ST_OK) &&
           !reader_leaves_out(ST_IO),
       "gone: lists do without it, as without one that cannot be read");
    end();
}

static void test_no_files(void)
{
    struct mail m;
    const char *damage;

    begin(true);
    fixture_deliver(mb, "bob", "one");
    messages_find(mb, 1, &m);
    faults_meanwhile("os_file_open_any", NULL, 1, NULL, ENFILE);
    is_int(check(&m, &damage), ST_NO_FILES, "no files: the system has no descriptor left");
    is_str(damage, "", "no files: ... which is nothing about the message");
    is_int(open_once(&m), ST_OK, "no files: ... as it shows later");
    end();
}

/* A message that cannot be read is left out, also one in the trash, until it can be read again. */
static void test_hidden(void)
{
    struct mail m;
    const char *damage;

    begin(true);
    s->limits.trash_s = 86400;
    fixture_deliver(mb, "bob", "one");
    messages_find(mb, 1, &m);
    become_directory();
    is_int(open_once(&m), ST_UNREADABLE, "hidden: a directory in place of a file");
    is_int(messages_mark(mb, 1, MAIL_NORMAL), ST_UNREADABLE, "hidden: it cannot be marked");
    become_file("one");
    is_int(check(&m, &damage), ST_OK, "hidden: somebody puts it right, which a check sees");
    is_int(messages_mark(mb, 1, MAIL_NORMAL), ST_UNREADABLE, "hidden: ... and changes nothing");
    messages_find(mb, 1, &m);
    is_int(open_once(&m), ST_OK, "hidden: who reads it shows it again");
    is_int(messages_mark(mb, 1, MAIL_UNREAD), ST_OK, "hidden: ... so that it can be marked");

    is_int(messages_delete(mb, 1), ST_OK, "hidden: it is deleted, while somebody reads a list");
    become_directory();
    is_int(open_once(&m), ST_UNREADABLE, "hidden: it cannot be read in the trash, either");
    struct index_totals totals;
    struct mailbox_quota quota;
    mailbox_totals(mb, &totals, &quota);
    is_int(totals.hidden, 1, "hidden: ... and is left out there");
    become_file("one");
    is_int(open_once(&m), ST_OK, "hidden: ... until it can be read again");
    mailbox_totals(mb, &totals, &quota);
    is_int(totals.hidden, 0, "hidden: ... and is shown there");
    end();
}

static void test_gone_while_read(void)
{
    struct mail m;

    begin(true);
    fixture_deliver(mb, "bob", "one");
    messages_find(mb, 1, &m);
    faults_meanwhile("os_file_read_some", NULL, 1, remove_first, EINVAL);
    is_int(open_once(&m), ST_UNREADABLE, "gone while read: it cannot be read");
    ok(left_said("cannot be read and is left out: Invalid argument"),
       "gone while read: ... so told");
    is_int(messages_find(mb, 1, &m), ST_NO_MESSAGE, "gone while read: ... and gone by then");
    end();
}

/* --- damage --- */

static void set_aside_by_hand(void)
{
    char name[MESSAGE_FILE_NAME_BYTES], broken[MESSAGE_FILE_NAME_BYTES];
    struct mail m;

    first_file(name);
    message_file_parse_name(name, &m);
    m.state = MAIL_BROKEN;
    message_file_name(&m, broken);
    os_file_rename_new(dir, name, dir, broken);
    atomic_store(&mb->doubtful, true);
}

static void cut_first(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    first_file(name);
    os_file_truncate(dir, name);
}

static void test_damage(void)
{
    static char text[3 * READER_BYTES];
    struct mail m;
    const char *damage;

    begin(true);
    memset(text, 'x', sizeof text - 1);
    fixture_deliver(mb, "bob", text);
    messages_find(mb, 1, &m);
    faults_meanwhile("os_file_read_at", NULL, 3, cut_first, 0);
    is_int(check(&m, &damage), ST_DAMAGED, "damage: a file is cut while it is read");
    is_str(damage, "it has no valid header", "damage: ... which a second look sees");
    faults_meanwhile("os_file_look_at", NULL, 1, set_aside_by_hand, 0);
    is_int(open_once(&m), ST_DAMAGED, "damage: another process sets it aside meanwhile");
    ok(left_said("message 1 set aside"), "damage: ... which is as well");
    is_state("ann", 1, MAIL_BROKEN, "damage: ... and done once");
    end();
}

/* The name says something else of the body than the body. */
static void test_wrong_names(void)
{
    static const struct {
        const char *what, *text;
        uint32_t escapes;
        unsigned line_esc;
        const char *damage;
    } rows[] = {
        {"too few escapes", "line\n||", 1, 0, "its name does not match its body"},
        {"too many escapes", "line\n||", 3, 0, "its name does not match its body"},
        {"an escape in the first line", "line\n||", 2, 1, "its name does not match its first line"},
        {"the right number", "line\n||", 2, 0, ""},
    };
    char name[MESSAGE_FILE_NAME_BYTES], other[MESSAGE_FILE_NAME_BYTES];
    const char *damage;

    begin(true);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mail m = redo_mail((uint32_t)i + 1, rows[i].text, "");
        left_file(&ann, m.id, MAIL_UNREAD, "", rows[i].text, name);
        m.escapes = rows[i].escapes;
        m.line_esc = rows[i].line_esc;
        message_file_name(&m, other);
        os_file_rename_over(dir, name, dir, other);
        atomic_store(&mb->doubtful, true);
        is_int(check(&m, &damage), *rows[i].damage ? ST_DAMAGED : ST_OK, "wrong name: %s",
               rows[i].what);
        is_str(damage, rows[i].damage, "wrong name: ... which the check says");
    }
    end();
}

/* A link in place of a rename, between the two (os_file_rename_new). A tool removes nothing. */
static void test_two_names(void)
{
    char name[MESSAGE_FILE_NAME_BYTES], other[MESSAGE_FILE_NAME_BYTES];
    struct mail m = redo_mail(1, "one", "");

    begin(false);
    left_file(&ann, 1, MAIL_UNREAD, "", "one", name);
    m.state = MAIL_NORMAL;
    message_file_name(&m, other);
    ok(linkat(dir, name, dir, other, 0) == 0, "two names: a message has two");
    atomic_store(&mb->doubtful, true);
    is_int(fixture_text(mb, 1, "one"), ST_OK, "two names: it is one message");
    ok(!left_said("files have the id"), "two names: ... to a tool, too");
    ok(os_file_exists(dir, name) && os_file_exists(dir, other), "two names: which removes none");
    end();
}

/* --- a mailbox that is read --- */

/* The index is read while there is no memory for a part of it. */
static void test_memory(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    int nth = 1, told = 0;

    begin(true);
    for (uint32_t id = 1; id < 40; id++)
        left_file(&ann, id, MAIL_UNREAD, id < 20 ? TOKEN : "", "text", name);
    for (;; nth++) {
        atomic_store(&mb->doubtful, true);
        faults_meanwhile("calloc", NULL, nth, NULL, ENOMEM);
        enum status st = mailbox_lock(mb);
        if (st == ST_OK)
            mailbox_unlock(mb);
        told += st == ST_NO_MEMORY;
        if (!faults_happened())
            break;
    }
    ok(nth > 3, "memory: a mailbox takes some to be read");
    is_int(told, nth - 1, "memory: ... and says so if that is not there");
    is_int(fixture_text(mb, 39, "text"), ST_OK, "memory: once it is, all is well");
    end();
}

static pthread_t other_delivery;

static void *deliver_read(void *arg)
{
    struct delivery_as as = {.time = 1512316293, .state = MAIL_NORMAL};
    struct mail m;

    enum status st = delivery_put_as(mb, "carl", SPAN("two"), SPAN(""), as, &m, NULL);
    return st == ST_OK && m.id == 2 ? arg : NULL;
}

/* The mailbox is read while the first delivery has no name yet, and one after it has. */
static void read_between(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    pthread_create(&other_delivery, NULL, deliver_read, mb);
    while (!fixture_file(dir, "0000000002-", name))
        sched_yield();
    atomic_store(&mb->doubtful, true);
    if (mailbox_lock(mb) == ST_OK)
        mailbox_unlock(mb);
}

static void test_read_between(void)
{
    struct mail m;
    void *well = NULL;

    begin(true);
    ok(store_start_log(s, 1 << 20, &why), "read between: there is a log");
    faults_meanwhile("os_file_rename_new", LAYOUT_TEMPORARY, 1, read_between, 0);
    is_int(delivery_put(mb, "bob", SPAN("one"), SPAN(""), &m, NULL), ST_OK, "read between: one");
    pthread_join(other_delivery, &well);
    ok(faults_happened() && well, "read between: ... and one that was read before");
    ok(messages_find(mb, 1, &m) == ST_OK && m.state == MAIL_UNREAD, "read between: both are there");
    ok(messages_find(mb, 2, &m) == ST_OK && m.state == MAIL_NORMAL, "read between: ... as sent");
    end();
}

/* Somebody has put a file with the id of a delivery under way, which comes before it by name. */
static void put_stranger(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    left_file(&ann, 1, MAIL_DELETED, "", "a stranger's", name);
    atomic_store(&mb->doubtful, true);
    if (mailbox_lock(mb) == ST_OK)
        mailbox_unlock(mb);
}

static void test_stranger(void)
{
    begin(true);
    ok(store_start_log(s, 1 << 20, &why), "stranger: there is a log");
    faults_meanwhile("os_file_rename_new", LAYOUT_TEMPORARY, 1, put_stranger, 0);
    is_int(fixture_deliver(mb, "bob", "one"), 1, "stranger: a delivery");
    ok(faults_happened() && left_said("mailbox ann: two files have the same id: 0000000001-u"),
       "stranger: ... whose id somebody else has used meanwhile, which is told");
    ok(fixture_text(mb, 1, "one") == ST_OK && left_count(dir, "0000000002-d") == 1,
       "stranger: the delivery keeps its id, and nothing is lost");
    end();
}

/* The mailbox is read when a delivery under way has just got its name. */
static void read_with_name(void)
{
    char temporary[MESSAGE_FILE_NAME_BYTES], name[MESSAGE_FILE_NAME_BYTES];
    struct mail m;

    index_get(mb->index, 0, &m);
    m.state = mail_named_state(&m);
    message_file_name(&m, name);
    if (!fixture_file(dir, LAYOUT_TEMPORARY, temporary) ||
        linkat(dir, temporary, dir, name, 0) != 0)
        exit(1);
    atomic_store(&mb->doubtful, true);
    if (mailbox_lock(mb) == ST_OK)
        mailbox_unlock(mb);
    os_file_remove(dir, name); /* the call that follows gives it */
}

static void test_read_with_name(void)
{
    struct mail m;

    begin(true);
    ok(store_start_log(s, 1 << 20, &why), "read with name: there is a log");
    faults_meanwhile("os_file_rename_new", LAYOUT_TEMPORARY, 1, read_with_name, 0);
    is_int(delivery_put(mb, "bob", SPAN("one"), SPAN(""), &m, NULL), ST_OK, "read with name: one");
    ok(faults_happened() && !left_said("two files have the same id"),
       "read with name: a message under way and its file are one");
    is_int(fixture_text(mb, 1, "one"), ST_OK, "read with name: ... which is there");
    end();
}

/* --- deliveries --- */

static enum status repeated, deleted;

/* All waiting is over at once: the clock of those who wait goes after ours. */
static void lose_patience(void)
{
    struct mail m;

    atomic_fetch_sub(&faults_slept_ms, 3600000);
    repeated = delivery_put(mb, "bob", SPAN("one"), SPAN(TOKEN), &m, NULL);
    deleted = account_delete(s, &ann);
    atomic_fetch_add(&faults_slept_ms, 3600000);
}

static void test_slow(void)
{
    struct mail m;

    begin(true);
    ok(store_start_log(s, 1 << 20, &why), "slow: there is a log");
    faults_meanwhile("os_file_rename_new", LAYOUT_TEMPORARY, 1, lose_patience, 0);
    is_int(delivery_put(mb, "bob", SPAN("one"), SPAN(TOKEN), &m, NULL), ST_OK, "slow: a delivery");
    ok(faults_happened(), "slow: ... which the disk holds up");
    is_int(repeated, ST_UNKNOWN, "slow: its repeat is not answered Yes meanwhile");
    is_int(deleted, ST_BUSY, "slow: ... nor is the account deleted");
    ok(left_said("mailbox ann: not deleted, because deliveries take too long"),
       "slow: ... which is told");
    is_int(account_delete(s, &ann), ST_OK, "slow: later it is");
    end();
}

static void test_repeat_is_gone(void)
{
    bool repeat = true;
    struct mail m;

    begin(true);
    is_int(delivery_put(mb, "bob", SPAN("one"), SPAN(TOKEN), &m, NULL), ST_OK, "repeat: the first");
    faults_meanwhile("os_file_remove", LAYOUT_TEMPORARY, 1, remove_first, 0);
    is_int(delivery_put(mb, "bob", SPAN("one"), SPAN(TOKEN), &m, &repeat), ST_BUSY,
           "repeat: the first is gone when the answer is made: try again");
    ok(faults_happened() && !repeat, "repeat: ... so this was no repeat");
    is_int(delivery_put(mb, "bob", SPAN("one"), SPAN(TOKEN), &m, &repeat), ST_OK,
           "repeat: ... and that is a new one");
    ok(!repeat && m.id > 0, "repeat: ... with an id");
    end();
}

static void fill_log_and_fail(void)
{
    left_fill_log();
    faults_meanwhile("os_file_sync", NULL, 1, NULL, EIO);
}

static void test_full_log(void)
{
    struct mail m;

    begin(true);
    ok(store_start_log(s, 1 << 20, &why), "full log: there is a log");
    faults_meanwhile("os_file_create", LAYOUT_TEMPORARY, 1, left_fill_log, 0);
    is_int(delivery_put(mb, "bob", SPAN("one"), SPAN(""), &m, NULL), ST_OK,
           "full log: a message does without it, though it was to use it");
    ok(faults_happened() && left_tickets_n > 0, "full log: ... because others have filled it");
    left_empty_log();
    end();
    begin(true);
    ok(store_start_log(s, 1 << 20, &why), "full log: there is a log, once more");
    faults_meanwhile("os_file_create", LAYOUT_TEMPORARY, 1, fill_log_and_fail, 0);
    is_int(delivery_put(mb, "bob", SPAN("two"), SPAN(""), &m, NULL), ST_IO,
           "full log: a failed sync is an error of input and output");
    ok(faults_happened() && left_tickets_n > 0, "full log: ... of the message's own file");
    is_int(delivery_put(mb, "bob", SPAN("two"), SPAN(""), &m, NULL), ST_READ_ONLY,
           "full log: ... after which the mailbox is read-only");
    ok(!fixture_file(dir, LAYOUT_TEMPORARY, (char[MESSAGE_FILE_NAME_BYTES]){""}),
       "full log: no temporary is left");
    left_empty_log();
    end();
}

int main(void)
{
    test_gone();
    test_no_files();
    test_hidden();
    test_gone_while_read();
    test_damage();
    test_wrong_names();
    test_two_names();
    test_memory();
    test_read_between();
    test_stranger();
    test_read_with_name();
    test_slow();
    test_repeat_is_gone();
    test_full_log();
    return done_testing();
}
