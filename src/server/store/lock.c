/* SPDX-License-Identifier: ISC */
#include "store/lock.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "os/clock.h"
#include "os/cond.h"
#include "os/process.h"
#include "os/random.h"

#define KEEP_WAIT_MS 1000 /* for all stripes together */

struct stripe {
    pthread_mutex_t mutex; /* guards held */
    pthread_cond_t given;
    bool held;         /* by a thread of this process, or it waits for other processes */
    atomic_bool stuck; /* another process kept it for too long, and nobody has had it since */
    sem_t *sem;
    atomic_bool taken; /* this process has the semaphore */

    /* For the holder; while the stripe is kept, they say what is in the file: */
    struct lock_slot slot;
    bool written;     /* the slot is in the file */
    bool misleads;    /* the file names another process, which would not see our change */
    atomic_bool kept; /* nobody holds it, but this process has the OFD lock */
};

struct locks {
    struct lock_file file;
    uint64_t process;  /* random: a process id could come again */
    int64_t opened_ms; /* when this process opened the store, by os_clock_ms() */
    atomic_bool alone; /* no other process has the store open: stripes are kept */
    void (*died)(void *ctx, const char *mailbox);
    void *ctx;
    struct stripe stripes[LOCK_STRIPES];
};

struct locks *locks_open(int dir, bool server, void (*died)(void *ctx, const char *mailbox),
                         void *ctx, const char **why)
{
    struct locks *l = calloc(1, sizeof *l);
    char name[LOCK_SEMAPHORE_NAME_BYTES];
    int error;

    *why = "out of memory";
    if (!l)
        return NULL;
    l->died = died;
    l->ctx = ctx;
    l->opened_ms = os_clock_ms();
    os_random_bytes(&l->process, sizeof l->process);
    for (unsigned i = 0; i < LOCK_STRIPES; i++) {
        l->stripes[i] = (struct stripe){.sem = SEM_FAILED};
        pthread_mutex_init(&l->stripes[i].mutex, NULL);
        os_cond_init(&l->stripes[i].given);
    }
    if (!lock_file_open(&l->file, dir, server, died, ctx, why))
        goto fail;
    *why = "its semaphores cannot be opened in /dev/shm";
    for (unsigned i = 0; i < LOCK_STRIPES; i++) {
        lock_file_semaphore(&l->file, i, name);
        l->stripes[i].sem = lock_semaphore_open(name);
        if (l->stripes[i].sem == SEM_FAILED)
            goto fail;
    }
    return l;

fail:
    error = errno;
    locks_close(l);
    errno = error;
    return NULL;
}

void locks_close(struct locks *l)
{
    if (!l)
        return;
    bool last = lock_file_end_use(&l->file); /* then a death that nobody has noticed is reported */
    for (unsigned i = 0; i < LOCK_STRIPES; i++) {
        struct stripe *s = &l->stripes[i];
        if (s->sem != SEM_FAILED) {
            if (last)
                lock_file_end_stripe(&l->file, i, s->sem, l->died, l->ctx);
            sem_close(s->sem);
        }
        pthread_mutex_destroy(&s->mutex);
        pthread_cond_destroy(&s->given);
    }
    lock_file_close(&l->file);
    free(l);
}

enum lock_proof locks_prove(struct locks *l, bool shared)
{
    char name[LOCK_SEMAPHORE_NAME_BYTES];
    enum lock_proof proof = lock_file_prove(&l->file, shared);
    for (unsigned i = 0; i < LOCK_STRIPES && proof == LOCK_LOST; i++) {
        lock_file_semaphore(&l->file, i, name);
        lock_semaphore_unlink(name);
    }
    return proof;
}

const char *locks_keys(const struct locks *l)
{
    return l->file.key;
}

bool locks_is_visited(const struct locks *l)
{
    return lock_file_is_visited(&l->file);
}

bool locks_end_use(struct locks *l)
{
    return lock_file_end_use(&l->file);
}

bool locks_set_logged(struct locks *l, bool logged)
{
    return lock_file_set_logged(&l->file, logged);
}

bool locks_is_logged(const struct locks *l)
{
    return lock_file_is_logged(&l->file);
}

unsigned lock_stripe(const struct locks *l, const char *mailbox)
{
    return siphash(l->file.hash_key, span_str(mailbox)) % LOCK_STRIPES;
}

/* A slot with our number does not count if another process has the semaphore, or left it taken. */
bool lock_is_ours(struct locks *l, unsigned stripe)
{
    struct stripe *s = &l->stripes[stripe];
    struct lock_slot slot;
    if (atomic_load(&s->kept))
        return true;
    lock_file_read_slot(&l->file, stripe, &slot);
    return slot.process == l->process &&
           (atomic_load(&s->taken) || !lock_semaphore_is_taken(s->sem));
}

unsigned lock_holder(const struct locks *l, unsigned stripe)
{
    struct lock_slot slot;
    lock_file_read_slot(&l->file, stripe, &slot);
    return slot.pid;
}

/* False: another thread has had the stripe until now (ETIMEDOUT). */
static bool begin_turn(struct stripe *s, int64_t until_ms)
{
    bool early = true;
    pthread_mutex_lock(&s->mutex);
    while (s->held && early)
        early = os_cond_wait(&s->given, &s->mutex, until_ms);
    bool ok = !s->held;
    s->held = true;
    pthread_mutex_unlock(&s->mutex);
    if (!ok)
        errno = ETIMEDOUT;
    return ok;
}

