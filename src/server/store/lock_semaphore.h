/* SPDX-License-Identifier: ISC */
/*
 * lock_semaphore: the named semaphores of the stripes (lock.h). They lie in /dev/shm, and their
 * names come from the keys in the lock file. A semaphore whose value is 0 is taken.
 */
#ifndef STORE_LOCK_SEMAPHORE_H
#define STORE_LOCK_SEMAPHORE_H

#include <semaphore.h>
#include <stdbool.h>

#include "store/lock_file.h"

/*
 * Opens a stripe's semaphore, and makes it if it is missing. The caller has the use of the store.
 * SEM_FAILED with errno: EPERM if it is another user's, or open to others.
 */
sem_t *lock_semaphore_open(const struct lock_file *f, unsigned stripe);

/* Whether some process has it, or had it when it died. Takes nothing and opens nothing. */
bool lock_semaphore_is_taken(sem_t *sem);

/* Removes its name, if it has one. The caller has the use of the store alone. Opens nothing. */
void lock_semaphore_unlink(const struct lock_file *f, unsigned stripe);

/*
 * Calls died(ctx, mailbox) for each semaphore that is taken, and unlinks all that may be trusted.
 * The caller has the use of the store alone, and has not opened them.
 */
void lock_semaphore_end_all(const struct lock_file *f, void (*died)(void *ctx, const char *mailbox),
                            void *ctx);

#endif
