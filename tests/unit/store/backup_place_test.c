/* SPDX-License-Identifier: ISC */
/*
 * Which directories can hold backups; the id of the store that their mark has; lists of other
 * stores; and what stays when backups are removed.
 */
#include "store_faults.h"

#include "backup_fixture.h"
#include "base/crc32c.h"
#include "store/backup_place.h"
#include "store/store_id.h"

#define OTHER "fedcba9876543210fedcba9876543210" /* the id of another store */

static void expect_last(const char *what, const char *text)
{
    ok(strstr(f.last, what), "%s: it says \"%s\"", text, what);
    if (!strstr(f.last, what))
        diag("%s", f.last);
}

/* --- a new directory --- */

/* An attempt that was cut short, or mkfs, may have left these. */
static void test_new(void)
{
    static const struct {
        const char *name;
        bool is_dir;
        enum status st;
    } there[] = {
        {"accounts", true, ST_OK},
        {"pochta-backup.new", false, ST_OK},
        {"lost+found", true, ST_OK},
        {"stranger", true, ST_USER_EXISTS},
        {"pochta-backup.old", false, ST_USER_EXISTS},
        {"2026-11-30T02:45:24Z", false, ST_USER_EXISTS},
    };
    struct backup b;

    for (size_t i = 0; i < sizeof there / sizeof *there; i++) {
        const char *name = there[i].name;
        backup_begin();
        if (!(there[i].is_dir ? os_file_make_dir(place, name)
                              : os_file_make(place, name, SPAN("half"))))
            exit(1);
        is_int(backup_make(&b), there[i].st, "new: a directory that has %s", name);
        if (there[i].st == ST_OK)
            is_int((int)b.accounts, 2, "new: with %s: it has a backup now", name);
        else
            expect_last("is not empty, and has no backups", name);
        is_int(os_file_exists(place, "pochta-backup"), there[i].st == ST_OK,
               "new: with %s: it becomes a directory of backups: %d", name, there[i].st == ST_OK);
        backup_end();
    }
}

/* Out of memory at each place, once: the mark is whole or missing. */
static void test_memory(void)
{
    struct backup b;
    bool failed = true;
    int nth = 0, bad = 0;

    while (failed && nth < 1000) {
        backup_begin();
        faults_meanwhile("malloc", NULL, ++nth, NULL, ENOMEM);
        backup_make(&b);
        failed = faults_happened();
        bad += backup_make(&b) != ST_OK || b.accounts != 2;
        backup_end();
    }
    ok(nth > 3 && nth < 1000, "memory: a first backup allocates memory %d times", nth);
    is_int(bad, 0, "memory: after each failure, the next backup works");
}

/* --- marks --- */

static void test_marks(void)
{
    static const char *const bad[] = {
        "",
        "pochta-backup 2\nstore " OTHER "\n",
        "pochta-backup 1\nstore 0123\n",
        "pochta-backup 1\nstore " OTHER "\nmore\n",
    };
    struct backup b;
    struct restore r;

    backup_begin();
    r = backup_restore(s, NULL);
    is_int(restore_all(&r), ST_USER_EXISTS, "marks: nothing is restored from a new directory");
    expect_last("has no backups: there is no file pochta-backup", "marks");
    is_int(backup_make(&b), ST_OK, "marks: a backup");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        os_file_replace(place, "pochta-backup", span_str(bad[i]));
        is_int(backup_make(&b), ST_USER_EXISTS, "marks: text %zu is not a mark", i);
        expect_last("pochta-backup is damaged", "marks");
        r = backup_restore(s, NULL);
        is_int(restore_all(&r), ST_USER_EXISTS, "marks: ... nor for a restore");
        is_int(backup_keep(&b, 1), ST_USER_EXISTS, "marks: ... and no backup is removed");
    }
    os_file_replace(place, "pochta-backup", SPAN("pochta-backup 1\nstore " OTHER "\n"));
    is_int(backup_make(&b), ST_USER_EXISTS, "marks: the mark of another store");
    expect_last("has backups of another store", "marks");
    is_int(backup_keep(&b, 1), ST_USER_EXISTS, "marks: ... whose backups are not removed");
    backup_end();
}

