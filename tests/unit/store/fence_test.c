/* SPDX-License-Identifier: ISC */
/* fence: a server whose lock is lost, or whose store does not answer, notices. */
#include "store/fence.h"

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/lock.h"
#include "store/mailbox_private.h"
#include "store_fixture.h"

#define LONG_MS 20000
#define KEY_AT  14 /* in "lock" (lock_file.h) */

#define BYTE_INSTANCE 0

static atomic_int lock_error; /* of calls that take the lock of the instance; 0: none */
static atomic_int looks;      /* such calls */
static atomic_int look_ms;    /* how long each takes */
static atomic_int read_error; /* of reads; 0: none */
static atomic_int refresh_error;
static atomic_bool disk_hangs;
static atomic_int slept_ms;   /* by the machine */
static atomic_llong still_ms; /* the time, if the clock stands still */
static atomic_int asked;      /* how often the thread that counts has looked at the clock */
static _Thread_local bool counts;

bool real_os_lock_set(int fd, long byte, enum os_lock lock) __asm__("__real_os_lock_set");
bool here_os_lock_set(int fd, long byte, enum os_lock lock) __asm__("__wrap_os_lock_set");
int64_t real_os_clock_boot_ms(void) __asm__("__real_os_clock_boot_ms");
int64_t here_os_clock_boot_ms(void) __asm__("__wrap_os_clock_boot_ms");
bool here_os_file_read_through(int dir, const char *name) __asm__("__wrap_os_file_read_through");

int64_t real_os_file_read_at(int fd, void *bytes, size_t size,
                             uint64_t offset) __asm__("__real_os_file_read_at");
int64_t here_os_file_read_at(int fd, void *bytes, size_t size,
                             uint64_t offset) __asm__("__wrap_os_file_read_at");
bool real_os_file_refresh(int fd) __asm__("__real_os_file_refresh");
bool here_os_file_refresh(int fd) __asm__("__wrap_os_file_refresh");

int64_t here_os_file_read_at(int fd, void *bytes, size_t size, uint64_t offset)
{
    errno = atomic_load(&read_error);
    return errno ? -1 : real_os_file_read_at(fd, bytes, size, offset);
}

bool here_os_file_refresh(int fd)
{
    errno = atomic_load(&refresh_error);
    return errno == 0 && real_os_file_refresh(fd);
}

void *real_calloc(size_t n, size_t size) __asm__("__real_calloc");
void *here_calloc(size_t n, size_t size) __asm__("__wrap_calloc");
int real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *arg),
                        void *arg) __asm__("__real_pthread_create");
int here_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *arg),
                        void *arg) __asm__("__wrap_pthread_create");

/* Which of the next calls fails; 0: none. */
static int no_memory, no_thread;

void *here_calloc(size_t n, size_t size)
{
    return no_memory > 0 && --no_memory == 0 ? (errno = ENOMEM, NULL) : real_calloc(n, size);
}

int here_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *arg),
                        void *arg)
{
    return no_thread > 0 && --no_thread == 0 ? EAGAIN : real_pthread_create(thread, attr, run, arg);
}

bool here_os_lock_set(int fd, long byte, enum os_lock lock)
{
    if (atomic_load(&look_ms) > 0 && byte == BYTE_INSTANCE)
        os_clock_sleep(atomic_load(&look_ms));
    atomic_fetch_add(&looks, byte == BYTE_INSTANCE);
    errno = byte == BYTE_INSTANCE ? atomic_load(&lock_error) : 0;
    return errno == 0 && real_os_lock_set(fd, byte, lock);
}

int64_t here_os_clock_boot_ms(void)
{
    int64_t now_ms = atomic_load(&still_ms);
    atomic_fetch_add(&asked, counts);
    return now_ms ? now_ms : real_os_clock_boot_ms() + atomic_load(&slept_ms);
}

bool here_os_file_read_through(int dir, const char *name)
{
    (void)dir, (void)name;
    while (atomic_load(&disk_hangs))
        os_clock_sleep(1);
    return true;
}

