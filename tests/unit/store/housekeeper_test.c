/* SPDX-License-Identifier: ISC */
/*
 * The housekeeper's round of an hour: which mailboxes it looks at, and that it forgets nothing that
 * is due; and how its thread stops.
 */
#include <semaphore.h>

#include "os/clock.h"
#include "store/backup.h"
#include "store/changes.h"
#include "store/housekeeper.h"
#include "store/mailbox_private.h"
#include "store/restore.h"
#include "store/trash.h"
#include "store_fixture.h"

#define HOUR_S  INT64_C(3600)
#define DAY_S   (24 * HOUR_S)
#define TRASH_S (10 * DAY_S)

static struct fixture f;
static struct store *s;
static int64_t ahead_s; /* of the system's clock */

/* The linker gives us all calls of these. */
int64_t real_now(void) __asm__("__real_os_clock_now");
int64_t now_here(void) __asm__("__wrap_os_clock_now");
int real_subdir(int dir, const char *name) __asm__("__real_os_file_open_subdir");
int subdir_here(int dir, const char *name) __asm__("__wrap_os_file_open_subdir");

int64_t now_here(void)
{
    return real_now() + ahead_s;
}

static char opened[10];   /* the first letters of the accounts */
static int removed_looks; /* at deleted accounts */

static void hold(void);

int subdir_here(int dir, const char *name)
{
    size_t n = strlen(opened);
    if (s && dir == s->dirs[LAYOUT_USERS] && *name != '.' && !strchr(opened, *name) && n < 9) {
        opened[n] = *name;
        opened[n + 1] = '\0';
    }
    if (s && dir == s->dirs[LAYOUT_USERS])
        hold();
    removed_looks += s && dir == s->dirs[LAYOUT_REMOVED];
    return real_subdir(dir, name);
}

static void limit(uint64_t trash_s)
{
    const struct store_limits limits = {.trash_s = trash_s};
    store_set_limits(s, &limits);
}

static void end_server(void)
{
    store_close(s);
    s = NULL;
}

/* A server that has run for hours. Mailboxes without a use are not kept in memory. */
static void begin_again(void)
{
    s = fixture_open(&f, true);
    limit(TRASH_S);
    fixture_steady(s);
}

static void pass(int64_t seconds)
{
    ahead_s += seconds;
    store_keep(s);
    fixture_steady(s);
}

/* Returns at how many mailboxes it looked. */
static size_t a_round(void)
{
    opened[0] = '\0';
    housekeeper_round(s, fixture_never, NULL);
    return strlen(opened);
}

/* ann, bob and carl, with three letters each. */
static void begin(void)
{
    static const char *const names[] = {"ann", "bob", "carl"};
    ahead_s = 0;
    fixture_begin(&f);
    begin_again();
    for (int i = 0; i < 3; i++) {
        struct mailbox *mb = fixture_account(s, names[i]);
        fixture_deliver(mb, "dora", "one");
        fixture_deliver(mb, "dora", "two");
        fixture_deliver(mb, "dora", "three");
        mailbox_close(mb);
    }
}

static void end(void)
{
    end_server();
    fixture_end(&f);
}

static void take(const char *name, uint32_t id)
{
    struct mailbox *mb = fixture_mailbox(s, name);
    is_int(messages_delete(mb, id), ST_OK, "message %u of %s is deleted", (unsigned)id, name);
    mailbox_close(mb);
}

/* Whether the account has a file whose name begins so. */
static bool has(const char *name, const char *file)
{
    char found[MESSAGE_FILE_NAME_BYTES];
    int dir = fixture_directory(&f, name);
    bool there = fixture_file(dir, file, found);
    os_file_close(dir);
    return there;
}

