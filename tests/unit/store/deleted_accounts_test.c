/* SPDX-License-Identifier: ISC */
/*
 * What a store remembers of its deleted accounts from one purge to the next: the next purge looks
 * only at accounts deleted since, and still removes the right ones. tests/unit/store/trash_test.c
 * has the rest.
 */
#include "store_faults.h"

#include <sys/stat.h>
#include <unistd.h>

#include "store_fixture.h"

#define LONG_S (30 * 86400)
#define HOUR   (INT64_C(3600) * 1000) /* ms */

static struct fixture f;
static struct store *s;
static uint64_t bytes; /* of an account */

static void delete (const char *name)
{
    struct who who;
    struct account a;

    if (account_find(s, name, &who, &a) != ST_OK || account_delete(s, &who) != ST_OK)
        exit(1);
}

static void make_and_delete(const char *name)
{
    if (account_register(s, name, "hash") != ST_OK)
        exit(1);
    delete (name);
}

static bool is_kept(const char *name)
{
    char found[MESSAGE_FILE_NAME_BYTES];

    return fixture_file(s->dirs[LAYOUT_REMOVED], name, found);
}

/* Of ann, bob and carl. */
static int count_kept(void)
{
    return is_kept("ann-") + is_kept("bob-") + is_kept("carl-");
}

static void purge(void)
{
    deleted_accounts_purge(s, fixture_never, NULL);
}

static void begin(void)
{
    struct os_file_info info;

    fixture_begin(&f);
    s = fixture_open(&f, true);
    if (account_register(s, "zoe", "hash") != ST_OK ||
        !os_file_look(s->dirs[LAYOUT_USERS], "zoe/account", &info))
        exit(1);
    bytes = info.disk_bytes + LAYOUT_INODE_BYTES;
    store_set_limits(s, &(struct store_limits){.trash_s = LONG_S, .kept_bytes = 5 * bytes / 2});
    purge();
}

static void end(void)
{
    is_int(f.troubles, 0, "nothing is reported");
    if (f.troubles > 0)
        diag("%s", f.last);
    store_close(s);
    fixture_end(&f);
}

/* The limit allows two. */
static void test_fresh(void)
{
    begin();
    make_and_delete("ann");
    purge();
    make_and_delete("bob");
    faults_meanwhile("os_file_each", NULL, 2, NULL, 0);
    purge();
    ok(!faults_happened(), "fresh: a purge looks at no more than the account deleted before it");
    faults_meanwhile("os_file_each", NULL, 1, NULL, 0);
    purge();
    ok(!faults_happened(), "fresh: ... and the next purge looks at none");
    ok(is_kept("ann-") && is_kept("bob-"), "fresh: two accounts are kept");
    make_and_delete("carl");
    make_and_delete("dora");
    purge();
    ok(!is_kept("ann-") && !is_kept("bob-"),
       "fresh: after two more deletions, the oldest two are removed");
    ok(is_kept("carl-") && is_kept("dora-"), "fresh: the others are kept");
    make_and_delete("eve");
    purge();
    ok(!is_kept("carl-") && is_kept("dora-"), "fresh: the one deleted first is removed next");
    end();
}

static void delete_bob(void)
{
    delete ("bob");
}

/* An account that is deleted while removed/ is read counts once. */
static void test_twice(void)
{
    begin();
    if (account_register(s, "bob", "hash") != ST_OK)
        exit(1);
    make_and_delete("ann");
    deleted_accounts_restore(s, "ann"); /* so the next purge reads removed/ */
    delete ("ann");
    faults_meanwhile("os_file_each", NULL, 1, delete_bob, 0);
    purge();
    ok(faults_happened(), "twice: an account is deleted while removed/ is read");
    purge();
    ok(is_kept("ann-") && is_kept("bob-"), "twice: the next purge counts it only once");
    end();
}

static void test_restored(void)
{
    begin();
    make_and_delete("ann");
    make_and_delete("bob");
    purge();
    is_int(deleted_accounts_restore(s, "ann"), ST_OK, "restored: one of two is restored");
    make_and_delete("carl");
    purge();
    ok(is_kept("bob-") && is_kept("carl-"), "restored: ... which makes room for another one");
    delete ("ann");
    purge();
    is_int(count_kept(), 2, "restored: ... until the first one is deleted again");
    end();
}

