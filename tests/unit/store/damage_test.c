/*
 * What a crash, a bad disk or a curious administrator leaves in a mailbox's directory.
 */
#include <fcntl.h>
#include <unistd.h>

#include "os/clock.h"
#include "store/deleted_accounts.h"
#include "store/fsck.h"
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
    ok(read && pwrite(fd, &byte, 1, last) == 1, "a bit of the body is flipped");
    close(fd);
}

static void flip_header(struct victim *v)
{
    int fd = openat(v->dir, v->name, O_RDWR);

    ok(pwrite(fd, "X", 1, 3) == 1, "the header is changed");
    close(fd);
}

static void truncate_file(struct victim *v)
{
    int fd = openat(v->dir, v->name, O_RDWR);

    ok(ftruncate(fd, lseek(fd, -1, SEEK_END)) == 0, "the last byte is cut off");
    close(fd);
}

static void empty_file(struct victim *v)
{
    ok(os_file_truncate(v->dir, v->name), "nothing is left in the file");
}

static void lengthen_file(struct victim *v)
{
    int fd = openat(v->dir, v->name, O_RDWR | O_APPEND);

    ok(write(fd, "!", 1) == 1, "a byte is added");
    close(fd);
}

/* Before the mailbox is read: the name says what is not so. */
static void rename_file(struct victim *v, void (*change)(struct mail *m))
{
    struct mail m;
    char to[MESSAGE_FILE_NAME_BYTES];

    ok(message_file_parse_name(v->name, &m), "the file's name");
    change(&m);
    message_file_name(&m, to);
    ok(os_file_rename_new(v->dir, v->name, v->dir, to), "becomes %s", to);
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

/* Message 2 of three is damaged while no store is open; the others must not suffer. */
static void check_damage(struct fixture *f, const char *account, void (*damage)(struct victim *v))
{
    struct store *s = fixture_open(f, true);
    struct victim v = {.mb = fixture_account(s, account)};
    struct mail m;

    v.dir = fixture_directory(f, account);
    for (uint32_t id = 1; id <= 3; id++)
        is_int(fixture_deliver(v.mb, "ann", text), id, "deliver");
    mailbox_close(v.mb);
    store_close(s);
    fixture_file(v.dir, "0000000002", v.name);
    damage(&v);
    s = fixture_open(f, true);
    v.mb = fixture_mailbox(s, account);
    f->troubles = 0;
    is_int(fixture_text(v.mb, 2, text), ST_DAMAGED, "it is found to be damaged");
    is_int(f->troubles, 1, "which is told");
    ok(strstr(f->last, "message 2 set aside"), "in words: %s", f->last);
    ok(fixture_file(v.dir, "0000000002-b", v.name), "it is set aside, not removed");
    is_int(messages_find(v.mb, 2, &m), ST_NO_MESSAGE, "it is no message any more");
    is_int(fixture_text(v.mb, 1, text), ST_OK, "the one before it");
    is_int(fixture_text(v.mb, 3, text), ST_OK, "and the one after it are there");
    is_int(fixture_deliver(v.mb, "ann", text), 4, "and another comes");
    mailbox_close(v.mb);
    os_file_close(v.dir);
    store_close(s);
}

/* In a long body, after pieces that were given. The last one is not. */
static void test_long_body(struct fixture *f)
{
    struct store *s = fixture_open(f, true);
    struct victim v = {.mb = fixture_account(s, "long"), .dir = fixture_directory(f, "long")};
    size_t size = 5 * READER_BYTES / 2;
    char *body = calloc(1, size);
    struct mail m;
    struct reader r;
    struct span piece;

    delivery_put(v.mb, "ann", span_of(body, size), SPAN(""), &m, NULL);
    fixture_file(v.dir, "0000000001", v.name);
    flip_body(&v);
    is_int(reader_open(&r, v.mb, &m), ST_OK, "a long message");
    ok(reader_next(&r, &piece) == ST_OK && piece.n > 0, "its first piece");
    ok(reader_next(&r, &piece) == ST_OK && piece.n > 0, "its second");
    is_int(reader_next(&r, &piece), ST_DAMAGED, "its last is damaged");
    is_int(piece.n, 0, "and not given");
    reader_close(&r);
    ok(fixture_file(v.dir, "0000000001-b", v.name), "it is set aside");
    free(body);
    mailbox_close(v.mb);
    os_file_close(v.dir);
    store_close(s);
}

static void make_file(int dir, const char *name)
{
    int fd = os_file_create(dir, name);

    ok(fd >= 0, "a file %s", name);
    os_file_close(fd);
}

/* A server knows that no other is under way; another program does not. */
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
    ok(os_file_exists(dir, temporary), "another program leaves a temporary alone");
    is_int(f->troubles, 1, "of a foreign file it tells");
    s = fixture_open(f, true);
    struct mailbox *mb = fixture_mailbox(s, "left");
    ok(!os_file_exists(dir, temporary), "the server drops it");
    ok(!os_file_exists(dir, "account.new"), "and half a new password");
    ok(os_file_exists(dir, "README"), "but no foreign file");
    ok(strstr(f->last, "README"), "which it names: %s", f->last);
    is_int(fixture_deliver(mb, "ann", text), 1, "the mailbox is as it should be");
    mailbox_close(mb);
    store_close(s);
    os_file_close(dir);
}

