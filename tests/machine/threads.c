/* SPDX-License-Identifier: ISC */
/*
 * The functions that replace the C library's calls for threads, semaphores, clocks and random
 * numbers.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include "machine_private.h"
#include "os/clock.h"
#include "os/stack.h"

/* --- mutexes and condition variables --- */

/* The contents of a pthread_mutex_t. Zeros mean unlocked, as in the C library. */
struct mutex {
    const void *owner;
};

static struct mutex *mutex_of(pthread_mutex_t *m)
{
    return (struct mutex *)(void *)m;
}

REPLACED(int, pthread_mutex_init, pthread_mutex_t *m, const pthread_mutexattr_t *attr)
{
    (void)attr;
    mutex_of(m)->owner = NULL;
    return 0;
}

REPLACED(int, pthread_mutex_destroy, pthread_mutex_t *m)
{
    if (mutex_of(m)->owner)
        machine_violated("a mutex is destroyed while it is locked");
    return 0;
}

static void lock(struct mutex *m)
{
    if (m->owner && m->owner == machine_fiber())
        machine_violated("a thread locks a mutex that it has");
    while (m->owner)
        machine_wait(m, INT64_MAX);
    m->owner = machine_fiber();
}

REPLACED(int, pthread_mutex_lock, pthread_mutex_t *m)
{
    machine_step("mutex_lock");
    lock(mutex_of(m));
    return 0;
}

static void unlock(struct mutex *m)
{
    if (m->owner != machine_fiber())
        machine_violated("a thread unlocks a mutex that it has not");
    m->owner = NULL;
    machine_wake(m);
}

REPLACED(int, pthread_mutex_unlock, pthread_mutex_t *m)
{
    unlock(mutex_of(m));
    machine_step("mutex_unlock");
    return 0;
}

REPLACED(int, pthread_cond_init, pthread_cond_t *c, const pthread_condattr_t *attr)
{
    (void)c, (void)attr;
    return 0;
}

REPLACED(int, pthread_cond_destroy, pthread_cond_t *c)
{
    (void)c;
    return 0;
}

/* Now and then the wait ends without a reason, as the standard allows. */
REPLACED(int, pthread_cond_timedwait, pthread_cond_t *c, pthread_mutex_t *m,
         const struct timespec *until)
{
    int64_t us = until ? until->tv_sec * INT64_C(1000000) + until->tv_nsec / 1000 : INT64_MAX;
    machine_step("cond_wait");
    unlock(mutex_of(m));
    bool woken = machine_chance(10) || machine_wait(c, us);
    lock(mutex_of(m));
    return woken ? 0 : ETIMEDOUT;
}

REPLACED(int, pthread_cond_wait, pthread_cond_t *c, pthread_mutex_t *m)
{
    return here_pthread_cond_timedwait(c, m, NULL);
}

REPLACED(int, pthread_cond_signal, pthread_cond_t *c)
{
    machine_wake_one(c);
    return 0;
}

REPLACED(int, pthread_cond_broadcast, pthread_cond_t *c)
{
    machine_wake(c);
    return 0;
}

/* --- threads --- */

struct thread {
    void *(*run)(void *arg);
    void *arg;
    bool ended;
};

static void run_thread(void *ctx)
{
    struct thread *t = ctx;
    t->run(t->arg);
    t->ended = true;
    machine_wake(t);
}

REPLACED(int, pthread_create, pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
         void *arg)
{
    (void)attr;
    machine_step("pthread_create");
    struct thread *t = malloc(sizeof *t);
    if (!t || machine_chance(machine.thread_fails)) {
        free(t);
        return EAGAIN;
    }
    *t = (struct thread){run, arg, false};
    *thread = (pthread_t)t;
    machine_start(machine_current(), run_thread, t);
    return 0;
}

REPLACED(int, pthread_join, pthread_t thread, void **result)
{
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): here_pthread_create made it of one. */
    struct thread *t = (struct thread *)thread;
    (void)result;
    machine_step("pthread_join");
    while (!t->ended)
        machine_wait(t, INT64_MAX);
    free(t);
    return 0;
}

/* --- semaphores --- */

#define SEMAPHORES 1024 /* for several processes with 64 each */

/* A semaphore without a name is only the value, in the bytes of a sem_t. */
static struct semaphore {
    unsigned value;
    bool linked;
    char name[100];
} semaphores[SEMAPHORES];
static unsigned n_semaphores;