static struct fixture fixture;
static struct store *store;
static _Atomic(const char *) lost_why;
static atomic_int lost_times;

/* cppcheck-suppress constParameter ; fence_start says what its type is */
static void note_lost(void *ctx, const char *why)
{
    atomic_store(&lost_why, ctx == &fixture ? why : "told to somebody else");
    atomic_fetch_add(&lost_times, 1);
}

static void begin(void)
{
    fixture_begin(&fixture);
    store = fixture_open(&fixture, true);
    atomic_store(&lost_why, NULL);
    atomic_store(&lost_times, 0);
    ok(fence_holds(store) && fence_touch(store, 0), "no fence: it holds");
    ok(fence_start(store, note_lost, &fixture), "a fence is started");
    ok(fence_holds(store), "... and holds");
}

static void end(void)
{
    store_close(store);
    fixture_end(&fixture);
}

/* Waits until the loss is told. */
static const char *lost(void)
{
    int64_t until_ms = os_clock_ms() + LONG_MS;
    while (!atomic_load(&lost_times) && os_clock_ms() < until_ms)
        os_clock_sleep(5);
    return atomic_load(&lost_why) ? atomic_load(&lost_why) : "";
}

struct names {
    char start[80];
    int n;
};

static bool count_name(void *ctx, const char *name)
{
    struct names *names = ctx;
    names->n += strncmp(name, names->start, strlen(names->start)) == 0;
    return true;
}

/* The semaphores of the store that still have names. */
static int semaphores(const char *key)
{
    struct names names = {.n = 0};
    snprintf(names.start, sizeof names.start, "sem.pochta-%s-", key);
    int dir = os_file_open_dir("/dev/shm");
    ok(os_file_each(dir, count_name, &names), "semaphores: they are listed");
    os_file_close(dir);
    return names.n;
}

static void test_taken(void)
{
    begin();
    ok(fence_touch(store, os_clock_ms() + LONG_MS), "the store answers");
    ok(semaphores(locks_keys(store->locks)) > 0, "... and has semaphores");
    atomic_store(&lock_error, EAGAIN);
    is_str(lost(), "the lock of the store is lost: another server may have it",
           "taken: the server is told why");
    ok(!fence_holds(store), "taken: the fence does not hold");
    atomic_store(&lock_error, 0);
    ok(!fence_holds(store), "taken: ... nor later");
    ok(!fence_touch(store, os_clock_ms()), "taken: the store counts as lost for Health, too");
    is_int(atomic_load(&lost_times), 1, "taken: ... once");
    is_int(semaphores(locks_keys(store->locks)), 0,
           "taken: the names of its semaphores are removed");
    end();
}

static void *allow(void *arg)
{
    (void)arg;
    os_clock_sleep(50);
    atomic_store(&lock_error, 0);
    return NULL;
}

/* An error that says nothing about the lock. */
static void test_unknown(void)
{
    pthread_t thread;
    begin();
    atomic_store(&lock_error, EIO);
    atomic_fetch_add(&slept_ms, FENCE_FRESH_MS + 1); /* what was seen before is too old */
    ok(!fence_touch(store, os_clock_ms() + LONG_MS),
       "unknown: fence_touch fails while the state of the lock is unknown");
    pthread_create(&thread, NULL, allow, NULL);
    ok(fence_holds(store), "unknown: fence_holds waits until the state of the lock is known");
    is_int(atomic_load(&lock_error), 0, "unknown: ... and no less");
    pthread_join(thread, NULL);
    is_int(atomic_load(&lost_times), 0, "unknown: without a time limit the store is not lost");
    struct store_limits limits = {.timeout_ms = 300};
    store_set_limits(store, &limits);
    atomic_store(&lock_error, EIO);
    is_str(lost(), "the store has not answered within store-timeout",
           "unknown: with a time limit it is");
    ok(!fence_holds(store), "unknown: ... and the fence does not hold");
    atomic_store(&lock_error, 0);
    end();
}

