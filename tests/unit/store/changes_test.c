/* SPDX-License-Identifier: ISC */
/*
 * Notes of the accounts that change: what is noted, and what happens if a note cannot be written.
 * In the last test each call fails, and what is said about the changes is still true. See also
 * changes_known_test and changes_read_test.
 */
#include "changes_fixture.h"

#include "store/mailbox_private.h"
#include "store/messages.h"
#include "store/trash.h"

#define LOG_BYTES (UINT64_C(1) << 20)

/* --- each change is noted, before it can be seen --- */

static struct mailbox *ann;
static bool in_time, account_in_time;

static void look_now(void)
{
    in_time = look_since(now_s) && is_noted("ann");
    account_in_time = look_for_accounts(now_s) && is_noted("ann");
}

/* What is done next makes its change by this call. It is another hour than before. */
static void expect_note(const char *call)
{
    now_s += 2 * HOUR_S;
    ok(look_since(now_s) && noted.n == 0, "note: two hours later nothing has changed");
    in_time = false;
    faults_meanwhile(call, NULL, 1, look_now, 0);
}

static void was_noted(const char *what)
{
    ok(faults_happened() && in_time, "note: there is one before %s", what);
}

/* The same for a change that a list of accounts shows. Only such changes are noted for it. */
static void account_was_noted(const char *what)
{
    was_noted(what);
    ok(account_in_time, "note: a list of accounts hears of it before %s", what);
}

static void test_messages(void)
{
    const struct delivery_as as = {5, MAIL_NORMAL};
    const uint32_t first = 1;
    struct mail m;

    notes_begin();
    ann = fixture_account(s, "ann");
    expect_note("os_file_rename_new");
    fixture_deliver(ann, "bob", "one");
    was_noted("a message is delivered");
    ok(!account_in_time, "note: ... but not for a list of accounts");
    expect_note("os_file_rename_new");
    delivery_put_as(ann, "bob", SPAN("two"), SPAN(""), as, &m, NULL);
    was_noted("a message is imported");
    expect_note("os_file_rename_new");
    messages_mark_read(ann, &first, 1);
    was_noted("a message is read");
    expect_note("os_file_rename_new");
    messages_mark(ann, 1, MAIL_UNREAD);
    was_noted("a message is unread again");
    s->limits.trash_s = 1000;
    expect_note("os_file_rename_new");
    messages_delete(ann, 1);
    was_noted("a message is deleted");
    expect_note("os_file_rename_new");
    messages_restore(ann, 1);
    was_noted("a message is restored");
    expect_note("os_file_rename_new");
    mailbox_set_aside(ann, 1, 0, "test");
    was_noted("a message is set aside");
    messages_delete(ann, 2);
    s->limits.trash_s = 0;
    expect_note("os_file_rename_new");
    trash_purge(ann);
    was_noted("a message is purged");
    mailbox_close(ann);
    notes_end();
}

static void test_accounts(void)
{
    struct who who = {.name = "ann"};

    notes_begin();
    s->limits.trash_s = 1000;
    expect_note("os_file_rename_new");
    is_int(account_register(s, "ann", "hash"), ST_OK, "note: an account is registered");
    account_was_noted("an account is registered");
    expect_note("os_file_rename_over");
    is_int(account_set_hash(s, &who, "other"), ST_OK, "note: a password changes");
    account_was_noted("a password changes");
    expect_note("os_file_rename_new");
    is_int(account_delete(s, &who), ST_OK, "note: an account is deleted");
    account_was_noted("an account is deleted");
    expect_note("os_file_rename_new");
    is_int(deleted_accounts_restore(s, "ann"), ST_OK, "note: an account is restored");
    account_was_noted("an account is restored");
    notes_end();
}

static void test_log(void)
{
    const char *why;

    notes_begin();
    ok(store_start_log(s, LOG_BYTES, &why), "note: there is a log");
    ann = fixture_account(s, "ann");
    fixture_deliver(ann, "bob", "one");
    expect_note("os_file_write_at");
    fixture_deliver(ann, "bob", "two");
    was_noted("a message is in the log");
    now_s += 2 * HOUR_S;
    expect_note("os_file_rename_new");
    fixture_deliver(ann, "bob", "three");
    was_noted("it has its name");
    mailbox_close(ann);
    notes_end();
}

