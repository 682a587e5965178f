/* SPDX-License-Identifier: ISC */
/* The notes of changes are read and forgotten, also where their files are damaged. */
#include "changes_fixture.h"

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
        TEXT("a long line at the end", "\nann\n012345678901234567890123456789012"),
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        notes_begin();
        change_ann();
        notes_put("2025113012", span_of(texts[i].text, texts[i].n));
        ok(!look_since(NOON), "damage: %s: the changes are not known", texts[i].what);
        notes_put("2025113012", SPAN("\nann\n\n\n\nbob\n\nb"));
        ok(look_since(NOON) && noted.n == 3, "damage: empty lines say nothing");
        ok(look_for_accounts(NOON) && noted.n == 1, "damage: each kind has its own notes");
        notes_put("account-2025113012", span_of(texts[i].text, texts[i].n));
        ok(!look_for_accounts(NOON), "damage: %s: of accounts, too", texts[i].what);
        notes_end();
    }
}

static bool look_at_trash(void)
{
    noted.n = 0;
    return changes_each_trash(s, NOON - HOUR_S, NOON, add_noted, NULL);
}

/* A damaged line in the notes of the trash hides no other line. */
static void test_damaged_trash(void)
{
    static char text[30000];
    static const char first[] = "\nann\n", last[] = "\nbob\n";
    notes_begin();
    memset(text, 'x', sizeof text);
    memcpy(text, first, strlen(first));
    memcpy(text + sizeof text - strlen(last), last, strlen(last));
    notes_put("trash-2025113011", span_of(text, sizeof text));
    ok(look_at_trash() && noted.n == 2 && is_noted("ann") && is_noted("bob"),
       "damaged trash: the accounts before and after a long line are found");
    faults_meanwhile("os_file_each", NULL, 1, NULL, EIO);
    ok(!look_at_trash() && faults_happened(), "damaged trash: the directory cannot be read");
    int dir = notes_dir();
    os_file_make_dir(dir, "trash-2025113010"); /* cannot be read, not even by root */
    ok(!look_at_trash(), "damaged trash: a file cannot be read");
    os_file_close(dir);
    notes_end();
}

/* Other files than those of an hour are left alone. */
static void test_other_files(void)
{
    static const char *const names[] = {"2025113024", "account-202511301", "accoun-2025113012",
                                        "2025133012", "20251130120",       "202511301",
                                        "2025022912", "0000000000",        "strange"};
    notes_begin();
    change_ann();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        notes_put(names[i], SPAN("\nbob\n"));
    ok(look_since(NOON) && noted.n == 1, "other files: they are no notes");
    notes_end();
}

/* --- times --- */

static void test_times(void)
{
    int64_t time = 7;

    notes_begin();
    ok(!changes_time(s, CHANGES_BACKUP, &time) && errno == ENOENT,
       "times: at first there is no time");
    ok(changes_set_time(s, CHANGES_BACKUP, NOON), "times: a time is written");
    ok(changes_time(s, CHANGES_BACKUP, &time) && time == NOON, "times: ... and read");
    notes_put(CHANGES_BACKUP, SPAN(""));
    ok(!changes_time(s, CHANGES_BACKUP, &time) && errno == EINVAL,
       "times: an empty file has no time");
    notes_put(CHANGES_BACKUP, SPAN("17"));
    ok(changes_time(s, CHANGES_BACKUP, &time) && time == 17, "times: an LF is not needed");
    notes_end();
}

static void test_forget(void)
{
    notes_begin();
    change_ann();
    int64_t start = now_s;
    now_s += 5 * HOUR_S;
    is_int(account_register(s, "bob", "hash"), ST_OK, "forget: another account");
    changes_forget(s, NOON);
    ok(look_since(start) && noted.n == 2, "forget: newer notes stay");
    changes_forget(s, NOON + 2 * HOUR_S);
    is_str(notes_load("2025113012"), "", "forget: older notes are removed");
    ok(!look_since(start), "forget: ... then earlier changes are not known");
    ok(look_since(NOON + 3 * HOUR_S) && noted.n == 1 && is_noted("bob"),
       "forget: ... but later changes are");
    changes_forget_accounts(s, NOON);
    ok(look_for_accounts(start) && noted.n == 2, "forget: newer notes for the list stay");
    changes_forget_accounts(s, NOON + 2 * HOUR_S);
    is_str(notes_load("account-2025113012"), "", "forget: older notes for the list are removed");
    ok(!look_for_accounts(start), "forget: ... then earlier changes are not known to the list");
    ok(look_for_accounts(NOON + 3 * HOUR_S) && noted.n == 1 && is_noted("bob"),
       "forget: ... but later changes are");
    notes_end();
}

/* A file that cannot be removed now is removed later, and no longer counts. */
static void test_forget_fails(void)
{
    notes_begin();
    change_ann();
    int64_t start = now_s;
    now_s += 5 * HOUR_S;
    faults_meanwhile("os_file_replace", "forgotten", 1, NULL, ENOSPC);
    changes_forget(s, NOON + 2 * HOUR_S);
    ok(faults_happened() && look_since(start) && is_noted("ann"),
       "forget: nothing is removed before that is recorded");
    faults_meanwhile("os_file_remove", "2025113012", 1, NULL, EIO);
    changes_forget(s, NOON + 2 * HOUR_S);
    ok(faults_happened(), "forget: a file cannot be removed");
    is_str(notes_load("2025113012"), "\nann\n", "forget: ... it stays");
    ok(!look_since(start), "forget: ... and does not count, since others may be gone");
    changes_forget(s, NOON + 2 * HOUR_S);
    is_str(notes_load("2025113012"), "", "forget: ... the next attempt removes it");
    notes_end();
}

int main(void)
{
    test_damage();
    test_damaged_trash();
    test_other_files();
    test_times();
    test_forget();
    test_forget_fails();
    return done_testing();
}
