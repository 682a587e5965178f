/* SPDX-License-Identifier: ISC */
/*
 * os_lock: locks on single bytes of a file, which the kernel releases if their holder dies.
 *
 * These are open file description locks (fcntl F_OFD_*): descriptors that were opened separately
 * exclude each other, even within one process; threads that share a descriptor share its locks.
 * Functions that return -1, false or NULL set errno.
 */
#ifndef OS_LOCK_H
#define OS_LOCK_H

#include <stdbool.h>
#include <stddef.h>

enum os_lock { OS_LOCK_NONE, OS_LOCK_SHARED, OS_LOCK_EXCLUSIVE };

/* Opens an existing file for locking, reading and writing. */
int os_lock_open(int dir, const char *name);

/*
 * Sets this descriptor's lock on one byte, without waiting. EAGAIN: another descriptor holds a lock
 * that excludes this one.
 */
bool os_lock_set(int fd, long byte, enum os_lock lock);

/* Whether another holds a lock on this byte. A descriptor for reading is enough. */
bool os_lock_is_held(int fd, long byte);

/*
 * Whether a file that is open has this name in a directory. False: errno is 0 if it does not have
 * it, and otherwise says why nobody can tell.
 */
bool os_lock_is_named(int fd, int dir, const char *name);

/*
 * Gives the number of a descriptor to another one, which loses its own. The locks of the file that
 * had the number before are released, and those of the other stay. No thread sees a closed
 * descriptor meanwhile. False: the number is as before, and the other descriptor is closed.
 */
bool os_lock_take_over(int fd, int number);

#endif
