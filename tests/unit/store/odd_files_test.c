/* SPDX-License-Identifier: ISC */
/*
 * Files in a store that no program of ours has written, with other names or other contents. They
 * are left alone, and our files beside them are found.
 */
#include <errno.h>

#include "store/fsck.h"
#include "store/housekeeper.h"
#include "store/invite.h"
#include "store/mailbox_private.h"
#include "store/redo_segment.h"
#include "store_fixture.h"

#define CODE(digit) "0123456789abcdef0123456789abcde" digit
#define GENERATION  "0123456789abcdef"
#define TIMES       "created 1\nexpires 2000000000000\n"

static struct fixture f;
static struct store *s;

static void put(enum layout_dir which, const char *name, const char *text)
{
    if (!os_file_replace(s->dirs[which], name, span_str(text)))
        exit(1);
}

/* --- names --- */

static void test_layout(void)
{
    static const struct {
        const char *name;
        enum layout_file kind;
    } files[] = {
        {"account", LAYOUT_FILE_ACCOUNT},
        {LAYOUT_TEMPORARY "0-1", LAYOUT_FILE_TEMPORARY},
        {LAYOUT_INVITE CODE("0"), LAYOUT_FILE_INVITE},
        {LAYOUT_INVITE "short", LAYOUT_FILE_OTHER},
        {LAYOUT_INVITE CODE("X"), LAYOUT_FILE_OTHER},
        {"stranger", LAYOUT_FILE_OTHER},
    };

    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        is_int(layout_file(files[i].name), files[i].kind, "layout_file: %s", files[i].name);
}

static void test_segments(void)
{
    static const char *const others[] = {
        "stranger",
        REDO_SEGMENT,
        REDO_SEGMENT GENERATION,
        REDO_SEGMENT GENERATION "_0",
        REDO_SEGMENT "0123456789abcdeX-0",
        REDO_OLD "stranger",
        REDO_OLD REDO_SEGMENT GENERATION "-0000000000000000000000000000000000000000000000000000",
    };
    uint64_t log = 0;

    ok(redo_segment_log(REDO_SEGMENT GENERATION "-0", &log) && log == 0x0123456789abcdef,
       "redo_segment_log: a segment");
    ok(redo_segment_log(REDO_OLD REDO_SEGMENT GENERATION "-1", &log),
       "redo_segment_log: an old one");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ok(!redo_segment_log(others[i], &log), "redo_segment_log: not %s", others[i]);
}

/* --- invites --- */

static void count_invite(void *ctx, const struct invite *invite)
{
    int *n = ctx;

    (void)invite;
    ++*n;
}

static void count_finding(void *ctx, const char *file, const char *what)
{
    int *n = ctx;

    diag("%s: %s", file, what);
    ++*n;
}

static void test_invites(void)
{
    struct invite invite;
    char code[INVITE_DIGITS + 1];
    int n = 0;

    put(LAYOUT_INVITES, CODE("0"), "pochta-invite 1\n" TIMES);
    put(LAYOUT_INVITES, CODE("1"), "pochta-invite 12\n" TIMES);
    put(LAYOUT_INVITES, CODE("2"), "pochta-invite 1\n" TIMES "more\n");
    put(LAYOUT_INVITES, CODE("3"), "pochta-invite 1\ncreated one\nexpires 2\n");
    put(LAYOUT_INVITES, CODE("4"), "pochta-invite 1\ncreated 1\nexpires two\n");
    put(LAYOUT_INVITES, CODE("5"), "");
    put(LAYOUT_INVITES, "stranger", "");
    put(LAYOUT_INVITES, CODE("7") LAYOUT_UNFINISHED, "");
    os_file_make_dir(s->dirs[LAYOUT_INVITES], CODE("6"));
    ok(invite_each(s, count_invite, &n) && n == 1, "one of the files is an invite");
    is_int(invite_check(s, SPAN(CODE("0")), code), ST_OK, "... which is valid");
    is_int(invite_check(s, SPAN(CODE("1")), code), ST_NO_INVITE, "a damaged one is not");
    invite_purge(s);
    n = 0;
    ok(invite_fsck(s, count_finding, &n) && n == 7,
       "all others but an unfinished one are findings, and are left alone");
    errno = EIO;
    commit_fail(&s->commits[LAYOUT_INVITES]);
    is_int(invite_add(s, 0, &invite), ST_READ_ONLY, "after a failed sync no invite is made");
    is_int(invite_delete(s, SPAN(CODE("0"))), ST_READ_ONLY, "... nor deleted");
    is_int(account_may_register(s, "carl", true), ST_READ_ONLY, "... nor used");
    is_int(account_may_register(s, "carl", false), ST_OK, "... but an account can do without");
}

