/* SPDX-License-Identifier: ISC */
/*
 * Whether a letter comes back from a copy: for each state in the copy and each in the mailbox.
 * backup_test.c has the rest.
 */
#include "store_faults.h"

#include "backup_fixture.h"
#include "store/account_put.h"

#define TOKEN "0123456789abcdef"
#define ID    4 /* of the letter, which has a token */

static char name[MESSAGE_FILE_NAME_BYTES];
static int copy;

static uint32_t deliver(void)
{
    struct mail m = {.id = 0};
    bool repeat;

    delivery_put(mb, "bob", SPAN("letter"), SPAN(TOKEN), &m, &repeat);
    return m.id;
}

/* Ann has five letters, all of them copied. */
static void begin(void)
{
    struct account_copy_told told = {.finding = backup_note};
    struct account_copy c;

    backup_begin();
    s->limits.trash_s = 86400;
    is_int(deliver(), ID, "a letter with a token");
    fixture_deliver(mb, "bob", "five");
    if (!os_file_make_dir(place, "copy"))
        exit(1);
    copy = os_file_open_subdir(place, "copy");
    if (account_copy_begin(&c, s, "ann") != ST_OK ||
        account_copy_into(&c, copy, "copy", -1, &told) != ST_OK)
        exit(1);
    account_copy_end(&c);
}

static void end(void)
{
    os_file_close(copy);
    backup_end();
}

/* --- the letter's file --- */

static void find_file(int dir)
{
    if (!fixture_file(dir, "0000000004-", name))
        exit(1);
}

static void remove_file(int dir)
{
    find_file(dir);
    os_file_remove(dir, name);
}

static void remove_copy(void)
{
    remove_file(copy);
}

static void write_file(int dir, struct span content)
{
    remove_file(dir);
    if (!os_file_make(dir, name, content))
        exit(1);
}

/* As a mailbox or a copy would have it. MAIL_GONE: no file. */
static void set_state(int dir, enum mail_state state)
{
    char other[MESSAGE_FILE_NAME_BYTES];
    struct mail m;

    find_file(dir);
    if (state == MAIL_GONE) {
        os_file_remove(dir, name);
    } else if (message_file_parse_name(name, &m)) {
        m.state = state;
        message_file_name(&m, other);
        os_file_rename_over(dir, name, dir, other);
        if (state == MAIL_EXPUNGED)
            os_file_truncate(dir, other);
        if (state == MAIL_BROKEN)
            write_file(dir, SPAN("damage"));
    }
    atomic_store(&mb->doubtful, true);
}

/* --- how it comes back --- */

static const char *why;

static enum status put(void)
{
    return account_put_letter(s, &mb->who, copy, "copy", ID, &why);
}

static bool add_one(void *ctx, const char *found)
{
    int *count = ctx;

    *count += found[0] != '\0';
    return true;
}

static void expect_nothing_left(void)
{
    int count = 0;

    os_file_each(s->dirs[LAYOUT_NEW], add_one, &count);
    is_int(count, 0, "... nothing is left in new/");
}

/* Of several files with one id, the first counts, which is not one that was set aside. */
static enum mail_state state_in_mailbox(void)
{
    struct account_names names = {.n = 0};
    enum mail_state state = MAIL_GONE;

    account_names_read(&names, ann_dir);
    for (size_t i = names.n; i > 0; i--)
        if (names.all[i - 1].id == ID)
            state = names.all[i - 1].state;
    account_names_free(&names);
    return state;
}

