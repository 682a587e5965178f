/* SPDX-License-Identifier: ISC */
/*
 * Processes are forked while no other thread runs. A second struct locks on the same directory
 * counts as another process: it has its own descriptors, mutexes and process number.
 */
#include "store/lock.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/file.h"
#include "os/lock.h"
#include "tap.h"

#define THREADS     4
#define PROCESSES   3
#define ROUNDS      500
#define DEADLINE_MS 4900

#define BYTE_USERS 1 /* of the lock file: who uses it */

struct deaths {
    int count;
    char mailbox[64];
};

static void note_death(void *ctx, const char *mailbox)
{
    struct deaths *d = ctx;

    d->count++;
    snprintf(d->mailbox, sizeof d->mailbox, "%s", mailbox);
}

/* This happens just before the next process asks for the use of the store alone. */
static struct {
    struct locks *server; /* it makes the file again; NULL: nothing happens */
    int dir;
} replacement;

bool real_lock_set(int fd, long byte, enum os_lock lock) __asm__("__real_os_lock_set");
bool late_lock_set(int fd, long byte, enum os_lock lock) __asm__("__wrap_os_lock_set");

/* The linker sends all calls of os_lock_set here. */
bool late_lock_set(int fd, long byte, enum os_lock lock)
{
    struct locks *server = replacement.server;
    if (server && byte == BYTE_USERS && lock == OS_LOCK_EXCLUSIVE) {
        replacement.server = NULL;
        os_file_remove(replacement.dir, "lock");
        is_int(locks_keep(server), LOCKS_MADE_AGAIN, "replaced: the server makes it again");
    }
    return real_lock_set(fd, byte, lock);
}

static struct locks *open_locks(int dir, struct deaths *d)
{
    const char *why;
    struct locks *l = locks_open(dir, false, note_death, d, &why);

    if (!l)
        diag("locks_open: %s (errno %d)", why, errno);
    return l;
}

/* The lock file of a directory, as it is on disk. */
static bool read_file(int dir, char bytes[4352])
{
    int fd = os_file_open(dir, "lock");
    bool ok = fd >= 0 && os_file_read_at(fd, bytes, 4352, 0) == 4352;
    os_file_close(fd);
    return ok;
}

/* The path of a stripe's semaphore, for programs of 32 or of 64 bits. */
static void path_of(bool of_32, const char *bytes, int stripe, char out[128])
{
    snprintf(out, 128, "/dev/shm/sem.pochta-%.32s-%.16s%s", bytes + 14,
             bytes + 256 + 64 * stripe + 48, of_32 ? "-32" : "");
}

static void semaphore_path(const char *bytes, int stripe, char out[128])
{
    path_of(sizeof(void *) == 4, bytes, stripe, out);
}

/* How many semaphores the locks of this directory have in /dev/shm. */
static int count_semaphores(int dir)
{
    char bytes[4352], name[128];
    int count = 0;

    if (!read_file(dir, bytes))
        return -1;
    for (int i = 0; i < LOCK_STRIPES; i++) {
        semaphore_path(bytes, i, name);
        count += os_file_exists(OS_FILE_CWD, name);
    }
    return count;
}

static void test_stripes(int dir)
{
    struct deaths d = {.count = 0};
    struct locks *l = open_locks(dir, &d), *other = open_locks(dir, &d);
    int used[LOCK_STRIPES] = {0}, all = 0, moved = 0;
    unsigned before[100] = {0};

    for (int i = 0; i < 4000; i++) {
        char name[16];
        snprintf(name, sizeof name, "user%d", i);
        unsigned stripe = lock_stripe(l, name);
        if (stripe < LOCK_STRIPES && stripe == lock_stripe(other, name))
            used[stripe]++;
        if (i < 100)
            before[i] = stripe;
    }
    for (int i = 0; i < LOCK_STRIPES; i++)
        all += used[i] > 20;
    is_int(all, LOCK_STRIPES,
           "lock_stripe: names spread over all stripes, and processes agree where");
    locks_close(other);
    locks_close(l);
    l = open_locks(dir, &d);
    for (int i = 0; i < 100; i++) {
        char name[16];
        snprintf(name, sizeof name, "user%d", i);
        moved += lock_stripe(l, name) != before[i];
    }
    ok(moved > 50, "lock_stripe: the next start has another key");
    locks_close(l);
}

