/* SPDX-License-Identifier: ISC */
/*
 * Each call that a backup, a restore, an export and an import make fails: in one run only this
 * call, in another run also all later ones. After a success the result is complete; after a failure
 * the same works once nothing fails any more; and nothing leaks. With STRIDE=1 the test does all
 * runs, otherwise a part of them.
 */
#include "each_call.h"

#include "backup_fixture.h"
#include "store/door_file.h"
#include "store/door_key.h"

static struct fixture g;
static struct store *to; /* a second store */

static const char *const texts[] = {"one", "two", "three", "four"};

static void find_nothing(void *ctx, const char *mailbox, const char *file, const char *what,
                         bool set_aside)
{
    (void)ctx;
    (void)set_aside;
    is_wrong("%s %s: %s", mailbox, file ? file : "", what);
}

static void check_store(struct store *checked)
{
    struct fsck fsck = {.store = checked, .finding = find_nothing};

    if (!fsck_all(&fsck))
        is_wrong("a store cannot be checked afterwards");
}

/* Whether a store has the key of the doors that the first one has. */
static void check_doors(struct store *in)
{
    struct buf a, b;
    buf_init(&a, DOOR_FILE_BYTES);
    buf_init(&b, DOOR_FILE_BYTES);
    if (door_key_load(s, &a) != ST_OK || door_key_load(in, &b) != ST_OK ||
        !span_eq(buf_span(&a), buf_span(&b)))
        is_wrong("it has other doors");
    buf_free(&a);
    buf_free(&b);
}

/* Whether ann is in a store with these first letters, and whole. */
static void check_ann(struct store *in, int n)
{
    struct who who = {.name = "ann"};
    struct mailbox *there;

    if (mailbox_open(in, &who, &there) != ST_OK) {
        is_wrong("ann is missing");
        return;
    }
    for (int i = 0; i < n; i++)
        if (fixture_text(there, (uint32_t)i + 1, texts[i]) != ST_OK)
            is_wrong("ann lacks letter %d", i + 1);
    mailbox_close(there);
}

static void open_second(void)
{
    fixture_begin(&g);
    to = fixture_open(&g, true);
}

static void close_second(void)
{
    store_close(to);
    fixture_end(&g);
}

/* What the last backup has comes back into a new store. */
static void check_backup(const char *at, int n)
{
    open_second();
    struct restore r = backup_restore(to, at);
    if (restore_all(&r) != ST_OK || *findings)
        is_wrong("it cannot be brought back: %s", findings);
    check_ann(to, n);
    check_doors(to);
    check_store(to);
    close_second();
}

/* --- a backup after another one --- */

static void make_one(void)
{
    struct backup b;

    if (backup_make(&b) != ST_OK)
        exit(1);
    fixture_deliver(mb, "bob", texts[3]);
}

static struct backup made;
static enum status answer;

static void back_up(void)
{
    answer = backup_make(&made);
    if (answer == ST_OK)
        backup_keep(&made, 1);
}

static void check_made(void)
{
    if (answer == ST_OK && !*findings)
        check_backup(NULL, 4);
    if (backup_make(&made) != ST_OK || *findings)
        is_wrong("the next backup fails: %s", findings);
    if (backup_keep(&made, 1) != ST_OK)
        is_wrong("the others cannot be removed");
    check_backup(NULL, 4);
    check_store(s);
}

/* --- a restore --- */

static void make_for_restore(void)
{
    make_one();
    back_up();
    open_second();
}

static void bring_back(void)
{
    struct restore r = backup_restore(to, NULL);
    answer = restore_all(&r);
}

static void check_brought_back(void)
{
    struct restore r;

    if (answer == ST_OK && !*findings)
        check_ann(to, 4);
    store_close(to);
    to = fixture_open(&g, true);
    r = backup_restore(to, NULL);
    if (restore_all(&r) != ST_OK || *findings)
        is_wrong("it cannot be brought back afterwards: %s", findings);
    check_ann(to, 4);
    check_doors(to);
    check_store(to);
    close_second();
}

/* --- letters --- */

static void lose_letters(void)
{
    make_one();
    back_up();
    messages_delete(mb, 1); /* there is no trash: its tombstone is left */
    messages_delete(mb, 2);
}

