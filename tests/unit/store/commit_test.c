/* SPDX-License-Identifier: ISC */
/*
 * This test has its own os_file_sync_dir, which counts calls, holds them up and fails them. commit
 * uses nothing else of os/file, so the linker does not need the real one.
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

bool os_file_sync_dir(int dir)
{
    (void)dir;
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
    atomic_bool early; /* a call returned before a sync covered it: wrong */
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
        atomic_fetch_add(&r->bad, errno == ENOSPC ? 1 : 1000000);
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

/* Holds up one thread in a sync until all others have called meanwhile. */
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
    is_int(atomic_load(&r.good), 0, "shared: nobody returns while the sync runs");
    syncs.held = false;
    join(&r);
    is_int(r.good, THREADS, "shared: all return when it is done");
    ok(!r.early, "shared: nobody returns after a sync that began before the call");
    is_int(syncs.begun, 2, "shared: one sync serves all calls that came meanwhile");
    commit_destroy(&r.commit);
}

static void test_failed(void)
{
    struct run r;

    hold_up(&r);
    syncs.failing = true;
    syncs.held = false;
    join(&r);
    is_int(r.bad, THREADS, "failed: all calls fail with the error of the sync");
    is_int(syncs.begun, 1, "failed: there is no second sync for those that came meanwhile");
    ok(commit_failed(&r.commit), "failed: commit_failed says so");
    syncs.failing = false;
    sync_once(&r);
    is_int(r.bad, THREADS + 1, "failed: later calls fail, too");
    is_int(syncs.begun, 1, "failed: a failed sync is not tried again");
    commit_destroy(&r.commit);
}

/* Nobody knows what a file's failure means for the other files of the directory. */
static void test_failed_file(void)
{
    struct run r;

    begin(&r);
    sync_once(&r);
    ok(r.good == 1 && !commit_failed(&r.commit), "failed file: a sync succeeds before it");
    errno = ENOSPC;
    commit_fail(&r.commit);
    sync_once(&r);
    ok(r.bad == 1 && commit_failed(&r.commit), "failed file: after commit_fail a call fails");
    is_int(syncs.begun, 1, "failed file: after commit_fail there is no sync");
    commit_destroy(&r.commit);
}

static void test_many(void)
{
    struct run r;

    begin(&r);
    start(&r, 0, THREADS, call_often);
    join(&r);
    is_int(r.good, THREADS * ROUNDS, "many: all calls succeed");
    ok(!r.early, "many: each is covered by a sync that began after the call");
    ok(!syncs.overlapped, "many: one sync runs at a time");
    ok(syncs.begun <= THREADS * ROUNDS, "many: there are not more syncs than calls: %d",
       syncs.begun);
    commit_destroy(&r.commit);
}

static void test_fail_meanwhile(void)
{
    struct run r;

    begin(&r);
    start(&r, 0, THREADS, call_often);
    while (atomic_load(&r.good) < ROUNDS)
        sched_yield();
    errno = ENOSPC;
    commit_fail(&r.commit);
    sync_once(&r);
    ok(atomic_load(&r.bad) > 0, "failure meanwhile: a call after it fails");
    join(&r);
    is_int(r.good + r.bad, THREADS * ROUNDS + 1, "failure meanwhile: every call returns");
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