static void test_results(int dir)
{
    struct deaths d = {.count = 0};
    struct locks *a = open_locks(dir, &d), *b = open_locks(dir, &d);

    ok(!lock_is_ours(a, 3), "lock_is_ours: a stripe is nobody's at first");
    is_int(lock_take(a, 3, "ann"), LOCK_STALE, "lock_take: the first time is stale");
    ok(lock_is_ours(a, 3) && !lock_is_ours(a, 4) && !lock_is_ours(b, 3),
       "lock_is_ours: a stripe is its holder's, and only that one");
    lock_give(a, 3);
    ok(lock_is_ours(a, 3), "lock_is_ours: it still is after lock_give");
    is_int(lock_take(a, 3, "ann"), LOCK_CLEAN, "lock_take: the second time is clean");
    is_int(lock_take(a, 4, "bob"), LOCK_STALE, "lock_take: another stripe is still stale");
    lock_give(a, 4);
    lock_give(a, 3);
    is_int(lock_take(b, 3, "ann"), LOCK_STALE,
           "lock_take: the first time of another process is stale");
    lock_give(b, 3);
    ok(!lock_is_ours(a, 3) && lock_is_ours(b, 3), "lock_is_ours: the stripe is that process's now");
    is_int(lock_take(a, 3, "ann"), LOCK_STALE, "lock_take: it is stale once for the first process");
    lock_give(a, 3);
    is_int(lock_take(a, 3, "carol"), LOCK_CLEAN, "lock_take: afterwards it is clean again");
    lock_give(a, 3);
    is_int(d.count, 0, "lock_take: no death is reported");
    locks_close(a);
    locks_close(b);
}

/* Makes the semaphore of the last stripe, as a program of the other word size does. Sets path. */
static int make_semaphore(int dir, char path[128])
{
    char bytes[4352];
    if (!read_file(dir, bytes))
        return -1;
    path_of(sizeof(void *) == 8, bytes, LOCK_STRIPES - 1, path);
    int fd = os_file_create(OS_FILE_CWD, path);
    os_file_close(fd);
    return fd < 0 ? -1 : 0;
}

static void test_semaphores(int dir)
{
    struct deaths d = {.count = 0};
    char other[128];
    struct locks *a = open_locks(dir, &d), *b = open_locks(dir, &d);

    is_int(count_semaphores(dir), LOCK_STRIPES, "semaphores: there is one for each stripe");
    is_int(make_semaphore(dir, other), 0, "semaphores: a program of another word size makes one");
    locks_close(a);
    is_int(count_semaphores(dir), LOCK_STRIPES,
           "semaphores: they stay as long as one process uses them");
    locks_close(b);
    is_int(count_semaphores(dir), 0, "semaphores: the last process removes them");
    ok(!os_file_exists(OS_FILE_CWD, other), "semaphores: ... and those of other programs");
    a = open_locks(dir, &d);
    is_int(lock_take(a, 0, "ann"), LOCK_STALE, "semaphores: the next process makes new ones");
    lock_give(a, 0);
    locks_close(a);
    is_int(count_semaphores(dir), 0, "semaphores: it removes them, too");
    locks_close(NULL);
}

static void test_one_server(int dir)
{
    struct deaths d = {.count = 0};
    const char *why = NULL;
    struct locks *server = locks_open(dir, true, note_death, &d, &why);

    ok(server, "one server: the first one opens the locks");
    errno = EINVAL;
    ok(!locks_open(dir, true, note_death, &d, &why), "one server: a second one is refused");
    is_int(errno, 0, "one server: errno is 0 then");
    is_str(why, "another server is using it", "one server: the reason is in words");
    is_int(count_semaphores(dir), LOCK_STRIPES, "one server: the first one's semaphores stay");
    struct locks *tool = open_locks(dir, &d);
    ok(tool, "one server: a tool may open the locks");
    locks_close(tool);
    locks_close(server);
    server = locks_open(dir, true, note_death, &d, &why);
    ok(server, "one server: another may come after the first");
    locks_close(server);
}

