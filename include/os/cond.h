/* SPDX-License-Identifier: ISC */
/*
 * os_cond: condition variables whose waits have a deadline, by the clock of os_clock_ms, which
 * nobody sets. Thread-safe.
 */
#ifndef OS_COND_H
#define OS_COND_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Initializes a condition variable for os_cond_wait; pthread_cond_destroy frees it. */
void os_cond_init(pthread_cond_t *cond);

/*
 * Waits, with the mutex held, for a signal or the deadline in milliseconds. False: the deadline has
 * passed. As with pthread_cond_wait, the caller looks again whether what it waits for is true.
 */
bool os_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t deadline_ms);

/*
 * Lets other threads that are ready to run go first. The caller holds the mutex; it is unlocked
 * while they run, and locked again when this returns.
 */
void os_cond_yield(pthread_mutex_t *mutex);

#endif
