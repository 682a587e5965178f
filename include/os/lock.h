/*
 * os_lock: locks on single bytes of a file, which the kernel gives back when their holder dies.
 *
 * These are open file description locks (fcntl F_OFD_*): two descriptors that were opened apart
 * exclude each other, within one process too; threads that share a descriptor share its locks.
 */
#ifndef OS_LOCK_H
#define OS_LOCK_H

#include <stdbool.h>
#include <stddef.h>

enum os_lock { OS_LOCK_NONE, OS_LOCK_SHARED, OS_LOCK_EXCLUSIVE };

/* Opens an existing file for locking and mapping: an open file description of its own. -1: errno.
 */
int os_lock_open(int dir, const char *name);

/*
 * Sets this descriptor's lock on one byte, waiting for other holders if wait. Returns false with
 * EAGAIN when another holds it and wait is false, or with what failed.
 */
bool os_lock_set(int fd, long byte, enum os_lock lock, bool wait);

/* Whether another holds a lock, shared or not, on this byte. A descriptor for reading is enough. */
bool os_lock_is_held(int fd, long byte);

/* Maps the first size bytes, shared with every process that maps them. NULL: errno. */
void *os_lock_map(int fd, size_t size);
void os_lock_unmap(void *map, size_t size);

#endif
