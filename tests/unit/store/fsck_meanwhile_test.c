/* SPDX-License-Identifier: ISC */
/*
 * A check of a store, while others change it: what only seems to be wrong is not a finding, what is
 * wrong is, and a failure is told.
 */
#include "store_faults.h"

#include <unistd.h>

#include "redo_left.h"
#include "store/fsck.h"
#include "store/housekeeper.h"
#include "store/lock_file.h"
#include "store/mailbox_private.h"
#include "store/redo_recovery.h"

#define TOKEN "0123456789abcdef"

static struct mailbox *mb;     /* of ann */
static int dir;                /* its directory */
static char findings[1 << 16]; /* a line each; no memory is taken for them */

static void note(void *ctx, const char *mailbox, const char *file, const char *what, bool aside)
{
    size_t n = strlen(findings);

    (void)ctx;
    snprintf(findings + n, sizeof findings - n, "%s %s: %s%s\n", mailbox, file ? file : "-", what,
             aside ? " (aside)" : "");
}

static void begin(bool server)
{
    left_begin();
    s = left_open(server);
    mb = fixture_mailbox(s, "ann");
    dir = fixture_directory(&f, "ann");
    findings[0] = '\0';
}

static void end(void)
{
    mailbox_close(mb);
    os_file_close(dir);
    left_end();
}

static enum status check(bool repair)
{
    struct fsck fsck = {.store = s, .repair = repair, .finding = note};

    findings[0] = '\0';
    return fsck_mailbox(&fsck, "ann");
}

/* The text is among the findings, of which there are n. */
static void found(int n, const char *text, const char *what)
{
    int lines = 0;

    for (const char *p = findings; (p = strchr(p, '\n')); p++)
        lines++;
    if (lines != n || !strstr(findings, text))
        diag("%s", findings);
    is_int(lines, n, "%s: findings", what);
    ok(strstr(findings, text), "%s: ... and what it is", what);
}

static void rename_first(enum mail_state state, uint32_t bytes)
{
    char name[MESSAGE_FILE_NAME_BYTES], other[MESSAGE_FILE_NAME_BYTES];
    struct mail m;

    if (!fixture_file(dir, "0000000001-", name) || !message_file_parse_name(name, &m))
        exit(1);
    m.state = state;
    m.size = bytes;
    message_file_name(&m, other);
    os_file_rename_over(dir, name, dir, other);
}

/* Somebody who does not lock has changed files, and the server does not know. */
static void test_index(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    struct mail m;

    begin(true);
    fixture_deliver(mb, "bob", "one");
    fixture_deliver(mb, "bob", "two");
    is_int(check(false), ST_OK, "index: a check");
    found(0, "", "index: it is right");
    rename_first(MAIL_NORMAL, 3);
    check(false);
    found(2, "the index does not match", "index: another state, and not the one that it knows");
    atomic_store(&mb->doubtful, true);
    check(false);
    found(0, "", "index: once it is read again");
    rename_first(MAIL_NORMAL, 4);
    check(false);
    found(2, "the index does not match", "index: another size");
    rename_first(MAIL_NORMAL, 3);
    atomic_store(&mb->doubtful, true);
    check(false);
    found(0, "", "index: its own size");
    fixture_file(dir, "0000000002-", name);
    os_file_remove(dir, name);
    check(false);
    found(1, "the index does not match", "index: a file that is gone");
    atomic_store(&mb->doubtful, true);

    faults_meanwhile("os_file_rename_new", LAYOUT_TEMPORARY, 1, NULL, EIO);
    is_int(delivery_put(mb, "bob", SPAN("x"), SPAN(""), &m, NULL), ST_IO,
           "index: no name is given");
    check(false);
    found(0, "", "index: a message that has got no name is not missed");
    end();
}

/*
 * Two files have one id, and the second can get no other; then somebody changes the first, which is
 * the message.
 */
static void test_one_id(void)
{
    begin(true);
    ok(os_file_replace(dir, "0000000001-n,t=1,s=3,e=0,l=3+0,f=bob", SPAN("")) &&
           os_file_replace(dir, "0000000001-u,t=1,s=4,e=0,l=4+0,f=bob", SPAN("")),
       "one id: two files have it");
    atomic_store(&mb->doubtful, true);
    faults_meanwhile("os_file_rename_new", NULL, 1, NULL, EIO);
    check(false);
    ok(faults_happened() && !strstr(findings, "the index does not match"),
       "one id: the index has both");
    rename_first(MAIL_DELETED, 3);
    check(false);
    ok(strstr(findings, "1-d,t=1,s=3,e=0,l=3+0,f=bob: the index does not match"),
       "one id: the first has another state");
    end();
}

