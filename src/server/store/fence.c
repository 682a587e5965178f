/* SPDX-License-Identifier: ISC */
#include "store/fence.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "os/clock.h"
#include "os/cond.h"
#include "os/file.h"
#include "store/probe.h"
#include "store/store_private.h"

#define PAUSE_MS 500  /* between two looks */
#define LATE_MS  1000 /* how long the watcher waits for a look */
#define WAIT_MS  100  /* how long others wait for one, before they look whether the fence is down */
#define AGAIN_MS 50   /* after a look that failed */

static const char lock_gone[] = "the lock of the store is lost: another server may have it";
static const char silent[] = "the store has not answered within store-timeout";

struct fence {
    struct store *store;
    void (*lost)(void *ctx, const char *why);
    void *ctx;
    struct probe *lock, *disk;
    pthread_t watcher;
    bool watched;          /* the watcher has started */
    atomic_bool gone;      /* the lock */
    atomic_bool down;      /* the store is lost, or the fence stops */
    pthread_mutex_t mutex; /* leaf lock: for changed alone */
    pthread_cond_t changed;
};

/* Nothing is answered from now on. Wakes the watcher. */
static void take_down(struct fence *f)
{
    pthread_mutex_lock(&f->mutex);
    atomic_store(&f->down, true);
    pthread_cond_signal(&f->changed);
    pthread_mutex_unlock(&f->mutex);
}

static bool look_at_lock(void *ctx)
{
    struct fence *f = ctx;
    enum lock_proof proof = locks_prove(f->store->locks, f->store->shared);
    if (proof == LOCK_LOST) {
        atomic_store(&f->gone, true);
        take_down(f);
    }
    return proof == LOCK_PROVED;
}

static bool look_at_disk(void *ctx)
{
    struct fence *f = ctx;
    return os_file_read_through(f->store->dir, LAYOUT_LOCK);
}

/* False: the fence is down. */
static bool rest(struct fence *f)
{
    int64_t until_ms = os_clock_ms() + PAUSE_MS;
    bool early = true;
    pthread_mutex_lock(&f->mutex);
    while (!atomic_load(&f->down) && early)
        early = os_cond_wait(&f->changed, &f->mutex, until_ms);
    pthread_mutex_unlock(&f->mutex);
    return !atomic_load(&f->down);
}

/*
 * A process that was paused has not waited for the store meanwhile: of the time between two rounds,
 * only as much counts as a round takes.
 */
static void *watch(void *arg)
{
    struct fence *f = arg;
    int64_t before_ms = os_clock_ms(), waited_ms = 0;
    bool late = false;
    while (!late && rest(f)) {
        enum probe_result result = probe_ask(f->lock, os_clock_ms() + LATE_MS);
        int64_t now_ms = os_clock_ms(), round_ms = now_ms - before_ms;
        before_ms = now_ms;
        if (round_ms > PAUSE_MS + LATE_MS)
            round_ms = PAUSE_MS + LATE_MS;
        waited_ms = result == PROBE_GOOD ? 0 : waited_ms + round_ms;
        int64_t timeout_ms = (int64_t)f->store->limits.timeout_ms;
        late = timeout_ms > 0 && waited_ms >= timeout_ms;
    }
    if (late)
        take_down(f);
    if (late || atomic_load(&f->gone))
        f->lost(f->ctx, atomic_load(&f->gone) ? lock_gone : silent);
    return NULL;
}

/* False: errno. */
static bool start_threads(struct fence *f)
{
    f->lock = probe_start(look_at_lock, f);
    f->disk = f->lock ? probe_start(look_at_disk, f) : NULL;
    if (!f->disk)
        return false;
    errno = pthread_create(&f->watcher, NULL, watch, f);
    f->watched = errno == 0;
    return f->watched;
}

static void free_fence(struct fence *f)
{
    take_down(f);
    if (f->watched)
        pthread_join(f->watcher, NULL);
    probe_stop(f->lock);
    probe_stop(f->disk);
    pthread_cond_destroy(&f->changed);
    pthread_mutex_destroy(&f->mutex);
    free(f);
}

bool fence_start(struct store *s, void (*lost)(void *ctx, const char *why), void *ctx)
{
    struct fence *f = calloc(1, sizeof *f);
    if (!f)
        return false;
    f->store = s;
    f->lost = lost;
    f->ctx = ctx;
    pthread_mutex_init(&f->mutex, NULL);
    os_cond_init(&f->changed);
    if (start_threads(f)) {
        s->fence = f;
        return true;
    }
    int error = errno;
    free_fence(f);
    errno = error;
    return false;
}

/* Asks for one more look. */
static enum probe_result look_again(struct fence *f)
{
    enum probe_result result = probe_ask(f->lock, os_clock_ms() + WAIT_MS);
    if (result == PROBE_BAD)
        os_clock_sleep(AGAIN_MS);
    return result;
}

bool fence_holds(const struct store *s)
{
    struct fence *f = s->fence;
    if (!f)
        return true;
    while (!atomic_load(&f->down)) {
        if (os_clock_boot_ms() - probe_good_ms(f->lock) <= FENCE_FRESH_MS)
            return true;
        look_again(f);
    }
    return false;
}

/* A look that was asked for earlier counts, too, if it has begun since: when looks are slow. */
bool fence_proves(const struct store *s)
{
    struct fence *f = s->fence;
    if (!f || !s->shared)
        return true;
    int64_t since_ms = os_clock_boot_ms();
    while (!atomic_load(&f->down))
        if (look_again(f) == PROBE_GOOD || probe_good_ms(f->lock) > since_ms)
            return true;
    return false;
}

bool fence_touch(const struct store *s, int64_t until_ms)
{
    struct fence *f = s->fence;
    return !f || (!atomic_load(&f->down) && probe_ask(f->lock, until_ms) == PROBE_GOOD &&
                  probe_ask(f->disk, until_ms) == PROBE_GOOD);
}

void fence_stop(struct store *s)
{
    if (s->fence)
        free_fence(s->fence);
    s->fence = NULL;
}
