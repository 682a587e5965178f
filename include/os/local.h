/* SPDX-License-Identifier: ISC */
/*
 * os_local: Unix sockets, named in a directory. The path of the directory may be longer than the
 * address of a socket can be. Descriptors are non-blocking and are closed on exec. Functions that
 * return -1 set errno. Thread-safe.
 */
#ifndef OS_LOCAL_H
#define OS_LOCAL_H

#include <stdbool.h>

/*
 * Listens at a name, with mode 0660. Replaces a socket that an earlier process left there; the
 * caller makes sure that no other process listens at it. If it fails, it leaves no socket there.
 */
int os_local_listen(int dir, const char *name);

/* Connects to a name. ECONNREFUSED or ENOENT: nobody listens. */
int os_local_connect(int dir, const char *name);

/*
 * Whether the process that connected may give orders to this one: it runs as root, as the same
 * user, or in our group.
 */
bool os_local_peer_is_trusted(int fd);

/* The process id of the other end, or 0. */
unsigned os_local_peer_process(int fd);

#endif
