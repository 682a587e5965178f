/* SPDX-License-Identifier: ISC */
/*
 * What a crash, a bad disk or a curious administrator leaves in a mailbox's directory.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "os/clock.h"
#include "store/deleted_accounts.h"
#include "store/fsck.h"
#include "store/housekeeper.h"
#include "store/mailbox_private.h"
#include "store_fixture.h"

#define TOKEN SPAN("0123456789abcdef")

static const char text[] = "a line with | in it\nand another";

struct victim {
    struct mailbox *mb;
    int dir;
    char name[MESSAGE_FILE_NAME_BYTES]; /* of the message to be damaged */
};

static void flip_body(struct victim *v)
{
    char byte = 0;
    int fd = openat(v->dir, v->name, O_RDWR);
    off_t last = lseek(fd, -1, SEEK_END);
    bool read = pread(fd, &byte, 1, last) == 1;

    byte ^= 1;
    ok(read && pwrite(fd, &byte, 1, last) == 1, "damage: a bit of the body is flipped");
    close(fd);
}

static void flip_header(struct victim *v)
{
    int fd = openat(v->dir, v->name, O_RDWR);

    ok(pwrite(fd, "X", 1, 3) == 1, "damage: the header is changed");
    close(fd);
}

static void truncate_file(struct victim *v)
{
    int fd = openat(v->dir, v->name, O_RDWR);

    ok(ftruncate(fd, lseek(fd, -1, SEEK_END)) == 0, "damage: the last byte is cut off");
    close(fd);
}

static void empty_file(struct victim *v)
{
    ok(os_file_truncate(v->dir, v->name), "damage: the file is empty");
}

static void lengthen_file(struct victim *v)
{
    int fd = openat(v->dir, v->name, O_RDWR | O_APPEND);

    ok(write(fd, "!", 1) == 1, "damage: a byte is added");
    close(fd);
}

/* Before the mailbox is read: makes the name say something wrong. */
static void rename_file(struct victim *v, void (*change)(struct mail *m))
{
    struct mail m;
    char to[MESSAGE_FILE_NAME_BYTES];

    ok(message_file_parse_name(v->name, &m), "damage: the file's name is parsed");
    change(&m);
    message_file_name(&m, to);
    ok(os_file_rename_new(v->dir, v->name, v->dir, to), "damage: the file's name becomes %s", to);
}

static void more_escapes(struct mail *m)
{
    m->escapes++;
}

static void longer_line(struct mail *m)
{
    m->line++;
}

static void other_sender(struct mail *m)
{
    strcpy(m->from, "bob");
}

static void name_escapes(struct victim *v)
{
    rename_file(v, more_escapes);
}

static void name_line(struct victim *v)
{
    rename_file(v, longer_line);
}

static void name_sender(struct victim *v)
{
    rename_file(v, other_sender);
}

/* Damages message 2 of 3 while no store is open; the others must not suffer. */
static void check_damage(struct fixture *f, const char *account, void (*damage)(struct victim *v))
{
    struct store *s = fixture_open(f, true);
    struct victim v = {.mb = fixture_account(s, account)};
    struct mail m;

    v.dir = fixture_directory(f, account);
    for (uint32_t id = 1; id <= 3; id++)
        is_int(fixture_deliver(v.mb, "ann", text), id, "damage: message %u is delivered",
               (unsigned)id);
    mailbox_close(v.mb);
    store_close(s);
    fixture_file(v.dir, "0000000002", v.name);
    damage(&v);
    s = fixture_open(f, true);
    v.mb = fixture_mailbox(s, account);
    f->troubles = 0;
    is_int(fixture_text(v.mb, 2, text), ST_DAMAGED, "damage: reading the message finds it");
    is_int(f->troubles, 1, "damage: it is reported once");
    ok(strstr(f->last, "message 2 set aside"), "damage: the report is \"%s\"", f->last);
    ok(fixture_file(v.dir, "0000000002-b", v.name), "damage: the file is set aside, not removed");
    is_int(messages_find(v.mb, 2, &m), ST_NO_MESSAGE, "damage: the message is not found any more");
    is_int(fixture_text(v.mb, 1, text), ST_OK, "damage: the message before it can be read");
    is_int(fixture_text(v.mb, 3, text), ST_OK, "damage: the message after it can be read");
    is_int(fixture_deliver(v.mb, "ann", text), 4, "damage: another message can be delivered");
    mailbox_close(v.mb);
    os_file_close(v.dir);
    store_close(s);
}