/* Files are as new as they really are: to the clock here, a tombstone is old at once. */
static void test_due(void)
{
    begin();
    take("ann", 1);
    is_int(a_round(), 3, "due: the first round looks at all");
    is_int(a_round(), 0, "due: the second one at none");
    pass(25 * HOUR_S);
    is_str((a_round(), opened), "a", "due: a day later at one that may have tombstones");
    pass(2 * HOUR_S);
    a_round();
    pass(TRASH_S - 28 * HOUR_S);
    is_int(a_round(), 0, "due: at none while what was deleted is kept");
    ok(has("ann", "0000000001-d"), "due: it is there");
    pass(HOUR_S + 1);
    is_str((a_round(), opened), "a", "due: then at the mailbox in which it is");
    ok(!has("ann", "0000000001-d"), "due: it is purged");
    pass(25 * HOUR_S + 1);
    a_round();
    pass(2 * DAY_S);
    a_round();
    is_int(a_round(), 0, "due: after that nobody looks at it");
    end();
}

static void test_restart(void)
{
    begin();
    take("ann", 1);
    a_round();
    end_server();
    begin_again();
    is_int(a_round(), 0, "restart: what was looked at is known");
    pass(TRASH_S + 1);
    end_server();
    begin_again();
    ok(a_round() == 1 && !has("ann", "0000000001-d"), "restart: what is due is known, too");
    end();
}

/* The clock must be steady for an hour before anything is destroyed for its age. */
static void test_clock(void)
{
    begin();
    take("ann", 1);
    a_round();
    pass(TRASH_S + 1);
    s->age.steady += 2 * AGE_STEADY_S;
    is_int(a_round(), 0, "clock: nobody looks while it is new");
    fixture_steady(s);
    ok(a_round() == 1 && !has("ann", "0000000001-d"), "clock: later it catches up");
    end();
}

/* A change of the configuration counts at once. */
static void test_shorter(void)
{
    begin();
    take("ann", 1);
    a_round();
    pass(2 * DAY_S);
    a_round();
    ok(has("ann", "0000000001-d"), "shorter: nothing is due");
    limit(DAY_S);
    a_round();
    ok(!has("ann", "0000000001-d"), "shorter: it is once deleted messages are kept for less");
    take("bob", 1);
    limit(0);
    s->age.steady += 2 * AGE_STEADY_S;
    a_round();
    ok(!has("bob", "0000000001-d"), "shorter: without a trash no clock is needed");
    end();
}

/* What cannot be purged now is purged in the next round. */
static void test_not_now(void)
{
    struct mailbox *mb;
    begin();
    take("ann", 1);
    a_round();
    mb = fixture_mailbox(s, "ann");
    atomic_fetch_add(&mb->snapshots, 1);
    pass(TRASH_S + 1);
    a_round();
    ok(has("ann", "0000000001-d"), "not now: an answer needs what is due");
    for (int i = 0; i < 5; i++) {
        pass(HOUR_S);
        a_round();
    }
    atomic_fetch_sub(&mb->snapshots, 1);
    mailbox_close(mb);
    pass(HOUR_S);
    a_round();
    ok(!has("ann", "0000000001-d"), "not now: it is purged when that is over");
    pass(3 * HOUR_S);
    a_round();
    is_int(a_round(), 0, "not now: then it is done");
    end();
}

static void lose_notes(void)
{
    int dir = os_file_open_subdir(s->dir, LAYOUT_CHANGES);
    end_server();
    ok(os_file_remove(dir, "known"), "lost: the notes do not count");
    os_file_close(dir);
    begin_again();
}

/* What was deleted before the notes were lost is due at the same time as otherwise. */
static void test_lost(void)
{
    begin();
    take("ann", 1);
    a_round();
    pass(5 * DAY_S);
    a_round();
    pass(4 * HOUR_S);
    a_round();
    lose_notes();
    ok(a_round() == 3, "lost: the next round looks at all");
    a_round();
    is_int(a_round(), 0, "lost: those after it do not");
    pass(5 * DAY_S - 4 * HOUR_S + 1);
    ok(a_round() == 1 && !has("ann", "0000000001-d"), "lost: what is due is known");
    end();
}

