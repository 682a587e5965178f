/* SPDX-License-Identifier: ISC */
/* What doctor sees in the files of a store; tests/it/doctor.t is about what it advises. */
#include "ctl/doctor.h"

#include <sys/stat.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/process.h"
#include "store/account_file.h"
#include "store/door_key.h"
#include "store/redo_segment.h"
#include "store_fixture.h"

#define INVITE  "invites/0123456789abcdef0123456789abcdef"
#define NOTHING ODDS

static struct fixture f;
static struct doctor_store seen;

/* The linker gives us all calls of os_file_look. Each takes look_ms. */
bool slow_look(int dir, const char *name, struct os_file_info *info) __asm__("__wrap_os_file_look");
bool real_look(int dir, const char *name, struct os_file_info *info) __asm__("__real_os_file_look");
int64_t slow_ms(void) __asm__("__wrap_os_clock_ms");
static int64_t look_ms, clock_ms;
static int looks;

bool slow_look(int dir, const char *name, struct os_file_info *info)
{
    looks++;
    clock_ms += look_ms;
    return real_look(dir, name, info);
}

int64_t slow_ms(void)
{
    return clock_ms;
}

static void look(void)
{
    static struct config c;

    doctor_look_store(&seen, f.path, &c, os_clock_now());
}

static void path_of(const char *name, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s", f.path, name);
}

static void make(const char *name, struct span content)
{
    char path[PATH_MAX];

    path_of(name, path);
    if (!os_file_make(OS_FILE_CWD, path, content))
        exit(1);
}

static void make_dir(const char *name)
{
    char path[PATH_MAX];

    path_of(name, path);
    if (!os_file_make_dir(OS_FILE_CWD, path))
        exit(1);
}

static void remove_tree(const char *name)
{
    char path[PATH_MAX];

    path_of(name, path);
    if (!os_file_remove_tree(OS_FILE_CWD, path))
        exit(1);
}

/* How many kinds of files are odd. */
static int kinds(void)
{
    int n = 0;

    for (int i = 0; i < ODDS; i++)
        n += seen.odd[i].n > 0;
    return n;
}

/* Each file alone is what the row says, or nothing. */
static void test_files(void)
{
    static const struct {
        const char *name;
        enum doctor_odd is;
    } rows[] = {
        {"version.0", ODD_TEMPORARY},
        {"lock.0", ODD_TEMPORARY},
        {"versions", NOTHING},
        {"programs.new", ODD_TEMPORARY},
        {"doors.new", ODD_TEMPORARY},
        {"new/0", ODD_TEMPORARY},
        {"removed/~ann", ODD_TEMPORARY},
        {"removed/ann~", NOTHING},
        {INVITE ".new", ODD_TEMPORARY},
        {INVITE ".old", NOTHING},
        {"invites/0123.new", NOTHING},
        {"invites/new", NOTHING},
        {"users/ann/account.new", ODD_TEMPORARY},
        {"users/ann/new-0123456789abcdef-1", ODD_TEMPORARY},
        {"users/ann/new", NOTHING},
        {"users/bob", ODD_ACCOUNT},
        {"log/" REDO_OLD "0", ODD_OLD_LOG},
    };

    look();
    is_int(kinds(), 0, "a new store has nothing odd");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        make(rows[i].name, SPAN(""));
        look();
        is_int(kinds(), rows[i].is != NOTHING, "%s: kinds of findings", rows[i].name);
        if (rows[i].is != NOTHING)
            is_str(seen.odd[rows[i].is].first, rows[i].name, "... it is this one");
        remove_tree(rows[i].name);
    }
}

/* The key of the doors is a secret, and a damaged one keeps a server from its start. */
static void test_doors(void)
{
    struct store *s = fixture_open(&f, true);
    struct door_key *k;
    is_int(door_key_open(s, "ship.example", &k), ST_OK, "doors: a server had some");
    door_key_free(k);
    store_close(s);
    look();
    ok(!seen.doors_damaged && kinds() == 0, "doors: nothing is found");
    char path[PATH_MAX];
    path_of(LAYOUT_DOORS, path);
    chmod(path, 0644);
    look();
    is_str(seen.odd[ODD_FILE_WIDE].first, LAYOUT_DOORS, "doors: others can read the file");
    ok(truncate(path, 50) == 0, "doors: the file is cut off");
    look();
    ok(seen.doors_damaged, "... which is found");
    remove_tree(LAYOUT_DOORS);
    look();
    ok(!seen.doors_damaged, "doors: there are none");
}

/* Directories inside each other: it looks no further than into the eighth. */
static void test_depth(void)
{
    char path[64] = "users/ann";

    for (int i = 0; i < 6; i++) {
        strcat(path, "/x");
        make_dir(path);
    }
    look();
    is_int(kinds(), 0, "eight directories inside each other");
    strcat(path, "/x");
    make_dir(path);
    look();
    is_int(seen.odd[ODD_CLOSED].n, 1, "nine: it does not look at all of them");
    is_str(seen.odd[ODD_CLOSED].first, path, "... and says at which");
    remove_tree("users/ann/x");
}

/* An account whose file is too long to be read. */
static void test_long_account(void)
{
    static char content[DOCTOR_FILE_LIMIT + 1];

    make_dir("users/bob");
    make("users/bob/account", span_of(content, sizeof content));
    look();
    is_str(seen.odd[ODD_ACCOUNT].first, "users/bob/account", "an account file that is too long");
    is_int(seen.odd[ODD_ACCOUNT].n, 1, "... is found once");
    remove_tree("users/bob");
}