static void print_finding(void *ctx, const char *mailbox, const char *file, const char *what,
                          bool set_aside)
{
    (void)ctx;
    diag("%s: %s: %s%s", mailbox, file ? file : "", what, set_aside ? ", set aside" : "");
}

static void make_link(struct victim *v)
{
    ok(renameat(v->dir, v->name, v->dir, "kept") == 0 && symlinkat("kept", v->dir, v->name) == 0,
       "unreadable: the file is a symbolic link");
}

static void make_directory(struct victim *v)
{
    ok(renameat(v->dir, v->name, v->dir, "kept") == 0 && mkdirat(v->dir, v->name, 0700) == 0,
       "unreadable: the file is a directory");
}

static void make_pipe(struct victim *v)
{
    ok(renameat(v->dir, v->name, v->dir, "kept") == 0 && mkfifoat(v->dir, v->name, 0600) == 0,
       "unreadable: the file is a pipe");
}

/* /dev/zero can be read like a file. */
static void make_device(struct victim *v)
{
    ok(renameat(v->dir, v->name, v->dir, "kept") == 0 &&
           mknodat(v->dir, v->name, S_IFCHR | 0600, makedev(1, 5)) == 0,
       "unreadable: the file is a device");
}

/* Message 2 of 3 cannot be read: it is left out, can be deleted, and is back once it can be read.
 */
static void check_unreadable(struct fixture *f, const char *account,
                             void (*damage)(struct victim *v))
{
    struct store *s = fixture_open(f, true);
    struct victim v = {.mb = fixture_account(s, account)};
    struct index_totals totals;
    struct mailbox_quota quota;
    struct mail m;

    v.dir = fixture_directory(f, account);
    for (uint32_t id = 1; id <= 3; id++)
        fixture_deliver(v.mb, "ann", text);
    fixture_file(v.dir, "0000000002", v.name);
    damage(&v);
    f->troubles = 0;
    is_int(fixture_text(v.mb, 2, text), ST_UNREADABLE, "unreadable: reading the message says so");
    is_int(f->troubles, 1, "unreadable: it is reported once");
    ok(strstr(f->last, v.name) && strstr(f->last, "cannot be read and is left out: "),
       "unreadable: the report is \"%s\"", f->last);
    mailbox_totals(v.mb, &totals, &quota);
    is_int(totals.messages, 2, "unreadable: the other messages are left");
    is_int(fixture_text(v.mb, 3, text), ST_OK, "unreadable: one of them can be read");
    ok(fixture_file(v.dir, "0000000002-u", v.name), "unreadable: the file keeps its name");
    is_int(unlinkat(v.dir, v.name, 0) == 0 || unlinkat(v.dir, v.name, AT_REMOVEDIR) == 0, 1,
           "unreadable: what stood there is removed");
    ok(renameat(v.dir, "kept", v.dir, v.name) == 0, "unreadable: the file is put back");
    is_int(fixture_text(v.mb, 2, text), ST_OK, "unreadable: then the message can be read");
    mailbox_totals(v.mb, &totals, &quota);
    is_int(totals.messages, 3, "unreadable: ... and is there again");
    damage(&v);
    is_int(fixture_text(v.mb, 2, text), ST_UNREADABLE, "unreadable: once more");
    housekeeper_sweep(s, fixture_never, NULL);
    mailbox_totals(v.mb, &totals, &quota);
    is_int(totals.messages, 3, "unreadable: the housekeeper lets it be tried again");
    is_int(fixture_text(v.mb, 2, text), ST_UNREADABLE, "unreadable: in vain");
    is_int(messages_delete(v.mb, 2), ST_OK, "unreadable: it can be deleted");
    is_int(messages_find(v.mb, 2, &m), ST_NO_MESSAGE, "unreadable: and is gone");
    mailbox_close(v.mb);
    os_file_close(v.dir);
    store_close(s);
}

