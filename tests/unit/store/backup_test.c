/* SPDX-License-Identifier: ISC */
/*
 * Backups, while a mailbox changes under them, and what a directory of backups may contain that no
 * backup has written. tests/it/backup.t has the rest.
 */
#include "store_faults.h"

#include <sys/stat.h>
#include <unistd.h>

#include "backup_fixture.h"

#define TOKEN "0123456789abcdef"

static char name[MESSAGE_FILE_NAME_BYTES], other[MESSAGE_FILE_NAME_BYTES];

/* Gives the file of a message another state, as another process would. */
static void rename_to(const char *start, enum mail_state state)
{
    struct mail m;

    if (!fixture_file(ann_dir, start, name) || !message_file_parse_name(name, &m))
        exit(1);
    m.state = state;
    message_file_name(&m, other);
    os_file_rename_over(ann_dir, name, ann_dir, other);
}

static void read_it(void)
{
    rename_to("0000000001-", MAIL_NORMAL);
}

static void purge_it(void)
{
    rename_to("0000000001-", MAIL_EXPUNGED);
    os_file_truncate(ann_dir, other);
}

static int copy_of_ann(const struct backup *b)
{
    int dir = backup_copy_of_ann(b->date);

    ok(dir >= 0, "the backup has a copy of ann");
    return dir;
}

static uint64_t inode_of(int dir, const char *start)
{
    struct os_file_info info;

    return backup_name(dir, start, name) && os_file_look(dir, name, &info) ? info.inode : 0;
}

static void test_meanwhile(void)
{
    struct backup b;

    backup_begin();
    faults_meanwhile("os_file_open", "0000000001-u", 1, read_it, 0);
    is_int(backup_make(&b), ST_OK, "read meanwhile: a backup");
    ok(faults_happened(), "read meanwhile: it was");
    int dir = copy_of_ann(&b);
    ok(backup_name(dir, "0000000001-n", name), "read meanwhile: the copy has it, as read");
    is_str(findings, "", "read meanwhile: nothing is reported");
    os_file_close(dir);
    backup_end();

    backup_begin();
    faults_meanwhile("os_file_open", "0000000001-u", 1, purge_it, 0);
    is_int(backup_make(&b), ST_OK, "purged before it is opened: a backup");
    dir = copy_of_ann(&b);
    ok(backup_name(dir, "0000000001-x", name), "purged before it is opened: a tombstone");
    is_str(findings, "", "purged before it is opened: nothing is reported");
    os_file_close(dir);
    backup_end();

    backup_begin();
    faults_meanwhile("os_file_read_at", NULL, 1, purge_it, 0);
    is_int(backup_make(&b), ST_OK, "purged while it is open: a backup");
    dir = copy_of_ann(&b);
    ok(backup_name(dir, "0000000001-x", name), "purged while it is open: a tombstone");
    ok(!backup_name(dir, "0000000001-u", name), "purged while it is open: and nothing else");
    is_str(findings, "", "purged while it is open: nothing is reported");
    os_file_close(dir);
    backup_end();
}

/* Another message under the same id, as in a store that was set back. */
static void replace_it(const char *text)
{
    char header[MESSAGE_FILE_HEADER_BYTES], whole[400];
    struct mail m;

    if (!fixture_file(ann_dir, "0000000002-", name) || !message_file_parse_name(name, &m))
        exit(1);
    os_file_remove(ann_dir, name);
    m.time++;
    message_file_measure(&m, span_str(text));
    size_t n = message_file_header(&m, span_str(text), header);
    snprintf(whole, sizeof whole, "%.*s%s", (int)n, header, text);
    message_file_name(&m, name);
    if (!os_file_make(ann_dir, name, span_str(whole)))
        exit(1);
    changes_note(s, "ann", NULL);
}

static void test_links(void)
{
    struct backup first, second;

    backup_begin();
    backup_make(&first);
    int earlier = copy_of_ann(&first);
    replace_it("owt");
    is_int(backup_make(&second), ST_OK, "links: another backup");
    int dir = copy_of_ann(&second);
    ok(inode_of(earlier, "0000000001-") == inode_of(dir, "0000000001-"),
       "links: a message that is the same is a link");
    ok(inode_of(earlier, "0000000002-") != inode_of(dir, "0000000002-"),
       "links: another message of the same id is not");
    os_file_close(earlier);
    os_file_close(dir);
    os_file_link(ann_dir, LAYOUT_ACCOUNT, ann_dir, "0000000009-stranger");
    is_int(backup_make(&second), ST_OK, "links: nothing has changed but for a strange file");
    is_int((int)second.changed, 0, "links: no account is copied");
    changes_note(s, "ann", NULL);
    fixture_deliver(mb, "bob", "four");
    faults_meanwhile("os_file_link", NULL, 1, NULL, EMLINK);
    is_int(backup_make(&second), ST_OK, "links: a file with too many of them");
    is_int((int)second.told.copied, 2, "links: it is copied, like the new message");
    backup_end();
}