static void test_pause(void)
{
    begin();
    int before = atomic_load(&looks);
    while (fence_holds(store) && atomic_load(&looks) == before)
        os_clock_sleep(5);
    ok(atomic_load(&looks) > before, "pause: the fence looks without being asked");
    before = atomic_load(&looks);
    atomic_fetch_add(&slept_ms, 3600000);
    ok(fence_holds(store), "pause: the machine slept, and the server still has the lock");
    ok(atomic_load(&looks) >= before + 2, "pause: ... after both files were looked at");
    atomic_store(&lock_error, EAGAIN);
    atomic_fetch_add(&slept_ms, 3600000);
    ok(!fence_holds(store), "pause: it slept again, and another server has the lock");
    is_str(lost(), "the lock of the store is lost: another server may have it",
           "pause: ... and the server is told");
    atomic_store(&lock_error, 0);
    end();
}

/* Another server had the lock, wrote its keys and ended, all while this host was cut off. */
static void test_other_keys(bool shared)
{
    char digit;
    begin();
    store->shared = shared;
    int fd = os_lock_open(store->dir, "lock");
    os_file_read_at(fd, &digit, 1, KEY_AT);
    digit = digit == '0' ? '1' : '0';
    ok(os_file_write_at(fd, &digit, 1, KEY_AT), "other keys: they are written");
    os_file_close(fd);
    atomic_fetch_add(&slept_ms, FENCE_FRESH_MS + 1);
    ok(fence_holds(store) != shared,
       "other keys: the store is lost if hosts share it, and only then");
    if (shared)
        is_str(lost(), "the lock of the store is lost: another server may have it",
               "other keys: ... and the server is told");
    end();
}

/* Somebody has removed the files, and a server on another host has made them. */
static void test_replaced(void)
{
    begin();
    ok(os_file_remove(store->dir, "lock") && os_file_remove(store->dir, "version") &&
           os_file_make(store->dir, "version", SPAN("")) &&
           os_file_make(store->dir, "lock", SPAN("")),
       "replaced: both files are replaced");
    int fd = os_lock_open(store->dir, "lock");
    ok(real_os_lock_set(fd, BYTE_INSTANCE, OS_LOCK_EXCLUSIVE),
       "replaced: ... and another server locks them");
    store_keep(store);
    is_str(lost(), "the lock of the store is lost: another server may have it",
           "replaced: the store is lost");
    os_file_close(fd);
    end();
}

static void test_disk(void)
{
    begin();
    atomic_store(&disk_hangs, true);
    ok(!fence_touch(store, os_clock_ms() + 50), "disk: a disk that hangs does not answer in time");
    atomic_fetch_add(&slept_ms, FENCE_FRESH_MS + 1);
    ok(fence_holds(store), "disk: ... but the lock is still checked");
    atomic_store(&disk_hangs, false);
    ok(fence_touch(store, os_clock_ms() + LONG_MS), "disk: ... and it answers later");
    end();
}

/* A mailbox is not touched by a server that has lost it. */
static void test_mailbox(void)
{
    begin();
    struct mailbox *mb = fixture_account(store, "ann");
    is_int(mailbox_lock(mb), ST_OK, "mailbox: it is locked");
    mailbox_unlock(mb);
    atomic_store(&lock_error, EAGAIN);
    lost();
    atomic_store(&lock_error, 0);
    is_int(mailbox_lock(mb), ST_BUSY, "mailbox: ... but not once the store is lost");
    mailbox_close(mb);
    end();
}

static void *lock_too(void *arg)
{
    static enum status st;
    counts = true;
    st = mailbox_lock(arg);
    return &st;
}

/* Starts lock_too and waits until it has asked the fence. */
static void begin_to_lock(pthread_t *thread, struct mailbox *mb)
{
    atomic_store(&asked, 0);
    pthread_create(thread, NULL, lock_too, mb);
    while (atomic_load(&asked) == 0)
        os_clock_sleep(1);
}

