/* SPDX-License-Identifier: ISC */
/*
 * lock_semaphore: the named semaphores of the stripes (lock.h). They lie in /dev/shm;
 * lock_file_semaphore gives their names. A semaphore whose value is 0 is taken.
 *
 * To a program of another word size a free semaphore looks taken. So 32-bit programs have
 * semaphores of their own: "-32" is added to the names given here.
 */
#ifndef STORE_LOCK_SEMAPHORE_H
#define STORE_LOCK_SEMAPHORE_H

#include <semaphore.h>
#include <stdbool.h>

#define LOCK_SEMAPHORE_NAME_BYTES 80

/*
 * Opens a semaphore, and makes it if it is missing. The caller must have the use of the store
 * (lock_file_open). SEM_FAILED with errno: EPERM if it is another user's, or open to others.
 */
sem_t *lock_semaphore_open(const char *name);

/* Opens a semaphore that is there and may be trusted. SEM_FAILED: there is no such semaphore. */
sem_t *lock_semaphore_find(const char *name);

/*
 * Removes a semaphore, and the one that programs of the other word size have instead. A semaphore
 * that may not be trusted stays. Opens no file.
 */
void lock_semaphore_unlink(const char *name);

/* Whether a process has the semaphore, or had it when it died. Takes nothing, opens nothing. */
bool lock_semaphore_is_taken(sem_t *sem);

#endif
