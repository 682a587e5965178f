/* SPDX-License-Identifier: ISC */
/*
 * A recovery that is interrupted, or that the disk fails, and one by a tool. The order of syncs and
 * renames is looked at: before a name leads to a message, the message is durable; before a segment
 * goes, the names are.
 */
#include "store/redo_recovery.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/mount.h"
#include "redo_left.h"
#include "store/lock_file.h"
#include "store/redo.h"
#include "store/redo_account.h"

/* The linker gives us all calls of these. */
#define HERE(result, name, ...)                                       \
    result real_##name(__VA_ARGS__) __asm__("__real_os_file_" #name); \
    result here_##name(__VA_ARGS__) __asm__("__wrap_os_file_" #name); \
    result here_##name(__VA_ARGS__)

static struct {
    int kill_at, calls;                /* the process ends before this call; 0: not */
    bool full;                         /* the disk */
    int fail_syncs;                    /* of the file system, the next ones */
    bool unsynced_text, unsynced_name; /* since the last sync of the file system */
    int texts, wrong_renames, wrong_removals;
    char removed[REDO_NAME_BYTES + sizeof REDO_OLD]; /* the last segment */
    int unsynced_removals;                           /* of segments */
    int unsynced_before;                             /* ... before the last one */
    uint64_t damaged;                                /* a block that cannot be read; 0: none */
    const char *unseen; /* files whose names have this in them cannot be looked at; NULL: all can */
} disk;

/* A tool that recovers the log, as long as somebody who waits has not slept. */
static struct {
    struct store *store;
    int recovery;
} tool;

static void count_call(void)
{
    if (++disk.calls == disk.kill_at)
        raise(SIGKILL);
}

HERE(bool, write, int fd, const void *bytes, size_t size)
{
    count_call();
    disk.unsynced_text = true;
    disk.texts++;
    if (disk.full) {
        errno = ENOSPC;
        return false;
    }
    return real_write(fd, bytes, size);
}

HERE(bool, rename_over, int from_dir, const char *from, int to_dir, const char *to)
{
    count_call();
    if (strcmp(to, "known") != 0) /* of the notes of changes, which need no sync */
        disk.wrong_renames += disk.unsynced_text;
    disk.unsynced_name = true;
    return real_rename_over(from_dir, from, to_dir, to);
}

HERE(bool, rename_new, int from_dir, const char *from, int to_dir, const char *to)
{
    count_call();
    return real_rename_new(from_dir, from, to_dir, to);
}

HERE(bool, remove, int dir, const char *name)
{
    count_call();
    if (strncmp(name, REDO_OLD, strlen(REDO_OLD)) == 0) {
        disk.wrong_removals += disk.unsynced_text || disk.unsynced_name;
        snprintf(disk.removed, sizeof disk.removed, "%s", name);
        disk.unsynced_before = disk.unsynced_removals++;
    }
    return real_remove(dir, name);
}

/* The log is read in whole blocks, as nothing else is. */
HERE(int64_t, read_at, int fd, void *bytes, size_t size, uint64_t offset)
{
    uint64_t block = disk.damaged;

    if (block > 0 && size % REDO_BLOCK == 0 && offset <= block && offset + size > block) {
        errno = EIO;
        return -1;
    }
    return real_read_at(fd, bytes, size, offset);
}

HERE(bool, look, int dir, const char *name, struct os_file_info *info)
{
    if (disk.unseen && strstr(name, disk.unseen)) {
        errno = EIO;
        return false;
    }
    return real_look(dir, name, info);
}

HERE(bool, sync_dir, int dir)
{
    count_call();
    disk.unsynced_removals = 0;
    return real_sync_dir(dir);
}

HERE(bool, sync_all, int fd)
{
    count_call();
    if (disk.fail_syncs > 0) {
        disk.fail_syncs--;
        errno = EIO;
        return false;
    }
    disk.unsynced_text = disk.unsynced_name = false;
    return fd >= 0; /* it costs nothing here: only its place counts */
}

void sleep_here(int64_t ms) __asm__("__wrap_os_clock_sleep");
void real_sleep(int64_t ms) __asm__("__real_os_clock_sleep");

void sleep_here(int64_t ms)
{
    if (tool.store) {
        store_close(tool.store);
        os_file_close(tool.recovery);
        tool.store = NULL;
    }
    real_sleep(ms);
}