/* A thread that waits for the fence keeps no other from what does not need it. */
static void test_mailbox_is_free(void)
{
    pthread_t thread;
    void *result;
    begin();
    struct mailbox *mb = fixture_account(store, "ann");
    atomic_store(&lock_error, EIO);
    atomic_fetch_add(&slept_ms, FENCE_FRESH_MS + 1);
    begin_to_lock(&thread, mb);
    ok(lock_take(store->locks, mb->stripe, "ann") != LOCK_FAILED,
       "mailbox: a thread that waits for the fence does not have the stripe");
    lock_give(store->locks, mb->stripe);
    atomic_store(&lock_error, 0);
    pthread_join(thread, &result);
    is_int(*(enum status *)result, ST_OK,
           "mailbox: ... and locks the mailbox when the fence holds");
    mailbox_unlock(mb);
    mailbox_close(mb);
    end();
}

/* The store is lost while a thread, which has asked the fence, waits for another. */
static void test_mailbox_waits(void)
{
    pthread_t thread;
    void *result;
    begin();
    struct mailbox *mb = fixture_account(store, "ann");
    is_int(mailbox_lock(mb), ST_OK, "mailbox: one thread has locked it");
    begin_to_lock(&thread, mb);
    atomic_store(&lock_error, EAGAIN);
    lost();
    mailbox_unlock(mb);
    pthread_join(thread, &result);
    is_int(*(enum status *)result, ST_BUSY,
           "mailbox: ... and if the store is lost, no other thread can");
    atomic_store(&lock_error, 0);
    mailbox_close(mb);
    end();
}

/* Nor are accounts made, or removed for good. */
static void test_accounts(void)
{
    begin();
    struct store_limits limits = {.trash_s = 3600};
    struct mailbox *mb = fixture_account(store, "ann");
    store_set_limits(store, &limits);
    is_int(account_delete(store, mailbox_who(mb)), ST_OK, "accounts: one is deleted");
    mailbox_close(mb);
    limits.trash_s = 0;
    store_set_limits(store, &limits);
    atomic_store(&lock_error, EAGAIN);
    lost();
    atomic_store(&lock_error, 0);
    deleted_accounts_purge(store, fixture_never, NULL);
    is_int(account_register(store, "ben", "hash"), ST_BUSY,
           "accounts: none is created in a lost store");
    store_close(store);
    store = fixture_open(&fixture, true);
    is_int(deleted_accounts_restore(store, "ann"), ST_OK,
           "accounts: ... and none is removed for good");
    is_int(account_register(store, "ben", "hash"), ST_OK, "accounts: the next server creates them");
    end();
}

/* A virtual machine was paused, and its clock says nothing of it. */
static void test_proves(void)
{
    begin();
    struct mailbox *mb = fixture_account(store, "ann");
    atomic_store(&still_ms, os_clock_boot_ms());
    store->shared = true;
    int before = atomic_load(&looks);
    ok(fence_proves(store), "proves: there is a proof");
    ok(atomic_load(&looks) >= before + 2,
       "proves: ... by a new look at both files, though the last one seems recent");
    is_int(mailbox_sync(mb, ""), ST_OK, "proves: a mailbox is synced");
    atomic_store(&lock_error, EAGAIN);
    is_int(mailbox_sync(mb, ""), ST_UNKNOWN,
           "proves: ... but the sync fails if the lock was lost before");
    ok(!fence_proves(store), "proves: ... and there is no proof");
    atomic_store(&lock_error, 0);
    atomic_store(&still_ms, 0);
    mailbox_close(mb);
    end();
}

/*
 * Where the store may be on another machine, a rename can be done while its answer is lost; it is
 * asked for again then, and finds no file.
 */