/* A checkpoint may write a damaged message again, before whoever found the damage can set it aside.
 */
static void test_written_again(struct fixture *f)
{
    struct store *s = fixture_open(f, true);
    struct victim v = {.mb = fixture_account(s, "again"), .dir = fixture_directory(f, "again")};
    struct stat damaged;
    struct mail m;

    delivery_put(v.mb, "ann", span_str(text), TOKEN, &m, NULL);
    fixture_file(v.dir, "0000000001", v.name);
    fstatat(v.dir, v.name, &damaged, 0);
    ok(!mailbox_set_aside(v.mb, 1, damaged.st_ino + 1, "for this test"),
       "written again: another file is not set aside");
    is_int(fixture_text(v.mb, 1, text), ST_OK, "written again: it can be read");
    ok(mailbox_set_aside(v.mb, 1, damaged.st_ino, "for this test"),
       "written again: the damaged file is");
    mailbox_close(v.mb);
    os_file_close(v.dir);
    store_close(s);
}

/* A message that was set aside although it is whole comes back; a damaged one does not. */
static void test_bring_back(struct fixture *f)
{
    struct store *s = fixture_open(f, true);
    struct victim v = {.mb = fixture_account(s, "aside"), .dir = fixture_directory(f, "aside")};
    struct fsck check = {.store = s, .finding = print_finding};
    struct mail m;

    delivery_put(v.mb, "ann", span_str(text), TOKEN, &m, NULL);
    mailbox_set_aside(v.mb, 1, 0, "for this test");
    is_int(delivery_put(v.mb, "ann", span_str(text), TOKEN, &m, NULL), ST_OK,
           "bring back: the token of a message set aside is free");
    is_int(m.id, 2, "bring back: a repeat is stored");
    is_int(fsck_mailbox(&check, "aside"), ST_OK, "bring back: fsck");
    is_int(check.findings, 0, "bring back: what is there already does not come back");
    mailbox_set_aside(v.mb, 2, 0, "for this test");
    mailbox_close(v.mb);
    store_close(s);
    ok(fixture_file(v.dir, "0000000001-b", v.name) && unlinkat(v.dir, v.name, 0) == 0,
       "bring back: message 1 is removed");
    fixture_file(v.dir, "0000000002", v.name);
    flip_body(&v);
    s = check.store = fixture_open(f, true);
    v.mb = fixture_mailbox(s, "aside");
    is_int(fsck_mailbox(&check, "aside"), ST_OK, "bring back: fsck of one that is damaged");
    is_int(check.findings, 0, "bring back: it stays");
    fixture_file(v.dir, "0000000002", v.name);
    flip_body(&v);
    fsck_mailbox(&check, "aside");
    is_int(check.findings, 1, "bring back: fsck finds that it is whole");
    is_int(messages_find(v.mb, 2, &m), ST_NO_MESSAGE, "bring back: only --repair changes anything");
    check.repair = true;
    fsck_mailbox(&check, "aside");
    is_int(fixture_text(v.mb, 2, text), ST_OK, "bring back: then it can be read again");
    mailbox_close(v.mb);
    os_file_close(v.dir);
    store_close(s);
}

static void count_set_aside(void *ctx, const char *mailbox, const char *file, const char *what,
                            bool set_aside)
{
    int *n = ctx;
    (void)mailbox, (void)file, (void)what;
    *n += set_aside;
}

