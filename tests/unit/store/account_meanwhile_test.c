/* SPDX-License-Identifier: ISC */
/*
 * Accounts and invites, while others change them, and a store that others hold, move or own.
 */
#include "store_faults.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/process.h"
#include "redo_left.h"
#include "store/invite.h"
#include "store/lock_file.h"
#include "store/mailbox_private.h"
#include "store/ownership.h"
#include "store/redo.h"

static const char *why;
static struct store *tool;

static void begin(void)
{
    left_begin();
    s = left_open(true);
}

static int users(const char *name)
{
    return fixture_directory(&f, name);
}

/* --- accounts --- */

static void make_carl(void)
{
    os_file_make_dir(s->dirs[LAYOUT_USERS], "carl");
}

static void move_bob_back(void)
{
    os_file_make_dir(s->dirs[LAYOUT_USERS], "bob");
}

static void test_taken(void)
{
    begin();
    faults_meanwhile("os_file_rename_new", "carl-", 1, make_carl, 0);
    is_int(account_register(s, "carl", "hash"), ST_USER_EXISTS, "taken: another was first");
    ok(faults_happened() && left_count(s->dirs[LAYOUT_NEW], "carl") == 0,
       "taken: ... and nothing is left in new/");
    account_delete(s, &bob);
    faults_meanwhile("os_file_rename_new", "bob-", 1, move_bob_back, 0);
    is_int(deleted_accounts_restore(s, "bob"), ST_USER_EXISTS,
           "taken: the same if one is restored");
    ok(faults_happened() && left_count(s->dirs[LAYOUT_REMOVED], "bob-") == 1,
       "taken: ... which is kept");
    left_end();
}

static char carl_in_new[MESSAGE_FILE_NAME_BYTES];

static void name_carl(void)
{
    os_file_rename_new(tool->dirs[LAYOUT_NEW], carl_in_new, tool->dirs[LAYOUT_USERS], "carl");
}

/* What is left in new/ of an account that a tool is making. */
static void leave_carl(void)
{
    const struct who who = {"carl", "0123456789abcdef"};

    layout_account(who.name, who.generation, carl_in_new);
    os_file_make_dir(tool->dirs[LAYOUT_NEW], carl_in_new);
    int dir = os_file_open_subdir(tool->dirs[LAYOUT_NEW], carl_in_new);
    ok(account_file_write(dir, LAYOUT_ACCOUNT, &who, &account_file_standard),
       "discarded: there is an account in new/");
    os_file_close(dir);
}

/* A server starts, and removes it, while the tool gives it its name: it is there whole, or not. */
static void test_discarded(void)
{
    struct account a;

    begin();
    left_close();
    tool = left_open(false);
    leave_carl();
    faults_meanwhile("os_file_remove", LAYOUT_ACCOUNT, 1, name_carl, 0);
    s = left_open(true);
    ok(faults_happened(), "discarded: the account gets its name while it is removed");
    is_int(account_find(s, "carl", &bob, &a), ST_NO_USER, "discarded: ... it does not");
    left_close();
    leave_carl();
    faults_meanwhile("os_file_rename_new", carl_in_new, 1, name_carl, 0);
    s = left_open(true);
    ok(faults_happened(), "discarded: the account gets its name just before");
    is_int(account_find(s, "carl", &bob, &a), ST_OK, "discarded: ... it is there as a whole");
    is_int((int)left_texts.n, 0, "discarded: ... which is no trouble");
    left_close();
    leave_carl();
    faults_meanwhile("os_file_rename_new", carl_in_new, 1, NULL, EIO);
    s = left_open(true);
    ok(faults_happened() &&
           left_said("cannot rename new/carl-0123456789abcdef: Input/output error"),
       "discarded: an account in new/ cannot be renamed, which is reported");
    ok(os_file_exists(s->dirs[LAYOUT_NEW], carl_in_new), "discarded: ... and the store opens");
    left_close();
    s = left_open(true);
    ok(!os_file_exists(s->dirs[LAYOUT_NEW], carl_in_new), "discarded: the next start removes it");
    store_close(tool);
    left_end();
}

static enum { HASH, DISABLED, BYTES, MESSAGES, WARNINGS, WARNED } changed;

static void change(void *ctx, struct account *a)
{
    (void)ctx;
    switch (changed) {
    case HASH:
        strcpy(a->hash, "another");
        break;
    case DISABLED:
        a->disabled = true;
        break;
    case BYTES:
        a->quota_bytes = 1000;
        break;
    case MESSAGES:
        a->quota_messages = 10;
        break;
    case WARNINGS:
        a->warnings = 2;
        break;
    case WARNED:
        a->warned = true;
        break;
    }
}

static void change_by_tool(void)
{
    account_change(tool, &ann, change, NULL);
}

static void warn_once(void *ctx, struct account *a)
{
    (void)ctx;
    a->warnings = 1;
}