static void test_renames(void)
{
    begin();
    struct mailbox *mb = fixture_account(store, "ann");
    store->shared = true;
    ok(os_file_replace(mb->dir, "a", SPAN("")) && mailbox_rename(mb, "a", "b"), "renames: one");
    ok(mailbox_rename(mb, "a", "b"), "renames: again, it is done");
    atomic_store(&refresh_error, EIO);
    ok(!mailbox_rename(mb, "a", "b") && errno == ENOENT,
       "renames: ... which nobody knows if the directory cannot be read");
    atomic_store(&refresh_error, 0);
    ok(!mailbox_rename(mb, "a", "c") && errno == ENOENT, "renames: of nothing");
    mailbox_close(mb);
    end();
}

/* An error that says nothing about the lock. */
static void test_slow_proof(void)
{
    pthread_t thread;
    begin();
    store->shared = true;
    atomic_store(&lock_error, EIO);
    pthread_create(&thread, NULL, allow, NULL);
    ok(fence_proves(store), "slow proof: it waits until the state of the lock is known");
    is_int(atomic_load(&lock_error), 0, "slow proof: ... and no less");
    pthread_join(thread, NULL);
    end();
}

/* How file systems say that a lock is lost. */
static void test_words(atomic_int *failing, int error, bool is_lost)
{
    begin();
    store->shared = true;
    atomic_store(failing, error);
    atomic_fetch_add(&slept_ms, FENCE_FRESH_MS + 1);
    ok(!fence_touch(store, os_clock_ms() + LONG_MS), "error %d: the lock is not proved", error);
    if (is_lost)
        is_str(lost(), "the lock of the store is lost: another server may have it",
               "error %d: it is lost", error);
    atomic_store(failing, 0);
    ok(fence_holds(store) != is_lost, "error %d: %s", error,
       is_lost ? "nothing may be answered" : "it is held all the same, as the next look shows");
    end();
}

/* A damaged lock file says nothing about who has the lock: it is made again. */
static void test_damaged(const char *bytes, int64_t size)
{
    begin();
    store->shared = true;
    int fd = os_lock_open(store->dir, "lock");
    ok(bytes ? os_file_write_at(fd, bytes, (size_t)size, 0) : ftruncate(fd, size) == 0,
       "damaged: the lock file is");
    os_file_close(fd);
    atomic_fetch_add(&slept_ms, FENCE_FRESH_MS + 1);
    ok(fence_holds(store), "damaged: ... and the lock is held all the same");
    end();
}

/* A look takes longer than anybody waits for one before asking for another. */
static void test_slow_look(void)
{
    begin();
    store->shared = true;
    atomic_store(&look_ms, 150);
    ok(fence_proves(store), "slow look: there is a proof all the same");
    atomic_store(&look_ms, 0);
    end();
}

static void test_no_start(void)
{
    fixture_begin(&fixture);
    store = fixture_open(&fixture, true);
    for (int i = 1; i <= 3; i++) {
        no_memory = i;
        ok(!fence_start(store, note_lost, &fixture) && errno == ENOMEM,
           "no memory, piece %d of 3: no fence", i);
        no_thread = i;
        ok(!fence_start(store, note_lost, &fixture) && errno == EAGAIN,
           "thread %d of 3 cannot be started: no fence", i);
    }
    ok(no_memory == 0 && no_thread == 0, "... and all of these failed");
    ok(fence_start(store, note_lost, &fixture) && fence_holds(store), "then it starts");
    end();
}

int main(void)
{
    test_words(&lock_error, EBADFD, true);
    test_words(&lock_error, ESTALE, true);
    test_words(&lock_error, ENOTCONN, false);
    test_words(&refresh_error, ENOTCONN, false);
    test_words(&read_error, EIO, true);
    test_words(&read_error, ENOTCONN, false);
    test_damaged("another", 7);
    test_damaged(NULL, 100);
    test_slow_look();
    test_no_start();
    test_taken();
    test_unknown();
    test_pause();
    test_other_keys(true);
    test_other_keys(false);
    test_replaced();
    test_disk();
    test_mailbox();
    test_mailbox_is_free();
    test_mailbox_waits();
    test_accounts();
    test_proves();
    test_renames();
    test_slow_proof();
    return done_testing();
}