/* Half-made and half-removed accounts. */
static bool never(void *ctx)
{
    (void)ctx;
    return false;
}

static void test_half_accounts(struct fixture *f)
{
    int dir = os_file_open_dir(f->path);
    struct store *s;

    ok(os_file_make_dir(dir, "new/half-0123456789abcdef"), "half an account");
    ok(os_file_make_dir(dir, "removed/gone-0123456789abcdef"), "half a removal");
    store_close(fixture_open(f, false));
    ok(os_file_exists(dir, "new/half-0123456789abcdef"), "are none of another program's business");
    s = fixture_open(f, true);
    ok(!os_file_exists(dir, "new/half-0123456789abcdef"), "the server clears the first away");
    deleted_accounts_purge(s, never, NULL);
    ok(!os_file_exists(dir, "removed/gone-0123456789abcdef"), "and its housekeeper the other");
    store_close(s);
    os_file_close(dir);
}

/* A crash between taking the body away and saying so in the name. */
static void test_half_expunged(struct fixture *f)
{
    struct store *s = fixture_open(f, true);
    struct mailbox *mb = fixture_account(s, "half");
    struct mail m;
    char from[MESSAGE_FILE_NAME_BYTES], to[MESSAGE_FILE_NAME_BYTES];
    int dir = fixture_directory(f, "half");

    is_int(delivery_put(mb, "ann", SPAN("x"), TOKEN, &m, NULL), ST_OK, "deliver");
    mailbox_close(mb);
    store_close(s);
    message_file_name(&m, from);
    m.state = MAIL_DELETED;
    message_file_name(&m, to);
    os_file_rename_new(dir, from, dir, to);
    os_file_truncate(dir, to);
    s = fixture_open(f, true);
    mb = fixture_mailbox(s, "half");
    ok(fixture_file(dir, "0000000001-x", from), "half an expunging is finished");
    is_int(delivery_put(mb, "ann", SPAN("x"), TOKEN, &m, NULL), ST_OK, "its token");
    is_int(m.id, 1, "is known");
    mailbox_close(mb);
    store_close(s);
    os_file_close(dir);
}

/* Directories are in the way of the rename, whatever second it is. */
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

/* Only a stored message uses its token up. */
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
    is_int(delivery_put(mb, "ann", SPAN("x"), TOKEN, &again, NULL), ST_IO, "a delivery fails");
    block_names(dir, m, false);
    is_int(delivery_put(mb, "ann", SPAN("x"), TOKEN, &again, NULL), ST_OK, "its repeat");
    is_int(fixture_text(mb, again.id, "x"), ST_OK, "is stored");
    mailbox_close(mb);
    store_close(s);
    os_file_close(dir);
}

static void print_finding(void *ctx, const char *mailbox, const char *file, const char *what,
                          bool set_aside)
{
    (void)ctx;
    diag("%s: %s: %s%s", mailbox, file ? file : "", what, set_aside ? ", set aside" : "");
}

/* A stranger's file has the id of a message that is gone by the time the index is looked at. */
static void test_id_twice(struct fixture *f)
{
    struct store *s = fixture_open(f, true);
    struct mailbox *mb = fixture_account(s, "twice");
    int dir = fixture_directory(f, "twice");
    struct fsck fsck = {.store = s, .finding = print_finding};

    ok(os_file_replace(dir, "0000000003-x,t=1,s=0,e=0,l=0+0,f=ann", SPAN("")) &&
           os_file_replace(dir, "0000000003-b,t=1,s=0,e=0,l=0+0,f=bob", SPAN("")) &&
           os_file_replace(dir, "0000000004-x,t=1,s=0,e=0,l=0+0,f=ann", SPAN("")),
       "two files have one id");
    mailbox_close(mb);
    store_close(s);
    s = fixture_open(f, true);
    mb = fixture_mailbox(s, "twice"); /* the tombstone has done its duty */
    fsck.store = s;
    ok(fsck_mailbox(&fsck, "twice") == ST_OK && fsck.findings == 0,
       "once one is gone, fsck finds nothing wrong with the other");
    os_file_close(dir);
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
    test_long_body(&f);
    test_half_expunged(&f);
    test_id_twice(&f);
    test_leftovers(&f);
    test_half_accounts(&f);
    test_failed_rename(&f);
    fixture_end(&f);
    return done_testing();
}