static void test_wrong_file(int dir)
{
    struct deaths d = {.count = 0};
    const char *why = "";

    os_file_make_dir(dir, "wrong");
    int sub = os_file_open_subdir(dir, "wrong");
    os_file_close(os_file_create(sub, "lock"));
    ok(!locks_open(sub, false, note_death, &d, &why), "wrong file: an empty lock file is refused");
    is_str(why, "its lock file is not of this version, or damaged",
           "wrong file: the reason is its version");
    os_file_close(sub);
    ok(!locks_open(-1, false, note_death, &d, &why) && *why,
       "wrong file: a directory that is not open is refused");
}

/* Somebody empties the file while it is in use. */
static void test_cut_file(int dir)
{
    struct deaths d = {.count = 0};
    const char *why = "";

    os_file_make_dir(dir, "cut");
    int sub = os_file_open_subdir(dir, "cut");
    struct locks *l = open_locks(sub, &d);
    is_int(lock_take(l, 5, "ann"), LOCK_STALE, "cut file: a stripe is taken");
    ok(os_file_truncate(sub, "lock"), "cut file: the file is emptied");
    lock_give(l, 5);
    is_int(lock_take(l, 5, "ann"), LOCK_STALE, "cut file: nothing is known of the stripe");
    lock_give(l, 5);
    is_int(lock_take(l, 5, "ann"), LOCK_CLEAN, "cut file: then it is as before");
    lock_give(l, 5);
    ok(!locks_open(sub, true, note_death, &d, &why),
       "cut file: a server does not open it while others use it");
    locks_close(l);
    ok(!open_locks(sub, &d), "cut file: a tool does not open it");
    l = locks_open(sub, true, note_death, &d, &why);
    ok(l, "cut file: a server rewrites it");
    is_int(count_semaphores(sub), LOCK_STRIPES, "cut file: ... with a key");
    locks_close(l);
    is_int(d.count, 0, "cut file: nobody died");
    os_file_close(sub);
}

/* The file of the version before has its semaphores elsewhere, and other stripes. */
static void test_file_before(int dir)
{
    struct deaths d = {.count = 0};
    char bytes[4352] = "pochta lock 2\n0123456789abcdef0123456789abcdef";
    const char *why = "";

    os_file_make_dir(dir, "before");
    int sub = os_file_open_subdir(dir, "before");
    int fd = os_file_create(sub, "lock");
    ok(os_file_write(fd, bytes, sizeof bytes), "version before: there is such a file");
    struct lock_file_look look;
    ok(lock_file_look(sub, &look), "version before: it can be looked at");
    int held = os_lock_open(sub, "lock");
    os_lock_set(held, 1, OS_LOCK_SHARED);
    ok(!locks_open(sub, true, note_death, &d, &why),
       "version before: refused while a process of that version uses it");
    is_str(why,
           "its lock file is damaged, or a process of another version of Pochta uses the store",
           "version before: ... and said so");
    os_file_close(held);
    held = os_lock_open(sub, "lock");
    os_lock_set(held, 0, OS_LOCK_EXCLUSIVE);
    ok(!locks_open(sub, true, note_death, &d, &why),
       "version before: refused while a server of that version uses it");
    is_str(why, "another server is using it", "version before: ... and said so");
    os_file_close(held);
    struct locks *l = open_locks(sub, &d);
    ok(l, "version before: otherwise it is brought up to date");
    read_file(sub, bytes);
    ok(memcmp(bytes, "pochta lock 3\n", 14) == 0, "version before: ... in place");
    locks_close(l);
    os_file_close(fd);
    os_file_close(sub);
}

/* Nobody may use what he has learned, or left, in /dev/shm. */
static void test_strangers(int dir)
{
    struct deaths d = {.count = 0};
    char before[4352], after[4352], path[128];
    const char *why = "";
    struct locks *l = open_locks(dir, &d);

    read_file(dir, before);
    locks_close(l);
    l = open_locks(dir, &d);
    read_file(dir, after);
    ok(memcmp(before + 14, after + 14, 32) != 0 && memcmp(before + 48, after + 48, 16) != 0 &&
           memcmp(before + 304, after + 304, 16) != 0,
       "strangers: each start draws new keys");
    struct locks *second = open_locks(dir, &d);
    read_file(dir, before);
    ok(memcmp(before, after, 64) == 0, "strangers: ... but not while another process uses them");
    locks_close(second);

    semaphore_path(after, 3, path);
    ok(os_file_remove(OS_FILE_CWD, path), "strangers: one semaphore is lost");
    int fd = os_file_create(OS_FILE_CWD, path);
    ok(fd >= 0 && fchmod(fd, 0666) == 0, "strangers: ... and one that all may write has its name");
    os_file_close(fd);
    ok(!locks_open(dir, false, note_death, &d, &why) && errno == EPERM,
       "strangers: it is not trusted");
    is_str(why, "its semaphores cannot be opened in /dev/shm", "strangers: ... and said so");
    locks_close(l);
    l = locks_open(dir, true, note_death, &d, &why);
    ok(l, "strangers: it does not matter to the next start");
    locks_close(l);
    os_file_remove(OS_FILE_CWD, path);
    is_int(d.count, 0, "strangers: nobody died");
}

