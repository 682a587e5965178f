/* SPDX-License-Identifier: ISC */
/* Until when the notes of changes count: the file "known". */
#include "changes_fixture.h"

#define KEYS_AT 14 /* in the lock file */

static void test_clean_stop(void)
{
    notes_begin();
    ok(look_since(now_s), "stop: in a new store the changes are known");
    ok(!look_since(now_s - 1), "stop: not those from before it was made");
    change_ann();
    store_close(s);
    ok(strstr(notes_load(CHANGES_KNOWN), "\nclean\n"), "stop: a stop in order says so");
    now_s += HOUR_S;
    notes_open(true);
    ok(look_since(NOON) && is_noted("ann"), "stop: after it the changes are known");
    store_close(s);
    notes_open(false);
    ok(look_since(NOON) && is_noted("ann"), "stop: by a tool, too");
    ok(!strstr(notes_load(CHANGES_KNOWN), "\nclean\n"), "stop: while it runs they are not safe");
    store_close(s);
    ok(!strstr(notes_load(CHANGES_KNOWN), "\nclean\n"), "stop: nor after it");
    notes_open(true);
    ok(look_since(NOON) && is_noted("ann"), "stop: but they count until the next boot");
    notes_end();
}

static void test_same_boot(void)
{
    notes_begin();
    change_ann();
    notes_end_unclean();
    notes_open(true);
    ok(look_since(NOON) && is_noted("ann"), "killed: the notes count until the next boot");
    notes_end();
}

static void do_not_count(const char *what)
{
    notes_open(true);
    ok(!look_since(NOON), "%s: the notes do not count", what);
    now_s += HOUR_S;
    ok(look_since(changes_now(s)), "%s: from now on they do", what);
    is_str(notes_load("2025113012"), "", "%s: the old ones are gone", what);
    notes_end();
}

static void test_other_boot(void)
{
    notes_begin();
    change_ann();
    notes_end_unclean();
    now_s += HOUR_S;
    alter_known("boot ", "boot 0-0");
    do_not_count("another boot");
}

/* A program of an earlier version was first, and drew the keys. */
static void test_older_program(void)
{
    notes_begin();
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
    notes_begin();
    change_ann();
    store_close(s);
    now_s += HOUR_S;
    int dir = os_file_open_dir(f.path), changes = notes_dir();
    char known[300];
    snprintf(known, sizeof known, "%s", notes_load(CHANGES_KNOWN));
    /* The old directory stays open, so that the new one has another inode. */
    os_file_remove_tree(dir, LAYOUT_CHANGES);
    os_file_make_dir(dir, LAYOUT_CHANGES);
    notes_put(CHANGES_KNOWN, span_str(known));
    do_not_count("a copy");
    os_file_close(dir);
    os_file_close(changes);
}

static void test_damaged_known(void)
{
    static const char *const texts[] = {"", "pochta-changes 2\n", "pochta-changes 1\nsince 1\n",
                                        "pochta-changes 1\nsince x\n", "\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        notes_begin();
        change_ann();
        store_close(s);
        now_s += HOUR_S;
        notes_put(CHANGES_KNOWN, span_str(texts[i]));
        do_not_count("damaged \"known\"");
    }
}

int main(void)
{
    test_clean_stop();
    test_same_boot();
    test_other_boot();
    test_older_program();
    test_copy();
    test_damaged_known();
    return done_testing();
}
