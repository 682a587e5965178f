/* SPDX-License-Identifier: ISC */
/* When the notes of changes count: the file "known"; and a store without notes. */
#include "changes_fixture.h"

#include <unistd.h>

#include "store/trash.h"

#define KEYS_AT 14 /* in the lock file */

static void test_clean_stop(void)
{
    notes_begin();
    ok(look_since(now_s), "stop: in a new store the changes are known");
    ok(!look_since(now_s - 1), "stop: ... but not those from before it was made");
    change_ann();
    store_close(s);
    ok(strstr(notes_load(CHANGES_KNOWN), "\nclean\n"), "stop: a stop in order says so");
    now_s += HOUR_S;
    notes_open(true);
    ok(look_since(NOON) && is_noted("ann"), "stop: after a stop in order the changes are known");
    store_close(s);
    notes_open(false);
    ok(look_since(NOON) && is_noted("ann"), "stop: ... also to a tool");
    ok(!strstr(notes_load(CHANGES_KNOWN), "\nclean\n"),
       "stop: while a tool runs, the file does not say so");
    store_close(s);
    ok(!strstr(notes_load(CHANGES_KNOWN), "\nclean\n"), "stop: ... nor after it");
    notes_open(true);
    ok(look_since(NOON) && is_noted("ann"), "stop: ... but the notes count until the next boot");
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

/* Somebody has put the notes of another store there, while this one is open. */
static void test_other_store(void)
{
    notes_begin();
    change_ann();
    alter_known("store ", "store 0123456789abcdef");
    ok(!look_since(NOON) && !changes_is_complete(s, NOON), "other store: its notes do not count");
    changes_keep(s);
    ok(changes_is_complete(s, changes_now(s)), "other store: ... but those of ours, from now on");
    ok(!look_since(NOON), "other store: the old notes do not count");
    store_close(s);
    ok(strstr(notes_load(CHANGES_KNOWN), "\nclean\n"), "other store: also after a stop");
    notes_open(true);
    alter_known("store ", "store 0123456789abcdef");
    store_close(s);
    ok(!strstr(notes_load(CHANGES_KNOWN), "\nclean\n"), "other store: a stop does not change it");
    notes_open(true);
    notes_end();
}

/* --- what it says --- */

#define FIRST "pochta-changes 2\n"
#define SINCE "since 1764504000\n"
#define STORE "store 0123456789abcdef\n"

static void test_parse(void)
{
    static const struct {
        const char *what, *text;
        bool ok, clean;
    } rows[] = {
        {"a stop in order", FIRST SINCE STORE "clean\n", true, true},
        {"a boot", FIRST SINCE STORE "boot 4-2\n", true, false},
        {"an empty file", "", false, false},
        {"an empty line", "\n", false, false},
        {"another version", "pochta-changes 3\n" SINCE STORE "clean\n", false, false},
        {"a longer version", "pochta-changes 20\n" SINCE STORE "clean\n", false, false},
        {"no time", FIRST STORE "clean\n", false, false},
        {"no number", FIRST "since x\n" STORE "clean\n", false, false},
        {"a number that is too large", FIRST "since 9223372036854775808\n" STORE "clean\n", false,
         false},
        {"no store", FIRST SINCE "clean\n", false, false},
        {"a long store",
         FIRST SINCE "store 0123456789abcdef0\n"
                     "clean\n",
         false, false},
        {"a store that is not a number",
         FIRST SINCE "store 0123456789abcdeX\n"
                     "clean\n",
         false, false},
        {"neither", FIRST SINCE STORE, false, false},
        {"another word", FIRST SINCE STORE "dirty\n", false, false},
        {"clean, and more", FIRST SINCE STORE "cleaned\n", false, false},
        {"clean without an end of line", FIRST SINCE STORE "clean", false, false},
        {"a long boot",
         FIRST SINCE STORE "boot 0123456789012345678901234567890123456789"
                           "0123456789012345678901234567890123456789\n",
         false, false},
        {"one line too many", FIRST SINCE STORE "clean\nboot 4-2\n", false, false},
    };
    notes_begin();
    int dir = notes_dir();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct changes_known k = {.since = 0};
        notes_put(CHANGES_KNOWN, span_str(rows[i].text));
        bool loaded = changes_known_load(dir, &k);
        ok(loaded == rows[i].ok && (loaded || errno == EINVAL), "parse: %s", rows[i].what);
        if (loaded)
            ok(k.since == NOON && k.store == UINT64_C(0x0123456789abcdef) &&
                   k.clean == rows[i].clean && strcmp(k.boot, k.clean ? "" : "4-2") == 0,
               "parse: ... with all its values");
    }
    os_file_close(dir);
    notes_end();
}