static int rounds_left;

static bool stop_soon(void *ctx)
{
    (void)ctx;
    return rounds_left-- == 0;
}

static void test_stopped(void)
{
    begin();
    opened[0] = '\0';
    housekeeper_round(s, stop_soon, NULL);
    ok(strlen(opened) < 3, "stopped: a look at all is cut short");
    ok(a_round() == 3, "stopped: it begins again");
    take("ann", 1);
    take("bob", 1);
    pass(3 * DAY_S);
    a_round(); /* for tombstones nobody looks at them later */
    pass(TRASH_S - 3 * DAY_S + 5 * HOUR_S);
    rounds_left = 0;
    housekeeper_round(s, stop_soon, NULL);
    a_round();
    ok(!has("ann", "0000000001-d") && !has("bob", "0000000001-d"),
       "stopped: nor does a round that was cut short count");
    end();
}

static void test_restored_account(void)
{
    struct who who = {.name = "ann"};
    begin();
    take("ann", 1);
    a_round();
    is_int(account_delete(s, &who), ST_OK, "restored: an account is deleted");
    pass(DAY_S);
    a_round();
    is_int(deleted_accounts_restore(s, "ann"), ST_OK, "restored: it is restored");
    pass(TRASH_S - DAY_S + HOUR_S);
    a_round();
    ok(!has("ann", "0000000001-d"), "restored: its trash is purged in time");
    end();
}

/* What a crash has left is removed when all are looked at. */
static void test_left(void)
{
    begin();
    int dir = fixture_directory(&f, "bob");
    os_file_close(os_file_create(dir, LAYOUT_TEMPORARY "0123456789abcdef-1"));
    os_file_close(dir);
    dir = fixture_directory(&f, "carl");
    os_file_close(os_file_create(dir, LAYOUT_ACCOUNT LAYOUT_UNFINISHED));
    os_file_close(dir);
    end_server();
    begin_again();
    a_round();
    ok(!has("bob", LAYOUT_TEMPORARY), "left: a temporary is removed");
    ok(!has("carl", LAYOUT_ACCOUNT LAYOUT_UNFINISHED), "left: and an unfinished account file");
    end();
}

static void test_hidden(void)
{
    struct index_totals t;
    struct mailbox_quota quota;
    begin();
    a_round();
    struct mailbox *mb = fixture_mailbox(s, "ann");
    mailbox_hide(mb, 1, true);
    is_int(mailbox_totals(mb, &t, &quota), ST_OK, "hidden: totals");
    is_int(t.hidden, 1, "hidden: a message is hidden");
    a_round();
    is_int(mailbox_totals(mb, &t, &quota), ST_OK, "hidden: totals again");
    is_int(t.hidden, 0, "hidden: a round shows it again");
    mailbox_close(mb);
    end();
}

static bool never_each(void *ctx, const char *name)
{
    (void)ctx, (void)name;
    return true;
}

/* The notes since the last backup are kept, but not for ever. */
static void test_forget(void)
{
    begin();
    int64_t first = changes_now(s);
    a_round();
    pass(2 * DAY_S);
    a_round();
    ok(changes_each_since(s, first, never_each, NULL), "forget: a first backup may take days");
    ok(changes_set_time(s, CHANGES_BACKUP, first), "forget: a backup was made");
    pass(50 * DAY_S);
    a_round();
    ok(changes_each_since(s, first, never_each, NULL), "forget: the next may come later");
    pass(10 * DAY_S);
    a_round();
    ok(!changes_each_since(s, first, never_each, NULL), "forget: but not after 60 days");
    end();
}

/* --- the thread --- */

static struct {
    atomic_bool holds; /* the next account that is opened waits */
    sem_t waits, stopping;
} thread;

static void hold(void)
{
    if (atomic_exchange(&thread.holds, false)) {
        sem_post(&thread.waits);
        sem_wait(&thread.stopping);
    }
}