static struct semaphore *find_semaphore(const char *name)
{
    for (unsigned i = 0; i < n_semaphores; i++)
        if (semaphores[i].linked && strcmp(semaphores[i].name, name) == 0)
            return &semaphores[i];
    return NULL;
}

bool machine_has_semaphore(const char *name)
{
    return find_semaphore(name);
}

void machine_forget_semaphores(void)
{
    n_semaphores = 0;
}

/* Takes a place that was never used: one whose name is gone may still be open. */
static struct semaphore *make_semaphore(const char *name)
{
    if (n_semaphores == SEMAPHORES)
        machine_violated("more than %d semaphores since the machine was started", SEMAPHORES);
    struct semaphore *s = &semaphores[n_semaphores++];
    snprintf(s->name, sizeof s->name, "%s", name);
    s->value = 1;
    s->linked = true;
    return s;
}

REPLACED(sem_t *, sem_open, const char *name, int flags, ...)
{
    machine_step("sem_open");
    struct semaphore *s = find_semaphore(name);
    errno = s ? EEXIST : ENOENT;
    if ((s && flags & O_EXCL) || (!s && !(flags & O_CREAT)))
        return SEM_FAILED;
    return (sem_t *)(void *)(s ? s : make_semaphore(name));
}

REPLACED(int, sem_close, sem_t *sem)
{
    (void)sem;
    return 0;
}

REPLACED(int, sem_unlink, const char *name)
{
    machine_step("sem_unlink");
    struct semaphore *s = find_semaphore(name);
    errno = ENOENT;
    if (s)
        s->linked = false;
    return s ? 0 : -1;
}

static unsigned *value_of(sem_t *sem)
{
    return (unsigned *)(void *)sem;
}

REPLACED(int, sem_init, sem_t *sem, int shared, unsigned value)
{
    (void)shared;
    *value_of(sem) = value;
    return 0;
}

REPLACED(int, sem_destroy, sem_t *sem)
{
    (void)sem;
    return 0;
}

REPLACED(int, sem_trywait, sem_t *sem)
{
    machine_step("sem_trywait");
    errno = EAGAIN;
    if (*value_of(sem) == 0)
        return -1;
    --*value_of(sem);
    return 0;
}

REPLACED(int, sem_wait, sem_t *sem)
{
    machine_step("sem_wait");
    while (*value_of(sem) == 0)
        machine_wait(sem, INT64_MAX);
    --*value_of(sem);
    return 0;
}

REPLACED(int, sem_post, sem_t *sem)
{
    ++*value_of(sem);
    machine_wake(sem);
    machine_step("sem_post");
    return 0;
}

REPLACED(int, sem_getvalue, sem_t *sem, int *value)
{
    *value = (int)*value_of(sem);
    return 0;
}

REPLACED(int, sched_yield, void)
{
    machine_step("sched_yield");
    return 0;
}

/* --- clocks, random numbers, this process --- */

REPLACED(int, clock_gettime, clockid_t clock, struct timespec *t)
{
    int64_t us = machine.now_us;
    if (clock == CLOCK_REALTIME)
        us += machine.wall_s * 1000000;
    *t = (struct timespec){us / 1000000, us % 1000000 * 1000};
    return 0;
}

/* Instead of src/common/os/clock_boot.c, which reads a file of the kernel. */
bool os_clock_boot(char boot[OS_CLOCK_BOOT_BYTES])
{
    snprintf(boot, OS_CLOCK_BOOT_BYTES, "%u", machine.boots);
    return true;
}

REPLACED(time_t, time, time_t *t)
{
    time_t now = (time_t)(machine.wall_s + machine.now_us / 1000000);
    if (t)
        *t = now;
    return now;
}

REPLACED(int, nanosleep, const struct timespec *wanted, struct timespec *left)
{
    (void)left;
    machine_step("nanosleep");
    machine_sleep(wanted->tv_sec * INT64_C(1000000) + wanted->tv_nsec / 1000);
    return 0;
}

REPLACED(int, ntp_adjtime, struct timex *t)
{
    (void)t;
    return TIME_ERROR; /* no program sets this clock, so the store trusts it only after an hour */
}

REPLACED(ssize_t, getrandom, void *bytes, size_t size, unsigned flags)
{
    (void)flags;
    machine_bytes(bytes, size);
    return (ssize_t)size;
}

REPLACED(pid_t, getpid, void)
{
    return (pid_t)(1000 + machine_current());
}

void os_stack_trim(void)
{
}
