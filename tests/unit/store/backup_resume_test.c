/* SPDX-License-Identifier: ISC */
/*
 * The lists and copies that interrupted backups leave: which of them the next backup uses, and
 * which it removes. Also accounts that cannot be read, and when lines are written. backup_test.c
 * has the rest.
 */
#include "store_faults.h"

#include "backup_fixture.h"
#include "store/store_id.h"

static char list[LAYOUT_NAME_BYTES]; /* of the run that was interrupted */

/* A run that ends before its list gets its final name. Both accounts are in the list. */
static void interrupt(struct backup *b)
{
    faults_meanwhile("os_file_rename_new", "2", 1, NULL, EIO);
    is_int(backup_make(b), ST_IO, "a run is interrupted");
    ok(faults_happened(), "... at its end");
    snprintf(list, sizeof list, "%s.unfinished", b->date);
    ok(os_file_exists(place, list), "... and leaves its list");
}

static void expect_last(const char *what, const char *text)
{
    ok(strstr(f.last, what), "%s: it says \"%s\"", text, what);
    if (!strstr(f.last, what))
        diag("%s", f.last);
}

static bool has_copy(const char *date)
{
    int dir = backup_copy_of_ann(date);

    os_file_close(dir);
    return dir >= 0;
}

/* --- lists --- */

/* As if the clock had been wrong. */
static void test_dates(void)
{
    static const char old[] = "2020-02-29T00:00:00Z.unfinished";
    int64_t before = os_clock_now(), date;
    struct backup b;

    backup_begin();
    is_int(backup_make(&b), ST_OK, "dates: a backup");
    os_file_make(place, old, SPAN(""));
    is_int(backup_make(&b), ST_OK, "dates: a backup after a list of an earlier year");
    ok(backup_date_parse(span_str(b.date), &date) && date >= before,
       "dates: ... has the current date");
    ok(!os_file_exists(place, old), "dates: ... removes that list");
    os_file_make(place, "2999-02-28T23:59:59Z.unfinished", SPAN(""));
    is_int(backup_make(&b), ST_OK, "dates: a backup after a list of a later year");
    is_str(b.date, "2999-03-01T00:00:00Z", "dates: ... has a still later date");
    backup_end();
}

static void test_unread(void)
{
    struct backup first, second, b;

    backup_begin();
    interrupt(&first);
    interrupt(&second);
    snprintf(list, sizeof list, "%s.unfinished", first.date);
    faults_meanwhile("os_file_load", list, 1, NULL, EIO);
    is_int(backup_make(&b), ST_IO, "unread: the list of the interrupted run cannot be read");
    ok(faults_happened(), "unread: ... because of the fault");
    expect_last("cannot read backups/2", "unread");
    is_str(b.date, "", "unread: ... no backup was begun");
    ok(os_file_exists(place, list), "unread: the list is still there");
    is_int(backup_make(&b), ST_OK, "unread: the next backup");
    is_int((int)b.changed, 0, "unread: ... uses it");
    ok(!os_file_exists(place, list), "unread: ... and then removes it");
    backup_end();
}

/* The machine stops after the backup has got its name, and before the older list is removed. */
static void test_older(void)
{
    struct backup first, second, b;

    backup_begin();
    interrupt(&first);
    faults_meanwhile("os_file_remove", list, 1, NULL, EIO);
    is_int(backup_make(&second), ST_OK, "older: a backup");
    ok(faults_happened() && os_file_exists(place, list),
       "older: ... leaves the list of the run before it");
    fixture_deliver(mb, "bob", "four");
    is_int(backup_make(&b), ST_OK, "older: the next backup");
    ok(!b.went_on, "older: ... does not use that list");
    is_int((int)b.accounts, 2, "older: ... has all accounts");
    ok(!os_file_exists(place, list), "older: ... removes that list");
    ok(has_copy(first.date), "older: ... but no copy that the backup before it has");
    backup_end();
}

/* --- copies --- */

