/* SPDX-License-Identifier: ISC */
/*
 * os_wait: waiting for descriptors until a deadline, or until another thread wakes the waiting one.
 * Thread-safe.
 *
 * A thread is woken with pthread_kill(thread, OS_WAKE). Call os_wake_setup before the first thread
 * is started: the signal is then blocked everywhere except inside these waits. A wake that is sent
 * before the wait is pending and ends the wait at once, so no wake can be missed. On Windows there
 * are no wakes.
 */
#ifndef OS_WAIT_H
#define OS_WAIT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#define OS_FOREVER  INT64_MAX /* as a deadline: none */
#define OS_WAIT_MAX 64        /* descriptors in one wait */
#define OS_WAKE     SIGUSR1

enum os_waited {
    OS_READY,  /* a descriptor is ready */
    OS_WOKEN,  /* OS_WAKE or another signal came */
    OS_TIMEOUT /* the deadline has passed */
};

enum os_wait_for {
    OS_WAIT_NOTHING, /* only for an error of a descriptor */
    OS_WAIT_INPUT,   /* it can be read or has ended, or a client waits at the listener */
    OS_WAIT_ROOM     /* it can be written, or its connection is made or has failed */
};

/*
 * Waits for one of n descriptors, at most OS_WAIT_MAX. With n 0 only a wake or the deadline ends
 * the wait. deadline_us is a time of os_clock_us().
 */
enum os_waited os_wait(const int *fds, int n, enum os_wait_for what, int64_t deadline_us);

/*
 * Waits until one of n descriptors can be read, or a connection waits at one of n listeners.
 * Returns false on a wake and at the deadline, a time of os_clock_ms().
 */
bool os_wait_input(const int *fds, int n, int64_t deadline_ms);

/*
 * Prepares the process for wakes: installs a handler for OS_WAKE, blocks it in this thread and
 * those it starts. Ignores SIGPIPE and SIGXFSZ: such a write fails with EPIPE or EFBIG.
 */
void os_wake_setup(void);

/* In a child that will run another program: sets these signals back to their defaults. */
void os_wake_undo(void);

#endif