static void test_locks(void)
{
    struct backup b;
    struct restore r;

    backup_begin();
    is_int(backup_make(&b), ST_OK, "locks: a backup");
    int lock = os_lock_open(place, "pochta-backup");
    ok(os_lock_set(lock, 0, OS_LOCK_EXCLUSIVE), "locks: another process makes one");
    r = backup_restore(s, NULL);
    is_int(restore_all(&r), ST_BUSY, "locks: nothing is restored meanwhile");
    expect_last("is in use by another pochtactl", "locks");
    ok(os_lock_set(lock, 0, OS_LOCK_SHARED), "locks: another process restores");
    is_int(backup_make(&b), ST_BUSY, "locks: no backup is made meanwhile");
    expect_last("is in use by another pochtactl", "locks");
    is_int(backup_keep(&b, 1), ST_BUSY, "locks: ... and none is removed");
    r = backup_restore(s, NULL);
    is_int(restore_all(&r), ST_OK, "locks: two can restore at a time");
    os_file_close(lock);
    is_int(backup_make(&b), ST_OK, "locks: the next backup");
    faults_meanwhile("os_lock_set", NULL, 1, NULL, ENOLCK);
    r = backup_restore(s, NULL);
    is_int(restore_all(&r), ST_IO, "locks: a file system without locks");
    ok(faults_happened(), "locks: ... refuses the lock");
    expect_last("cannot lock backups/pochta-backup", "locks");
    backup_end();
}

/* --- the id of the store --- */

static void test_id(void)
{
    static const struct {
        const char *text, *why;
    } bad[] = {
        {"", "is damaged"},
        {"0123\n", "is damaged"},
        {"0123\n4567\n", "is damaged"},
        {OTHER, "is damaged"},
        {"fedcba9876543210fedcba987654321\n", "is damaged"},
        {"fedcba9876543210fedcba987654321g\n", "is damaged"},
        {"fedcba9876543210/edcba9876543210\n", "is damaged"},
        {OTHER "0\n", "File too large"},
        {OTHER "\n\n", "File too large"},
    };
    char id[BACKUP_STORE_DIGITS + 1], again[BACKUP_STORE_DIGITS + 1];

    backup_begin();
    is_int(store_id_find(s, id), ST_OK, "id: a store gets one");
    ok(strlen(id) == BACKUP_STORE_DIGITS && strspn(id, "0123456789abcdef") == BACKUP_STORE_DIGITS,
       "id: it consists of hexadecimal digits");
    is_int(store_id_find(s, again), ST_OK, "id: it is found again");
    is_str(again, id, "id: ... and is the same");
    is_int(store_id_adopt(s, OTHER), ST_OK, "id: a store that has an id");
    store_id_find(s, again);
    is_str(again, id, "id: ... keeps it");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        os_file_replace(s->dir, LAYOUT_ID, span_str(bad[i].text));
        is_int(store_id_find(s, id), ST_IO, "id: text %zu is not an id", i);
        expect_last(bad[i].why, "id");
        is_int(store_id_adopt(s, OTHER), ST_IO, "id: ... and is not replaced");
    }
    os_file_remove(s->dir, LAYOUT_ID);
    is_int(store_id_adopt(s, OTHER), ST_OK, "id: a store without an id takes that of a backup");
    is_int(store_id_find(s, id), ST_OK, "id: ... it is found again");
    is_str(id, OTHER, "id: ... and is the same as in the backup");
    backup_end();
}

/* --- lists --- */

/* Writes a list that is complete. */
static void put_list(const char *name, const char *store, const char *accounts, uint64_t n)
{
    struct backup_head head = {.since = 0};
    struct buf text;

    snprintf(head.store, sizeof head.store, "%s", store);
    buf_init(&text, 1000);
    backup_head_add(&text, &head);
    buf_add(&text, span_str(accounts));
    backup_end_add(&text, n, crc32c(0, buf_span(&text)));
    if (!os_file_replace(place, name, buf_span(&text)))
        exit(1);
    buf_free(&text);
}