static void delete_account(const char *name)
{
    struct who who = {.generation = ""};

    snprintf(who.name, sizeof who.name, "%s", name);
    is_int(account_delete(s, &who), ST_OK, "%s is deleted", name);
}

static void keep_both(void)
{
}

static void delete_both(void)
{
    delete_account("ann");
    delete_account("bob");
}

static void replace_both(void)
{
    delete_both();
    is_int(account_register(s, "ann", "other"), ST_OK, "another ann is made");
    is_int(account_register(s, "bob", "other"), ST_OK, "another bob is made");
}

/* Copies in the list of an interrupted run: of the same accounts, or of accounts that are gone. */
static void test_copies(void)
{
    static const struct {
        const char *what;
        void (*act)(void);
        int error, accounts;
        bool is_kept;
    } rows[] = {
        {"as they were", keep_both, 0, 2, true},
        {"deleted", delete_both, 0, 0, false},
        {"replaced", replace_both, 0, 2, false},
        {"replaced, and not removed", replace_both, EIO, 2, true},
    };
    struct backup first, second, b;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *what = rows[i].what;
        backup_begin();
        interrupt(&first);
        interrupt(&second);
        rows[i].act();
        if (rows[i].error)
            faults_meanwhile("os_file_remove_tree", first.date, 1, NULL, rows[i].error);
        is_int(backup_make(&b), ST_OK, "%s: a backup", what);
        ok(faults_happened(), "%s: the fault happened, if one was set", what);
        is_int((int)b.accounts, rows[i].accounts, "%s: the number of its accounts", what);
        is_int(has_copy(first.date), rows[i].is_kept, "%s: the old copy is kept: %d", what,
               rows[i].is_kept);
        is_int(os_file_exists(place, list), rows[i].error != 0, "%s: its list is kept: %d", what,
               rows[i].error != 0);
        if (rows[i].error) {
            expect_last("cannot remove backups/accounts/", what);
            is_int(backup_make(&b), ST_OK, "%s: the next backup", what);
            ok(!has_copy(first.date) && !os_file_exists(place, list), "%s: it removes them", what);
        }
        backup_end();
    }
}

static struct backup_entry stranger; /* an account that the store does not have */

/* Somebody changes the list of an interrupted run, after it was read. */
static void change_list(void)
{
    struct backup_head head = {.since = 0};
    struct buf text;

    store_id_find(s, head.store);
    buf_init(&text, 1000);
    backup_head_add(&text, &head);
    backup_entry_add(&text, &stranger);
    if (!os_file_replace(place, list, buf_span(&text)))
        exit(1);
    buf_free(&text);
}

static void test_changed_list(void)
{
    struct backup first, b;
    char path[700];

    backup_begin();
    interrupt(&first);
    stranger = (struct backup_entry){.name = "carl", .generation = 7};
    backup_date_parse(span_str(first.date), &stranger.date);
    snprintf(path, sizeof path, "%s/accounts/carl-0000000000000007", place_path);
    ok(os_file_make_dir(OS_FILE_CWD, path), "changed list: another account in the directory");
    int dir = os_file_open_dir(path);
    os_file_make_dir(dir, first.date);
    os_file_close(dir);
    faults_meanwhile("os_file_load", list, 2, change_list, 0);
    is_int(backup_make(&b), ST_OK, "changed list: a backup");
    ok(faults_happened(), "changed list: ... after it has read the list");
    is_int((int)b.accounts, 2, "changed list: ... has the accounts of the store");
    ok(!os_file_exists(OS_FILE_CWD, path),
       "changed list: ... removes the copy that only the list has");
    ok(!os_file_exists(place, list), "changed list: ... and the list");
    backup_end();
}