/* Somebody removes the files under a server. */
static void test_lost_files(int dir)
{
    struct deaths d = {.count = 0};
    const char *why = "";
    char before[4352], after[4352];

    os_file_make_dir(dir, "lost");
    int sub = os_file_open_subdir(dir, "lost");
    struct locks *server = locks_open(sub, true, note_death, &d, &why);
    is_int(locks_keep(server), LOCKS_KEPT, "lost files: nothing is missing");
    lock_take(server, 5, "ann");
    lock_give(server, 5);
    is_int(lock_take(server, 5, "ann"), LOCK_CLEAN, "lost files: a stripe is the server's");
    lock_give(server, 5);
    read_file(sub, before);

    os_file_remove(sub, "lock");
    ok(!locks_open(sub, false, note_death, &d, &why), "lost files: without lock, a tool refuses");
    is_str(why, "a server is using it, and its lock file is missing; the server makes it again",
           "lost files: ... and says why");
    ok(!locks_open(sub, true, note_death, &d, &why), "lost files: so does another server");
    is_str(why, "another server is using it", "lost files: ... and says why");
    struct lock_file_look look;
    lock_file_look(sub, &look);
    ok(look.served, "lost files: doctor sees the server");
    is_int(locks_keep(server), LOCKS_MADE_AGAIN, "lost files: the server makes it again");
    read_file(sub, after);
    ok(memcmp(before, after, 64) == 0, "lost files: ... with the same keys");
    is_int(locks_keep(server), LOCKS_KEPT, "lost files: ... once");
    is_int(lock_take(server, 5, "ann"), LOCK_STALE, "lost files: what was known may be wrong");
    ok(os_file_truncate(sub, "lock"), "lost files: lock is emptied");
    ok(!locks_open(sub, false, note_death, &d, &why), "lost files: then a tool refuses, too");
    lock_give(server, 5);
    is_int(locks_keep(server), LOCKS_MADE_AGAIN, "lost files: the server writes it again");
    read_file(sub, after);
    ok(memcmp(before, after, 64) == 0, "lost files: ... with the same keys, too");
    is_int(locks_keep(server), LOCKS_KEPT, "lost files: ... once, too");
    is_int(lock_take(server, 5, "ann"), LOCK_STALE, "lost files: nothing is known after that");
    struct locks *tool = open_locks(sub, &d);
    ok(tool, "lost files: a tool opens the new file");
    is_int(lock_stripe(tool, "bob"), lock_stripe(server, "bob"), "lost files: ... and agrees");
    lock_give(server, 5);

    locks_close(tool);
    os_file_remove(sub, "lock");
    ok(os_file_make(sub, "lock", span_of(after, sizeof after)), "lost files: a copy of lock");
    ok(!locks_open(sub, false, note_death, &d, &why), "lost files: a tool does not use it");
    is_str(why, "a server is using it with another lock file; the server makes that again",
           "lost files: ... and says why");
    ok(!locks_open(sub, true, note_death, &d, &why), "lost files: nor does another server");
    int user = os_lock_open(sub, "lock");
    os_lock_set(user, 1, OS_LOCK_SHARED);
    is_int(locks_keep(server), LOCKS_LOST, "lost files: the server leaves a copy that is used");
    os_file_close(user);
    is_int(locks_keep(server), LOCKS_MADE_AGAIN, "lost files: ... and replaces any other");
    tool = open_locks(sub, &d);
    ok(tool, "lost files: ... so that tools can use it");

    os_file_remove(sub, "version");
    os_file_remove(sub, "lock");
    int other = os_file_open_subdir(dir, "lost"); /* as another process has it */
    ok(!locks_open(other, false, note_death, &d, &why) &&
           !locks_open(other, true, note_death, &d, &why),
       "lost files: without both, nobody thinks that there is no server");
    lock_file_look(other, &look);
    ok(look.served, "lost files: ... nor does doctor");
    os_file_close(other);
    os_file_remove(sub, "version"); /* of the other server */
    is_int(locks_keep(server), LOCKS_LOST, "lost files: not while a tool uses the old file");
    is_int(errno, EAGAIN, "lost files: ... which errno says");
    ok(os_file_exists(sub, "version"), "lost files: the file version is made at once");
    locks_close(tool);
    is_int(locks_keep(server), LOCKS_MADE_AGAIN, "lost files: lock is, when the tool has ended");
    ok(!locks_open(sub, true, note_death, &d, &why), "lost files: there is still one server");
    locks_close(server);
    is_int(count_semaphores(sub), 0, "lost files: no semaphore is left");
    is_int(d.count, 0, "lost files: nobody died");
    os_file_close(sub);
}