/* fsck says what it has done, and what it could not look at. */
static void test_no_false_words(struct fixture *f)
{
    struct store *s = fixture_open(f, true);
    struct victim v = {.mb = fixture_account(s, "words"), .dir = fixture_directory(f, "words")};
    int set_aside = 0;
    struct fsck check = {.store = s, .repair = true, .finding = count_set_aside, .ctx = &set_aside};
    char taken[MESSAGE_FILE_NAME_BYTES];
    struct mail m;

    delivery_put(v.mb, "ann", span_str(text), TOKEN, &m, NULL);
    fixture_file(v.dir, "0000000001", v.name);
    flip_body(&v);
    m.state = MAIL_BROKEN;
    message_file_name(&m, taken);
    ok(mkdirat(v.dir, taken, 0700) == 0, "no false words: the name is taken");
    is_int(fsck_mailbox(&check, "words"), ST_OK, "no false words: fsck");
    ok(check.findings > 0, "no false words: it finds the damage");
    is_int(set_aside, 0, "no false words: it does not say that it set the file aside");
    ok(unlinkat(v.dir, v.name, 0) == 0, "no false words: the damaged file is removed");
    mailbox_close(v.mb);
    store_close(s);
    s = check.store = fixture_open(f, true);
    v.mb = fixture_mailbox(s, "words");
    check.findings = 0;
    is_int(fsck_mailbox(&check, "words"), ST_OK, "no false words: fsck again");
    is_int(check.findings, 1, "no false words: it says that it cannot read what was set aside");
    mailbox_close(v.mb);
    os_file_close(v.dir);
    store_close(s);
}

/* The damage is in the last piece of a long body: it is not handed out. */
static void test_long_body(struct fixture *f)
{
    struct store *s = fixture_open(f, true);
    struct victim v = {.mb = fixture_account(s, "long"), .dir = fixture_directory(f, "long")};
    size_t size = READER_FIRST_BYTES + 3 * READER_BYTES / 2;
    char *body = calloc(1, size);
    struct mail m;
    struct reader r = {.waited = false};
    struct span piece;

    delivery_put(v.mb, "ann", span_of(body, size), SPAN(""), &m, NULL);
    fixture_file(v.dir, "0000000001", v.name);
    flip_body(&v);
    is_int(reader_open(&r, v.mb, &m), ST_OK, "long body: the message is opened");
    ok(reader_next(&r, &piece) == ST_OK && piece.n > 0, "long body: its first piece is read");
    ok(reader_next(&r, &piece) == ST_OK && piece.n > 0, "long body: its second piece is read");
    is_int(reader_next(&r, &piece), ST_DAMAGED, "long body: its last piece is damaged");
    is_int(piece.n, 0, "long body: the damaged piece is not handed out");
    reader_close(&r);
    ok(fixture_file(v.dir, "0000000001-b", v.name), "long body: the file is set aside");
    free(body);
    mailbox_close(v.mb);
    os_file_close(v.dir);
    store_close(s);
}

static void make_file(int dir, const char *name)
{
    int fd = os_file_create(dir, name);

    ok(fd >= 0, "leftovers: a file %s is made", name);
    os_file_close(fd);
}

/* A server knows that no other one is running; a tool does not. */
static void test_leftovers(struct fixture *f)
{
    const char *temporary = "new-ffffffffffffffff-1";
    struct store *s = fixture_open(f, true);
    int dir;

    mailbox_close(fixture_account(s, "left"));
    store_close(s);
    dir = fixture_directory(f, "left");
    make_file(dir, temporary);
    make_file(dir, "account.new");
    make_file(dir, "README");
    f->troubles = 0;
    s = fixture_open(f, false);
    mailbox_close(fixture_mailbox(s, "left"));
    store_close(s);
    ok(os_file_exists(dir, temporary), "leftovers: a tool leaves a temporary alone");
    is_int(f->troubles, 1, "leftovers: a tool reports a file that is not Pochta's");
    s = fixture_open(f, true);
    struct mailbox *mb = fixture_mailbox(s, "left");
    ok(!os_file_exists(dir, temporary), "leftovers: a server removes the temporary");
    ok(!os_file_exists(dir, "account.new"), "leftovers: a server removes account.new");
    ok(os_file_exists(dir, "README"), "leftovers: a server leaves a file that is not Pochta's");
    ok(strstr(f->last, "README"), "leftovers: the server's report names that file: %s", f->last);
    is_int(fixture_deliver(mb, "ann", text), 1, "leftovers: the mailbox works");
    mailbox_close(mb);
    store_close(s);
    os_file_close(dir);
}

