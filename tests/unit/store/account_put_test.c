/* SPDX-License-Identifier: ISC */
/*
 * An account is made from a copy: what the copy may lack or have instead, and what fails.
 * backup_test.c and backup_each_failure_test.c have the rest.
 */
#include "store_faults.h"

#include "backup_fixture.h"
#include "store/account_put.h"

static char name[MESSAGE_FILE_NAME_BYTES];

/* --- the copy, and the store that gets the account --- */

static struct fixture g;
static struct store *to;
static struct who ann;
static int copy;
static struct account_copy_told told;
static struct account_put put;

/* A copy of ann, and a store without her. */
static void begin(void)
{
    struct account_copy c;

    backup_begin();
    findings[0] = '\0';
    told = (struct account_copy_told){.finding = backup_note};
    if (!os_file_make_dir(place, "copy"))
        exit(1);
    copy = os_file_open_subdir(place, "copy");
    if (account_copy_begin(&c, s, "ann") != ST_OK ||
        account_copy_into(&c, copy, "copy", -1, &told) != ST_OK)
        exit(1);
    account_copy_end(&c);
    told.copied = 0;
    ann = mb->who;
    fixture_begin(&g);
    to = fixture_open(&g, true);
}

static void end(void)
{
    store_close(to);
    fixture_end(&g);
    os_file_close(copy);
    backup_end();
}

static enum status make(void)
{
    return account_put_make(to, &ann, copy, "copy", &told, &put);
}

static bool add_one(void *ctx, const char *found)
{
    int *count = ctx;

    *count += found[0] != '\0';
    return true;
}

/* Nothing is left of an account that was not made. */
static void expect_nothing(const char *text)
{
    int count = 0;

    os_file_each(to->dirs[LAYOUT_NEW], add_one, &count);
    is_int(count, 0, "%s: nothing is left in new/", text);
    is_str(put.temporary, "", "%s: and nothing can be entered", text);
}

/* Enters the account, and opens its mailbox. */
static struct mailbox *enter(const char *text)
{
    is_int(account_put_enter(to, &put), ST_OK, "%s: the account gets its name", text);
    return fixture_mailbox(to, "ann");
}

/* Changes the state of the first message in the copy. */
static void rename_first(enum mail_state state)
{
    char other[MESSAGE_FILE_NAME_BYTES];
    struct mail m;

    if (!fixture_file(copy, "0000000001-", name) || !message_file_parse_name(name, &m))
        exit(1);
    m.state = state;
    message_file_name(&m, other);
    os_file_rename_new(copy, name, copy, other);
}

static void damage_first(void)
{
    if (!fixture_file(copy, "0000000001-", name) || !os_file_remove(copy, name) ||
        !os_file_make(copy, name, SPAN("damage")))
        exit(1);
}

static void remove_first(void)
{
    if (!fixture_file(copy, "0000000001-", name))
        exit(1);
    os_file_remove(copy, name);
}

/* --- the account's file --- */

#define BEGIN "pochta-account 1\ngeneration "
#define END   "\npassword hash\n"

static void test_file(void)
{
    static const struct {
        const char *what, *text; /* NULL: there is no file */
    } bad[] = {
        {"missing", NULL},
        {"empty", ""},
        {"no account's file", "nonsense\n"},
        {"of another account", BEGIN "0123456789abcdef" END},
        {"too long", "long"},
    };
    char longer[2 * ACCOUNT_FILE_BYTES];

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *text = bad[i].text;
        begin();
        os_file_remove(copy, LAYOUT_ACCOUNT);
        if (text && strcmp(text, "long") == 0) {
            snprintf(longer, sizeof longer, BEGIN "%s\npassword %0*d\n", ann.generation,
                     ACCOUNT_FILE_BYTES, 0);
            text = longer;
        }
        if (text)
            os_file_make(copy, LAYOUT_ACCOUNT, span_str(text));
        is_int(make(), ST_DAMAGED, "file: %s", bad[i].what);
        is_str(findings,
               "ann/account: it is missing, damaged or of another account; nothing was restored\n",
               "file: ... it is reported");
        expect_nothing("file");
        is_int(g.troubles, 0, "file: ... which is no trouble of the store");
        end();
    }
}

