/* SPDX-License-Identifier: ISC */
/*
 * Notes of the accounts that change: what they have, and when they do not count. In the last test
 * each call fails, and what is said about the changes is still true.
 */
#include "each_call.h"

#include "store/changes.h"
#include "store/changes_private.h"
#include "store/mailbox_private.h"
#include "store/messages.h"
#include "store/trash.h"
#include "store_fixture.h"

#define KEYS_AT   14 /* in the lock file */
#define LOG_BYTES (UINT64_C(1) << 20)
#define HOUR_S    CHANGES_HOUR_S
#define NOON      INT64_C(1764504000) /* 2025-11-30, 12:00:00 UTC */

static struct fixture f;
static struct store *s;
static int64_t now_s = NOON;

/* The linker gives us all calls of os_clock_now. */
int64_t now_here(void) __asm__("__wrap_os_clock_now");

int64_t now_here(void)
{
    return now_s;
}

/* --- what the notes say --- */

/* The names that are noted, each once, in the order in which they are called. */
static struct {
    char names[20][NAME_BYTES + 1];
    int n;
} noted;

static bool add_noted(void *ctx, const char *name)
{
    (void)ctx;
    for (int i = 0; i < noted.n; i++)
        if (strcmp(noted.names[i], name) == 0)
            return true;
    if (noted.n < 20)
        snprintf(noted.names[noted.n++], NAME_BYTES + 1, "%s", name);
    return true;
}

static bool look_since(int64_t since)
{
    noted.n = 0;
    return changes_each_since(s, since, add_noted, NULL);
}

static bool is_noted(const char *name)
{
    for (int i = 0; i < noted.n; i++)
        if (strcmp(noted.names[i], name) == 0)
            return true;
    return false;
}

static int changes_dir(void)
{
    char path[300];
    snprintf(path, sizeof path, "%s/" LAYOUT_CHANGES, f.path);
    return os_file_open_dir(path);
}

static char *load_text(const char *name)
{
    static char text[2000];
    struct buf file;
    int dir = changes_dir();
    buf_init(&file, sizeof text - 1);
    text[0] = '\0';
    if (os_file_load(dir, name, &file))
        snprintf(text, sizeof text, "%.*s", SPAN_PRINTF(buf_span(&file)));
    buf_free(&file);
    os_file_close(dir);
    return text;
}

static void put_text(const char *name, struct span text)
{
    int dir = changes_dir();
    if (!os_file_replace(dir, name, text))
        exit(1);
    os_file_close(dir);
}

static void begin_in(bool server)
{
    s = fixture_open(&f, server);
}

static void begin(void)
{
    now_s = NOON;
    fixture_begin(&f);
    begin_in(true);
}

static void end(void)
{
    store_close(s);
    fixture_end(&f);
}

/* As if the server had been killed: what it wrote last is in the page cache. */
static void end_unclean(void)
{
    char known[300];
    snprintf(known, sizeof known, "%s", load_text(CHANGES_KNOWN));
    store_close(s);
    put_text(CHANGES_KNOWN, span_str(known));
}

/* --- each change is noted, before it can be seen --- */

static struct mailbox *ann;
static bool in_time;