/* Copies that are in no list: a run was interrupted before it had synced them. */
static void test_unlisted(void)
{
    char path[700];
    struct backup first, b;

    backup_begin();
    faults_meanwhile("os_file_sync_all", NULL, 1, NULL, EIO);
    is_int(backup_make(&first), ST_IO, "unlisted: a run that cannot sync");
    ok(faults_happened() && has_copy(first.date), "unlisted: ... leaves the copy of an account");
    snprintf(path, sizeof path, "%s/accounts/ann-%s/stranger", place_path, mb->who.generation);
    ok(os_file_make_dir(OS_FILE_CWD, path),
       "unlisted: there is also a directory that is not a copy");
    faults_meanwhile("os_file_remove_tree", first.date, 1, NULL, EIO);
    is_int(backup_make(&b), ST_IO, "unlisted: the copy cannot be removed");
    ok(faults_happened(), "unlisted: ... because of the fault");
    expect_last("cannot create backups/accounts/", "unlisted");
    is_int(backup_make(&b), ST_OK, "unlisted: the next backup");
    is_int((int)b.changed, 2, "unlisted: ... copies all accounts");
    ok(has_copy(b.date) && !has_copy(first.date), "unlisted: ... and removes the earlier copy");
    ok(os_file_exists(OS_FILE_CWD, path), "unlisted: ... but nothing else");
    backup_end();
}

/* --- accounts --- */

/* As another process deletes it. */
static void move_bob(void)
{
    if (!os_file_rename_new(s->dirs[LAYOUT_USERS], "bob", s->dirs[LAYOUT_REMOVED], "~bob-7"))
        exit(1);
}

static void test_no_account(void)
{
    static const char *const names[] = {"Carl", "c arl", ".carl", "carl."};
    struct backup b;

    backup_begin();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ok(os_file_make_dir(s->dirs[LAYOUT_USERS], names[i]),
           "no account: a directory \"%s\" in users/", names[i]);
    is_int(backup_make(&b), ST_OK, "no account: a backup with such directories");
    is_int((int)b.accounts, 2, "no account: ... has only the accounts");
    is_str(findings, "", "no account: ... and reports nothing");
    changes_note(s, "bob", NULL);
    faults_meanwhile("os_file_open_subdir", "bob", 1, move_bob, 0);
    is_int(backup_make(&b), ST_OK, "no account: an account is deleted during a backup");
    ok(faults_happened(), "no account: ... before it is copied");
    is_int((int)b.accounts, 1, "no account: ... the backup does not have it");
    is_str(findings, "", "no account: ... and reports nothing");
    backup_end();
}

static void test_unreadable(void)
{
    struct backup b;

    backup_begin();
    faults_meanwhile("os_file_load", LAYOUT_ACCOUNT, 1, NULL, EIO);
    is_int(backup_make(&b), ST_OK,
           "unreadable: a first backup, of which one account cannot be read");
    ok(faults_happened(), "unreadable: ... because of the fault");
    is_int((int)b.accounts, 1, "unreadable: ... has the other account");
    ok(strstr(findings, "/: it cannot be read: "), "unreadable: ... and reports this one");
    is_int(backup_make(&b), ST_OK, "unreadable: the next backup");
    is_int((int)b.accounts, 2, "unreadable: ... has both accounts");
    is_str(findings, "", "unreadable: ... and reports nothing");
    changes_note(s, "bob", NULL);
    faults_meanwhile("os_file_open_subdir", "bob", 1, NULL, EMFILE);
    is_int(backup_make(&b), ST_NO_FILES,
           "unreadable: without a free file descriptor there is no backup");
    ok(faults_happened(), "unreadable: ... because of the fault");
    is_str(findings, "", "unreadable: ... nothing is reported about the account");
    backup_end();
}

/* --- when lines are written --- */

static struct {
    struct backup b;
    uint64_t accounts; /* look once the backup has this many */
    int before, then;  /* lines of the list: one account before that, and then */
} look;

static int count_lines(void)
{
    char name[LAYOUT_NAME_BYTES];
    struct buf text;
    int n = -1;

    snprintf(name, sizeof name, "%s.unfinished", look.b.date);
    buf_init(&text, 1 << 22);
    if (os_file_load(place, name, &text))
        n = (int)span_count(buf_span(&text), '\n');
    buf_free(&text);
    return n;
}

