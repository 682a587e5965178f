/* SPDX-License-Identifier: ISC */
/*
 * Many accounts at once: what is said of each of them is true, in which order names and syncs come,
 * and while each call fails: in one run only this call, in another run also all later ones. With
 * STRIDE=1 the test does all runs, otherwise a part of them.
 */
#include "each_call.h"

#include "store_fixture.h"

#define N     40 /* synced at once */
#define FEW   5  /* each synced on its own */
#define THERE 3  /* one that exists before */

static struct fixture f;
static struct store *s;
static struct account_new batch[N];
static size_t n;

/* --- the accounts --- */

static void begin(size_t accounts)
{
    fixture_begin_in(&f, "/dev/shm");
    s = fixture_open(&f, true);
    if (account_register(s, "user3", "old") != ST_OK)
        exit(1);
    n = accounts;
    for (size_t i = 0; i < n; i++) {
        batch[i] = (struct account_new){.account = account_file_standard};
        snprintf(batch[i].name, sizeof batch[i].name, "user%zu", i);
        snprintf(batch[i].account.hash, sizeof batch[i].account.hash, "hash%zu", i);
        batch[i].account.quota_messages = i;
    }
}

static void end(void)
{
    store_close(s);
    fixture_end(&f);
}

static bool add_one(void *ctx, const char *name)
{
    size_t *count = ctx;

    *count += name[0] != '\0';
    return true;
}

static size_t names(enum layout_dir which)
{
    size_t count = 0;

    os_file_each(s->dirs[which], add_one, &count);
    return count;
}

/* Whether users/ has the account, as a whole and as it was made. */
static bool is_there(size_t i)
{
    struct account a = {.hash = ""};
    struct who who;
    enum status st = account_find(s, batch[i].name, &who, &a);

    if (st != ST_OK && st != ST_NO_USER)
        is_wrong("%s is there, but not whole: %s", batch[i].name, status_text(st));
    return st == ST_OK && strcmp(a.hash, batch[i].account.hash) == 0 && a.quota_messages == i;
}

static size_t count_there(void)
{
    size_t there = 0;

    for (size_t i = 0; i < n; i++)
        there += is_there(i);
    return there;
}

static size_t count_status(enum status st)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += batch[i].st == st;
    return count;
}

/* --- in order --- */

static void test_made(size_t accounts)
{
    begin(accounts);
    is_int(account_register_many(s, batch, n), ST_OK, "a batch of %zu", accounts);
    is_int(count_there(), (int)n - 1, "... all others are there, whole");
    ok(count_status(ST_OK) == n - 1 && batch[THERE].st == ST_USER_EXISTS,
       "... and each has its status");
    is_int(names(LAYOUT_NEW), 0, "... nothing is left in new/");
    is_int(account_register_many(s, batch, n), ST_OK, "the same batch again");
    is_int(count_status(ST_USER_EXISTS), (int)n, "... all are there");
    end();
    is_int(f.troubles, 0, "... which is no trouble: %s", f.first);
}

static size_t named, made;

static void look(void)
{
    named = names(LAYOUT_USERS) - 1;
    made = names(LAYOUT_NEW);
}

/* An account has no name before it is durable, and is not reported before all names are. */
static void test_order(void)
{
    begin(N);
    faults_meanwhile("os_file_sync_all", NULL, 1, look, 0);
    account_register_many(s, batch, n);
    ok(faults_happened(), "order: the file system is synced");
    ok(named == 0 && made == N - 1, "order: ... when all are made, and none has its name");
    end();

    begin(N);
    faults_meanwhile("os_file_sync_dir", NULL, 1, look, 0);
    account_register_many(s, batch, n);
    ok(faults_happened(), "order: users/ is synced");
    ok(named == N - 1 && made == 0, "order: ... when all have their names");
    end();

    begin(FEW);
    faults_meanwhile("os_file_sync_dir", NULL, FEW - 1, look, 0);
    account_register_many(s, batch, n);
    ok(faults_happened() && named == 0, "order: a few accounts are each synced on their own first");
    end();
}

/* Where the sync of the file system does not report failed writes. */
static void test_not_reported(void)
{
    faults_sync_not_reported = true;
    begin(N);
    faults_meanwhile("os_file_sync_all", NULL, 1, look, 0);
    is_int(account_register_many(s, batch, n), ST_OK, "not reported: a batch of %d", N);
    ok(!faults_happened(), "not reported: ... without a sync of the file system");
    end();

    begin(N);
    named = 1;
    faults_meanwhile("os_file_sync_dir", NULL, N - 1, look, 0);
    account_register_many(s, batch, n);
    ok(faults_happened() && named == 0 && made == N - 1,
       "not reported: each account is synced on its own before any gets its name");
    end();
    faults_sync_not_reported = false;
}