/* Accounts that were half made and half removed. */
static void test_half_accounts(struct fixture *f)
{
    int dir = os_file_open_dir(f->path);
    struct store *s;

    ok(os_file_make_dir(dir, "new/half-0123456789abcdef"), "half accounts: one in new/");
    ok(os_file_make_dir(dir, "removed/gone-0123456789abcdef"), "half accounts: one in removed/");
    store_close(fixture_open(f, false));
    ok(os_file_exists(dir, "new/half-0123456789abcdef"), "half accounts: a tool leaves them alone");
    s = fixture_open(f, true);
    ok(!os_file_exists(dir, "new/half-0123456789abcdef"),
       "half accounts: a server removes the one in new/");
    deleted_accounts_purge(s, fixture_never, NULL);
    ok(!os_file_exists(dir, "removed/gone-0123456789abcdef"),
       "half accounts: a purge removes the one in removed/");
    store_close(s);
    os_file_close(dir);
}

/* A body that was removed without the name saying so. */
static void test_half_expunged(struct fixture *f)
{
    struct store *s = fixture_open(f, true);
    struct mailbox *mb = fixture_account(s, "half");
    struct mail m;
    char from[MESSAGE_FILE_NAME_BYTES], to[MESSAGE_FILE_NAME_BYTES];
    int dir = fixture_directory(f, "half");

    is_int(delivery_put(mb, "ann", SPAN("x"), TOKEN, &m, NULL), ST_OK,
           "half expunged: a message with a token is delivered");
    mailbox_close(mb);
    store_close(s);
    message_file_name(&m, from);
    m.state = MAIL_DELETED;
    message_file_name(&m, to);
    os_file_rename_new(dir, from, dir, to);
    os_file_truncate(dir, to);
    s = fixture_open(f, true);
    mb = fixture_mailbox(s, "half");
    ok(fixture_file(dir, "0000000001-x", from), "half expunged: opening the mailbox finishes it");
    is_int(delivery_put(mb, "ann", SPAN("x"), TOKEN, &m, NULL), ST_OK,
           "half expunged: a repeat is accepted");
    is_int(m.id, 1, "half expunged: the repeat gives the message");
    mailbox_close(mb);
    store_close(s);
    os_file_close(dir);
}

/* Puts directories where the message would be renamed to, for a minute of acceptance times. */
static void block_names(int dir, struct mail m, bool block)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    for (int i = 0; i < 60; i++, m.time++) {
        message_file_name(&m, name);
        if (block)
            os_file_make_dir(dir, name);
        else
            os_file_remove_tree(dir, name);
    }
}

/* Only a stored message uses up its token. */
static void test_failed_rename(struct fixture *f)
{
    struct store *s = fixture_open(f, true);
    struct mailbox *mb = fixture_account(s, "blocked");
    struct mail m = {.id = 1, .state = MAIL_UNREAD, .time = os_clock_now(), .from = "ann"};
    struct mail again;
    int dir = fixture_directory(f, "blocked");

    message_file_measure(&m, SPAN("x"));
    snprintf(m.token, sizeof m.token, "%.*s", SPAN_PRINTF(TOKEN));
    block_names(dir, m, true);
    is_int(delivery_put(mb, "ann", SPAN("x"), TOKEN, &again, NULL), ST_IO,
           "failed rename: the delivery fails");
    block_names(dir, m, false);
    is_int(delivery_put(mb, "ann", SPAN("x"), TOKEN, &again, NULL), ST_OK,
           "failed rename: its repeat is accepted");
    is_int(fixture_text(mb, again.id, "x"), ST_OK, "failed rename: the repeat is stored");
    mailbox_close(mb);
    store_close(s);
    os_file_close(dir);
}

