/* SPDX-License-Identifier: ISC */
#include "store/lock_semaphore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "os/file.h"
#include "os/process.h"

#define SEMAPHORE_NAME_BYTES 80

static void write_name(const struct lock_file *f, unsigned stripe, char out[SEMAPHORE_NAME_BYTES])
{
    snprintf(out, SEMAPHORE_NAME_BYTES, "/pochta-%s-%.*s", f->key, LOCK_SEMAPHORE_DIGITS,
             f->semaphores[stripe]);
}

/*
 * Whether there is a semaphore of this name that may be trusted: this user's, and closed to others.
 * False with errno ENOENT: there is none; with EPERM: it is not to be trusted.
 */
static bool may_be_trusted(const char *name)
{
    char path[100];
    struct os_file_info info;
    snprintf(path, sizeof path, "/dev/shm/sem.%s", name + 1);
    if (!os_file_look(OS_FILE_CWD, path, &info))
        return false;
    errno = EPERM;
    return info.kind == OS_FILE_REGULAR && info.owner == os_process_uid() && !(info.mode & 077);
}

/*
 * Looks before it creates: a kill while sem_open creates one leaves a temporary file. In /dev/shm
 * only its owner can replace a semaphore that we have looked at.
 */
sem_t *lock_semaphore_open(const struct lock_file *f, unsigned stripe)
{
    char name[SEMAPHORE_NAME_BYTES];
    write_name(f, stripe, name);
    for (int tries = 0; tries < 10; tries++) {
        sem_t *sem;
        if (may_be_trusted(name))
            sem = sem_open(name, 0);
        else if (errno == ENOENT)
            sem = sem_open(name, O_CREAT | O_EXCL, 0600, 1);
        else
            return SEM_FAILED;
        if (sem != SEM_FAILED)
            return sem;
        if (errno != ENOENT && errno != EEXIST) /* another process has removed or made it */
            return SEM_FAILED;
    }
    return SEM_FAILED;
}

bool lock_semaphore_is_taken(sem_t *sem)
{
    int value = 0;
    return sem_getvalue(sem, &value) == 0 && value == 0;
}

void lock_semaphore_unlink(const struct lock_file *f, unsigned stripe)
{
    char name[SEMAPHORE_NAME_BYTES];
    write_name(f, stripe, name);
    sem_unlink(name);
}

/*
 * The semaphores are only looked at, not taken: if this process is killed now, the next one must
 * not take it for a holder.
 */
void lock_semaphore_end_all(const struct lock_file *f, void (*died)(void *ctx, const char *mailbox),
                            void *ctx)
{
    char name[SEMAPHORE_NAME_BYTES];
    struct lock_slot slot;
    for (unsigned i = 0; i < LOCK_STRIPES; i++) {
        write_name(f, i, name);
        sem_t *sem = may_be_trusted(name) ? sem_open(name, 0) : SEM_FAILED;
        if (sem == SEM_FAILED)
            continue;
        lock_file_read_slot(f, i, &slot);
        if (lock_semaphore_is_taken(sem))
            died(ctx, slot.mailbox);
        sem_close(sem);
        sem_unlink(name);
    }
}
