/* SPDX-License-Identifier: ISC */
/*
 * What a restore or an import makes: dates that choose a backup; accounts that appear meanwhile,
 * are missing, or must not be made; more accounts than one sync covers; and exports that are not
 * whole. backup_test.c tests letters, and backups that cannot be trusted.
 */
#include "store_faults.h"

#include "backup_fixture.h"

static struct fixture g;
static struct store *to; /* a second store */

static void begin(void)
{
    backup_begin();
    fixture_begin(&g);
    to = fixture_open(&g, true);
}

static void end(void)
{
    store_close(to);
    fixture_end(&g);
    backup_end();
}

static void expect(const char *where, const char *what, const char *text)
{
    ok(strstr(where, what), "%s: it says \"%s\"", text, what);
    if (!strstr(where, what))
        diag("%s", where);
}

static bool has(const char *name)
{
    struct who who;
    struct account a;

    return account_find(to, name, &who, &a) == ST_OK;
}

/* --- dates --- */

static void test_at(void)
{
    static const struct {
        const char *text;
        bool ok;
    } texts[] = {
        {"2026", true},
        {"2026-", true},
        {"2026-11-30", true},
        {"2026-11-30T", true},
        {"2026-11-30T02:45", true},
        {"2026-11-30T02:45:24Z", true},
        {"", false},
        {"202", false},
        {"202a", false},
        {"202/", false},
        {"2026:11", false},
        {"2026-11-30 02:45", false},
        {"2026-11-30T02:45:24z", false},
        {"2026-11-30T02:45:24ZZ", false},
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        is_int(restore_at_ok(span_str(texts[i].text)), texts[i].ok, "at: \"%s\": %d", texts[i].text,
               texts[i].ok);
}

/* --- accounts --- */

static void register_ann(void)
{
    if (account_register(to, "ann", "other") != ST_OK)
        exit(1);
}

static void test_meanwhile(void)
{
    struct who who;
    struct account a;
    struct backup b;

    begin();
    backup_make(&b);
    struct restore r = backup_restore(to, NULL);
    faults_meanwhile("os_file_sync_all", NULL, 1, register_ann, 0);
    is_int(restore_all(&r), ST_OK, "meanwhile: an account appears while it is restored");
    ok(faults_happened(), "meanwhile: ... by another tool");
    is_int((int)r.accounts, 1, "meanwhile: the other one is brought back");
    is_int((int)r.there, 1, "meanwhile: ... and this one counts as there");
    ok(account_find(to, "ann", &who, &a) == ST_OK && strcmp(a.hash, "other") == 0,
       "meanwhile: ... and is not changed");
    is_str(findings, "", "meanwhile: nothing is reported");
    end();
}

/* An account that cannot be brought back is reported, and the others are brought back. */
static void test_damaged(void)
{
    static const char *const rows[] = {"", "pochta-account 1\n", NULL};
    struct backup b;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin();
        backup_make(&b);
        int copy = backup_copy_of_ann(b.date);
        if (!(rows[i] ? os_file_replace(copy, LAYOUT_ACCOUNT, span_str(rows[i]))
                      : os_file_remove(copy, LAYOUT_ACCOUNT)))
            exit(1);
        os_file_close(copy);
        struct restore r = backup_restore(to, NULL);
        is_int(restore_all(&r), ST_OK, "damaged: text %zu: a restore", i);
        expect(findings, "ann/account: it is missing, damaged or of another account", "damaged");
        is_int((int)r.accounts, 1, "damaged: the other account is brought back");
        ok(has("bob") && !has("ann"), "damaged: ... and only that one");
        end();
    }
}

/* The directory of a copy is missing, or something else has its name. */
static void test_no_copy(void)
{
    struct backup b;
    char path[700];

    for (int file = 0; file < 2; file++) {
        begin();
        backup_make(&b);
        snprintf(path, sizeof path, "accounts/ann-%s/%s", mb->who.generation, b.date);
        if (!os_file_remove_tree(place, path) || (file && !os_file_make(place, path, SPAN("text"))))
            exit(1);
        struct restore r = backup_restore(to, NULL);
        is_int(restore_account(&r, "ann"), ST_DAMAGED, "no copy: %s", file ? "a file" : "nothing");
        expect(findings, file ? "Not a directory" : "No such file", "no copy");
        r = backup_restore(to, NULL);
        is_int(restore_all(&r), ST_OK, "no copy: the other account is brought back");
        ok(has("bob") && !has("ann"), "no copy: ... and only that one");
        end();
    }
}

static void test_account(void)
{
    struct backup b;
    const uint32_t id = 1;

    begin();
    backup_make(&b);
    struct restore r = backup_restore(to, NULL);
    is_int(restore_letters(&r, "ann", &id, 1), ST_NO_USER, "account: the store lacks it");
    is_int((int)r.told.copied, 0, "account: ... so no letter is restored");
    ok(!has("ann"), "account: ... and no account is made");
    r = backup_restore(to, NULL);
    faults_meanwhile("calloc", NULL, 1, NULL, ENOMEM);
    is_int(restore_account(&r, "ann"), ST_NO_MEMORY, "account: out of memory");
    ok(faults_happened() && !has("ann"), "account: ... no account is made");
    r = backup_restore(to, NULL);
    is_int(restore_account(&r, "ann"), ST_OK, "account: it comes back");
    ok(has("ann") && !has("bob"), "account: ... and no other account");
    is_int(restore_letters(&r, "ann", &id, 1), ST_OK, "account: its letters can be restored now");
    expect(findings, "the account already has it", "account: with its letters");
    end();
}