static void set_quota(void *ctx, struct account *a)
{
    (void)ctx;
    a->quota_bytes += 7;
}

/* What another process has changed while we change the account is not lost. */
static void test_changed(void)
{
    static const char *const what[] = {"password",           "disabled",
                                       "quota of bytes",     "quota of messages",
                                       "number of warnings", "state of the warning"};
    struct account a = {.quota_bytes = 0};

    for (changed = HASH; changed <= WARNED; changed++) {
        begin();
        account_change(s, &ann, warn_once, NULL);
        tool = left_open(false);
        faults_meanwhile("os_file_make", LAYOUT_TEMPORARY, 1, change_by_tool, 0);
        is_int(account_change(s, &ann, set_quota, NULL), ST_OK, "changed: an account's quota");
        ok(faults_happened() && account_find(s, "ann", &ann, &a) == ST_OK,
           "changed: ... meanwhile another process has changed its %s", what[changed]);
        ok(a.quota_bytes == (changed == BYTES ? 1000 : ACCOUNT_QUOTA_STANDARD) + (uint64_t)7 &&
               strcmp(a.hash, changed == HASH ? "another" : "hash") == 0 &&
               a.disabled == (changed == DISABLED) &&
               a.quota_messages == (changed == MESSAGES ? 10 : ACCOUNT_QUOTA_STANDARD) &&
               a.warnings == (changed == WARNINGS ? 2 : 1) && a.warned == (changed == WARNED),
           "changed: both changes are there");
        store_close(tool);
        left_end();
    }
}

static void delete_ann(void)
{
    account_delete(s, &ann);
    deleted_accounts_purge(s, fixture_never, NULL);
}

static enum status deliver(void)
{
    struct mailbox *mb = fixture_mailbox(s, "ann");
    struct mail m;
    enum status st = delivery_put(mb, "bob", SPAN("one"), SPAN(""), &m, NULL);

    mailbox_close(mb);
    return st;
}

/* The message must be synced then, and its file opened again. */
static void fill_log(void)
{
    left_fill_log();
    faults_meanwhile("os_file_open", LAYOUT_TEMPORARY, 1, delete_ann, 0);
}

/* The account is deleted, and its directory removed, while nobody holds its lock. */
static void test_deleted(void)
{
    begin();
    faults_meanwhile("os_file_create", LAYOUT_TEMPORARY, 1, delete_ann, 0);
    is_int(deliver(), ST_NO_USER, "deleted: before a delivery makes its file");
    ok(faults_happened() && left_texts.n == 0, "deleted: ... which is no trouble of the store");
    left_end();

    begin();
    ok(store_start_log(s, 1 << 20, &why), "deleted: there is a log");
    faults_meanwhile("os_file_create", LAYOUT_TEMPORARY, 1, fill_log, 0);
    is_int(deliver(), ST_NO_USER, "deleted: before a delivery that the log refuses goes on");
    ok(faults_happened() && left_texts.n == 0, "deleted: ... which is none, either");
    left_empty_log();
    left_end();

    begin();
    faults_meanwhile("os_file_make", LAYOUT_TEMPORARY, 1, delete_ann, 0);
    is_int(account_change(s, &ann, set_quota, NULL), ST_NO_USER, "deleted: while it is changed");
    ok(faults_happened() && left_texts.n == 0, "deleted: ... which is none, either");
    left_end();

    begin();
    faults_meanwhile("os_file_create", LAYOUT_TEMPORARY, 1, NULL, ENOENT);
    is_int(deliver(), ST_IO, "deleted: not if the account is there");
    ok(faults_happened() && left_said("cannot create users/ann/new-"), "deleted: ... as is told");
    left_end();
}

static void test_no_file(void)
{
    struct account a;
    struct who who;

    begin();
    int dir = users("ann");
    os_file_remove(dir, LAYOUT_ACCOUNT);
    os_file_close(dir);
    is_int(account_find(s, "ann", &who, &a), ST_IO, "no file: an account without its file");
    faults_meanwhile("os_file_look_at", NULL, 2, NULL, EIO);
    is_int(account_find(s, "ann", &who, &a), ST_IO, "no file: ... and the disk is broken");
    ok(faults_happened() && left_said("cannot read users/ann/account: No such file"),
       "no file: which is told");
    left_end();
}

/* --- directories that cannot be synced or listed --- */