/* One of each: new, there already, set aside, purged, known by its token, with a taken id. */
static void leave_much(void)
{
    char name[MESSAGE_FILE_NAME_BYTES];

    left_begin();
    left_put(&ann, 1, "", "new");
    left_put(&ann, 2, "", "there");
    left_put(&ann, 3, "", "broken");
    left_put(&ann, 4, "", "purged");
    redo_end_block(&left_bytes);
    left_segment();
    left_put(&ann, 5, "0123456789abcdef", "known");
    left_put(&ann, 6, "fedcba9876543210", "taken");
    left_put(&bob, 1, "", "for bob");
    left_segment();
    left_file(&ann, 2, MAIL_NORMAL, "", "there", name);
    left_file(&ann, 3, MAIL_BROKEN, "", "broken", name);
    left_file(&ann, 4, MAIL_EXPUNGED, "", "purged", name);
    int dir = fixture_directory(&f, "ann");
    os_file_truncate(dir, name);
    os_file_close(dir);
    left_file(&ann, 7, MAIL_UNREAD, "0123456789abcdef", "known", name);
    left_file(&ann, 6, MAIL_UNREAD, "", "another", name);
}

static int wrong_files;

static void must_be(const char *name, uint32_t id, const char *text)
{
    struct who who = {.generation = ""};
    struct mailbox *mb = NULL;

    snprintf(who.name, sizeof who.name, "%s", name);
    wrong_files += mailbox_open(s, &who, &mb) != ST_OK || fixture_text(mb, id, text) != ST_OK;
    mailbox_close(mb);
}

static void look_at_all(void)
{
    must_be("ann", 1, "new");
    must_be("ann", 2, "there");
    must_be("ann", 3, "broken");
    must_be("ann", 6, "another");
    must_be("ann", 7, "known");
    must_be("ann", 8, "taken");
    must_be("bob", 1, "for bob");
    int dir = fixture_directory(&f, "ann");
    wrong_files += left_count(dir, "00000") != 7 || left_count(dir, "0000000004-x") != 1;
    wrong_files += left_count(dir, "new-") != 0;
    os_file_close(dir);
    wrong_files += left_segments() != 0 || left_version() != 1;
}

/* Returns whether the first recovery came to its end before this call. */
static bool interrupt_at(int call)
{
    int status = 0;

    leave_much();
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        disk.kill_at = call;
        disk.calls = 0;
        store_close(left_open(true));
        _exit(0);
    }
    waitpid(child, &status, 0);
    s = left_open(true);
    look_at_all();
    left_end();
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void test_interrupted(void)
{
    int call = 1;

    while (call < 1000 && !interrupt_at(call))
        call++;
    ok(call > 15 && call < 1000, "interrupted: before each of %d calls", call - 1);
    is_int(wrong_files, 0, "interrupted: a second recovery has all messages once, and no others");
}

static void test_order(void)
{
    leave_much();
    disk.texts = disk.wrong_renames = disk.wrong_removals = 0;
    s = left_open(true);
    ok(disk.texts >= 5, "order: messages are written");
    is_int(disk.wrong_renames, 0, "order: none is renamed before it is synced");
    is_int(disk.wrong_removals, 0, "order: no segment is removed before the names are synced");
    left_end();
}

/*
 * Otherwise a crash could leave records that are not needed any more, and nothing that says so.
 * Directories list their files in any order, so each segment is tried.
 */
static void test_removal(void)
{
    for (unsigned newest = 0; newest < 3; newest++) {
        char name[sizeof disk.removed];

        left_begin();
        for (unsigned i = 0; i < 3; i++) {
            left_place.serial = i == newest ? 5 : 1 + i;
            left_place.oldest = i == newest ? 5 : 1;
            left_put(&ann, 1 + i, "", "text");
            left_segment();
        }
        s = left_open(true);
        snprintf(name, sizeof name, REDO_OLD REDO_SEGMENT "0000000000000001-%u", newest);
        is_str(disk.removed, name, "removal: the segment that says what is old goes last");
        is_int(disk.unsynced_before, 0, "removal: ... when the removal of the others is synced");
        left_is_empty("removal");
        left_end();
    }
}

static struct mailbox *open_mailbox(const struct who *who)
{
    struct mailbox *mb = NULL;

    return mailbox_open(s, who, &mb) == ST_OK ? mb : NULL;
}