/* One line an hour and mailbox. */
static void test_once(void)
{
    notes_begin();
    ann = fixture_account(s, "ann");
    fixture_deliver(ann, "bob", "one");
    size_t n = strlen(notes_load("2025113012"));
    fixture_deliver(ann, "bob", "two");
    is_int(strlen(notes_load("2025113012")), n, "once: a second change in the hour adds no line");
    now_s += HOUR_S;
    fixture_deliver(ann, "bob", "three");
    is_str(notes_load("2025113013"), "\nann\n", "once: a change in the next hour does");
    mailbox_close(ann);
    notes_end();
}

/* --- the clock --- */

static void test_clock(void)
{
    notes_begin();
    ann = fixture_account(s, "ann");
    now_s += 100 * HOUR_S;
    fixture_deliver(ann, "bob", "one");
    int64_t ahead = changes_now(s);
    now_s = NOON + 60;
    ok(changes_now(s) >= ahead - HOUR_S && changes_now(s) > now_s,
       "clock: the time of the notes does not go back");
    fixture_deliver(ann, "bob", "two");
    ok(look_since(changes_now(s)) && is_noted("ann"), "clock: what changes later is found");
    mailbox_close(ann);
    store_close(s);
    notes_open(true);
    ok(changes_now(s) > now_s, "clock: after a start, too");
    is_int(account_register(s, "bob", "hash"), ST_OK, "clock: another account");
    ok(look_since(changes_now(s)) && is_noted("bob"), "clock: it is noted in the last hour");
    notes_end_unclean();
    alter_known("boot ", "boot 0-0");
    notes_open(true);
    ok(changes_now(s) > now_s && !look_since(NOON), "clock: nor after another boot");
    ok(look_since(changes_now(s)) && noted.n == 0, "clock: the hour goes on without its notes");
    ok(!look_since(changes_now(s) + HOUR_S), "clock: of a time to come nothing is known");
    notes_end();
}

/* Nobody notes anything while the clock is ahead. */
static void test_clock_at_backup(void)
{
    notes_begin();
    ann = fixture_account(s, "ann");
    now_s = NOON + 3 * HOUR_S + 60;
    int64_t kept = changes_mark(s);
    now_s = NOON + 60;
    fixture_deliver(ann, "bob", "one");
    now_s = NOON + 24 * HOUR_S;
    ok(!look_since(kept) || is_noted("ann"), "backup: what changes after the clock is set back");
    mailbox_close(ann);
    notes_end();
}

/* Before anything is noted, and in the hour in which the notes begin. */
static void test_mark(void)
{
    notes_begin();
    int64_t kept = changes_mark(s);
    ok(kept >= NOON && look_since(kept), "mark: in a store without changes it is believed");
    change_ann();
    notes_end_unclean();
    alter_known("boot ", "boot 0-0");
    notes_open(true);
    ok(!look_since(kept), "mark: it is not after another boot in the same hour");
    kept = changes_mark(s);
    ok(look_since(kept), "mark: the next one is");
    is_int(account_register(s, "bob", "hash"), ST_OK, "mark: another account");
    ok(look_since(kept) && noted.n == 1 && is_noted("bob"), "mark: what changes then is noted");
    notes_end_unclean();
    alter_known("boot ", "boot 0-0");
    now_s = NOON - 5 * HOUR_S;
    notes_open(true);
    now_s = NOON + 5 * HOUR_S;
    ok(!look_since(kept), "mark: not after a boot with the clock behind");
    faults_arm(1, ENOSPC, true);
    kept = changes_mark(s);
    faults_disarm();
    is_int(kept, 0, "mark: there is none if it cannot be written");
    notes_end();
}

