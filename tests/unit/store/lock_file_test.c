/* SPDX-License-Identifier: ISC */
/*
 * Lock files that are wrong, and calls that fail, or that another process comes between, while
 * files are made, locked and made again.
 */
#include "store_faults.h"

#include <inttypes.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/process.h"
#include "store/lock.h"
#include "store_fixture.h"

/* The bytes of "lock" (lock_file.h). */
#define FILE_BYTES    4352
#define KEY_AT        14
#define SLOT_AT(n)    (256 + 64 * (n))
#define BYTE_RECOVERY 67

static struct fixture f;
static int dir;
static struct {
    int count;
    char mailbox[64];
} deaths;

static void note_death(void *ctx, const char *mailbox)
{
    (void)ctx;
    deaths.count++;
    snprintf(deaths.mailbox, sizeof deaths.mailbox, "%s", mailbox);
}

static const char *why;

static struct locks *open_locks(bool server)
{
    why = "";
    return locks_open(dir, server, note_death, NULL, &why);
}

/* Each test has a directory of its own. */
static void begin(void)
{
    fixture_begin(&f);
    dir = os_file_open_dir(f.path);
    deaths.count = 0;
}

static void end(const char *what)
{
    is_int(deaths.count, 0, "%s: nobody died", what);
    os_file_close(dir);
    fixture_end(&f);
}

static bool count_other(void *ctx, const char *name)
{
    int *n = ctx;

    *n += strcmp(name, "lock") != 0 && strcmp(name, "version") != 0;
    return true;
}

/* How many files there are beside the two. */
static int others(void)
{
    int n = 0;

    os_file_each(dir, count_other, &n);
    return n;
}

/* --- what is in the files --- */

static void test_versions(void)
{
    static const char unknown[] = "this program does not know its version, see its file "
                                  "\"version\"; use a newer Pochta";
    static const char damaged[] =
        "its file \"version\" is damaged; if this version of Pochta has used the store, remove "
        "that file, which a server then makes again";
    static const char longer[] =
        "pochta, pochta, pochta, pochta, pochta, pochta, pochta, pochta, pochta, pochta\n";
    static const struct {
        const char *text, *why;
    } rows[] = {{"pochta-store 1\n", NULL},
                {"pochta-store 2\n", NULL},
                {"pochta-store 3\n", unknown},
                {"", damaged},
                {longer, damaged}};

    begin();
    ok(lock_file_check_version(dir, &why), "version: a store without the file is an early one");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        os_file_replace(dir, "version", span_str(rows[i].text));
        errno = EINVAL;
        bool good = lock_file_check_version(dir, &why);
        is_int(good, !rows[i].why, "version: content %zu is %s", i,
               rows[i].why ? "refused" : "good");
        if (rows[i].why)
            is_str(why, rows[i].why, "version: ... and the reason is told");
    }
    faults_meanwhile("os_file_load", "version", 1, NULL, EIO);
    ok(!lock_file_check_version(dir, &why) && errno == EIO, "version: the disk cannot read it");
    is_str(why, "its file \"version\" cannot be read", "version: ... and the reason is told");
    end("version");
}

static char bytes[FILE_BYTES];

static bool read_file(void)
{
    int fd = os_file_open(dir, "lock");
    bool read = fd >= 0 && os_file_read_at(fd, bytes, sizeof bytes, 0) == sizeof bytes;

    os_file_close(fd);
    return read;
}

/* A whole file, whose processes are gone. */
static void make_good(void)
{
    os_file_remove(dir, "lock");
    locks_close(open_locks(false));
    if (!read_file())
        exit(1);
}