static void test_lists(void)
{
    static const char later[] = "2999-12-31T00:00:00Z";
    char id[BACKUP_STORE_DIGITS + 1];
    struct backup first, b;
    struct restore r;

    backup_begin();
    is_int(backup_make(&first), ST_OK, "lists: a backup");
    store_id_find(s, id);
    put_list(later, OTHER, "", 0);
    r = backup_restore(s, NULL);
    is_int(restore_all(&r), ST_DAMAGED, "lists: the last list is of another store");
    expect_last("2999-12-31T00:00:00Z is damaged", "lists");
    is_int(backup_make(&b), ST_OK, "lists: the next backup is made");
    is_int((int)b.accounts, 2, "lists: ... with all accounts");
    is_int((int)b.changed, 0, "lists: ... based on the last list of this store");
    is_str(b.date, "2999-12-31T00:00:01Z", "lists: ... with the latest date");
    r = backup_restore(s, NULL);
    is_int(restore_all(&r), ST_OK, "lists: that backup can be restored");
    is_int((int)r.there, 2, "lists: ... with both accounts");
    put_list(later, id, "ann 0123456789abcdef 2026-11-30T02:45:24Z\n", 1);
    r = backup_restore(s, later);
    is_int(restore_account(&r, "bob"), ST_NO_USER, "lists: a list that lacks an account");
    expect_last("the backup 2999-12-31T00:00:00Z has no account bob", "lists");
    backup_end();
}

/* If two tools remove the same list, one of them finds that it is gone. */
static void test_gone(void)
{
    struct backup first, b;

    backup_begin();
    backup_make(&first);
    fixture_deliver(mb, "bob", "four");
    backup_make(&b);
    faults_meanwhile("os_file_remove", first.date, 1, NULL, ENOENT);
    is_int(backup_keep(&b, 1), ST_OK, "gone: a list that another tool has removed is no error");
    ok(faults_happened(), "gone: ... while this one tried");
    faults_meanwhile("os_file_remove", first.date, 1, NULL, EROFS);
    is_int(backup_keep(&b, 1), ST_IO, "gone: a list that cannot be removed");
    ok(faults_happened(), "gone: ... because of the fault");
    expect_last("cannot remove backups/", "gone");
    is_int(backup_keep(&b, 1), ST_OK, "gone: a list that can be removed");
    ok(!os_file_exists(place, first.date), "gone: ... is removed");
    backup_end();
}

/* --- all but the last --- */

static bool has_copy_of_ann(const char *date)
{
    int dir = backup_copy_of_ann(date);

    os_file_close(dir);
    return dir >= 0;
}

static void test_keep(void)
{
    static const struct {
        const char *what;
        bool deleted, registered, kept;
    } rows[] = {
        {"as she was", false, false, true},
        {"deleted", true, false, false},
        {"replaced", true, true, false},
    };
    struct who who = {.name = "ann"};
    struct backup first, b;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *what = rows[i].what;
        backup_begin();
        backup_make(&first);
        if (rows[i].deleted)
            is_int(account_delete(s, &who), ST_OK, "keep: %s: ann is deleted", what);
        if (rows[i].registered)
            is_int(account_register(s, "ann", "other"), ST_OK, "keep: %s: another ann", what);
        backup_make(&b);
        is_int(backup_keep(&b, 1), ST_OK, "keep: %s: all but the last backup are removed", what);
        ok(!os_file_exists(place, first.date), "keep: %s: the first list is gone", what);
        is_int(has_copy_of_ann(first.date), rows[i].kept, "keep: %s: her first copy stays: %d",
               what, rows[i].kept);
        backup_end();
    }
}

/* If a list cannot be read now, the copies that it uses must stay. */
static void test_keep_unread(void)
{
    struct backup first, second, b;

    backup_begin();
    backup_make(&first);
    backup_make(&second);
    backup_make(&b);
    faults_meanwhile("os_file_load", second.date, 1, NULL, EIO);
    is_int(backup_keep(&b, 1), ST_IO, "keep: a later list cannot be read");
    ok(faults_happened(), "keep: ... because of the fault");
    expect_last("cannot read backups/2", "keep");
    ok(os_file_exists(place, first.date) && has_copy_of_ann(first.date),
       "keep: ... so nothing is removed");
    is_int(backup_keep(&b, 1), ST_OK, "keep: the later list can be read again");
    ok(!os_file_exists(place, first.date) && !os_file_exists(place, second.date),
       "keep: ... the other lists are removed");
    ok(has_copy_of_ann(first.date), "keep: ... but not the copy that the last backup uses");
    backup_end();
}

int main(void)
{
    setenv("TMPDIR", "/dev/shm", 1);
    test_new();
    test_memory();
    test_marks();
    test_locks();
    test_id();
    test_lists();
    test_gone();
    test_keep();
    test_keep_unread();
    return done_testing();
}