/* The store can be read, and nothing in it changed. */
static void check_read_only(const char *what)
{
    struct mailbox *mb = open_mailbox(&ann);
    const char *why;
    struct mail m;

    ok(store_is_failed(s), "%s: the store is read-only", what);
    is_text("ann", 6, "another", what);
    is_int(delivery_put(mb, "bob", SPAN("x"), SPAN(""), &m, NULL), ST_READ_ONLY,
           "%s: a delivery is refused", what);
    is_int(messages_delete(mb, 6), ST_READ_ONLY, "%s: a deletion is refused", what);
    ok(account_register(s, "carl", "hash") != ST_OK, "%s: no account is made", what);
    is_int(account_set_hash(s, &bob, "other"), ST_READ_ONLY, "%s: no password is changed", what);
    ok(!store_start_log(s, 1 << 20, &why) &&
           strcmp(why, "the log of an earlier start is still needed") == 0,
       "%s: no new log is begun", what);
    mailbox_close(mb);
    left_close();
    is_int(left_segments(), 2, "%s: the log is kept", what);
    is_int(left_version(), 2, "%s: older servers must not use the store", what);
}

static void check_next_start(const char *what)
{
    s = left_open(true);
    wrong_files = 0;
    look_at_all();
    is_int(wrong_files, 0, "%s: the next start has all messages", what);
    ok(!store_is_failed(s), "%s: ... and the store is as before", what);
    left_end();
}

static void test_full_disk(void)
{
    leave_much();
    disk.full = true;
    s = left_open(true);
    ok(left_said("No space left on device"), "full disk: it is told");
    check_read_only("full disk");
    disk.full = false;
    check_next_start("full disk");
}

static void test_failed_sync(void)
{
    leave_much();
    disk.fail_syncs = 2; /* the first is made before the recovery */
    s = left_open(true);
    is_int(disk.fail_syncs, 0, "failed sync: the first of the recovery");
    check_read_only("failed sync");
    check_next_start("failed sync");
}

/* Something could not be written while an earlier server ran, and the kernel tells of it now. */
static void test_error_of_before(void)
{
    leave_much();
    disk.fail_syncs = 1;
    s = left_open(true);
    wrong_files = 0;
    look_at_all();
    is_int(wrong_files, 0, "an error of before: all messages are recovered");
    ok(!store_is_failed(s), "an error of before: the store is in use");
    left_end();
}

/* A message that may be there, in a state that nobody can tell, is not written as a new one. */
static void test_unseen_file(void)
{
    static const char *const unseen[] = {"2-n", "4-x"};

    for (int i = 0; i < 2; i++) {
        leave_much();
        disk.unseen = unseen[i];
        s = left_open(true);
        int dir = fixture_directory(&f, "ann");
        is_int(left_count(dir, "00000"), 5, "unseen %s: nothing is written for that account",
               unseen[i]);
        is_int(left_count(dir, "new-"), 0, "unseen %s: ... and nothing is left", unseen[i]);
        os_file_close(dir);
        ok(!open_mailbox(&ann), "unseen %s: its mailbox is shut", unseen[i]);
        left_close();
        disk.unseen = NULL;
        check_next_start(unseen[i]);
    }
}

/* A checkpoint looks without the lock: a reader may set aside what was listed a moment ago. */
static void test_set_aside_meanwhile(void)
{
    static const char token[] = "0123456789abcdef";
    struct redo_message m = {.mail = redo_mail(1, "text", token)};
    struct redo_account a;
    struct mail as = m.mail;
    char name[MESSAGE_FILE_NAME_BYTES], broken[MESSAGE_FILE_NAME_BYTES];

    left_begin();
    left_file(&ann, 1, MAIL_NORMAL, token, "text", name);
    s = left_open(true);
    ok(redo_account_open(&a, s, &ann) && redo_account_list(&a), "set aside meanwhile: a list");
    as.state = MAIL_BROKEN;
    message_file_name(&as, broken);
    os_file_rename_new(a.dir, name, a.dir, broken);
    is_int(redo_account_decide(&a, &m, &as), REDO_NEW,
           "set aside meanwhile: it is written again; its own token is not a repeat's");
    redo_account_close(&a);
    left_end();
}

static void test_unreadable_segment(void)
{
    leave_much();
    int dir = left_log_dir();
    os_file_rename_new(dir, "segment-0000000000000001-0", dir, "kept");
    os_file_make_dir(dir, "segment-0000000000000001-0"); /* cannot be read, not even by root */
    s = left_open(true);
    check_read_only("unreadable segment");
    os_file_remove_tree(dir, "old-segment-0000000000000001-0");
    os_file_rename_new(dir, "kept", dir, "segment-0000000000000001-0");
    os_file_close(dir);
    check_next_start("unreadable segment");
}