/* One sync covers 256 accounts. */
static void test_many(void)
{
    struct backup b;
    char name[20];

    begin();
    for (int i = 3; i <= 257; i++) {
        snprintf(name, sizeof name, "carl%d", i);
        account_register(s, name, "hash");
    }
    is_int(backup_make(&b), ST_OK, "many: a backup");
    struct restore r = backup_restore(to, NULL);
    faults_meanwhile("os_file_sync_all", NULL, 2, NULL, EIO);
    is_int(restore_all(&r), ST_IO, "many: the second sync fails");
    ok(faults_happened(), "many: ... because of the fault");
    is_int((int)r.accounts, 256, "many: the accounts of the first sync are there");
    r = backup_restore(to, NULL);
    is_int(restore_all(&r), ST_OK, "many: the next restore");
    is_int((int)r.there, 256, "many: ... finds those accounts");
    is_int((int)r.accounts, 1, "many: ... and makes the rest");
    end();
}

/* --- exports --- */

static struct export_mark mark;

static enum status import(void)
{
    struct restore r = backup_restore(to, NULL);

    return restore_import(&r, &mark);
}

static void test_whole(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    begin();
    struct restore r = backup_restore(s, NULL);
    is_int(restore_export(&r, "ann"), ST_OK, "whole: an export");
    fixture_file(place, "0000000002-", name);
    os_file_rename_new(place, name, s->dir, name);
    is_int(import(), ST_DAMAGED, "whole: an export that lacks a letter is not imported");
    expect(g.last, "is not complete: it has 2 of 3 messages", "whole");
    ok(!has("ann"), "whole: ... and no account is made");
    os_file_rename_new(s->dir, name, place, name);
    is_int(import(), ST_OK, "whole: with this letter, it is imported");
    is_str(mark.name, "ann", "whole: the mark has the name");
    is_int((int)mark.letters, 3, "whole: the mark has the number of letters");
    is_int(import(), ST_USER_EXISTS, "whole: a second import is refused");
    expect(findings, "the store has this account", "whole");
    end();
}

static void test_another(void)
{
    struct who who;
    struct account a;

    begin();
    struct restore r = backup_restore(s, NULL);
    is_int(restore_export(&r, "ann"), ST_OK, "another: an export");
    register_ann();
    is_int(import(), ST_USER_EXISTS, "another: the store has another account of this name");
    expect(findings, "the store has another account with this name", "another");
    ok(account_find(to, "ann", &who, &a) == ST_OK && strcmp(who.generation, mark.generation) != 0,
       "another: ... which is not changed");
    end();
}

/* Out of memory at each place, once: what was exported has a mark. */
static void test_memory(void)
{
    bool failed = true;
    int nth = 0, bad = 0;

    while (failed && nth < 1000) {
        begin();
        struct restore r = backup_restore(s, NULL);
        faults_meanwhile("malloc", NULL, ++nth, NULL, ENOMEM);
        enum status st = restore_export(&r, "ann");
        failed = faults_happened();
        bad += os_file_exists(place, "pochta-export") != (st == ST_OK) ||
               (st == ST_OK && import() != ST_OK);
        end();
    }
    ok(nth > 1 && nth < 1000, "memory: an export allocates memory %d times", nth);
    is_int(bad, 0, "memory: after each failure, the export is whole, or has no mark");
}

/* --- reserved names --- */

/* An account from before its name was reserved. Another store does not make it. */
static void make_reserved(const char *name)
{
    struct who who = {.generation = "0123456789abcdef"};
    snprintf(who.name, sizeof who.name, "%s", name);
    int users = s->dirs[LAYOUT_USERS];
    int dir = os_file_make_dir(users, name) ? os_file_open_subdir(users, name) : -1;
    if (!account_file_write(dir, LAYOUT_ACCOUNT, &who, &account_file_standard))
        exit(1);
    os_file_close(dir);
    changes_note(s, name, NULL);
}

static void test_reserved(const char *name)
{
    struct backup b;
    char want[100];

    snprintf(want, sizeof want, "%s/: the name is reserved", name);
    begin();
    make_reserved(name);
    backup_make(&b);
    is_int((int)b.accounts, 3, "reserved: a backup has an account with the name %s", name);
    struct restore r = backup_restore(to, NULL);
    is_int(restore_all(&r), ST_OK, "reserved: it is brought back");
    is_int((int)r.accounts, 2, "reserved: without that account");
    expect(findings, want, "reserved");
    r = backup_restore(to, NULL);
    is_int(restore_account(&r, name), ST_USER_EXISTS, "reserved: nor can it be restored alone");
    expect(findings, want, "reserved");
    int backups = place;
    place = os_file_make_dir(place, "exported") ? os_file_open_subdir(place, "exported") : -1;
    r = backup_restore(s, NULL);
    is_int(restore_export(&r, name), ST_OK, "reserved: it is exported");
    r = backup_restore(to, NULL);
    is_int(restore_import(&r, &mark), ST_USER_EXISTS, "reserved: but not imported");
    expect(findings, want, "reserved");
    ok(!has(name), "reserved: the store does not have it");
    os_file_close(place);
    place = backups;
    end();
}

int main(void)
{
    setenv("TMPDIR", "/dev/shm", 1);
    test_at();
    test_meanwhile();
    test_damaged();
    test_no_copy();
    test_account();
    test_many();
    test_whole();
    test_another();
    test_memory();
    test_reserved(NAME_SERVER);
    test_reserved(NAME_OUTSIDE);
    return done_testing();
}