/* The kernel stamps what happens within some milliseconds with the same time. */
static void wait_for_tick(void)
{
    struct os_file_info before, now;
    int dir = os_file_open_dir(f.path), changes = notes_dir();
    if (!os_file_look_at(changes, &before))
        exit(1);
    do {
        os_file_close(os_file_create(dir, "tick"));
        if (!os_file_look(dir, "tick", &now) || !os_file_remove(dir, "tick"))
            exit(1);
    } while (now.changed_ns <= before.changed_ns);
    os_file_close(changes);
    os_file_close(dir);
}

/* A tool has seen a later hour, which the server has not. */
static void test_clock_of_two(void)
{
    notes_begin();
    ann = fixture_account(s, "ann");
    fixture_deliver(ann, "bob", "one");
    struct store *server = s;
    wait_for_tick();
    now_s = NOON + 2 * HOUR_S + 60;
    notes_open(false);
    is_int(account_register(s, "bob", "hash"), ST_OK, "two: a tool notes something");
    int64_t kept = changes_mark(s);
    store_close(s);
    s = server;
    now_s = NOON + 60;
    fixture_deliver(ann, "bob", "two");
    ok(look_since(kept) && is_noted("ann"), "two: the server notes in the hour of the tool");
    mailbox_close(ann);
    notes_end();
}

/* --- notes that cannot be written --- */

static bool is_known_there(void)
{
    return *notes_load(CHANGES_KNOWN);
}

static void test_full_disk(void)
{
    notes_begin();
    ann = fixture_account(s, "ann");
    now_s += HOUR_S;
    faults_meanwhile("os_file_append", NULL, 1, NULL, ENOSPC);
    is_int(fixture_deliver(ann, "bob", "one"), 1, "full: the change is made all the same");
    ok(faults_happened() && !is_known_there(), "full: the changes are not known any more");
    ok(!look_since(now_s), "full: and nobody believes the notes");
    is_int(f.troubles, 1, "full: this is reported");
    changes_keep(s);
    ok(!is_known_there(), "full: for an hour");
    os_clock_sleep(HOUR_S * INT64_C(1000));
    struct store *server = s;
    notes_open(false);
    changes_keep(server);
    ok(!is_known_there(), "full: and while another process has the store open");
    store_close(s);
    s = server;
    now_s += HOUR_S;
    changes_keep(s);
    ok(is_known_there() && look_since(now_s) && !look_since(now_s - 1),
       "full: then they are known from then on");
    mailbox_close(ann);
    notes_end();
}

static bool waits;

/* What another thread does that fails to note something. "waits": it removes "known" afterwards. */
static void fail_now(void)
{
    waits = pthread_mutex_trylock(&s->changes->mutex) != 0;
    if (waits)
        return;
    s->changes->failed_ms = os_clock_ms();
    pthread_mutex_unlock(&s->changes->mutex);
}

static void test_fails_meanwhile(void)
{
    notes_begin();
    now_s += HOUR_S;
    faults_meanwhile("os_file_append", NULL, 1, NULL, ENOSPC);
    changes_note(s, "ann", NULL);
    os_clock_sleep(HOUR_S * INT64_C(1000));
    faults_meanwhile("os_file_load", CHANGES_KNOWN, 1, fail_now, 0);
    changes_keep(s);
    ok(faults_happened(), "meanwhile: a note fails when they would be known again");
    ok(waits || !is_known_there(), "meanwhile: then they are not");
    notes_end();
}

static void test_old_trash(void)
{
    notes_begin();
    now_s += HOUR_S;
    changes_note_trash_at(s, "ann", NOON);
    is_str(notes_load("trash-2025113012"), "\nann\n",
           "trash: a deletion is noted as of an hour ago");
    faults_meanwhile("os_file_open_append", "trash-2025113012", 1, NULL, ENOSPC);
    changes_note_trash_at(s, "bob", NOON);
    ok(faults_happened() && !is_known_there(), "trash: nobody believes the notes if that fails");
    is_int(f.troubles, 1, "trash: ... which is reported");
    notes_end();
    notes_begin();
    now_s += HOUR_S;
    faults_meanwhile("os_file_append", NULL, 1, NULL, ENOSPC);
    changes_note_trash_at(s, "bob", NOON);
    ok(faults_happened() && !is_known_there(), "trash: nor if its file has no room");
    notes_end();
}