/* A tool has opened the file that a server is about to replace by one with the same keys. */
static void test_replaced(int dir)
{
    struct deaths d = {.count = 0};
    const char *why = "";

    os_file_make_dir(dir, "replaced");
    int sub = os_file_open_subdir(dir, "replaced");
    struct locks *server = locks_open(sub, true, note_death, &d, &why);
    lock_take(server, 5, "ann");
    lock_give(server, 5);
    replacement.server = server;
    replacement.dir = sub;
    errno = EINVAL;
    ok(!locks_open(sub, false, note_death, &d, &why), "replaced: a tool does not use the old file");
    is_str(why, "its lock file has just been removed or replaced; try again",
           "replaced: ... and says why");
    is_int(errno, 0, "replaced: ... in words alone");
    is_int(count_semaphores(sub), LOCK_STRIPES, "replaced: the server's semaphores stay");
    struct locks *tool = open_locks(sub, &d);
    ok(tool, "replaced: the tool uses the new file");
    locks_close(tool);
    locks_close(server);
    is_int(d.count, 0, "replaced: nobody died");
    os_file_close(sub);
}

/* Whether some process has the OFD lock of stripe 5. */
static bool is_locked(int dir)
{
    int fd = os_lock_open(dir, "lock");
    bool held = os_lock_is_held(fd, 2 + 5);
    os_file_close(fd);
    return held;
}

/* A server that is alone keeps what it gives back, until another process comes. */
static void test_alone(int dir)
{
    struct deaths d = {.count = 0};
    const char *why = "";

    os_file_make_dir(dir, "alone");
    int sub = os_file_open_subdir(dir, "alone");
    struct locks *server = locks_open(sub, true, note_death, &d, &why);
    lock_take(server, 5, "ann");
    lock_give(server, 5);
    ok(!is_locked(sub), "alone: nothing is kept before somebody looks for others");
    locks_keep(server);
    is_int(lock_take(server, 5, "ann"), LOCK_CLEAN, "alone: the server takes a stripe");
    lock_give(server, 5);
    ok(is_locked(sub) && lock_is_ours(server, 5), "alone: ... and keeps it");
    is_int(lock_take(server, 5, "bob"), LOCK_CLEAN, "alone: ... also for another mailbox");
    lock_give(server, 5);

    struct locks *tool = open_locks(sub, &d);
    locks_keep(server);
    ok(!is_locked(sub), "alone: another process comes: the server keeps nothing");
    is_int(lock_take(tool, 5, "ann"), LOCK_STALE, "alone: ... which the other has now");
    lock_give(tool, 5);
    ok(!lock_is_ours(server, 5), "alone: the server knows");
    is_int(lock_take(server, 5, "bob"), LOCK_STALE, "alone: ... and trusts nothing");
    locks_keep(server);
    ok(is_locked(sub), "alone: what a thread holds, it goes on holding");
    lock_give(server, 5);
    ok(!is_locked(sub), "alone: ... and does not keep");
    is_int(lock_take(tool, 5, "ann"), LOCK_STALE, "alone: the other takes it once more");
    lock_give(tool, 5);

    locks_close(tool);
    locks_keep(server);
    is_int(lock_take(server, 5, "ann"), LOCK_STALE, "alone again: what the other did is seen");
    lock_give(server, 5);
    ok(is_locked(sub), "alone again: a stripe is kept");
    locks_close(server);
    ok(!is_locked(sub), "alone: the end of the server ends that");
    is_int(count_semaphores(sub), 0, "alone: no semaphore is left");
    is_int(d.count, 0, "alone: nobody died");
    os_file_close(sub);
}