static void test_contents(void)
{
    static const struct {
        const char *what, *magic;
        size_t at, n; /* these bytes are wrong */
        char wrong;
        bool by_server; /* a server writes such a file again */
    } rows[] = {
        {"a key that is not of digits", NULL, KEY_AT, 1, 'x', true},
        {"the last semaphore's name is not of digits", NULL, SLOT_AT(63) + 63, 1, '/', true},
        {"a key of the version before that is not of digits", "pochta lock 2\n", KEY_AT, 1, 'x',
         true},
        {"only zeros", NULL, 0, FILE_BYTES, '\0', true},
        {"something else", NULL, 0, 1, 'P', false},
    };

    begin();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        make_good();
        if (rows[i].magic)
            memcpy(bytes, rows[i].magic, strlen(rows[i].magic));
        memset(bytes + rows[i].at, rows[i].wrong, rows[i].n);
        os_file_replace(dir, "lock", span_of(bytes, sizeof bytes));
        ok(!open_locks(false), "contents: %s: a tool refuses the file", rows[i].what);
        is_str(why, "its lock file is not of this version, or damaged", "contents: ... and why");
        struct locks *server = open_locks(true);
        is_int(server != NULL, rows[i].by_server, "contents: ... a server %s",
               rows[i].by_server ? "writes it again" : "leaves it alone");
        read_file();
        is_int(strncmp(bytes, "pochta lock 3\n", 14) == 0, rows[i].by_server,
               "contents: ... which the file shows");
        locks_close(server);
    }
    end("contents");
}

/* --- while files are made --- */

static void test_making(void)
{
    static const char version[] = "its file \"version\" cannot be made or opened",
                      lock[] = "its lock file cannot be made or opened";
    static const struct {
        const char *what, *call, *file;
        int nth, error;
        const char *why;
    } rows[] = {
        {"the new version cannot be opened", "os_lock_open", "version.", 1, EMFILE, version},
        {"nor locked", "os_lock_set", NULL, 1, ENOLCK, version},
        {"nor get its name", "os_file_rename_new", "version.", 1, EIO, version},
        {"the version is locked, but not once more", "os_lock_set", NULL, 2, ENOLCK,
         "its file \"version\" cannot be locked"},
        {"the new lock file cannot be opened", "os_lock_open", "lock.", 1, EMFILE, lock},
        {"nor locked by a server", "os_lock_set", NULL, 4, ENOLCK, lock},
        {"nor locked by who uses it", "os_lock_set", NULL, 5, ENOLCK, lock},
    };

    begin();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        os_file_remove(dir, "version");
        os_file_remove(dir, "lock");
        faults_meanwhile(rows[i].call, rows[i].file, rows[i].nth, NULL, rows[i].error);
        struct locks *server = open_locks(true);
        int error = errno;
        ok(faults_happened() && !server && error == rows[i].error, "making: %s", rows[i].what);
        is_str(why, rows[i].why, "making: ... which the reason says");
        is_int(others(), 0, "making: ... and nothing half made is left");
        locks_close(server);
    }
    end("making");
}

static void make_version(void)
{
    os_file_make(dir, "version", SPAN("pochta-store 1\n"));
}

static void test_made_by_two(void)
{
    begin();
    faults_meanwhile("os_file_rename_new", "version.", 1, make_version, 0);
    struct locks *server = open_locks(true);
    ok(faults_happened() && server, "made by two: a server uses the file that another has made");
    is_int(others(), 0, "made by two: ... and its own is gone");
    ok(!open_locks(true), "made by two: it is locked");
    locks_close(server);
    end("made by two");
}

/* --- while they are made again --- */

static void test_other_keys(void)
{
    static char ours[FILE_BYTES];

    begin();
    struct locks *server = open_locks(true);
    read_file();
    memcpy(ours, bytes, sizeof ours);
    bytes[KEY_AT] = bytes[KEY_AT] == '0' ? '1' : '0';
    int fd = os_lock_open(dir, "lock");
    ok(os_file_write_at(fd, bytes, sizeof bytes, 0), "other keys: somebody writes the file");
    os_file_close(fd);
    is_int(locks_keep(server), LOCKS_MADE_AGAIN, "other keys: the server notices");
    read_file();
    ok(memcmp(ours, bytes, KEY_AT + 50) == 0, "other keys: ... and writes its own");
    struct locks *tool = open_locks(false);
    ok(tool, "other keys: a tool can use the file");
    locks_close(tool);
    locks_close(server);
    end("other keys");
}