static struct store *visitor;

static void visit(void)
{
    visitor = fixture_open(&f, false);
}

/* Only the other process knows whether its notes are complete. */
static void test_visitor(void)
{
    notes_begin();
    int dir = notes_dir();
    ok(os_file_remove(dir, CHANGES_KNOWN), "visitor: the notes do not count");
    os_file_close(dir);
    now_s += HOUR_S;
    faults_meanwhile("os_file_rename_over", CHANGES_KNOWN, 1, visit, 0);
    changes_keep(s);
    ok(faults_happened() && !is_known_there(),
       "visitor: ... still not, since another process opens the store meanwhile");
    store_close(visitor);
    changes_keep(s);
    ok(is_known_there() && look_since(changes_now(s)),
       "visitor: they count after it has closed the store");
    notes_end();
}

/* A line that is written in part does not swallow the next. */
static void test_torn(void)
{
    notes_begin();
    change_ann();
    notes_put("2025113012", SPAN("\nan"));
    store_close(s);
    notes_open(true);
    is_int(account_register(s, "bob", "hash"), ST_OK, "torn: another account");
    ok(look_since(NOON) && is_noted("bob"), "torn: its name is whole");
    notes_end();
}

static void test_cannot_remove(void)
{
    notes_begin();
    ann = fixture_account(s, "ann");
    now_s += HOUR_S;
    faults_arm(1, EIO, true);
    changes_note(s, "ann", NULL);
    faults_disarm();
    ok(!look_since(now_s), "stuck: the process that could not note it knows");
    changes_keep(s);
    ok(!is_known_there(), "stuck: \"known\" is removed later");
    mailbox_close(ann);
    notes_end();
}

/* --- each call fails --- */

static int64_t since;

static void prepare(void)
{
    now_s = NOON;
    fixture_begin(&f);
    notes_open(true);
    store_close(s);
    now_s += HOUR_S;
    since = now_s;
}

static void use(void)
{
    const struct store_events events = {
        .trouble = fixture_trouble, .died = fixture_died, .ctx = &f};
    const char *why;

    s = store_open(f.path, true, events, &why);
    if (!s)
        return;
    account_register(s, "ann", "hash");
    now_s += HOUR_S;
    account_register(s, "bob", "hash");
    look_since(since);
    changes_forget(s, since - HOUR_S);
    changes_set_time(s, CHANGES_HOUSEKEEPER, now_s);
    changes_keep(s);
    store_close(s);
}

static bool exists(const char *name)
{
    struct account a;
    struct who who;
    return account_find(s, name, &who, &a) == ST_OK;
}

/* What a later start is told must be true. */
static bool run(const void *ctx, int nth, int error, bool ever)
{
    struct each_held held = each_hold();
    (void)ctx;

    prepare();
    faults_arm(nth, error, ever);
    use();
    bool failed = faults_disarm();
    notes_open(true);
    if (look_since(since) &&
        ((exists("ann") && !is_noted("ann")) || (exists("bob") && !is_noted("bob"))))
        is_wrong("an account is there, and is not noted");
    store_close(s);
    fixture_end(&f);
    each_check_held(&held);
    return failed;
}

int main(void)
{
    const struct each_call calls = {"notes", run, NULL, .least = 100, faults_stride()};

    test_messages();
    test_accounts();
    test_log();
    test_once();
    test_clock();
    test_clock_at_backup();
    test_mark();
    test_clock_of_two();
    test_full_disk();
    test_fails_meanwhile();
    test_old_trash();
    test_visitor();
    test_torn();
    test_cannot_remove();
    setenv("TMPDIR", "/dev/shm", 1);
    each_call_fails(&calls, 1, ENOSPC, false);
    each_call_fails(&calls, 2, EIO, true);
    each_call_fails(&calls, 3, EIO, false);
    each_call_fails(&calls, 4, ENOSPC, true);
    each_call_fails(&calls, 5, ENOMEM, false);
    return done_testing();
}