/* A server that was stopped looks for nobody, and goes on keeping its stripes. */
static void test_stopped(int dir)
{
    struct deaths d = {.count = 0};
    const char *why = "";

    os_file_make_dir(dir, "stopped");
    int sub = os_file_open_subdir(dir, "stopped");
    struct locks *server = locks_open(sub, true, note_death, &d, &why);
    locks_keep(server);
    for (unsigned i = 0; i < 3; i++) {
        lock_take(server, i, "ann");
        if (i < 2)
            lock_give(server, i);
    }
    int64_t begun = os_clock_ms();
    struct locks *tool = open_locks(sub, &d);
    ok(lock_take(tool, 0, "ann") == LOCK_FAILED && errno == ETIMEDOUT &&
           os_clock_ms() - begun >= LOCK_WAIT_MS,
       "stopped: another process waits for the server to look");
    begun = os_clock_ms();
    ok(lock_take(tool, 1, "ann") == LOCK_FAILED && errno == ETIMEDOUT &&
           os_clock_ms() - begun < LOCK_WAIT_MS,
       "stopped: ... but only once");
    begun = os_clock_ms();
    ok(lock_take(tool, 2, "ann") == LOCK_FAILED && os_clock_ms() - begun >= LOCK_WAIT_MS,
       "stopped: what the server holds is waited for, as always");
    lock_give(server, 2);
    locks_keep(server);
    is_int(lock_take(tool, 1, "ann"), LOCK_STALE, "stopped: when it goes on, it keeps nothing");
    lock_give(tool, 1);
    locks_close(tool);
    locks_close(server);
    is_int(d.count, 0, "stopped: nobody died");
    os_file_close(sub);
}

struct waiter {
    struct locks *locks;
    enum lock_result result;
    int error;
};

static void *wait_for_stripe(void *arg)
{
    struct waiter *w = arg;
    w->result = lock_take(w->locks, 9, "bob");
    w->error = errno;
    return NULL;
}

/* Another process holds a stripe and does not give it back; two threads of ours want it. */
static void test_deadline(int dir)
{
    struct deaths d = {.count = 0};
    struct locks *other = open_locks(dir, &d), *ours = open_locks(dir, &d);
    struct waiter w[2] = {{.locks = ours}, {.locks = ours}};
    pthread_t threads[2];
    int64_t begun = os_clock_ms();

    ok(lock_take(other, 9, "ann") != LOCK_FAILED, "deadline: another process takes a stripe");
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, wait_for_stripe, &w[i]);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        ok(w[i].result == LOCK_FAILED && w[i].error == ETIMEDOUT,
           "deadline: thread %d does not get it", i);
    }
    int64_t took = os_clock_ms() - begun;
    ok(took >= LOCK_WAIT_MS && took < 2 * LOCK_WAIT_MS,
       "deadline: both have waited for one deadline, not one after the other");
    is_int(lock_holder(ours, 9), getpid(), "deadline: the holder is known");
    ok(lock_take(ours, 8, "bob") != LOCK_FAILED, "deadline: another stripe is free");
    lock_give(ours, 8);
    begun = os_clock_ms();
    ok(lock_take(ours, 9, "bob") == LOCK_FAILED && errno == ETIMEDOUT &&
           os_clock_ms() - begun < LOCK_WAIT_MS,
       "deadline: the next one waits for less");
    lock_give(other, 9);
    ok(lock_take(ours, 9, "bob") != LOCK_FAILED, "deadline: once it is given back, we get it");
    lock_give(ours, 9);
    lock_take(other, 9, "ann");
    begun = os_clock_ms();
    ok(lock_take(ours, 9, "bob") == LOCK_FAILED && os_clock_ms() - begun >= LOCK_WAIT_MS,
       "deadline: after that, we wait as long as at first");
    lock_give(other, 9);
    locks_close(other);
    locks_close(ours);
}

/* A counter that is right only if the lock works: it is read, others run, it is written. */
struct counter {
    struct locks *locks;
    volatile int *value;
};

