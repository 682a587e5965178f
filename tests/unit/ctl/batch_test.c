/* SPDX-License-Identifier: ISC */
/*
 * user add --batch, while each call fails: in one run only this call, in another run also all later
 * ones. What it counts as added is there, each error has its words, and nothing leaks. With
 * STRIDE=1 the test does all runs, otherwise a part of them.
 */
#include "each_call.h"

#include "ctl/batch.h"
#include "ctl/hashing.h"
#include "said.h"
#include "store_fixture.h"

#include <sysexits.h>

#define HASH "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7"

static struct fixture f;
static char list[300];

/* What the file has: bob is there before. */
static const char text[] = "# names\nann\t" HASH "\nbob\t" HASH "\ncarl\t" HASH "\t1K\t-\n"
                           "A!\tx\ndora\t" HASH "\n";

static void begin(struct span lines)
{
    fixture_begin_in(&f, "/dev/shm");
    struct store *s = fixture_open(&f, true);
    if (account_register(s, "bob", "old") != ST_OK)
        exit(1);
    store_close(s);
    snprintf(list, sizeof list, "%s.list", f.path);
    if (!os_file_make(OS_FILE_CWD, list, lines))
        exit(1);
}

static void end(void)
{
    os_file_remove(OS_FILE_CWD, list);
    fixture_end(&f);
}

static int run_batch(void)
{
    const struct ctl_options o = {.store = f.path, .batch = list, .verb = verb_get(VERB_user_add)};

    said_begin();
    int code = ctl_batch(&o);
    said_end();
    return code;
}

/* How many of the others are there, whole. */
static int count_there(void)
{
    static const char *const names[] = {"ann", "carl", "dora"};
    struct store *s = fixture_open(&f, true);
    int there = 0;

    for (size_t i = 0; i < 3; i++) {
        struct account a = {.hash = ""};
        struct who who;
        enum status st = account_find(s, names[i], &who, &a);
        there += st == ST_OK && strcmp(a.hash, HASH) == 0;
        if (st != ST_OK && st != ST_NO_USER)
            is_wrong("%s is there, but not whole", names[i]);
    }
    store_close(s);
    return there;
}

static bool fail(const void *ctx, int nth, int error, bool ever)
{
    struct each_held held = each_hold();
    unsigned long added = 0;

    (void)ctx;
    begin(span_str(text));
    faults_arm(nth, error, ever);
    int code = run_batch();
    bool failed = faults_disarm();
    int there = count_there();
    if (*said.out)
        added = strtoul(said.out, NULL, 10);
    if ((int)added > there)
        is_wrong("%lu added, but %d are there", added, there);
    if (code == EX_DATAERR && (there != 3 || added != 3))
        is_wrong("%lu added, and %d are there, but nothing more is said", added, there);
    if (code != EX_DATAERR && (code < EX__BASE || code > EX__MAX || !*said.err))
        is_wrong("exit code %d: %s", code, said.err);
    end();
    each_check_held(&held);
    return failed;
}

static void test_without_faults(void)
{
    char want[400];

    begin(span_str(text));
    is_int(run_batch(), EX_DATAERR, "batch: one line is skipped");
    is_str(said.out, "3 added, 1 already there, 1 skipped\n", "... which the last line says");
    snprintf(want, sizeof want, "pochtactl: %s:3: bob: skipped: this name is taken\n", list);
    ok(strstr(said.err, want), "... it says who is there");
    is_int(count_there(), 3, "... the others are there");
    end();
}

/* Those that are there may have been made by a process that was killed before its sync. */
static void test_found(void)
{
    begin(SPAN("bob\t" HASH "\n"));
    is_int(run_batch(), EX_OK, "batch: all are there");
    is_str(said.out, "0 added, 1 already there, 0 skipped\n", "... which is said");
    faults_meanwhile("os_file_sync_dir", NULL, 1, NULL, EIO);
    is_int(run_batch(), EX_IOERR, "... they are not, if they cannot be synced");
    ok(faults_happened() && strstr(said.err, "outcome unknown"), "... which is said");
    end();
}

/* In hashing, this thread works, too: it needs no other, and all are hashed once. */
static void test_hashing(void)
{
    static struct account_new group[3];
    static const bool plain[3] = {true, false, true};
    const int starts[] = {INT32_MAX, 1};

    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < 3; i++)
            strcpy(group[i].account.hash, "secret");
        faults_arm(starts[k], EAGAIN, false);
        bool hashed = hashing_run(group, plain, 3, 2);
        faults_disarm();
        ok(hashed, "hashing: %s", k ? "without another thread" : "with two threads");
        ok(os_crypt_verify("secret", group[0].account.hash) == OS_CRYPT_RIGHT &&
               os_crypt_verify("secret", group[2].account.hash) == OS_CRYPT_RIGHT,
           "... each password is hashed");
        is_str(group[1].account.hash, "secret", "... a hash is left alone");
    }
    strcpy(group[0].account.hash, "secret");
    faults_arm(1, ENOMEM, true);
    ok(!hashing_run(group, plain, 1, 1), "hashing: without memory");
    faults_disarm();
}

int main(void)
{
    const struct each_call each = {"user add --batch", fail, NULL, 40, faults_stride()};

    test_without_faults();
    test_found();
    test_hashing();
    each_call_fails(&each, 1, EIO, false);
    each_call_fails(&each, 7, EIO, true);
    each_call_fails(&each, 13, EMFILE, false);
    return done_testing();
}