static void empty_lock(void)
{
    os_file_truncate(dir, "lock");
}

static void remove_lock(void)
{
    os_file_remove(dir, "lock");
}

static void copy_lock(void)
{
    read_file();
    os_file_replace(dir, "lock", span_of(bytes, sizeof bytes));
}

static void remove_version(void)
{
    os_file_remove(dir, "version");
}

static void test_made_again(void)
{
    static const struct {
        const char *what;
        void (*lose)(void);
        const char *call, *file;
        int nth, error;
        enum locks_kept next; /* a second later */
    } rows[] = {
        {"a copy cannot be removed", copy_lock, "os_file_remove", "lock", 1, EACCES,
         LOCKS_MADE_AGAIN},
        {"an empty file cannot be written", empty_lock, "os_file_write_at", NULL, 1, ENOSPC,
         LOCKS_MADE_AGAIN},
        {"it is written, but cannot be shared", empty_lock, "os_lock_set", NULL, 2, ENOLCK,
         LOCKS_KEPT},
        {"a new file cannot take the place of the old one", remove_lock, "os_lock_take_over", NULL,
         1, EBUSY, LOCKS_MADE_AGAIN},
        {"a new version cannot be written", remove_version, "os_file_make", "version.", 1, ENOSPC,
         LOCKS_MADE_AGAIN},
        {"a new version cannot take the place of the old one", remove_version, "os_lock_take_over",
         NULL, 1, EBUSY, LOCKS_MADE_AGAIN},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin();
        struct locks *server = open_locks(true);
        rows[i].lose();
        faults_meanwhile(rows[i].call, rows[i].file, rows[i].nth, NULL, rows[i].error);
        is_int(locks_keep(server), LOCKS_LOST, "made again: %s", rows[i].what);
        int error = errno;
        ok(faults_happened() && error == rows[i].error, "made again: ... which errno says");
        is_int(locks_keep(server), rows[i].next, "made again: ... nor will it fail for ever");
        is_int(locks_keep(server), LOCKS_KEPT, "made again: ... and nothing is missing then");
        is_int(others(), 0, "made again: ... nor too much");
        locks_close(server);
        end("made again");
    }
}

/* --- a recovery --- */

static int recovery;

static void end_recovery(void)
{
    os_file_close(recovery);
}

static void test_recovery(void)
{
    begin();
    is_int(lock_file_begin_recovery(dir, 1000), -1, "recovery: there is no lock file");
    make_good();
    recovery = lock_file_begin_recovery(dir, 1000);
    ok(lock_file_is_recovered(dir), "recovery: a tool is at it");
    int64_t begun = os_clock_ms();
    int other = lock_file_begin_recovery(dir, 1000);
    ok(other >= 0 && os_clock_ms() - begun >= 1000, "recovery: another waits, but not for ever");
    os_file_close(other);
    faults_meanwhile("os_lock_set", NULL, 3, end_recovery, 0);
    begun = os_clock_ms();
    other = lock_file_begin_recovery(dir, 20000);
    ok(faults_happened() && os_clock_ms() - begun < 20000, "recovery: ... only until the end");
    ok(lock_file_is_recovered(dir), "recovery: then it is the other's turn");
    os_file_close(other);
    ok(!lock_file_is_recovered(dir), "recovery: nobody is at it afterwards");
    faults_meanwhile("os_lock_set", NULL, 1, NULL, ENOLCK);
    other = lock_file_begin_recovery(dir, 20000);
    ok(faults_happened() && other >= 0 && !lock_file_is_recovered(dir),
       "recovery: an error of the lock is not waited for");
    os_file_close(other);
    end("recovery");
}

/* --- a stripe of our own, for another mailbox --- */