static void test_limit(void)
{
    begin();
    store_set_limits(s, &(struct store_limits){.trash_s = LONG_S});
    make_and_delete("ann");
    make_and_delete("bob");
    make_and_delete("carl");
    deleted_accounts_restore(s, "carl");
    purge();
    delete ("carl");
    purge();
    is_int(count_kept(), 3, "limit: without a limit, all are kept");
    store_set_limits(s, &(struct store_limits){.trash_s = LONG_S, .kept_bytes = 5 * bytes / 2});
    purge();
    is_int(count_kept(), 2, "limit: a new limit holds for accounts deleted before");
    end();
}

/* Somebody removes a deleted account by hand. */
static void test_room(void)
{
    char found[MESSAGE_FILE_NAME_BYTES];

    begin();
    make_and_delete("ann");
    make_and_delete("bob");
    purge();
    if (fixture_file(s->dirs[LAYOUT_REMOVED], "bob-", found))
        os_file_remove_tree(s->dirs[LAYOUT_REMOVED], found);
    os_clock_sleep(HOUR);
    make_and_delete("carl");
    purge();
    ok(is_kept("ann-") && is_kept("carl-"),
       "room: an hour later, the space that it took no longer counts");
    end();
}

/* A tool that has the store open deletes an account while a server runs. */
static void test_another_process(void)
{
    begin();
    make_and_delete("ann");
    make_and_delete("bob");
    purge();
    struct store *server = s;
    s = fixture_open(&f, false);
    make_and_delete("carl");
    store_close(s);
    s = server;
    os_clock_sleep(23 * HOUR);
    purge();
    is_int(count_kept(), 3, "another process: a purge does not know what that has deleted");
    os_clock_sleep(HOUR);
    purge();
    is_int(count_kept(), 2, "another process: after a day it does");
    end();
}

/* An account whose files cannot be removed is tried again. */
static void test_failure(void)
{
    begin();
    make_and_delete("ann");
    make_and_delete("bob");
    purge();
    make_and_delete("carl");
    faults_meanwhile("os_file_remove_tree", "~ann-", 1, NULL, EIO);
    purge();
    ok(faults_happened() && is_kept("~ann-"), "failure: half an account is left");
    is_int(f.troubles, 1, "failure: ... which is reported");
    f.troubles = 0;
    purge();
    ok(!is_kept("~ann-"), "failure: the next purge removes it");
    is_int(count_kept(), 2, "failure: ... and no other account");
    end();
}

/* --- what is noted of a deletion --- */

static void fail_to_note(void)
{
    faults_meanwhile("realloc", NULL, 1, NULL, ENOMEM);
}

static void test_not_noted(void)
{
    begin();
    make_and_delete("ann");
    make_and_delete("bob");
    purge();
    if (account_register(s, "carl", "hash") != ST_OK)
        exit(1);
    faults_meanwhile("os_file_rename_new", "carl", 1, fail_to_note, 0);
    delete ("carl");
    ok(faults_happened(), "not noted: a deletion, for lack of memory");
    purge();
    is_int(count_kept(), 2, "not noted: ... the next purge still finds the account");
    end();
}

static bool count_user(void *ctx, const char *removed)
{
    int *n = ctx;
    *n += strncmp(removed, "user", 4) == 0;
    return true;
}

/* The list has room for 16 at first. */
static void test_not_added(void)
{
    struct store_limits limits = {.trash_s = LONG_S};
    char name[16];
    int n = 0;

    begin();
    limits.kept_bytes = 100 * bytes;
    store_set_limits(s, &limits);
    for (int i = 0; i < 17; i++) {
        if (i == 16)
            purge();
        snprintf(name, sizeof name, "user%d", i);
        make_and_delete(name);
    }
    faults_meanwhile("realloc", NULL, 1, NULL, ENOMEM);
    purge();
    ok(faults_happened(), "not added: there is no memory for one more account");
    limits.kept_bytes = 5 * bytes / 2;
    store_set_limits(s, &limits);
    purge();
    os_file_each(s->dirs[LAYOUT_REMOVED], count_user, &n);
    is_int(n, 2, "not added: ... which still counts");
    end();
}