static void look_now(void)
{
    in_time = look_since(now_s) && is_noted("ann");
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

static void test_messages(void)
{
    const struct delivery_as as = {5, MAIL_NORMAL};
    const uint32_t first = 1;
    struct mail m;

    begin();
    ann = fixture_account(s, "ann");
    expect_note("os_file_rename_new");
    fixture_deliver(ann, "bob", "one");
    was_noted("a message is delivered");
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
    end();
}

static void test_accounts(void)
{
    struct who who = {.name = "ann"};

    begin();
    s->limits.trash_s = 1000;
    expect_note("os_file_rename_new");
    is_int(account_register(s, "ann", "hash"), ST_OK, "note: an account is registered");
    was_noted("an account is registered");
    expect_note("os_file_rename_over");
    is_int(account_set_hash(s, &who, "other"), ST_OK, "note: a password changes");
    was_noted("a password changes");
    expect_note("os_file_rename_new");
    is_int(account_delete(s, &who), ST_OK, "note: an account is deleted");
    was_noted("an account is deleted");
    expect_note("os_file_rename_new");
    is_int(deleted_accounts_restore(s, "ann"), ST_OK, "note: an account is restored");
    was_noted("an account is restored");
    end();
}

static void test_log(void)
{
    const char *why;

    begin();
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
    end();
}

/* One line an hour and mailbox. */
static void test_once(void)
{
    begin();
    ann = fixture_account(s, "ann");
    fixture_deliver(ann, "bob", "one");
    size_t n = strlen(load_text("2025113012"));
    fixture_deliver(ann, "bob", "two");
    is_int(strlen(load_text("2025113012")), n, "once: a second change in the hour adds no line");
    now_s += HOUR_S;
    fixture_deliver(ann, "bob", "three");
    is_str(load_text("2025113013"), "\nann\n", "once: in the next hour it does");
    mailbox_close(ann);
    end();
}

/* --- until when they count --- */

static void change_ann(void)
{
    if (account_register(s, "ann", "hash") != ST_OK)
        exit(1);
}

static void test_clean_stop(void)
{
    begin();
    ok(look_since(now_s), "stop: in a new store the changes are known");
    ok(!look_since(now_s - 1), "stop: not those from before it was made");
    change_ann();
    store_close(s);
    ok(strstr(load_text(CHANGES_KNOWN), "\nclean\n"), "stop: a stop in order says so");
    now_s += HOUR_S;
    begin_in(true);
    ok(look_since(NOON) && is_noted("ann"), "stop: after it the changes are known");
    store_close(s);
    begin_in(false);
    ok(look_since(NOON) && is_noted("ann"), "stop: by a tool, too");
    ok(!strstr(load_text(CHANGES_KNOWN), "\nclean\n"), "stop: while it runs they are not safe");
    store_close(s);
    ok(!strstr(load_text(CHANGES_KNOWN), "\nclean\n"), "stop: nor after it");
    begin_in(true);
    ok(look_since(NOON) && is_noted("ann"), "stop: but they count until the next boot");
    end();
}

static void test_same_boot(void)
{
    begin();
    change_ann();
    end_unclean();
    begin_in(true);
    ok(look_since(NOON) && is_noted("ann"), "killed: the notes count until the next boot");
    end();
}

static void alter_known(const char *from, const char *to)
{
    char text[2000];
    snprintf(text, sizeof text, "%s", load_text(CHANGES_KNOWN));
    char *at = strstr(text, from);
    if (!at)
        exit(1);
    memcpy(at, to, strlen(to));
    put_text(CHANGES_KNOWN, span_str(text));
}

static void do_not_count(const char *what)
{
    begin_in(true);
    ok(!look_since(NOON), "%s: the notes do not count", what);
    now_s += HOUR_S;
    ok(look_since(changes_now(s)), "%s: from now on they do", what);
    is_str(load_text("2025113012"), "", "%s: the old ones are gone", what);
    end();
}

static void test_other_boot(void)
{
    begin();
    change_ann();
    end_unclean();
    now_s += HOUR_S;
    alter_known("boot ", "boot 0-0");
    do_not_count("another boot");
}

/* A program of an earlier version was first, and drew the keys. */
static void test_older_program(void)
{
    begin();
    change_ann();
    store_close(s);
    now_s += HOUR_S;
    int dir = os_file_open_dir(f.path);
    int fd = os_lock_open(dir, LAYOUT_LOCK);
    ok(os_file_write_at(fd, "00000000", 8, KEYS_AT), "older program: it draws keys");
    os_file_close(fd);
    os_file_close(dir);
    do_not_count("older program");
}

/* A copy of a store that is in use may have notes from before its mailboxes. */
static void test_copy(void)
{
    begin();
    change_ann();
    store_close(s);
    now_s += HOUR_S;
    int dir = os_file_open_dir(f.path), changes = changes_dir();
    char known[300];
    snprintf(known, sizeof known, "%s", load_text(CHANGES_KNOWN));
    /* The old directory stays open, so that the new one has another inode. */
    os_file_remove_tree(dir, LAYOUT_CHANGES);
    os_file_make_dir(dir, LAYOUT_CHANGES);
    put_text(CHANGES_KNOWN, span_str(known));
    do_not_count("a copy");
    os_file_close(dir);
    os_file_close(changes);
}

static void test_damage(void)
{
    static const struct {
        const char *what, *text;
        size_t n;
    } texts[] = {
#define TEXT(what, text) {what, text, sizeof(text) - 1}
        TEXT("zeros", "\nann\n\0\0\0\0\0\0"),
        TEXT("a path", "\n../bob\n"),
        TEXT("capitals", "\nAnn\n"),
        TEXT("a long line", "\n012345678901234567890123456789012\n"),
        TEXT("no name at the end", "\nann\n-"),
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        begin();
        change_ann();
        put_text("2025113012", span_of(texts[i].text, texts[i].n));
        ok(!look_since(NOON), "damage: %s: the changes are not known", texts[i].what);
        put_text("2025113012", SPAN("\nann\n\n\n\nbob\n\nb"));
        ok(look_since(NOON) && noted.n == 3, "damage: empty lines say nothing");
        end();
    }
}

static void test_damaged_known(void)
{
    static const char *const texts[] = {"", "pochta-changes 2\n", "pochta-changes 1\nsince 1\n",
                                        "pochta-changes 1\nsince x\n", "\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        begin();
        change_ann();
        store_close(s);
        now_s += HOUR_S;
        put_text(CHANGES_KNOWN, span_str(texts[i]));
        do_not_count("damaged \"known\"");
    }
}

/* What is no file of an hour is left alone. */
static void test_other_files(void)
{
    static const char *const names[] = {"2025113024", "2025133012", "20251130120", "202511301",
                                        "2025022912", "0000000000", "strange"};
    begin();
    change_ann();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        put_text(names[i], SPAN("\nbob\n"));
    ok(look_since(NOON) && noted.n == 1, "other files: they are no notes");
    end();
}

/* --- the clock --- */

static void test_clock(void)
{
    begin();
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
    begin_in(true);
    ok(changes_now(s) > now_s, "clock: after a start, too");
    is_int(account_register(s, "bob", "hash"), ST_OK, "clock: another account");
    ok(look_since(changes_now(s)) && is_noted("bob"), "clock: it is noted in the last hour");
    end_unclean();
    alter_known("boot ", "boot 0-0");
    begin_in(true);
    ok(changes_now(s) > now_s && !look_since(NOON), "clock: nor after another boot");
    ok(look_since(changes_now(s)) && noted.n == 0, "clock: the hour goes on without its notes");
    ok(!look_since(changes_now(s) + HOUR_S), "clock: of a time to come nothing is known");
    end();
}

/* Nobody notes anything while the clock is ahead. */
static void test_clock_at_backup(void)
{
    begin();
    ann = fixture_account(s, "ann");
    now_s = NOON + 3 * HOUR_S + 60;
    int64_t kept = changes_mark(s);
    now_s = NOON + 60;
    fixture_deliver(ann, "bob", "one");
    now_s = NOON + 24 * HOUR_S;
    ok(!look_since(kept) || is_noted("ann"), "backup: what changes after the clock is set back");
    mailbox_close(ann);
    end();
}

/* Before anything is noted, and in the hour in which the notes begin. */
static void test_mark(void)
{
    begin();
    int64_t kept = changes_mark(s);
    ok(kept >= NOON && look_since(kept), "mark: in a store without changes it is believed");
    change_ann();
    end_unclean();
    alter_known("boot ", "boot 0-0");
    begin_in(true);
    ok(!look_since(kept), "mark: it is not after another boot in the same hour");
    kept = changes_mark(s);
    ok(look_since(kept), "mark: the next one is");
    is_int(account_register(s, "bob", "hash"), ST_OK, "mark: another account");
    ok(look_since(kept) && noted.n == 1 && is_noted("bob"), "mark: what changes then is noted");
    end_unclean();
    alter_known("boot ", "boot 0-0");
    now_s = NOON - 5 * HOUR_S;
    begin_in(true);
    now_s = NOON + 5 * HOUR_S;
    ok(!look_since(kept), "mark: not after a boot with the clock behind");
    faults_arm(1, ENOSPC, true);
    kept = changes_mark(s);
    faults_disarm();
    is_int(kept, 0, "mark: there is none if it cannot be written");
    end();
}

/* The kernel stamps what happens within some milliseconds with the same time. */
static void wait_for_tick(void)
{
    struct os_file_info before, now;
    int dir = os_file_open_dir(f.path), changes = changes_dir();
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
    begin();
    ann = fixture_account(s, "ann");
    fixture_deliver(ann, "bob", "one");
    struct store *server = s;
    wait_for_tick();
    now_s = NOON + 2 * HOUR_S + 60;
    begin_in(false);
    is_int(account_register(s, "bob", "hash"), ST_OK, "two: a tool notes something");
    int64_t kept = changes_mark(s);
    store_close(s);
    s = server;
    now_s = NOON + 60;
    fixture_deliver(ann, "bob", "two");
    ok(look_since(kept) && is_noted("ann"), "two: the server notes in the hour of the tool");
    mailbox_close(ann);
    end();
}

/* --- notes that cannot be written --- */

static bool is_known_there(void)
{
    return *load_text(CHANGES_KNOWN);
}

static void test_full_disk(void)
{
    begin();
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
    begin_in(false);
    changes_keep(server);
    ok(!is_known_there(), "full: and while another process has the store open");
    store_close(s);
    s = server;
    now_s += HOUR_S;
    changes_keep(s);
    ok(is_known_there() && look_since(now_s) && !look_since(now_s - 1),
       "full: then they are known from then on");
    mailbox_close(ann);
    end();
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
    begin();
    now_s += HOUR_S;
    faults_meanwhile("os_file_append", NULL, 1, NULL, ENOSPC);
    changes_note(s, "ann", NULL);
    os_clock_sleep(HOUR_S * INT64_C(1000));
    faults_meanwhile("os_file_load", CHANGES_KNOWN, 1, fail_now, 0);
    changes_keep(s);
    ok(faults_happened(), "meanwhile: a note fails when they would be known again");
    ok(waits || !is_known_there(), "meanwhile: then they are not");
    end();
}

/* A line that is written in part does not swallow the next. */
static void test_torn(void)
{
    begin();
    change_ann();
    put_text("2025113012", SPAN("\nan"));
    store_close(s);
    begin_in(true);
    is_int(account_register(s, "bob", "hash"), ST_OK, "torn: another account");
    ok(look_since(NOON) && is_noted("bob"), "torn: its name is whole");
    end();
}

static void test_cannot_remove(void)
{
    begin();
    ann = fixture_account(s, "ann");
    now_s += HOUR_S;
    faults_arm(1, EIO, true);
    changes_note(s, "ann", NULL);
    faults_disarm();
    ok(!look_since(now_s), "stuck: the process that could not note it knows");
    changes_keep(s);
    ok(!is_known_there(), "stuck: \"known\" is removed later");
    mailbox_close(ann);
    end();
}

/* --- times --- */

static void test_times(void)
{
    int64_t time = 7;

    begin();
    ok(!changes_time(s, CHANGES_BACKUP, &time) && errno == ENOENT, "times: there is none at first");
    ok(changes_set_time(s, CHANGES_BACKUP, NOON), "times: it is kept");
    ok(changes_time(s, CHANGES_BACKUP, &time) && time == NOON, "times: and read");
    put_text(CHANGES_BACKUP, SPAN(""));
    ok(!changes_time(s, CHANGES_BACKUP, &time) && errno == EINVAL, "times: an empty file has none");
    put_text(CHANGES_BACKUP, SPAN("17"));
    ok(changes_time(s, CHANGES_BACKUP, &time) && time == 17, "times: an LF is not needed");
    end();
}

static void test_forget(void)
{
    begin();
    change_ann();
    int64_t start = now_s;
    now_s += 5 * HOUR_S;
    is_int(account_register(s, "bob", "hash"), ST_OK, "forget: another account");
    changes_forget(s, NOON);
    ok(look_since(start) && noted.n == 2, "forget: what is newer stays");
    changes_forget(s, NOON + 2 * HOUR_S);
    is_str(load_text("2025113012"), "", "forget: what is older goes");
    ok(!look_since(start), "forget: then the changes from before are not known");
    ok(look_since(NOON + 3 * HOUR_S) && noted.n == 1 && is_noted("bob"), "forget: later ones are");
    end();
}

/* --- each call fails --- */

static int64_t since;

static void prepare(void)
{
    now_s = NOON;
    fixture_begin(&f);
    begin_in(true);
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
    begin_in(true);
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
    test_clean_stop();
    test_same_boot();
    test_other_boot();
    test_older_program();
    test_copy();
    test_damage();
    test_damaged_known();
    test_other_files();
    test_clock();
    test_clock_at_backup();
    test_mark();
    test_clock_of_two();
    test_full_disk();
    test_fails_meanwhile();
    test_torn();
    test_cannot_remove();
    test_times();
    test_forget();
    setenv("TMPDIR", "/dev/shm", 1);
    each_call_fails(&calls, 1, ENOSPC, false);
    each_call_fails(&calls, 2, EIO, true);
    each_call_fails(&calls, 3, EIO, false);
    each_call_fails(&calls, 4, ENOSPC, true);
    each_call_fails(&calls, 5, ENOMEM, false);
    return done_testing();
}