static void test_not_durable(void)
{
    begin();
    faults_meanwhile("os_file_sync_dir", NULL, 2, NULL, EIO);
    is_int(account_register(s, "carl", "hash"), ST_UNKNOWN, "not durable: a new account");
    ok(faults_happened() && left_said("cannot sync users (read-only"), "not durable: ... so told");
    is_int(deleted_accounts_restore(s, "bob"), ST_READ_ONLY, "not durable: none is restored then");
    left_end();

    begin();
    faults_meanwhile("os_file_sync_dir", NULL, 2, NULL, EIO);
    is_int(account_delete(s, &bob), ST_UNKNOWN, "not durable: an account that is deleted");
    is_int(deleted_accounts_restore(s, "bob"), ST_READ_ONLY, "not durable: ... is not restored");
    is_int(account_delete(s, &ann), ST_READ_ONLY, "not durable: nor is another one deleted");
    left_end();

    for (int nth = 1; nth <= 2; nth++) {
        begin();
        account_delete(s, &bob);
        faults_meanwhile("os_file_sync_dir", NULL, nth, NULL, EIO);
        is_int(deleted_accounts_restore(s, "bob"), ST_UNKNOWN,
               "not durable: an account that is restored, sync %d", nth);
        left_end();
    }
}

static void test_restore_fails(void)
{
    begin();
    account_delete(s, &bob);
    faults_meanwhile("os_file_each", NULL, 1, NULL, EIO);
    is_int(deleted_accounts_restore(s, "bob"), ST_IO, "restore: what was deleted cannot be listed");
    faults_meanwhile("os_file_rename_new", "bob-", 1, NULL, EIO);
    is_int(deleted_accounts_restore(s, "bob"), ST_IO, "restore: ... nor renamed");
    is_int(deleted_accounts_restore(s, "bob"), ST_OK, "restore: the next time it is");
    left_end();
}

/* --- invites --- */

static char code[INVITE_DIGITS + 1];

static void remove_invite(void)
{
    os_file_remove(s->dirs[LAYOUT_INVITES], code);
}

static void note_invite(void *ctx, const char *file, const char *what)
{
    int *n = ctx;

    (void)file;
    (void)what;
    ++*n;
}

static void fail_to_list(void)
{
    faults_meanwhile("os_file_each", NULL, 1, NULL, EIO);
}

static void test_invites(void)
{
    struct invite invite;
    int n = 0;

    begin();
    is_int(invite_add(s, 0, &invite), ST_OK, "invites: one is made");
    memcpy(code, invite.code, sizeof code);
    faults_meanwhile("os_file_look", code, 1, remove_invite, 0);
    ok(invite_fsck(s, note_invite, &n) && faults_happened() && n == 0,
       "invites: one that is used while it is checked is no finding");

    invite_add(s, 0, &invite);
    faults_meanwhile("os_file_rename_new", "carl-", 1, fail_to_list, EIO);
    is_int(account_register_invited(s, "carl", "hash", invite.code), ST_IO,
           "invites: an account is not made");
    ok(faults_happened() && left_said("cannot give the invite back"),
       "invites: ... and its invite cannot be given back");
    is_int(left_count(s->dirs[LAYOUT_NEW], "carl-"), 1, "invites: ... now: so nothing is removed");
    left_close();
    s = left_open(true);
    is_int(left_count(s->dirs[LAYOUT_NEW], "carl-"), 0, "invites: the next start removes it");
    is_int(invite_check(s, span_str(invite.code), code), ST_OK, "invites: ... and gives it back");
    is_int(invite_delete(s, span_str(code)), ST_OK, "invites: it is deleted");

    invite_add(s, 1, &invite);
    fixture_steady(s);
    char text[100];
    int length = snprintf(text, sizeof text, "pochta-invite 1\ncreated 1\nexpires 2\n");
    os_file_replace(s->dirs[LAYOUT_INVITES], invite.code, span_of(text, (size_t)length));
    faults_meanwhile("os_file_remove", invite.code, 1, NULL, EIO);
    invite_purge(s);
    ok(faults_happened() && os_file_exists(s->dirs[LAYOUT_INVITES], invite.code),
       "invites: one that has expired cannot be removed");
    invite_purge(s);
    ok(!os_file_exists(s->dirs[LAYOUT_INVITES], invite.code), "invites: ... but the next time");
    left_end();
}

/* --- the whole store --- */

static void test_apart(void)
{
    const struct store_events events = {.trouble = left_trouble, .died = left_died};

    left_begin();
    faults_meanwhile("os_mount_is_one", NULL, 1, NULL, EXDEV);
    ok(!store_open(f.path, true, events, &why), "apart: users/ is on another file system");
    is_str(why, "users/ is on another file system than new/; a store must be on one file system",
           "apart: ... which is told");
    faults_meanwhile("os_mount_is_one", NULL, 1, NULL, EIO);
    ok(!store_open(f.path, true, events, &why), "apart: or that cannot be found out");
    is_str(why, "users/ cannot be made or opened", "apart: ... which is told, too");
    left_end();
}