/* A part of the list does not say which of all were deleted first. */
static void test_not_listed(void)
{
    struct store_limits limits = {.trash_s = LONG_S};
    char name[16];
    int n = 0;

    begin();
    limits.kept_bytes = 100 * bytes;
    store_set_limits(s, &limits);
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "user%d", i);
        make_and_delete(name);
    }
    limits.kept_bytes = 21 * bytes / 2;
    store_set_limits(s, &limits);
    make_and_delete("ann");
    deleted_accounts_restore(s, "ann"); /* so the next purge reads removed/ */
    faults_meanwhile("realloc", NULL, 2, NULL, ENOMEM);
    purge();
    ok(faults_happened(), "not listed: there is no memory for the whole list");
    os_file_each(s->dirs[LAYOUT_REMOVED], count_user, &n);
    is_int(n, 20, "not listed: nothing is removed");
    n = 0;
    purge();
    os_file_each(s->dirs[LAYOUT_REMOVED], count_user, &n);
    is_int(n, 10, "not listed: the next purge removes what exceeds the limit");
    end();
}

/* Somebody removes a deleted account by hand before the housekeeper has looked. */
static void test_gone(void)
{
    char found[MESSAGE_FILE_NAME_BYTES];

    begin();
    make_and_delete("ann");
    if (fixture_file(s->dirs[LAYOUT_REMOVED], "ann-", found))
        os_file_remove_tree(s->dirs[LAYOUT_REMOVED], found);
    make_and_delete("bob");
    make_and_delete("carl");
    purge();
    is_int(count_kept(), 2, "gone: an account that is no longer in removed/ does not count");
    end();
}

static bool at_once(void *ctx)
{
    (void)ctx;
    return true;
}

/* Just before the first account is removed, ann is restored, and also deleted again if *again. */
static bool restore_ann(void *ctx)
{
    bool *again = ctx;
    if (is_kept("ann-") && !is_kept("dora-")) {
        deleted_accounts_restore(s, "ann");
        if (*again) {
            sleep(2); /* the time of a change is in seconds */
            delete ("ann");
            make_and_delete("dora");
        }
    }
    return false;
}

static void test_meanwhile(void)
{
    for (int again = 0; again < 2; again++) {
        bool twice = again;
        begin();
        make_and_delete("ann");
        make_and_delete("bob");
        purge();
        make_and_delete("carl");
        deleted_accounts_purge(s, restore_ann, &twice);
        is_int(is_kept("ann-"), again, "meanwhile: ann is restored%s", again ? ", deleted" : "");
        ok(is_kept("bob-") && is_kept("carl-"),
           "meanwhile: nothing else is removed for ann's sake");
        purge();
        is_int(count_kept() + is_kept("dora-"), 2, "meanwhile: the next purge keeps two");
        is_int(is_kept("ann-"), again, "meanwhile: ann, if that was deleted last, is one of them");
        end();
    }
}

/* As after the clock was set back: an account that is half removed comes before all others. */
static void test_order(void)
{
    static const char half[] = LAYOUT_REMOVING "dora-0123456789abcdef";

    begin();
    make_and_delete("ann");
    purge();
    os_file_make_dir(s->dirs[LAYOUT_REMOVED], half);
    deleted_accounts_note(s, half);
    deleted_accounts_purge(s, at_once, NULL);
    ok(is_kept(half), "order: a purge that is stopped removes nothing");
    make_and_delete("bob");
    purge();
    ok(!is_kept(half), "order: the account that is half removed is removed first");
    is_int(count_kept(), 2, "order: ... and no other account");
    end();
}

int main(void)
{
    test_fresh();
    test_twice();
    test_restored();
    test_limit();
    test_room();
    test_another_process();
    test_failure();
    test_not_noted();
    test_not_added();
    test_not_listed();
    test_gone();
    test_meanwhile();
    test_order();
    return done_testing();
}