static void test_damaged_block(void)
{
    left_begin();
    for (uint32_t id = 1; id <= 3; id++) {
        left_put(&ann, id, "", "text");
        redo_end_block(&left_bytes);
    }
    left_segment();
    disk.damaged = REDO_BLOCK;
    s = left_open(true);
    is_text("ann", 1, "text", "damaged block: the message before it");
    is_text("ann", 3, "text", "damaged block: the message after it");
    ok(left_said("the disk cannot read all blocks of the delivery log"),
       "damaged block: it is told");
    ok(!store_is_failed(s), "damaged block: the store is in use");
    left_close();
    is_int(left_segments(), 1, "damaged block: the log is kept");
    disk.damaged = 0;
    s = left_open(true);
    is_text("ann", 2, "text", "damaged block: the next start, which can read it, has its message");
    left_is_empty("damaged block");
    left_end();
}

/* --- tools --- */

static void test_tool(void)
{
    leave_much();
    s = left_open(false);
    wrong_files = 0;
    look_at_all();
    is_int(wrong_files, 0, "tool: where no server runs, it recovers first");
    left_end();

    leave_much();
    struct store *server = left_open(true);
    left_place = (struct redo_place){.log = 2, .serial = 1, .sequence = 0, .oldest = 1};
    left_put(&bob, 2, "", "of the server");
    left_segment();
    s = left_open(false);
    int dir = left_log_dir();
    is_int(left_count(dir, REDO_SEGMENT), 1, "tool: beside a server it leaves the log alone");
    os_file_close(dir);
    store_close(server);
    left_end();
}

/* A tool that recovers the log has the store as a server does, but not for long. */
static void test_tool_first(void)
{
    leave_much();
    int dir = os_file_open_dir(f.path);
    tool.recovery = lock_file_begin_recovery(dir, 1000);
    tool.store = left_open(true);
    s = left_open(true);
    ok(!tool.store, "tool first: a server waits for a tool that recovers");
    wrong_files = 0;
    look_at_all();
    is_int(wrong_files, 0, "tool first: ... and all messages are there");
    os_file_close(dir);
    left_close();

    tool.recovery = -1; /* it has just given it up, before the store */
    tool.store = left_open(true);
    s = left_open(true);
    ok(!tool.store, "tool first: one whose recovery ends at that moment is waited for, too");
    left_end();
}

/* --- a log of our own --- */

static void deliver_and_die(void)
{
    const char *why;
    struct mailbox *mb;

    s = left_open(true);
    bool started = store_start_log(s, 1 << 20, &why);
    mb = open_mailbox(&ann);
    if (!started || left_version() != 2 || left_segments() == 0 ||
        fixture_deliver(mb, "bob", "of a server that died") != 1)
        _exit(1);
    raise(SIGKILL);
}

static void test_version(void)
{
    const char *why = "";
    int status = 0;

    left_begin();
    s = left_open(true);
    ok(!store_start_log(s, 0, &why) && strcmp(why, "log-size is 0") == 0,
       "version: a log of no bytes is none");
    is_int(left_version(), 1, "version: 1 without a log");
    is_int(left_segments(), 0, "version: ... which has no segments");
    if (!os_mount_reports_sync(s->dir)) {
        ok(!store_start_log(s, 1 << 20, &why), "version: no log on this file system: %s", why);
        left_end();
        return;
    }
    ok(store_start_log(s, 1 << 20, &why), "version: the log begins");
    is_int(left_version(), 2, "version: 2 while there is a log");
    struct mailbox *mb = open_mailbox(&bob);
    is_int(fixture_deliver(mb, "ann", "text"), 1, "version: a delivery");
    struct redo_counts c;
    redo_counts(s->redo, &c);
    is_int(c.records, 1, "version: ... is in the log");
    mailbox_close(mb);
    left_close();
    is_int(left_segments(), 0, "version: the log is empty after an end in order");
    is_int(left_version(), 1, "version: ... and the version is 1");

    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        deliver_and_die();
    waitpid(child, &status, 0);
    ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "version: a server that died");
    is_int(left_version(), 2, "version: 2 after it");
    ok(left_segments() > 0, "version: its segments are there");
    s = left_open(true);
    is_text("ann", 1, "of a server that died", "version: its message is there");
    left_is_empty("version");
    left_end();
}

int main(void)
{
    test_interrupted();
    test_order();
    test_removal();
    test_full_disk();
    test_failed_sync();
    test_error_of_before();
    test_unseen_file();
    test_set_aside_meanwhile();
    test_unreadable_segment();
    test_damaged_block();
    test_tool();
    test_tool_first();
    test_version();
    return done_testing();
}