/* More accounts cost no more. */
static void test_sample(void)
{
    char name[80];

    for (int i = 0; i < DOCTOR_USERS + 20; i++) {
        snprintf(name, sizeof name, "users/many%d", i);
        make(name, SPAN(""));
    }
    look();
    ok(seen.odd[ODD_ACCOUNT].n >= DOCTOR_USERS - 1 && seen.odd[ODD_ACCOUNT].n <= DOCTOR_USERS,
       "many accounts: it looks at some of them");
    is_int(seen.odd[ODD_CLOSED].n, 0, "... which is no finding");
    for (int i = 0; i < DOCTOR_USERS + 20; i++) {
        snprintf(name, sizeof name, "users/many%d", i);
        remove_tree(name);
    }
}

/* On a slow file system it looks at fewer accounts, and still at the log. */
static void test_slow(void)
{
    char name[80];

    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "users/slow%d", i);
        make_dir(name);
        snprintf(name, sizeof name, "users/slow%d/0000000001-u,t=1512316293,s=3,e=0,l=3+0,f=a", i);
        make(name, SPAN("one"));
    }
    make(LAYOUT_LOG "/" REDO_OLD REDO_SEGMENT, SPAN(""));
    looks = 0;
    look();
    is_int(seen.odd[ODD_ACCOUNT].n, 100, "fast: all accounts are looked at");
    int all = looks;
    look_ms = DOCTOR_MS / 10;
    looks = 0;
    look();
    ok(looks < all - 150, "slow: %d looks instead of %d", looks, all);
    ok(seen.odd[ODD_ACCOUNT].n > 0 && seen.odd[ODD_ACCOUNT].n <= 5,
       "slow: fewer accounts are looked at");
    look_ms = DOCTOR_MS;
    look();
    is_int(seen.odd[ODD_ACCOUNT].n, 0, "slow: an account looked at only in part is no finding");
    is_int(seen.odd[ODD_OLD_LOG].n, 1, "slow: the log is looked at");
    look_ms = 0;
    remove_tree(LAYOUT_LOG "/" REDO_OLD REDO_SEGMENT);
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "users/slow%d", i);
        remove_tree(name);
    }
}

static void make_account(const char *name, uint64_t quota)
{
    struct account a = account_file_standard;
    struct who who = {.generation = "0123456789abcdef"};
    char path[PATH_MAX];

    a.quota_bytes = quota;
    snprintf(who.name, sizeof who.name, "%s", name);
    path_of("users", path);
    int users = os_file_open_dir(path);
    if (!os_file_make_dir(users, name))
        exit(1);
    int dir = os_file_open_subdir(users, name);
    if (!account_file_write(dir, "account", &who, &a))
        exit(1);
    os_file_close(dir);
    os_file_close(users);
}

/* The quotas of the accounts that were looked at count, also once the time is over. */
static void test_slow_quotas(void)
{
    char name[80];

    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "slow%d", i);
        make_account(name, 1000);
    }
    look();
    is_int(seen.quotas, 100000, "fast: the quotas of all accounts count");
    look_ms = DOCTOR_MS / 50;
    look();
    ok(seen.quotas >= 10000 && seen.quotas < 50000, "slow: those of the accounts looked at count");
    look_ms = 0;
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "users/slow%d", i);
        remove_tree(name);
    }
}

static void test_replaced(void)
{
    remove_tree("new");
    look();
    ok(!seen.replaced && strcmp(seen.missing, "new") == 0, "a directory is missing");
    make("new", SPAN(""));
    look();
    ok(seen.replaced && strcmp(seen.missing, "new") == 0, "... a file is in its place");
    remove_tree("removed");
    make("removed", SPAN(""));
    look();
    ok(seen.replaced && strcmp(seen.missing, "new") == 0, "... and one in place of another");
    remove_tree("new");
    remove_tree("removed");
    make_dir("new");
    make_dir("removed");
    look();
    ok(!seen.replaced && !seen.missing, "... and no more");
}

/* The store is given to another user, the semaphores are not. */
static void test_semaphores(void)
{
    struct store *s = fixture_open(&f, true);
    int dir = os_file_open_dir(f.path);

    look();
    ok(seen.semaphores > 0 && !seen.semaphores_foreign, "semaphores of the store's owner");
    if (!os_process_is_root()) {
        ok(true, "skip: only root can give files away");
    } else if (!os_file_give(dir, 65534, 65534)) {
        exit(1);
    } else {
        look();
        ok(seen.semaphores_foreign, "... of another user");
        os_file_give(dir, 0, 0);
    }
    os_file_close(dir);
    store_close(s);
}

static void test_none(void)
{
    static struct config c;

    doctor_look_store(&seen, "/nowhere/at/all", &c, 0);
    ok(seen.why && !seen.replaced, "no store");
    doctor_look_store(&seen, "/dev/null", &c, 0);
    ok(seen.why && seen.replaced, "a file in place of a store");
}

int main(void)
{
    fixture_begin(&f);
    struct store *s = fixture_open(&f, true);
    mailbox_close(fixture_account(s, "ann"));
    store_close(s);
    test_files();
    test_doors();
    test_depth();
    test_long_account();
    test_sample();
    test_slow();
    test_slow_quotas();
    test_replaced();
    test_semaphores();
    test_none();
    fixture_end(&f);
    return done_testing();
}