static void test_other_mailbox(void)
{
    char name[LOCK_SEMAPHORE_NAME_BYTES];
    struct lock_file file;

    begin();
    struct locks *l = open_locks(false);
    lock_take(l, 5, "ann");
    lock_give(l, 5);
    is_int(lock_take(l, 5, "bob"), LOCK_CLEAN, "other mailbox: it is clean, too");
    lock_give(l, 5);
    faults_meanwhile("os_file_write_at", NULL, 1, NULL, ENOSPC);
    is_int(lock_take(l, 5, "carl"), LOCK_STALE,
           "other mailbox: but not if the slot is not written");
    ok(faults_happened(), "other mailbox: ... as on a full disk");
    lock_give(l, 5);
    is_int(lock_take(l, 5, "dora"), LOCK_CLEAN, "other mailbox: the next one is clean");
    lock_give(l, 5);
    is_int(deaths.count, 0, "other mailbox: nobody died");

    /* It had the semaphore, but had not written its slot. */
    ok(lock_file_open(&file, dir, false, note_death, NULL, &why), "other mailbox: a process");
    lock_file_semaphore(&file, 5, name);
    sem_t *sem = lock_semaphore_find(name);
    ok(sem != SEM_FAILED && sem_trywait(sem) == 0, "other mailbox: ... takes the semaphore");
    sem_close(sem);
    lock_file_close(&file);
    is_int(lock_take(l, 5, "ann"), LOCK_STALE, "other mailbox: ... and dies, which is noticed");
    lock_give(l, 5);
    is_int(deaths.count, 1, "other mailbox: ... and reported");
    is_str(deaths.mailbox, "dora", "other mailbox: ... for the mailbox that the slot names");
    locks_close(l);
    deaths.count = 0;
    end("other mailbox");
}

/* --- semaphores --- */

static void semaphore_path(const char *name, char path[128])
{
    snprintf(path, 128, "/dev/shm/sem.%s%s", name + 1, sizeof(void *) == 4 ? "-32" : "");
}

static void test_semaphore(void)
{
    char name[LOCK_SEMAPHORE_NAME_BYTES], path[128];
    struct rlimit before, none;

    snprintf(name, sizeof name, "/pochta-test-%ld", (long)getpid());
    semaphore_path(name, path);
    getrlimit(RLIMIT_NOFILE, &before);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    sem_t *sem = lock_semaphore_open(name);
    int error = errno;
    setrlimit(RLIMIT_NOFILE, &before);
    ok(sem == SEM_FAILED && error == EMFILE, "semaphore: it cannot be made without a descriptor");

    ok(os_file_make_dir(OS_FILE_CWD, path), "semaphore: a directory has its name");
    ok(lock_semaphore_open(name) == SEM_FAILED && errno == EPERM, "semaphore: ... and no trust");
    rmdir(path);

    sem = lock_semaphore_open(name);
    ok(sem != SEM_FAILED && !lock_semaphore_is_taken(sem), "semaphore: it is made");
    sem_close(sem);
    faults_meanwhile("os_file_look", path, 1, NULL, ENOENT);
    sem = lock_semaphore_open(name);
    ok(sem != SEM_FAILED && faults_happened(), "semaphore: or another process has just made it");
    sem_close(sem);
    if (os_process_uid() == 0) {
        ok(chown(path, 1, 1) == 0, "semaphore: it is another user's");
        ok(lock_semaphore_open(name) == SEM_FAILED && errno == EPERM, "semaphore: ... not trusted");
        lock_semaphore_unlink(name);
        ok(os_file_exists(OS_FILE_CWD, path), "semaphore: ... nor removed");
        ok(chown(path, 0, 0) == 0, "semaphore: it is ours again");
    }
    lock_semaphore_unlink(name);
    ok(!os_file_exists(OS_FILE_CWD, path), "semaphore: it is removed");
}

int main(void)
{
    test_versions();
    test_contents();
    test_making();
    test_made_by_two();
    test_other_keys();
    test_made_again();
    test_recovery();
    test_other_mailbox();
    test_semaphore();
    return done_testing();
}