/* A copied file has the id of a message that is gone by the time fsck looks at the index. */
static void test_id_twice(struct fixture *f)
{
    struct store *s = fixture_open(f, true);
    struct mailbox *mb = fixture_account(s, "twice");
    int dir = fixture_directory(f, "twice");
    struct fsck fsck = {.store = s, .finding = print_finding};

    ok(os_file_replace(dir, "0000000003-x,t=1,s=0,e=0,l=0+0,f=ann", SPAN("")) &&
           os_file_replace(dir, "0000000003-b,t=1,s=0,e=0,l=0+0,f=bob", SPAN("")) &&
           os_file_replace(dir, "0000000004-x,t=1,s=0,e=0,l=0+0,f=ann", SPAN("")),
       "one id twice: two files have the same id");
    mailbox_close(mb);
    store_close(s);
    s = fixture_open(f, true);
    mb = fixture_mailbox(s, "twice"); /* the tombstone has done its duty */
    fsck.store = s;
    ok(fsck_mailbox(&fsck, "twice") == ST_OK && fsck.findings == 0,
       "one id twice: once one is gone, fsck finds nothing wrong with the other");
    os_file_close(dir);
    mailbox_close(mb);
    store_close(s);
}

/* A rename that was a link and an unlink, with a crash between them. */
static void test_two_names(struct fixture *f)
{
    struct mail m;
    struct index_totals t;
    struct mailbox_quota q;
    struct store *s = fixture_open(f, true);
    struct mailbox *mb = fixture_account(s, "linked");

    delivery_put(mb, "ann", SPAN("one letter"), TOKEN, &m, NULL);
    char name[MESSAGE_FILE_NAME_BYTES], other[MESSAGE_FILE_NAME_BYTES];
    message_file_name(&m, name);
    m.state = MAIL_NORMAL;
    message_file_name(&m, other);
    ok(linkat(mb->dir, name, mb->dir, other, 0) == 0, "two names: a message has two names");
    ok(linkat(mb->dir, name, mb->dir, "new-0123456789abcdef-7", 0) == 0,
       "two names: and that of a temporary");
    mailbox_close(mb);
    store_close(s);
    f->troubles = 0;
    s = fixture_open(f, true);
    mb = fixture_mailbox(s, "linked");
    mailbox_totals(mb, &t, &q);
    ok(t.messages == 1 && t.bytes == 10, "two names: it is counted once");
    is_int(f->troubles, 0, "two names: nothing is reported as damaged");
    ok(os_file_exists(mb->dir, other) && !os_file_exists(mb->dir, name),
       "two names: the first of them stays, the second is removed");
    is_int(messages_delete(mb, m.id), ST_OK, "two names: it can be deleted");
    mailbox_close(mb);
    store_close(s);
    s = fixture_open(f, true);
    mb = fixture_mailbox(s, "linked");
    mailbox_totals(mb, &t, &q);
    ok(t.messages == 0 && t.deleted <= 1, "two names: and stays deleted");
    mailbox_close(mb);
    store_close(s);
}

int main(void)
{
    struct fixture f;

    fixture_begin(&f);
    check_damage(&f, "body", flip_body);
    check_damage(&f, "header", flip_header);
    check_damage(&f, "truncated", truncate_file);
    check_damage(&f, "empty", empty_file);
    check_damage(&f, "lengthened", lengthen_file);
    check_damage(&f, "escapes", name_escapes);
    check_damage(&f, "line", name_line);
    check_damage(&f, "sender", name_sender);
    check_unreadable(&f, "link", make_link);
    check_unreadable(&f, "directory", make_directory);
    check_unreadable(&f, "pipe", make_pipe);
    if (geteuid() == 0)
        check_unreadable(&f, "device", make_device);
    test_written_again(&f);
    test_bring_back(&f);
    test_no_false_words(&f);
    test_long_body(&f);
    test_half_expunged(&f);
    test_id_twice(&f);
    test_leftovers(&f);
    test_half_accounts(&f);
    test_failed_rename(&f);
    test_two_names(&f);
    fixture_end(&f);
    return done_testing();
}