/* A run ends early; then something comes, also into what it had copied. */
static void test_resume(void)
{
    struct restore r;
    struct backup b;

    backup_begin();
    faults_meanwhile("os_file_rename_new", "2", 1, NULL, EIO);
    is_int(backup_make(&b), ST_IO, "resume: a run fails at its end");
    ok(faults_happened(), "resume: it did");
    r = backup_restore(s, NULL);
    is_int(restore_all(&r), ST_NO_MESSAGE, "resume: that is no backup");
    fixture_deliver(mb, "bob", "four");
    is_int(backup_make(&b), ST_OK, "resume: the next run");
    ok(b.went_on, "resume: it goes on");
    is_int((int)b.accounts, 2, "resume: it has all accounts");
    is_int((int)b.changed, 1, "resume: it copies one");
    int dir = copy_of_ann(&b);
    ok(backup_name(dir, "0000000004-u", name), "resume: with what has come since");
    os_file_close(dir);
    int all = os_file_open_subdir(place, ".");
    ok(!fixture_file(all, "2027", name), "resume: nothing else");
    os_file_close(all);
    backup_end();
}

static bool count_note(void *ctx, const char *account)
{
    int *n = ctx;

    (void)account;
    (*n)++;
    return true;
}

/* The change may be older than the backup that could not read it. */
static void test_unread(void)
{
    int before = 0, after = 0;
    struct backup b;

    backup_begin();
    backup_make(&b);
    fixture_deliver(mb, "bob", "four");
    ok(changes_each_since(s, changes_now(s), count_note, &before) && before > 0,
       "unread: a message is noted");
    faults_meanwhile("os_file_load", LAYOUT_ACCOUNT, 1, NULL, EIO);
    is_int(backup_make(&b), ST_OK, "unread: a backup while an account cannot be read");
    ok(faults_happened() && strstr(findings, "so the earlier copy is kept"),
       "unread: ... which is told");
    changes_each_since(s, changes_now(s), count_note, &after);
    is_int(after, before + 1, "unread: it is noted once more, for the next backup");
    backup_end();
}

/* How many lines the unfinished list has before the copies are synced. */
static int lines_before_sync;

static void look_at_list(void)
{
    char list[MESSAGE_FILE_NAME_BYTES];
    struct buf text;

    buf_init(&text, 10000);
    if (fixture_file(place, "2", list) && os_file_load(place, list, &text))
        lines_before_sync = (int)span_count(buf_span(&text), '\n');
    buf_free(&text);
}

static void test_order(void)
{
    struct backup b;

    backup_begin();
    faults_meanwhile("os_file_sync_all", NULL, 1, look_at_list, 0);
    is_int(backup_make(&b), ST_OK, "order: a backup");
    ok(faults_happened(), "order: its copies are synced");
    is_int(lines_before_sync, 3, "order: before that the list names no account");
    backup_end();
}

/* A tool does not sync each mailbox that it reads if one sync of the file system covers all. */
static void test_order_of_tool(void)
{
    struct backup b;

    backup_begin();
    struct store *server = s;
    s = fixture_open(&f, false);
    lines_before_sync = 0;
    faults_meanwhile("os_file_sync_all", NULL, 2, look_at_list, 0);
    is_int(backup_make(&b), ST_OK, "order: a backup by a tool");
    ok(faults_happened(), "order: the store is synced after the copies");
    is_int(lines_before_sync, 3, "order: ... before the list names an account");
    fixture_deliver(mb, "bob", "four");
    faults_meanwhile("os_file_sync_all", NULL, 2, NULL, EIO);
    is_int(backup_make(&b), ST_IO, "order: no backup is made if the store cannot be synced");
    ok(faults_happened(), "order: ... because of the fault");
    is_int(backup_make(&b), ST_OK, "order: the next backup works");
    store_close(s);
    s = server;
    backup_end();
}