static void test_tokens(void)
{
    struct mail m;

    begin(true);
    is_int(delivery_put(mb, "bob", SPAN("one"), SPAN(TOKEN), &m, NULL), ST_OK, "tokens: of bob");
    is_int(delivery_put(mb, "carl", SPAN("one"), SPAN(TOKEN), &m, NULL), ST_OK, "tokens: of carl");
    check(false);
    found(0, "", "tokens: each sender has its own");
    end();
}

static void appear(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    left_file(&ann, 1, MAIL_UNREAD, "", "of the server", name);
}

static void appear_and_fail(void)
{
    appear();
    faults_meanwhile("os_file_each", NULL, 1, NULL, EIO);
}

/* A server gives a name while a tool lists the directory. */
static void test_name_given(void)
{
    begin(false);
    faults_meanwhile("os_file_each", NULL, 1, appear, 0);
    is_int(check(false), ST_OK, "name given: between two looks of a tool");
    ok(faults_happened(), "name given: ... it happened");
    found(0, "", "name given: ... which is no finding");
    end();
    begin(false);
    faults_meanwhile("os_file_each", NULL, 1, appear_and_fail, 0);
    is_int(check(false), ST_IO, "name given: ... if the second look can be made");
    ok(faults_happened(), "name given: ... which it could not");
    end();
}

static void disappear(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    fixture_file(dir, "0000000001-", name);
    os_file_remove(dir, name);
}

static void test_purged(void)
{
    begin(true);
    fixture_deliver(mb, "bob", "one");
    faults_meanwhile("os_file_open_any", NULL, 1, disappear, 0);
    is_int(check(false), ST_OK, "purged: a message goes before its file is read");
    ok(faults_happened(), "purged: ... it happened");
    found(0, "", "purged: ... which is no finding");
    end();
}

/* A damaged message in the trash is set aside, too, unless it is gone by then. */
static void test_trash(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    begin(true);
    s->limits.trash_s = 86400;
    fixture_deliver(mb, "bob", "one");
    messages_delete(mb, 1);
    fixture_file(dir, "0000000001-d", name);
    os_file_truncate(dir, name);
    check(true);
    found(1, "it has no valid header (aside)", "trash: a damaged message in it");
    is_state("ann", 1, MAIL_BROKEN, "trash: ... is set aside");
    end();
}

/* Files that the index does not have, and the other way round. */
static void differ(void)
{
    char start[20], name[MESSAGE_FILE_NAME_BYTES];

    for (unsigned i = 1; i < 40; i++)
        left_file(&ann, i, MAIL_UNREAD, i < 20 ? TOKEN : "", "text", name);
    if (mailbox_lock(mb) == ST_OK)
        mailbox_unlock(mb);
    rename_first(MAIL_NORMAL, 4);
    for (unsigned i = 20; i < 40; i++) {
        snprintf(start, sizeof start, "%010u-", i);
        fixture_file(dir, start, name);
        os_file_remove(dir, name);
    }
    os_file_close(os_file_create(dir, "stranger"));
}

/* Returns whether the call was made, and so failed. */
static bool lack_memory(const char *call, int nth, bool *well)
{
    int blocks = atomic_load(&faults.blocks);

    begin(true);
    differ();
    faults_meanwhile(call, NULL, nth, NULL, ENOMEM);
    enum status st = check(false);
    bool happened = faults_happened();
    bool told = st == ST_NO_MEMORY || strstr(findings, "memory");
    *well = happened ? told : st == ST_OK;
    end();
    *well = *well && atomic_load(&faults.blocks) == blocks;
    return happened;
}

static void test_memory(void)
{
    static const char *const calls[] = {"malloc", "calloc", "realloc", "strdup"};

    for (size_t c = 0; c < sizeof calls / sizeof *calls; c++) {
        int nth = 1, all_well = 0;
        bool well = true, more = true;
        for (; more && nth < 100; nth++) {
            more = lack_memory(calls[c], nth, &well);
            all_well += well;
        }
        ok(nth < 100, "memory: %s is called less than %d times", calls[c], nth);
        is_int(all_well, nth - 1, "memory: ... each failure is told, and nothing leaks");
    }
}