static void test_damaged_known(void)
{
    static const char *const texts[] = {"", FIRST "since x\n", FIRST SINCE STORE "clean\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        notes_begin();
        change_ann();
        store_close(s);
        now_s += HOUR_S;
        notes_put(CHANGES_KNOWN, span_str(texts[i]));
        do_not_count("damaged \"known\"");
    }
}

/* A version that did not note which accounts a list has to look at. */
static void test_earlier_known(void)
{
    notes_begin();
    change_ann();
    store_close(s);
    now_s += HOUR_S;
    alter_known("pochta-changes 2", "pochta-changes 1");
    do_not_count("an earlier version");
}

/* --- no notes --- */

static bool each_trash(int64_t until)
{
    return changes_each_trash(s, 0, until, add_noted, NULL);
}

/* As after an upgrade on a full disk: the store works, and nothing is known of its changes. */
static void use_without(const char *what)
{
    struct mailbox *ann;
    int64_t time = 7;

    notes_open(true);
    change_ann();
    s->limits.trash_s = 1000;
    ann = fixture_mailbox(s, "ann");
    is_int(fixture_deliver(ann, "bob", "one"), 1, "%s: a message is delivered", what);
    is_int(messages_delete(ann, 1), ST_OK, "%s: and deleted", what);
    ok(trash_note_all(s, "ann"), "%s: the trash is found", what);
    mailbox_close(ann);
    changes_keep(s);
    changes_forget(s, NOON + HOUR_S);
    changes_forget_trash(s, NOON + HOUR_S);
    ok(!look_since(NOON) && !changes_is_complete(s, NOON), "%s: nobody knows the changes", what);
    ok(!each_trash(NOON), "%s: ... nor where messages were deleted", what);
    is_int(changes_mark(s), 0, "%s: there is no mark", what);
    is_int(changes_now(s), NOON, "%s: the time is that of the clock", what);
    ok(!changes_time(s, CHANGES_BACKUP, &time) && errno == ENOENT && time == 7,
       "%s: no time is known", what);
    ok(!changes_set_time(s, CHANGES_BACKUP, NOON) && errno == ENOENT, "%s: or kept", what);
    is_int(f.troubles, 0, "%s: no trouble is reported", what);
    notes_end();
}

static int begin_without(void)
{
    notes_begin();
    store_close(s);
    int dir = os_file_open_dir(f.path);
    if (!os_file_remove_tree(dir, LAYOUT_CHANGES))
        exit(1);
    return dir;
}

static void test_without(void)
{
    int dir = begin_without();
    ok(os_file_make(dir, LAYOUT_CHANGES, SPAN("")), "a file: changes/ is a file");
    os_file_close(dir);
    use_without("a file");
    dir = begin_without();
    ok(symlinkat(LAYOUT_CHANGES, dir, LAYOUT_CHANGES) == 0, "a link: changes/ leads to itself");
    os_file_close(dir);
    use_without("a link");
}

int main(void)
{
    test_clean_stop();
    test_same_boot();
    test_other_boot();
    test_older_program();
    test_copy();
    test_other_store();
    test_parse();
    test_damaged_known();
    test_earlier_known();
    test_without();
    return done_testing();
}