static void count_up(struct locks *l, volatile int *value)
{
    for (int i = 0; i < ROUNDS; i++) {
        while (lock_take(l, 7, "ann") == LOCK_FAILED)
            if (errno != ETIMEDOUT) /* on a busy machine a turn may come late */
                return;
        int before = *value;
        if (i % 16 == 0)
            sched_yield();
        *value = before + 1;
        lock_give(l, 7);
    }
}

static void *count_in_thread(void *arg)
{
    struct counter *c = arg;

    count_up(c->locks, c->value);
    return NULL;
}

static pid_t count_in_process(int dir, volatile int *value)
{
    fflush(stdout); /* valgrind lets the child write what it inherits */
    pid_t pid = fork();

    if (pid == 0) {
        struct deaths d = {.count = 0};
        struct locks *l = open_locks(dir, &d);
        count_up(l, value);
        locks_close(l);
        _exit(d.count);
    }
    return pid;
}

/* True when the child has ended by itself with exit code 0. */
static bool ended_well(pid_t pid)
{
    int status;

    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void test_exclusion(int dir)
{
    int *value = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct deaths d = {.count = 0};
    pid_t pids[PROCESSES];
    pthread_t threads[THREADS];

    for (int i = 0; i < PROCESSES; i++)
        pids[i] = count_in_process(dir, value);
    struct counter c = {open_locks(dir, &d), value};
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, count_in_thread, &c);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < PROCESSES; i++)
        ok(ended_well(pids[i]), "exclusion: process %d ends well", i);
    is_int(*value, (THREADS + PROCESSES) * ROUNDS,
           "exclusion: threads and processes exclude each other");
    is_int(d.count, 0, "exclusion: no death is reported");
    locks_close(c.locks);
    is_int(count_semaphores(dir), 0, "exclusion: no semaphore is left");
    munmap(value, 4096);
}

/* A child that takes the lock, writes to the pipe, and waits to be killed. */
static pid_t holder(int dir, int ready)
{
    fflush(stdout); /* valgrind lets the child write what it inherits */
    pid_t pid = fork();

    if (pid == 0) {
        struct deaths d = {.count = 0};
        struct locks *l = open_locks(dir, &d);
        bool held = l && lock_take(l, 5, "victim") != LOCK_FAILED;
        if (held && write(ready, "!", 1) == 1)
            for (;;)
                pause();
        _exit(1);
    }
    return pid;
}