static void test_strange_names(void)
{
    struct fsck fsck = {.store = NULL, .finding = note};
    static char bad[] = "no name", good[] = "ANN";
    char *names[] = {bad, good};

    begin(true);
    int users = os_file_open_subdir(s->dir, "users");
    os_file_make_dir(users, "no name");
    os_file_close(users);
    fsck.store = s;
    fsck_all(&fsck);
    found(1, "no name -: not an account", "strange names: a directory in users/");
    housekeeper_sweep(s, fixture_never, NULL);
    ok(!left_said("no name"), "strange names: which a sweep leaves alone");

    left_place = (struct redo_place){.log = 2, .serial = 1, .sequence = 0, .oldest = 1};
    left_put(&bob, 1, "", "of bob");
    left_put(&ann, 1, "", "of ann");
    left_segment();
    findings[0] = '\0';
    fsck_log(&fsck, names, 2);
    found(1, "the delivery log has this message, but the mailbox lacks it",
          "strange names: among those that are asked for");
    end();
}

/* Each list in turn cannot be read, of the users, the invites and the groups. */
static void test_lists(void)
{
    struct fsck fsck = {.finding = note};
    int nth = 1, failed = 0;

    begin(true);
    fsck.store = s;
    os_file_make_dir(s->dir, LAYOUT_GROUPS);
    for (bool happened = true; happened; nth++) {
        faults_meanwhile("os_file_each", NULL, nth, NULL, EIO);
        bool whole = fsck_all(&fsck);
        happened = faults_happened();
        failed += happened && !whole;
    }
    is_int(failed, 3, "lists: a check without one of them is not a whole one");
    ok(left_said("cannot list users") && left_said("cannot list invites") &&
           left_said("cannot list groups"),
       "lists: ... which is told");
    ok(fsck_all(&fsck), "lists: ... one with all of them is");
    end();
}

/* --- a recovery by another process --- */

static int recovery;
static bool was_shown;

static void end_recovery(void)
{
    char old[REDO_NAME_BYTES];
    int log = left_log_dir();

    if (redo_find_old(s->dir, old))
        os_file_remove(log, old);
    os_file_close(log);
    os_file_close(recovery);
}

static void look_whether_shown(void)
{
    was_shown = lock_file_is_recovered(s->dir); /* s: of a tool */
}

static void check_log(void)
{
    struct fsck fsck = {.store = s, .finding = note};

    findings[0] = '\0';
    fsck_log(&fsck, NULL, 0);
}

static void test_recovery(void)
{
    begin(false);
    left_replace(REDO_OLD REDO_SEGMENT "0000000000000001-0", SPAN(""));
    check_log();
    found(1, "its recovery could not finish", "recovery: segments that one has left");
    recovery = lock_file_begin_recovery(s->dir, 0);
    check_log();
    found(0, "", "recovery: ... are no finding while it is under way");
    faults_meanwhile("os_file_open", LAYOUT_LOCK, 1, end_recovery, 0);
    check_log();
    ok(faults_happened(), "recovery: ... or ends");
    found(0, "", "recovery: ... between two looks");
    end();

    left_begin();
    left_put(&ann, 1, "", "text");
    left_segment();
    s = left_open(false); /* recovers it, and lets us look into the store */
    struct store *tool = s;
    left_put(&ann, 2, "", "more");
    left_segment();
    faults_meanwhile("os_file_rename_over", LAYOUT_TEMPORARY, 1, look_whether_shown, 0);
    s = left_open(true);
    ok(faults_happened() && was_shown, "recovery: a server shows others its own");
    ok(!lock_file_is_recovered(s->dir), "recovery: ... until it ends");
    store_close(tool);
    left_end();
}

static void test_no_housekeeper(void)
{
    begin(true);
    faults_meanwhile("calloc", NULL, 1, NULL, ENOMEM);
    ok(!housekeeper_start(s) && faults_happened(), "housekeeper: there is no memory for one");
    end();
}

int main(void)
{
    setenv("TMPDIR", "/dev/shm", 1);
    test_index();
    test_one_id();
    test_tokens();
    test_name_given();
    test_purged();
    test_trash();
    test_memory();
    test_strange_names();
    test_lists();
    test_recovery();
    test_no_housekeeper();
    return done_testing();
}
