/*
 * The sync is ours here, to be counted, held up and failed: commit asks the system for nothing
 * else, so the linker needs no other.
 */
#include "store/commit.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>

#include "os/file.h"
#include "tap.h"

#define THREADS 8
#define ROUNDS  200

static struct {
    atomic_int begun, ended; /* syncs, one at a time */
    atomic_bool held;        /* they wait while it is set */
    atomic_bool failing;
    atomic_bool overlapped; /* two at a time: wrong */
} syncs;

bool os_file_sync_dir(int fd)
{
    (void)fd;
    if (atomic_fetch_add(&syncs.begun, 1) != atomic_load(&syncs.ended))
        atomic_store(&syncs.overlapped, true);
    while (atomic_load(&syncs.held))
        sched_yield();
    bool good = !atomic_load(&syncs.failing);
    atomic_fetch_add(&syncs.ended, 1);
    errno = ENOSPC;
    return good;
}

struct run {
    struct commit commit;
    pthread_t threads[THREADS];
    atomic_int good, bad;
    atomic_bool early; /* a call returned that no sync covered: wrong */
};

static void begin(struct run *r)
{
    commit_init(&r->commit);
    r->good = r->bad = 0;
    r->early = false;
    syncs.begun = syncs.ended = 0;
    syncs.held = syncs.failing = syncs.overlapped = false;
}

static void sync_once(struct run *r)
{
    int before = atomic_load(&syncs.begun);

    errno = 0;
    if (commit_sync(&r->commit, 0)) {
        if (atomic_load(&syncs.ended) <= before)
            atomic_store(&r->early, true);
        atomic_fetch_add(&r->good, 1);
    } else {
        atomic_fetch_add(&r->bad, errno == EIO ? 1 : 1000000);
    }
}

static void *call_once(void *arg)
{
    sync_once(arg);
    return NULL;
}

static void *call_often(void *arg)
{
    for (int i = 0; i < ROUNDS; i++)
        sync_once(arg);
    return NULL;
}

static void start(struct run *r, int first, int end, void *(*call)(void *arg))
{
    for (int i = first; i < end; i++)
        pthread_create(&r->threads[i], NULL, call, r);
}

static void join(struct run *r)
{
    for (int i = 0; i < THREADS; i++)
        pthread_join(r->threads[i], NULL);
}

static uint64_t asked(struct commit *c)
{
    pthread_mutex_lock(&c->mutex);
    uint64_t n = c->asked;
    pthread_mutex_unlock(&c->mutex);
    return n;
}

/* One thread is held up in a sync, all others have come meanwhile. */
static void hold_up(struct run *r)
{
    begin(r);
    syncs.held = true;
    start(r, 0, 1, call_once);
    while (atomic_load(&syncs.begun) < 1)
        sched_yield();
    start(r, 1, THREADS, call_once);
    while (asked(&r->commit) < THREADS)
        sched_yield();
}

static void test_shared(void)
{
    struct run r;

    hold_up(&r);
    is_int(atomic_load(&r.good), 0, "nobody is done while the sync runs");
    syncs.held = false;
    join(&r);
    is_int(r.good, THREADS, "all are then");
    ok(!r.early, "nobody by a sync that began before he came");
    is_int(syncs.begun, 2, "one sync serves all who came meanwhile");
    commit_destroy(&r.commit);
}

static void test_failed(void)
{
    struct run r;

    hold_up(&r);
    syncs.failing = true;
    syncs.held = false;
    join(&r);
    is_int(r.bad, THREADS, "a failed sync fails for all, with EIO");
    is_int(syncs.begun, 1, "for those who wait for the next, too");
    ok(commit_failed(&r.commit), "it is known");
    syncs.failing = false;
    sync_once(&r);
    is_int(r.bad, THREADS + 1, "it is for good");
    is_int(syncs.begun, 1, "and never tried again");
    commit_destroy(&r.commit);
}

/* What a file's failure says about the directory's other files, nobody knows. */
static void test_failed_file(void)
{
    struct run r;

    begin(&r);
    sync_once(&r);
    ok(r.good == 1 && !commit_failed(&r.commit), "a success");
    commit_fail(&r.commit);
    sync_once(&r);
    ok(r.bad == 1 && commit_failed(&r.commit), "is followed by a failure of a file");
    is_int(syncs.begun, 1, "then there is no sync");
    commit_destroy(&r.commit);
}

static void test_many(void)
{
    struct run r;

    begin(&r);
    start(&r, 0, THREADS, call_often);
    join(&r);
    is_int(r.good, THREADS * ROUNDS, "many threads' syncs");
    ok(!r.early, "each covered by one that began later");
    ok(!syncs.overlapped, "one at a time");
    ok(syncs.begun <= THREADS * ROUNDS, "no more than were asked for: %d", syncs.begun);
    commit_destroy(&r.commit);
}

static void test_fail_meanwhile(void)
{
    struct run r;

    begin(&r);
    start(&r, 0, THREADS, call_often);
    while (atomic_load(&r.good) < ROUNDS)
        sched_yield();
    commit_fail(&r.commit);
    sync_once(&r);
    ok(atomic_load(&r.bad) > 0, "who asks after a failure is told");
    join(&r);
    is_int(r.good + r.bad, THREADS * ROUNDS + 1, "nobody waits for ever");
    commit_destroy(&r.commit);
}

int main(void)
{
    test_shared();
    test_failed();
    test_failed_file();
    test_many();
    test_fail_meanwhile();
    return done_testing();
}
