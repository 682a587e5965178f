/* SPDX-License-Identifier: ISC */
#include "store/lock_semaphore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>

#include "os/file.h"
#include "os/process.h"

#define OWN_END   (SIZE_MAX > UINT32_MAX ? "" : "-32")
#define OTHER_END (SIZE_MAX > UINT32_MAX ? "-32" : "")

#define FULL_NAME_BYTES (LOCK_SEMAPHORE_NAME_BYTES + 3)

static void add_end(const char *name, const char *end, char full[FULL_NAME_BYTES])
{
    snprintf(full, FULL_NAME_BYTES, "%s%s", name, end);
}

/*
 * Whether the semaphore of this name may be trusted: it belongs to this user, and is closed to
 * others. False with errno ENOENT: it does not exist; with EPERM: it may not be trusted.
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
 * only the owner of a semaphore can replace it after we have looked at it.
 */
sem_t *lock_semaphore_open(const char *name)
{
    char full[FULL_NAME_BYTES];
    add_end(name, OWN_END, full);
    for (int tries = 0; tries < 10; tries++) {
        sem_t *sem;
        if (may_be_trusted(full))
            sem = sem_open(full, 0);
        else if (errno == ENOENT)
            sem = sem_open(full, O_CREAT | O_EXCL, 0600, 1);
        else
            return SEM_FAILED;
        if (sem != SEM_FAILED)
            return sem;
        if (errno != ENOENT && errno != EEXIST) /* another process has removed or made it */
            return SEM_FAILED;
    }
    return SEM_FAILED;
}

sem_t *lock_semaphore_find(const char *name)
{
    char full[FULL_NAME_BYTES];
    add_end(name, OWN_END, full);
    return may_be_trusted(full) ? sem_open(full, 0) : SEM_FAILED;
}

void lock_semaphore_unlink(const char *name)
{
    char full[FULL_NAME_BYTES];
    for (int i = 0; i < 2; i++) {
        add_end(name, i == 0 ? OWN_END : OTHER_END, full);
        if (may_be_trusted(full))
            sem_unlink(full);
    }
}

bool lock_semaphore_is_taken(sem_t *sem)
{
    int value = 0;
    return sem_getvalue(sem, &value) == 0 && value == 0;
}