static void end_turn(struct stripe *s)
{
    pthread_mutex_lock(&s->mutex);
    s->held = false;
    pthread_cond_signal(&s->given);
    pthread_mutex_unlock(&s->mutex);
}

/*
 * The kernel's own waiting has no deadline, so we ask again and again. Other processes are tools,
 * and rare. A server that was stopped (SIGSTOP) may keep all stripes, which would take minutes.
 */
static bool lock_among_processes(struct locks *l, unsigned stripe, int64_t until_ms)
{
    int64_t pause_ms = 1, now_ms = os_clock_ms(), held_ms = now_ms; /* when we saw it held */
    while (!lock_file_lock(&l->file, stripe, true)) {
        if (errno != EAGAIN)
            return false;
        errno = ETIMEDOUT;
        now_ms = os_clock_ms();
        if (lock_semaphore_is_taken(l->stripes[stripe].sem))
            held_ms = now_ms;
        if (now_ms >= until_ms ||
            (now_ms >= held_ms + LOCK_STUCK_WAIT_MS && now_ms >= l->opened_ms + LOCK_WAIT_MS))
            return false;
        os_clock_sleep(pause_ms);
        pause_ms = pause_ms < 8 ? pause_ms * 2 : 8;
    }
    return true;
}

enum lock_result lock_take(struct locks *l, unsigned stripe, const char *mailbox)
{
    struct stripe *s = &l->stripes[stripe];
    struct lock_slot *slot = &s->slot;
    assert(strlen(mailbox) <= NAME_BYTES);
    int64_t wait_ms = atomic_load(&s->stuck) ? LOCK_STUCK_WAIT_MS : LOCK_WAIT_MS;
    int64_t until_ms = os_clock_ms() + wait_ms;
    if (!begin_turn(s, until_ms))
        return LOCK_FAILED;
    bool kept = atomic_exchange(&s->kept, false);
    bool locked = kept || lock_among_processes(l, stripe, until_ms);
    int error = errno;
    atomic_store(&s->stuck, !locked && error == ETIMEDOUT);
    if (!locked) {
        end_turn(s);
        errno = error;
        return LOCK_FAILED;
    }
    if (!kept)
        lock_file_read_slot(&l->file, stripe, slot);
    bool died = sem_trywait(s->sem) != 0;
    atomic_store(&s->taken, true);
    if (died)
        l->died(l->ctx, slot->mailbox);
    bool ours = slot->process == l->process, others = !ours && slot->process != 0;
    s->written = true;
    s->misleads = false;
    if (ours && strcmp(slot->mailbox, mailbox) == 0)
        return died ? LOCK_STALE : LOCK_CLEAN;
    slot->process = l->process;
    slot->pid = os_process_id();
    strcpy(slot->mailbox, mailbox);
    /* On a full disk this may fail: then we look at everything again, and do not trust the name. */
    s->written = lock_file_write_slot(&l->file, stripe, slot);
    s->misleads = others && !s->written;
    return ours && s->written && !died ? LOCK_CLEAN : LOCK_STALE;
}

/*
 * If the slot misleads, the semaphore stays taken. So the process that the slot names looks at
 * everything again. It also reports a death, although nobody died.
 */
void lock_give(struct locks *l, unsigned stripe)
{
    struct stripe *s = &l->stripes[stripe];
    bool keep = atomic_load(&l->alone) && s->written;
    atomic_store(&s->taken, false);
    if (!s->misleads)
        sem_post(s->sem);
    if (keep)
        atomic_store(&s->kept, true);
    else
        lock_file_lock(&l->file, stripe, false);
    end_turn(s);
}

/* Lets other processes have a stripe. The caller has its turn. */
static void stop_keeping(struct locks *l, unsigned stripe)
{
    if (atomic_exchange(&l->stripes[stripe].kept, false))
        lock_file_lock(&l->file, stripe, false);
}

/* A stripe that a thread holds now is not kept when the thread gives it back. */
static void look_for_visitors(struct locks *l, int64_t until_ms)
{
    bool visited = lock_file_is_visited(&l->file);
    atomic_store(&l->alone, !visited);
    for (unsigned i = 0; i < LOCK_STRIPES && visited; i++)
        if (atomic_load(&l->stripes[i].kept) && begin_turn(&l->stripes[i], until_ms)) {
            stop_keeping(l, i);
            end_turn(&l->stripes[i]);
        }
}

/* A new file has no holders: what any thread remembers of a stripe is out of date then. */
enum locks_kept locks_keep(struct locks *l)
{
    unsigned turns = 0;
    int64_t until_ms = os_clock_ms() + KEEP_WAIT_MS;
    look_for_visitors(l, until_ms);
    if (lock_file_is_there(&l->file))
        return LOCKS_KEPT;
    for (; turns < LOCK_STRIPES && begin_turn(&l->stripes[turns], until_ms); turns++)
        stop_keeping(l, turns);
    bool ok = turns == LOCK_STRIPES && lock_file_make_again(&l->file);
    int error = errno;
    while (turns > 0)
        end_turn(&l->stripes[--turns]);
    errno = error;
    return ok ? LOCKS_MADE_AGAIN : LOCKS_LOST;
}