static void look_at_list(void *ctx)
{
    (void)ctx;
    if (look.b.accounts + 1 == look.accounts)
        look.before = count_lines();
    if (look.b.accounts == look.accounts)
        look.then = count_lines();
}

static enum status back_up_and_look(int accounts)
{
    findings[0] = '\0';
    look.accounts = (uint64_t)accounts;
    look.before = look.then = 0;
    look.b = (struct backup){.store = s,
                             .dir = place,
                             .path = "backups",
                             .told = {.finding = backup_note, .progress = look_at_list}};
    return backup_run(&look.b);
}

static void copy_much(void)
{
    look.b.told.bytes += UINT64_C(64) << 20;
}

static void copy_long(void)
{
    atomic_fetch_add(&faults_slept_ms, 5000);
}

static void copy_quickly(void)
{
}

static void test_due(void)
{
    static const struct {
        const char *what;
        void (*act)(void); /* while the first account is copied */
        int accounts, looks_at, written;
    } rows[] = {
        {"little, quickly", copy_quickly, 2, 1, 0},
        {"64 MiB", copy_much, 2, 1, 1},
        {"for five seconds", copy_long, 2, 1, 1},
        {"1000 accounts", copy_quickly, 1001, 1000, 1000},
    };
    char name[20];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        backup_begin();
        for (int n = 2; n < rows[i].accounts; n++) {
            snprintf(name, sizeof name, "carl%d", n);
            account_register(s, name, "hash");
        }
        faults_meanwhile("os_file_create", LAYOUT_ACCOUNT, 1, rows[i].act, 0);
        is_int(back_up_and_look(rows[i].looks_at), ST_OK, "due: %s: a backup", rows[i].what);
        ok(faults_happened(), "due: %s: it was copied", rows[i].what);
        is_int((int)look.b.accounts, rows[i].accounts, "due: %s: it has all accounts",
               rows[i].what);
        if (rows[i].looks_at > 1)
            is_int(look.before, 3, "due: %s: before that, no line is written", rows[i].what);
        is_int(look.then, 3 + rows[i].written, "due: %s: then, these lines are written",
               rows[i].what);
        backup_end();
    }
}

/*
 * Accounts that have not changed since the list of an interrupted run. Their files are not read, so
 * a directory is enough for each.
 */
static void test_many_lines(void)
{
    enum { LINE = 71, DUE = ((1 << 20) + LINE - 1) / LINE };
    struct backup_entry e = {.generation = 7};
    struct backup_head head = {.since = 0};
    struct backup first;
    struct buf text;

    backup_begin();
    interrupt(&first);
    delete_both();
    head.since = changes_mark(s);
    store_id_find(s, head.store);
    buf_init(&text, 1 << 22);
    backup_head_add(&text, &head);
    for (int n = 0; n <= DUE; n++) {
        snprintf(e.name, sizeof e.name, "carl%028d", n);
        backup_entry_add(&text, &e);
        os_file_make_dir(s->dirs[LAYOUT_USERS], e.name);
    }
    os_file_replace(place, list, buf_span(&text));
    buf_free(&text);
    is_int(back_up_and_look(DUE), ST_OK, "many lines: a backup");
    is_int((int)look.b.accounts, DUE + 1, "many lines: ... has all accounts");
    is_int((int)look.b.changed, 0, "many lines: ... copies none of them");
    is_int(look.before, 3, "many lines: below 1 MiB, no line is written");
    is_int(look.then, 3 + DUE, "many lines: at 1 MiB, all are written");
    backup_end();
}

int main(void)
{
    setenv("TMPDIR", "/dev/shm", 1);
    test_dates();
    test_unread();
    test_older();
    test_copies();
    test_changed_list();
    test_unlisted();
    test_no_account();
    test_unreadable();
    test_due();
    test_many_lines();
    return done_testing();
}