static void test_unread_file(void)
{
    begin();
    faults_meanwhile("os_file_load", LAYOUT_ACCOUNT, 1, NULL, EIO);
    is_int(make(), ST_UNREADABLE, "unread: the account's file");
    ok(faults_happened() && strstr(findings, "ann/account: the copy cannot be read, and nothing"),
       "unread: ... it is reported: %s", findings);
    expect_nothing("unread");
    findings[0] = '\0';
    faults_meanwhile("os_file_load", LAYOUT_ACCOUNT, 1, NULL, EMFILE);
    is_int(make(), ST_NO_FILES, "unread: a shortage of file descriptors");
    ok(faults_happened() && strstr(g.last, "cannot read copy/account"),
       "unread: ... which is logged: %s", g.last);
    is_str(findings, "", "unread: ... nothing is said of the copy");
    expect_nothing("unread");
    is_int(make(), ST_OK, "unread: the next attempt makes the account");
    mailbox_close(enter("unread"));
    end();
}

/* --- its messages --- */

static void expect_text(struct mailbox *back, uint32_t id, const char *text, const char *what)
{
    is_int(fixture_text(back, id, text), ST_OK, "%s: message %d is there", what, (int)id);
}

static void test_tombstone(void)
{
    begin();
    rename_first(MAIL_EXPUNGED);
    faults_meanwhile("os_file_create", "0000000001-x", 1, NULL, ENOSPC);
    is_int(make(), ST_DISK_FULL, "tombstone: there is no room for it");
    ok(faults_happened() && strstr(g.last, "/0000000001-x"), "tombstone: ... it is logged: %s",
       g.last);
    expect_nothing("tombstone");
    is_int(make(), ST_OK, "tombstone: there is room");
    struct mailbox *back = enter("tombstone");
    int dir = fixture_directory(&g, "ann");
    struct os_file_info info = {.bytes = 1};
    ok(fixture_file(dir, "0000000001-x", name) && os_file_look(dir, name, &info) && info.bytes == 0,
       "tombstone: the account has it as an empty file, whatever is in the copy");
    os_file_close(dir);
    is_int((int)told.copied, 2, "tombstone: ... no message was copied for it");
    expect_text(back, 2, "two", "tombstone");
    is_str(findings, "", "tombstone: ... nothing is reported");
    mailbox_close(back);
    end();
}

static void test_broken(void)
{
    begin();
    rename_first(MAIL_BROKEN);
    damage_first();
    is_int(make(), ST_OK, "broken: it was set aside in the copy");
    is_str(findings, "", "broken: ... so nothing is reported");
    struct mailbox *back = enter("broken");
    int dir = fixture_directory(&g, "ann");
    ok(fixture_file(dir, "0000000001-b", name), "broken: ... it is set aside in the account");
    os_file_close(dir);
    mailbox_close(back);
    end();

    begin();
    damage_first();
    faults_meanwhile("os_file_rename_new", "0000000001-u", 1, NULL, ENOSPC);
    is_int(make(), ST_DISK_FULL, "broken: it cannot be set aside");
    ok(faults_happened() && strstr(g.last, "/0000000001-b"), "broken: ... which is logged");
    expect_nothing("broken");
    end();
}

static void test_gone(void)
{
    begin();
    faults_meanwhile("os_file_open", "0000000001-u", 1, remove_first, 0);
    is_int(make(), ST_OK, "gone: somebody removes a message of the copy");
    ok(faults_happened(), "gone: ... while it is copied");
    struct mailbox *back = enter("gone");
    is_int(fixture_text(back, 1, "one"), ST_NO_MESSAGE, "gone: ... the account does not have it");
    expect_text(back, 2, "two", "gone");
    expect_text(back, 3, "three", "gone");
    mailbox_close(back);
    end();
}

/* A message with the id of another one, in some state, as a mailbox has it until a server reads it.
 */