static void test_failed_syncs(void)
{
    begin(N);
    faults_meanwhile("os_file_sync_all", NULL, 1, NULL, EIO);
    is_int(account_register_many(s, batch, n), ST_IO, "the first sync fails");
    is_int(count_status(ST_IO), N - 1, "... all others are reported as not made");
    is_int(count_there() + names(LAYOUT_NEW), 0, "... they are not, and nothing is left in new/");
    is_int(account_register_many(s, batch, n), ST_OK, "... the same batch again");
    end();

    begin(N);
    faults_meanwhile("os_file_sync_dir", NULL, 1, NULL, EIO);
    is_int(account_register_many(s, batch, n), ST_UNKNOWN, "the last sync fails");
    is_int(count_status(ST_UNKNOWN), N, "... nothing is known of any account");
    is_int(account_register_many(s, batch, n), ST_READ_ONLY, "... nothing more is made");
    is_int(count_status(ST_READ_ONLY), N, "... which each status says");
    end();

    begin(N);
    for (size_t i = 0; i < n; i++)
        snprintf(batch[i].name, sizeof batch[i].name, "user%d", THERE);
    faults_meanwhile("os_file_sync_dir", NULL, 1, NULL, EIO);
    is_int(account_register_many(s, batch, n), ST_UNKNOWN,
           "the last sync fails where all accounts were there");
    end();
}

static void test_empty(void)
{
    begin(FEW);
    is_int(account_register_many(s, batch, 0), ST_OK, "an empty batch");
    faults_meanwhile("os_file_sync_dir", NULL, 1, NULL, EIO);
    is_int(account_register_many(s, batch, 0), ST_UNKNOWN, "... is synced");
    end();
}

/* The accounts before it have their names, and are durable; the others do not get theirs. */
static void test_failed_rename(void)
{
    begin(N);
    faults_meanwhile("os_file_rename_new", "user20-", 1, NULL, ENOSPC);
    is_int(account_register_many(s, batch, n), ST_DISK_FULL, "a rename fails");
    ok(count_status(ST_OK) == 19 && count_status(ST_DISK_FULL) == N - 20 && batch[19].st == ST_OK,
       "... the accounts before it are there, and no others");
    is_int(count_there(), 19, "... they really are");
    is_int(names(LAYOUT_NEW), 0, "... nothing is left in new/");
    end();

    begin(N);
    faults_meanwhile("os_file_create", "account", 30, NULL, ENOSPC);
    is_int(account_register_many(s, batch, n), ST_DISK_FULL, "the disk is full before that");
    is_int(count_there() + names(LAYOUT_NEW), 0, "... nothing is there");
    is_int(count_status(ST_DISK_FULL), N - 1, "... which each status says");
    end();
}

static void take_name(void)
{
    os_file_make_dir(s->dirs[LAYOUT_USERS], "user7");
}

static void test_taken(void)
{
    begin(N);
    strcpy(batch[9].name, "user8");
    faults_meanwhile("os_file_rename_new", "user7-", 1, take_name, 0);
    is_int(account_register_many(s, batch, n), ST_OK, "taken: meanwhile, and twice in the batch");
    ok(batch[7].st == ST_USER_EXISTS && batch[9].st == ST_USER_EXISTS && batch[8].st == ST_OK,
       "taken: ... the first has the name");
    is_int(names(LAYOUT_NEW), 0, "taken: ... nothing is left in new/");
    end();
}

static void test_no_space(void)
{
    begin(N);
    s->limits.reserve_bytes = UINT64_MAX / 2;
    is_int(account_register_many(s, batch, n), ST_DISK_FULL,
           "no space: a batch that would use the reserve");
    is_int(count_status(ST_DISK_FULL), N, "no space: ... each account has this status");
    is_int(count_there() + names(LAYOUT_NEW), 0, "no space: ... nothing is there");
    end();
}

/* --- each call fails --- */

static void check_made(void)
{
    for (size_t i = 0; i < n; i++) {
        bool there = is_there(i);
        if (batch[i].st == ST_OK && !there)
            is_wrong("%s: reported, but not there", batch[i].name);
        if (batch[i].st != ST_OK && batch[i].st != ST_UNKNOWN && there)
            is_wrong("%s: %s, but it is there", batch[i].name, status_text(batch[i].st));
        if (batch[i].st == ST_USER_EXISTS && i != THERE)
            is_wrong("%s: it was not there before", batch[i].name);
    }
}

static bool run(const void *ctx, int nth, int error, bool ever)
{
    const size_t *accounts = ctx;
    struct each_held held = each_hold();

    begin(*accounts);
    faults_arm(nth, error, ever);
    enum status st = account_register_many(s, batch, n);
    bool failed = faults_disarm();
    if (st == ST_OK && count_status(ST_OK) + count_status(ST_USER_EXISTS) != n)
        is_wrong("all is well, but not all are made");
    if (st != ST_OK && count_status(st) == 0)
        is_wrong("%s, which no account has", status_text(st));
    store_close(s);
    s = fixture_open(&f, true); /* the next start */
    check_made();
    if (names(LAYOUT_NEW) > 0)
        is_wrong("the next start leaves something in new/");
    end();
    each_check_held(&held);
    return failed;
}

int main(void)
{
    static const size_t many = N, few = FEW;
    const struct each_call at_once = {"at once", run, &many, 100, faults_stride()};
    const struct each_call each_on_its_own = {"each on its own", run, &few, 20, 1};

    test_made(N);
    test_made(FEW);
    test_order();
    test_not_reported();
    test_failed_syncs();
    test_failed_rename();
    test_empty();
    test_taken();
    test_no_space();
    each_call_fails(&at_once, 1, EIO, false);
    each_call_fails(&at_once, 5, EIO, true);
    each_call_fails(&at_once, 9, ENOSPC, false);
    each_call_fails(&each_on_its_own, 1, EIO, false);
    each_call_fails(&each_on_its_own, 1, ENOSPC, true);
    return done_testing();
}