/* How many directories a tool syncs in a backup that looks at two accounts, and copies nothing. */
static int syncs_of_tool(bool are_reported)
{
    enum { MANY = 1000 };
    struct backup b;

    struct store *server = s;
    s = fixture_open(&f, false);
    changes_note(s, "ann", NULL);
    changes_note(s, "bob", NULL);
    faults_sync_not_reported = !are_reported;
    faults_meanwhile("os_file_sync_dir", NULL, MANY, NULL, 0);
    is_int(backup_make(&b), ST_OK, "each: a backup; syncs are reported: %d", are_reported);
    is_int((int)b.changed, 0, "each: nothing is copied");
    int calls = MANY - meanwhile.nth;
    faults_happened();
    faults_sync_not_reported = false;
    store_close(s);
    s = server;
    return calls;
}

/* Where syncfs does not report failures, the mailboxes are synced one by one. */
static void test_each_of_tool(void)
{
    struct backup b;

    backup_begin();
    backup_make(&b);
    int all = syncs_of_tool(true), each = syncs_of_tool(false);
    is_int(each - all, 2, "each: where syncs are not reported, both mailboxes are synced, too");
    backup_end();
}

static void cut_list(const char *date, size_t bytes)
{
    struct buf text;

    buf_init(&text, 10000);
    if (!os_file_load(place, date, &text) || text.n < bytes)
        exit(1);
    text.n -= bytes;
    os_file_replace(place, date, buf_span(&text));
    buf_free(&text);
}

/* A list that lacks its end, or a line, is not used. */
static void test_half(void)
{
    struct backup first, second;
    struct restore r;

    backup_begin();
    backup_make(&first);
    fixture_deliver(mb, "bob", "four");
    backup_make(&second);
    cut_list(second.date, 5);
    r = backup_restore(s, NULL);
    is_int(restore_all(&r), ST_DAMAGED, "half: a list without its end is no backup");
    r = backup_restore(s, first.date);
    is_int(restore_all(&r), ST_OK, "half: the one before it is");
    is_int(backup_make(&second), ST_OK, "half: the next backup is made from that one");
    int dir = copy_of_ann(&second);
    ok(backup_name(dir, "0000000004-u", name), "half: and has what came since");
    os_file_close(dir);
    is_int(backup_keep(&second, 1), ST_OK, "half: all but one are removed");
    r = backup_restore(s, NULL);
    is_int(restore_all(&r), ST_OK, "half: that one is left, and whole");
    backup_end();
}

/* --- what comes back --- */

static struct fixture g;

/* The last backup uses a copy of the first; the one between them is damaged. */
static void test_keep(void)
{
    struct backup first, second, third;
    backup_begin();
    backup_make(&first);
    fixture_deliver(mb, "bob", "four");
    backup_make(&second);
    fixture_deliver(mb, "bob", "five");
    backup_make(&third);
    cut_list(second.date, 5);
    is_int(backup_keep(&third, 1), ST_OK, "keep: all backups but the last are removed");
    fixture_begin(&g);
    struct store *to = fixture_open(&g, true);
    struct restore r = backup_restore(to, NULL);
    is_int(restore_all(&r), ST_OK, "keep: the last backup is restored");
    is_int((int)r.accounts, 2, "keep: with the account that has not changed since the first");
    is_str(findings, "", "keep: nothing is reported");
    store_close(to);
    fixture_end(&g);
    backup_end();
}

static void expect_told(const char *what, const char *text)
{
    ok(strstr(findings, what), "%s: \"%s\" is reported", text, what);
    if (!strstr(findings, what))
        diag("%s", findings);
}

static enum status bring_back(struct store *to, uint32_t id)
{
    struct restore r = backup_restore(to, NULL);

    return restore_letters(&r, "ann", &id, 1);
}

static void test_letters(void)
{
    struct backup b;
    struct mail m;
    bool repeat;

    backup_begin();
    delivery_put(mb, "bob", SPAN("token"), SPAN(TOKEN), &m, &repeat);
    fixture_deliver(mb, "bob", "five");
    backup_make(&b);
    is_int(bring_back(s, 1), ST_OK, "letters: one that is there");
    expect_told("the account already has it", "letters");
    s->limits.trash_s = 86400;
    messages_delete(mb, 2);
    bring_back(s, 2);
    expect_told("it is in the trash", "letters");
    fixture_file(ann_dir, "0000000004-", name);
    os_file_remove(ann_dir, name);
    atomic_store(&mb->doubtful, true);
    delivery_put(mb, "bob", SPAN("token"), SPAN(TOKEN), &m, &repeat);
    bring_back(s, 4);
    expect_told("its sender has sent it again", "letters");
    fixture_file(ann_dir, "0000000003-", name);
    os_file_remove(ann_dir, name);
    atomic_store(&mb->doubtful, true);
    is_int(bring_back(s, 3), ST_OK, "letters: one that is gone");
    is_str(findings, "", "letters: nothing is reported");
    is_int(fixture_text(mb, 3, "three"), ST_OK, "letters: it is there again");
    purge_it();
    atomic_store(&mb->doubtful, true);
    is_int(bring_back(s, 1), ST_OK, "letters: one that was purged");
    is_int(fixture_text(mb, 1, "one"), ST_OK, "letters: it is there again");
    ok(!fixture_file(ann_dir, "0000000001-x", name), "letters: instead of its tombstone");
    replace_it("owt");
    atomic_store(&mb->doubtful, true);
    bring_back(s, 2);
    expect_told("another message with this id", "letters");
    bring_back(s, 99);
    expect_told("the backup has no message with this id", "letters");
    backup_end();
}