static void add_second(enum mail_state state)
{
    struct mail m = {.id = 1, .state = state, .time = 1, .from = "bob"};
    char header[MESSAGE_FILE_HEADER_BYTES], text[MESSAGE_FILE_HEADER_BYTES + 10];

    message_file_measure(&m, SPAN("second"));
    message_file_name(&m, name);
    size_t n = message_file_header(&m, SPAN("second"), header);
    int bytes = snprintf(text, sizeof text, "%.*ssecond", (int)n, header);
    os_file_make(copy, name, span_of(text, (size_t)bytes));
}

/* A first file of one id, another message, and a file that was set aside. */
static void test_same_id(void)
{
    begin();
    os_file_make(copy, "0000000001-b,t=1512316293,s=3,e=0,l=3+0,f=bob", SPAN("damaged"));
    add_second(MAIL_UNREAD);
    is_int(make(), ST_OK, "same id: three files");
    int dir = os_file_open_subdir(to->dirs[LAYOUT_NEW], put.temporary), count = 0;
    os_file_each(dir, add_one, &count);
    os_file_close(dir);
    is_int(count, 1 + 4,
           "same id: the account's file, three messages, and one more with the same id");
    is_str(findings, "", "same id: ... the others are not looked at");
    struct mailbox *back = enter("same id");
    ok(fixture_text(back, 1, "second") == ST_OK || fixture_text(back, 4, "second") == ST_OK,
       "same id: the second message is there");
    ok(fixture_text(back, 1, "one") == ST_OK || fixture_text(back, 4, "one") == ST_OK,
       "same id: ... and the first is");
    mailbox_close(back);
    end();
}

/* Two files that would get the same name when they are set aside. */
static void test_same_damage(void)
{
    begin();
    os_file_make(copy, "0000000001-n,t=1,s=3,e=0,l=3+0,f=bob", SPAN("damage"));
    os_file_make(copy, "0000000001-u,t=1,s=3,e=0,l=3+0,f=bob", SPAN("damage"));
    is_int(make(), ST_OK, "same damage: three files");
    int dir = os_file_open_subdir(to->dirs[LAYOUT_NEW], put.temporary), count = 0;
    os_file_each(dir, add_one, &count);
    ok(fixture_file(dir, "0000000001-b", name) && !fixture_file(dir, "0000000001-n", name),
       "same damage: ... one is set aside");
    os_file_close(dir);
    is_int(count, 1 + 4, "same damage: ... and the other one is left out");
    account_put_discard(to, &put);
    faults_meanwhile("os_file_remove", "0000000001-u", 2, NULL, EIO);
    is_int(make(), ST_IO, "same damage: the other file cannot be removed");
    ok(faults_happened(), "same damage: ... as it should");
    expect_nothing("same damage");
    end();
}

/* --- the store --- */

static void test_read_only(void)
{
    begin();
    faults_meanwhile("os_file_sync_dir", NULL, 1, NULL, EIO);
    store_sync(to, LAYOUT_USERS);
    ok(faults_happened(), "read-only: a sync of the store fails");
    is_int(make(), ST_READ_ONLY, "read-only: no account is made");
    expect_nothing("read-only");
    account_put_discard(to, &put);
    is_int(account_put_check(to, &ann, &told), ST_OK, "read-only: the check still works");
    end();
}

/* It cannot be found out whether the account was deleted. */
static void test_removed(void)
{
    begin();
    int removed = to->dirs[LAYOUT_REMOVED];
    to->dirs[LAYOUT_REMOVED] = os_file_open(copy, LAYOUT_ACCOUNT);
    is_int(account_put_check(to, &ann, &told), ST_IO, "removed: no directory");
    ok(strstr(g.last, "cannot look at removed/ann-"), "removed: ... which is logged: %s", g.last);
    is_str(findings, "", "removed: ... there is no finding");
    os_file_close(to->dirs[LAYOUT_REMOVED]);
    to->dirs[LAYOUT_REMOVED] = removed;
    is_int(account_put_check(to, &ann, &told), ST_OK, "removed: without the account");
    end();
}

int main(void)
{
    setenv("TMPDIR", "/dev/shm", 1);
    test_file();
    test_unread_file();
    test_tombstone();
    test_broken();
    test_gone();
    test_same_id();
    test_same_damage();
    test_read_only();
    test_removed();
    return done_testing();
}