static void bring_letters(void)
{
    const uint32_t ids[] = {1, 2};
    struct restore r = backup_restore(s, NULL);

    answer = restore_letters(&r, "ann", ids, 2);
}

static void check_letters(void)
{
    if (answer == ST_OK && !*findings)
        check_ann(s, 4);
    mailbox_close(mb); /* a failed sync has made it read-only */
    store_close(s);
    s = fixture_open(&f, true);
    mb = fixture_mailbox(s, "ann");
    bring_letters();
    check_ann(s, 4);
    check_store(s);
}

/* --- an account that moves --- */

static void make_export(void)
{
    fixture_deliver(mb, "bob", texts[3]);
    open_second();
}

static bool is_exported;

static void move_account(void)
{
    struct restore r = backup_restore(s, NULL);
    struct export_mark mark;

    answer = restore_export(&r, "ann");
    is_exported = answer == ST_OK;
    if (!is_exported)
        return;
    r = backup_restore(to, NULL);
    answer = restore_import(&r, &mark);
}

static void check_moved(void)
{
    struct restore r;
    struct export_mark mark;

    if (answer == ST_OK && !*findings)
        check_ann(to, 4);
    store_close(to);
    to = fixture_open(&g, true);
    r = backup_restore(to, NULL);
    enum status imported = is_exported ? restore_import(&r, &mark) : ST_OK;
    if (imported == ST_DAMAGED || imported == ST_UNREADABLE)
        is_wrong("what was exported cannot be imported: %s", g.last);
    os_file_close(place);
    os_file_remove_tree(OS_FILE_CWD, place_path);
    if (!os_file_make_dir(OS_FILE_CWD, place_path))
        exit(1);
    place = os_file_open_dir(place_path);
    r = backup_restore(s, NULL);
    if (restore_export(&r, "ann") != ST_OK || *findings)
        is_wrong("it cannot be exported afterwards: %s", findings);
    r = backup_restore(to, NULL);
    enum status st = restore_import(&r, &mark);
    if (st != ST_OK && st != ST_USER_EXISTS)
        is_wrong("it cannot be imported afterwards: %s", findings);
    check_ann(to, 4);
    check_store(to);
    close_second();
}

/* --- a first backup, and one after a run that was interrupted --- */

static void deliver_last(void)
{
    fixture_deliver(mb, "bob", texts[3]);
}

static void interrupt(void)
{
    faults_meanwhile("os_file_rename_new", "2", 1, NULL, EIO);
    if (backup_make(&made) != ST_IO || !faults_happened())
        exit(1);
    deliver_last();
}

/* --- all of them --- */

static const struct part {
    const char *what;
    /* cppcheck-suppress unusedStructMember ; main calls it */
    void (*prepare)(void), (*use)(void), (*check)(void);
} parts[] = {
    {"a backup", make_one, back_up, check_made},
    {"a restore", make_for_restore, bring_back, check_brought_back},
    {"letters", lose_letters, bring_letters, check_letters},
    {"an account that moves", make_export, move_account, check_moved},
    {"the first backup", deliver_last, back_up, check_made},
    {"a backup after one that was interrupted", interrupt, back_up, check_made},
};

/* Returns whether the call was made, and so failed. */
static bool run(const void *ctx, int nth, int error, bool ever)
{
    const struct part *part = ctx;
    struct each_held held = each_hold();
    struct door_key *k;

    backup_begin();
    if (door_key_open(s, "ship.example", &k) != ST_OK)
        exit(1);
    door_key_free(k);
    part->prepare();
    findings[0] = '\0';
    faults_arm(nth, error, ever);
    part->use();
    bool failed = faults_disarm();
    part->check();
    backup_end();
    each_check_held(&held);
    return failed;
}

static void fail_each(int error, bool ever)
{
    int stride = faults_stride();

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const struct each_call e = {parts[i].what, run, &parts[i], 20, stride};
        each_call_fails(&e, stride == 1 ? 1 : 1 + (int)(i % (size_t)stride), error, ever);
    }
}

int main(void)
{
    setenv("TMPDIR", "/dev/shm", 1);
    fail_each(EIO, false);
    fail_each(ENOSPC, true);
    fail_each(ENOMEM, false);
    return done_testing();
}