static void test_states(void)
{
    static const struct {
        enum mail_state copy, mailbox;
        enum status st;
        const char *why;       /* NULL: it comes back */
        enum mail_state state; /* in the mailbox, afterwards */
    } rows[] = {
        {MAIL_UNREAD, MAIL_GONE, ST_OK, NULL, MAIL_UNREAD},
        {MAIL_NORMAL, MAIL_GONE, ST_OK, NULL, MAIL_NORMAL},
        {MAIL_DELETED, MAIL_GONE, ST_OK, NULL, MAIL_NORMAL},
        {MAIL_EXPUNGED, MAIL_GONE, ST_NO_MESSAGE, "it was purged before this backup", MAIL_GONE},
        {MAIL_BROKEN, MAIL_GONE, ST_NO_MESSAGE, "it was damaged before this backup", MAIL_GONE},
        {MAIL_GONE, MAIL_GONE, ST_NO_MESSAGE, "the backup has no message with this id", MAIL_GONE},
        {MAIL_UNREAD, MAIL_EXPUNGED, ST_OK, NULL, MAIL_UNREAD},
        {MAIL_DELETED, MAIL_EXPUNGED, ST_OK, NULL, MAIL_NORMAL},
        {MAIL_NORMAL, MAIL_BROKEN, ST_OK, NULL, MAIL_NORMAL},
        {MAIL_DELETED, MAIL_BROKEN, ST_OK, NULL, MAIL_NORMAL},
        {MAIL_UNREAD, MAIL_UNREAD, ST_NO_MESSAGE, "the account already has it", MAIL_UNREAD},
        {MAIL_UNREAD, MAIL_NORMAL, ST_NO_MESSAGE, "the account already has it", MAIL_NORMAL},
        {MAIL_UNREAD, MAIL_DELETED, ST_NO_MESSAGE, "it is in the trash", MAIL_DELETED},
        {MAIL_EXPUNGED, MAIL_EXPUNGED, ST_NO_MESSAGE, "it was purged before this backup",
         MAIL_EXPUNGED},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin();
        set_state(copy, rows[i].copy);
        set_state(ann_dir, rows[i].mailbox);
        is_int(put(), rows[i].st, "%c in the copy, %c in the mailbox", rows[i].copy,
               rows[i].mailbox);
        is_str(why ? why : "", rows[i].why ? rows[i].why : "", "... the reason");
        is_int(state_in_mailbox(), rows[i].state, "... the mailbox has it as %c", rows[i].state);
        if (!rows[i].why) {
            is_int(fixture_text(mb, ID, "letter"), ST_OK, "... it is whole");
            is_int((int)deliver(), ID, "... and a repeat is recognized");
        }
        expect_nothing_left();
        end();
    }
}

/* --- the copy --- */

static void test_copy(void)
{
    begin();
    set_state(ann_dir, MAIL_EXPUNGED);
    write_file(copy, SPAN("damage"));
    is_int(put(), ST_DAMAGED, "copy: the letter in it is damaged");
    is_str(why, "it has no valid header", "copy: ... it is reported");
    ok(fixture_file(ann_dir, "0000000004-x", name), "copy: ... the tombstone stays");
    expect_nothing_left();
    end();

    begin();
    set_state(ann_dir, MAIL_EXPUNGED);
    faults_meanwhile("os_file_open", "0000000004-", 1, remove_copy, 0);
    is_int(put(), ST_DAMAGED, "copy: somebody removes the letter in it");
    ok(faults_happened() && strcmp(why, "the backup has no message with this id") == 0,
       "copy: ... it is reported");
    ok(fixture_file(ann_dir, "0000000004-x", name), "copy: ... the tombstone stays");
    expect_nothing_left();
    end();

    begin();
    set_state(ann_dir, MAIL_EXPUNGED);
    faults_meanwhile("os_file_open", "0000000004-", 1, NULL, EIO);
    is_int(put(), ST_DAMAGED, "copy: the letter in it cannot be read");
    ok(faults_happened() && strcmp(why, "Input/output error") == 0, "copy: ... it is reported");
    expect_nothing_left();
    end();
}

/* --- a repeat that has come since --- */

static void test_repeated(void)
{
    static const struct {
        enum mail_state state;
        const char *what;
    } rows[] = {{MAIL_GONE, "gone"}, {MAIL_BROKEN, "set aside"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin();
        set_state(ann_dir, rows[i].state);
        is_int((int)deliver(), 6, "repeated: the letter was %s, and is sent again", rows[i].what);
        is_int(put(), ST_NO_MESSAGE, "repeated: ... it does not come back");
        is_str(why ? why : "", "its sender has sent it again: the account has it under another id",
               "repeated: ... and the reason is given");
        is_int(fixture_text(mb, 6, "letter"), ST_OK,
               "repeated: ... the account has it under the other id");
        expect_nothing_left();
        end();
    }
}

int main(void)
{
    setenv("TMPDIR", "/dev/shm", 1);
    test_states();
    test_copy();
    test_repeated();
    return done_testing();
}