/* A tool that recovers the log is stopped: a server does not wait for ever. */
static void test_stopped(void)
{
    const struct store_events events = {.trouble = left_trouble, .died = left_died};

    begin();
    int recovery = lock_file_begin_recovery(s->dir, 0);
    int64_t begun = os_clock_ms();
    ok(!store_open(f.path, true, events, &why), "stopped: another has the store");
    int64_t took = os_clock_ms() - begun;
    ok(took >= 60000 && took < 70000, "stopped: ... for a minute, which is waited for");
    begun = os_clock_ms();
    struct store *other = left_open(false);
    ok(os_clock_ms() - begun >= 60000, "stopped: a tool waits for it, too");
    store_close(other);
    os_file_close(recovery);
    begun = os_clock_ms();
    ok(!store_open(f.path, true, events, &why), "stopped: a server is not waited for");
    ok(os_clock_ms() - begun < 10000, "stopped: ... so this takes no time");
    left_end();
}

/* An older store, on a full disk. */
static void test_no_log(void)
{
    left_begin();
    int dir = os_file_open_dir(f.path);
    os_file_remove_tree(dir, LAYOUT_LOG);
    faults_meanwhile("os_file_make_dir", LAYOUT_LOG, 1, NULL, ENOSPC);
    s = left_open(true);
    ok(faults_happened() && left_said("cannot make log: No space left"), "no log: it is told");
    ok(!store_is_failed(s) && !store_start_log(s, 1 << 20, &why), "no log: the store does without");
    is_str(why, "there is no directory log/", "no log: ... and says why");
    os_file_close(dir);
    left_end();
}

static void recover_meanwhile(void)
{
    store_close(left_open(true));
}

static void test_recovered_by_another(void)
{
    left_begin();
    left_put(&ann, 1, "", "text");
    left_segment();
    faults_meanwhile("os_lock_set", NULL, 1, recover_meanwhile, 0);
    s = left_open(false);
    ok(faults_happened() && left_segments() == 0, "recovered by another: while a tool begins");
    is_text("ann", 1, "text", "recovered by another: ... and all is there");
    left_end();
}

/* --- owners --- */

/* As a user without a name, who does not own the store. */
static void complain(const char *path, char text[OWNERSHIP_WHY_BYTES])
{
    int pipes[2];

    memset(text, 0, OWNERSHIP_WHY_BYTES);
    if (pipe(pipes) != 0)
        return;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (setresuid(54321, 54321, 54321) != 0)
            _exit(1);
        ownership_check(path, text);
        _exit(write(pipes[1], text, OWNERSHIP_WHY_BYTES) == OWNERSHIP_WHY_BYTES ? 0 : 1);
    }
    close(pipes[1]);
    if (read(pipes[0], text, OWNERSHIP_WHY_BYTES) < 0)
        text[0] = '\0';
    close(pipes[0]);
    waitpid(child, NULL, 0);
}

static void test_owners(void)
{
    char text[OWNERSHIP_WHY_BYTES], command[400], longer[600];

    if (os_process_uid() != 0)
        return; /* only root can give files away */
    begin();
    left_close();
    int dir = os_file_open_dir(f.path);
    os_file_make(dir, "doors", SPAN(""));
    ok(ownership_check(f.path, text), "owners: all is ours");
    static const char *const files[] = {"lock", "version", "doors", "changes", "log", "users"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        bool given = fchownat(dir, files[i], 1, 1, 0) == 0;
        snprintf(command, sizeof command, ": %s belongs to user ", files[i]);
        ok(given && !ownership_check(f.path, text) && strstr(text, command), "owners: %s is not",
           files[i]);
        given = fchownat(dir, files[i], 0, 0, 0) != 0;
        ok(!given && ownership_check(f.path, text), "owners: ... and is again");
    }
    chmod(f.path, 0755);
    complain(f.path, text);
    snprintf(command, sizeof command, "run: chown -hR 54321 %s/", f.path);
    ok(strstr(text, command), "owners: a user without a name is told, by its number");
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    memcpy(longer, f.path, strlen(f.path));
    longer[strlen(f.path)] = '/';
    for (size_t i = strlen(f.path) + 200; i < sizeof longer; i += 200) {
        bool is_last = i + 200 >= sizeof longer;
        longer[i] = '\0';
        ok(mkdir(longer, 0755) == 0, "owners: a directory with a long name");
        longer[i] = is_last ? '\0' : '/';
    }
    complain(longer, text);
    ok(strstr(text, "belongs to user root, but the server runs as 54321") && !strstr(text, "chown"),
       "owners: a command that would be too long is left out");
    os_file_close(dir);
    left_end();
}

int main(void)
{
    setenv("TMPDIR", "/dev/shm", 1);
    test_taken();
    test_discarded();
    test_changed();
    test_deleted();
    test_no_file();
    test_not_durable();
    test_restore_fails();
    test_invites();
    test_apart();
    test_stopped();
    test_no_log();
    test_recovered_by_another();
    test_owners();
    return done_testing();
}