/* --- deleted accounts --- */

static void test_deleted(void)
{
    char long_name[201];

    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    put(LAYOUT_REMOVED, long_name, "");
    put(LAYOUT_REMOVED, "ann-short", "");
    put(LAYOUT_REMOVED, "annika-" GENERATION, "");
    put(LAYOUT_REMOVED, "bob-" GENERATION, "");
    is_int(deleted_accounts_restore(s, "ann"), ST_NO_USER, "none of the names is ann's");
    mailbox_close(fixture_account(s, "ann"));
    ok(fixture_delete(s, "ann"), "ann is deleted");
    is_int(deleted_accounts_restore(s, "ann"), ST_OK, "... and found among them");
    os_file_make_dir(s->dirs[LAYOUT_USERS], "bob");
    is_int(deleted_accounts_restore(s, "bob"), ST_USER_EXISTS, "a name that is taken");
}

/* --- mailboxes --- */

static void note_finding(void *ctx, const char *mailbox, const char *file, const char *what,
                         bool set_aside)
{
    int *n = ctx;

    (void)set_aside;
    diag("%s %s: %s", mailbox, file ? file : "", what);
    ++*n;
}

static void test_users(void)
{
    int n = 0;
    struct fsck fsck = {.store = s, .finding = note_finding, .ctx = &n};

    os_file_make_dir(s->dirs[LAYOUT_USERS], "Ann");
    housekeeper_sweep(s, fixture_never, NULL);
    ok(fsck_all(&fsck) && fsck.findings == 9, "Ann, bob without a file, and the invites");
    is_int(fsck_mailbox(&fsck, "not a name"), ST_NO_USER, "what cannot be a name is no user");
}

/* No id is left after the highest. */
static void test_last_id(void)
{
    struct mailbox *mb = fixture_account(s, "dora");
    struct mail m = {.id = MAIL_ID_MAX, .state = MAIL_UNREAD, .time = 1, .from = "bob"}, stored;
    char name[MESSAGE_FILE_NAME_BYTES], text[MESSAGE_FILE_HEADER_BYTES];
    int dir = fixture_directory(&f, "dora");

    message_file_name(&m, name);
    os_file_replace(dir, name, span_of(text, message_file_header(&m, SPAN(""), text)));
    atomic_store(&mb->doubtful, true);
    is_int(delivery_check(mb, 1), ST_FULL, "no id is left: a message would be refused");
    is_int(delivery_put(mb, "bob", SPAN("text"), SPAN(""), &stored, NULL), ST_FULL,
           "... and it is");
    is_int(fixture_text(mb, MAIL_ID_MAX, ""), ST_OK, "the last message can be read");
    os_file_close(dir);
    mailbox_close(mb);
}

int main(void)
{
    fixture_begin(&f);
    s = fixture_open(&f, true);
    s->limits.trash_s = 86400;
    test_layout();
    test_segments();
    test_invites();
    test_deleted();
    test_users();
    test_last_id();
    store_close(s);
    fixture_end(&f);
    return done_testing();
}