static void kill_holder(int dir)
{
    int pipes[2];
    char byte;

    if (pipe(pipes) != 0)
        return;
    pid_t pid = holder(dir, pipes[1]);
    close(pipes[1]);
    ok(read(pipes[0], &byte, 1) == 1, "death: a child holds the lock");
    close(pipes[0]);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void test_death(int dir)
{
    struct deaths d = {.count = 0};
    struct locks *l = open_locks(dir, &d);

    lock_take(l, 5, "ann");
    lock_give(l, 5);
    kill_holder(dir);
    int64_t begun = os_clock_ms();
    is_int(lock_take(l, 5, "ann"), LOCK_STALE, "death: a killed holder leaves the stripe stale");
    ok(os_clock_ms() - begun < DEADLINE_MS, "death: the lock is free at once");
    is_int(d.count, 1, "death: it is reported");
    is_str(d.mailbox, "victim", "death: the report names the mailbox");
    lock_give(l, 5);
    is_int(lock_take(l, 5, "ann"), LOCK_CLEAN, "death: afterwards the stripe is clean");
    lock_give(l, 5);
    is_int(d.count, 1, "death: it is reported once");
    locks_close(l);
    is_int(count_semaphores(dir), 0, "death: no semaphore is left");
}

/* If the semaphores are gone with the last process, the slot still tells of the death. */
static void test_death_of_all(int dir)
{
    struct deaths d = {.count = 0};

    kill_holder(dir);
    struct locks *l = open_locks(dir, &d);
    is_int(lock_take(l, 5, "ann"), LOCK_STALE,
           "death of all: the next process finds the stripe stale");
    is_int(d.count, 1, "death of all: the death is reported");
    is_str(d.mailbox, "victim", "death of all: the report names the mailbox");
    lock_give(l, 5);
    locks_close(l);
    is_int(count_semaphores(dir), 0, "death of all: no semaphore is left");
}

/* A death that nobody has noticed before the last process leaves. */
static void test_death_before_close(int dir)
{
    struct deaths d = {.count = 0};
    struct locks *l = open_locks(dir, &d);

    kill_holder(dir);
    locks_close(l);
    is_int(d.count, 1, "death before close: the last process reports it");
    is_str(d.mailbox, "victim", "death before close: the report names the mailbox");
    is_int(count_semaphores(dir), 0, "death before close: no semaphore is left");
    locks_close(open_locks(dir, &d));
    is_int(d.count, 1, "death before close: it is reported once");
}

/* A server that has confined itself can open no file in /dev/shm. */
static void test_close_opens_nothing(int dir)
{
    struct deaths d = {.count = 0};
    struct locks *l = open_locks(dir, &d);
    struct rlimit before, none;

    kill_holder(dir);
    getrlimit(RLIMIT_NOFILE, &before);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    int fd = dup(0);
    ok(fd < 0, "close: the process can get no descriptor");
    locks_close(l);
    setrlimit(RLIMIT_NOFILE, &before);
    is_int(count_semaphores(dir), 0, "close: it unlinks the semaphores all the same");
    is_int(d.count, 1, "close: ... and reports a death");
}

/* On a full disk a process cannot write its slot. The one that the slot names must not trust it. */
static void test_slot_not_written(int dir)
{
    struct deaths d = {.count = 0};
    struct locks *a = open_locks(dir, &d), *b = open_locks(dir, &d);
    struct rlimit before, none;

    lock_take(a, 5, "ann");
    lock_give(a, 5);
    getrlimit(RLIMIT_FSIZE, &before);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &none);
    enum lock_result result = lock_take(b, 5, "bob");
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_DFL);
    is_int(result, LOCK_STALE, "slot not written: the stripe is taken all the same");
    ok(!lock_is_ours(a, 5), "slot not written: the stripe is not the earlier holder's");
    lock_give(b, 5);
    ok(!lock_is_ours(a, 5), "slot not written: ... nor when it was given back");
    is_int(lock_take(a, 5, "ann"), LOCK_STALE, "slot not written: the next holder looks again");
    ok(lock_is_ours(a, 5), "slot not written: then the stripe is its own");
    lock_give(a, 5);
    is_int(lock_take(a, 5, "ann"), LOCK_CLEAN, "slot not written: ... also the next time");
    lock_give(a, 5);
    locks_close(a);
    locks_close(b);
}

/* A process that was stopped while it opened or closed the store. */
static void test_use_kept(int dir)
{
    struct deaths d = {.count = 0};
    const char *why = "";

    locks_close(open_locks(dir, &d));
    int other = os_lock_open(dir, "lock");
    ok(os_lock_set(other, BYTE_USERS, OS_LOCK_EXCLUSIVE), "use kept: a process has it");
    int64_t begun = os_clock_ms();
    ok(!locks_open(dir, false, note_death, &d, &why), "use kept: others cannot open the store");
    int64_t took = os_clock_ms() - begun;
    ok(took >= LOCK_WAIT_MS && took < LOCK_WAIT_MS + DEADLINE_MS, "use kept: ... after 5 seconds");
    is_str(why, "another process has been opening or closing it for 5 seconds; it may be stopped",
           "use kept: ... and say why");
    os_file_close(other);
    locks_close(open_locks(dir, &d));
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    char path[4096];

    snprintf(path, sizeof path, "%s/lock_test.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(path))
        return 1;
    int dir = os_file_open_dir(path);
    test_stripes(dir);
    test_semaphores(dir);
    test_results(dir);
    test_one_server(dir);
    test_wrong_file(dir);
    test_cut_file(dir);
    test_file_before(dir);
    test_strangers(dir);
    test_lost_files(dir);
    test_replaced(dir);
    test_alone(dir);
    test_stopped(dir);
    test_deadline(dir);
    test_death(dir);
    test_death_of_all(dir);
    test_death_before_close(dir);
    test_close_opens_nothing(dir);
    test_slot_not_written(dir);
    test_use_kept(dir);
    test_exclusion(dir);
    os_file_close(dir);
    ok(os_file_remove_tree(OS_FILE_CWD, path), "the test's directory is removed");
    return done_testing();
}