int real_join(pthread_t id, void **result) __asm__("__real_pthread_join");
int join_here(pthread_t id, void **result) __asm__("__wrap_pthread_join");

/* housekeeper_stop waits, so it has told the thread to stop. */
int join_here(pthread_t id, void **result)
{
    sem_post(&thread.stopping);
    return real_join(id, result);
}

static bool always(void *ctx)
{
    (void)ctx;
    return true;
}

/* A stop does not wait until all deleted accounts have been looked at. */
static void test_woken_and_stopped(void)
{
    struct who who = {.name = "carl"};
    begin();
    sem_init(&thread.waits, 0, 0);
    sem_init(&thread.stopping, 0, 0);
    atomic_store(&thread.holds, true);
    struct housekeeper *h = housekeeper_start(s);
    sem_wait(&thread.waits);
    is_int(account_delete(s, &who), ST_OK, "woken: an account is deleted during a round");
    s->limits.kept_bytes = 1;
    removed_looks = 0;
    housekeeper_wake(h);
    housekeeper_stop(h);
    is_int(removed_looks, 0, "woken: nobody looks at it once the thread must stop");
    deleted_accounts_purge(s, always, NULL);
    is_int(deleted_accounts_restore(s, "carl"), ST_OK, "woken: it is kept");
    is_int(account_delete(s, &who), ST_OK, "woken: it is deleted again");
    deleted_accounts_purge(s, fixture_never, NULL);
    is_int(deleted_accounts_restore(s, "carl"), ST_NO_USER, "woken: the next look removes it");
    sem_destroy(&thread.waits);
    sem_destroy(&thread.stopping);
    end();
}

/* --- what is brought back --- */

static void tell_nothing(void *ctx, const char *account, const char *file, const char *what)
{
    (void)ctx;
    ok(false, "%s/%s: %s", account, file ? file : "", what);
}

static struct account_copy_told told = {.finding = tell_nothing};

static enum status bring_back(int place, bool exported)
{
    struct export_mark mark;
    struct restore r = {.store = s, .dir = place, .path = "place", .told = told};
    return exported ? restore_import(&r, &mark) : restore_all(&r);
}

static enum status put_away(int place, bool exported)
{
    struct backup b = {.store = s, .dir = place, .path = "place", .told = told};
    struct restore r = {.store = s, .dir = place, .path = "place", .told = told};
    return exported ? restore_export(&r, "ann") : backup_run(&b);
}

/* A store whose housekeeper has looked at all accounts gets one with a deleted message. */
static void test_brought_back(bool exported)
{
    const char *what = exported ? "imported" : "restored";
    char path[] = "/tmp/pochta_test.XXXXXX";
    begin();
    take("ann", 1);
    int place = mkdtemp(path) ? os_file_open_dir(path) : -1;
    is_int(put_away(place, exported), ST_OK, "%s: an account is put away", what);
    end();
    fixture_begin(&f);
    begin_again();
    a_round();
    is_int(bring_back(place, exported), ST_OK, "%s: another store gets it", what);
    pass(HOUR_S);
    is_int(a_round(), 0, "%s: what was deleted is kept", what);
    ok(has("ann", "0000000001-d"), "%s: the deleted message is there", what);
    pass(TRASH_S);
    is_str((a_round(), opened), "a", "%s: after trash-days, the account is opened", what);
    ok(!has("ann", "0000000001-d"), "%s: ... and the message is purged", what);
    os_file_close(place);
    os_file_remove_tree(OS_FILE_CWD, path);
    end();
}

int main(void)
{
    test_due();
    test_restart();
    test_clock();
    test_shorter();
    test_not_now();
    test_lost();
    test_stopped();
    test_restored_account();
    test_left();
    test_hidden();
    test_forget();
    test_woken_and_stopped();
    test_brought_back(false);
    test_brought_back(true);
    return done_testing();
}