/* The mailbox has been set back, and its next delivery may take the id at this moment. */
static void test_highest(void)
{
    struct backup b;

    backup_begin();
    backup_make(&b);
    fixture_file(ann_dir, "0000000003-", name);
    os_file_remove(ann_dir, name);
    atomic_store(&mb->doubtful, true);
    bring_back(s, 3);
    expect_told("has not reached this id yet", "highest");
    backup_end();
}

static void test_generation(void)
{
    struct who who = {.name = "ann"};
    struct restore r;
    struct backup b;

    backup_begin();
    backup_make(&b);
    is_int(account_delete(s, &who), ST_OK, "generation: ann is deleted");
    r = backup_restore(s, NULL);
    is_int(restore_account(&r, "ann"), ST_USER_EXISTS, "generation: one that is kept");
    expect_told("user restore ann", "generation");
    is_int(account_register(s, "ann", "other"), ST_OK, "generation: another ann");
    r = backup_restore(s, NULL);
    is_int(restore_account(&r, "ann"), ST_USER_EXISTS, "generation: it is not replaced");
    expect_told("another account with this name", "generation");
    is_int(bring_back(s, 1), ST_USER_EXISTS, "generation: and gets no letter");
    os_file_close(ann_dir);
    ann_dir = fixture_directory(&f, "ann");
    ok(!fixture_file(ann_dir, "0", name), "generation: it has none");
    backup_end();
}

/* A new store gets what a backup has that somebody has changed. */
static void test_untrusted(void)
{
    struct who who;
    struct account a;
    struct restore r;
    struct backup b;

    backup_begin();
    backup_make(&b);
    int dir = copy_of_ann(&b);
    fixture_file(dir, "0000000001-", name);
    os_file_remove(dir, name);
    is_int(symlinkat("/etc/passwd", dir, name), 0, "untrusted: a link in place of a message");
    fixture_file(dir, "0000000002-", other);
    os_file_truncate(dir, other);
    os_file_make_dir(dir, "0000000009-dir");
    fixture_begin(&g);
    struct store *to = fixture_open(&g, true);
    r = backup_restore(to, NULL);
    is_int(restore_all(&r), ST_OK, "untrusted: it is brought back");
    is_int((int)r.accounts, 2, "untrusted: all accounts");
    expect_told("0000000001-u", "untrusted");
    expect_told("Too many levels of symbolic links", "untrusted");
    expect_told("0000000002-u", "untrusted");
    expect_told("it has no valid header", "untrusted");
    struct mailbox *back = fixture_mailbox(to, "ann");
    is_int(fixture_text(back, 3, "three"), ST_OK, "untrusted: what is whole is there");
    is_int(fixture_text(back, 1, "one"), ST_NO_MESSAGE, "untrusted: the link is not");
    is_int(fixture_deliver(back, "bob", "four"), 4, "untrusted: no id is given again");
    mailbox_close(back);
    store_close(to);
    fixture_end(&g);

    os_file_remove(dir, LAYOUT_ACCOUNT);
    is_int(symlinkat("/etc/passwd", dir, LAYOUT_ACCOUNT), 0, "untrusted: a link, the account");
    fixture_begin(&g);
    to = fixture_open(&g, true);
    r = backup_restore(to, NULL);
    is_int(restore_account(&r, "ann"), ST_DAMAGED, "untrusted: it is not followed");
    is_int(account_find(to, "ann", &who, &a), ST_NO_USER, "untrusted: there is no account");
    store_close(to);
    fixture_end(&g);
    os_file_close(dir);
    backup_end();
}

int main(void)
{
    test_meanwhile();
    test_links();
    test_resume();
    test_unread();
    test_order();
    test_order_of_tool();
    test_each_of_tool();
    test_half();
    test_keep();
    test_letters();
    test_highest();
    test_generation();
    test_untrusted();
    return done_testing();
}
