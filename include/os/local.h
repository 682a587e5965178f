/*
 * os_local: sockets of this machine alone, by a name in a directory. The directory's own path may
 * be longer than the address of a socket can be. Descriptors are non-blocking and close on exec,
 * and serve as an socket_io. Functions that return -1 set errno. Safe for threads.
 */
#ifndef OS_LOCAL_H
#define OS_LOCAL_H

#include <stdbool.h>

/*
 * Listens under a name, of mode 0660. One that an earlier process left there is replaced: that no
 * other listens is for the caller to know.
 */
int os_local_listen(int dir, const char *name);

/* ECONNREFUSED or ENOENT: nobody listens. */
int os_local_connect(int dir, const char *name);

/* Whether the process that connected may rule this one: root, the same user, or one who has our
 * group. */
bool os_local_peer_is_trusted(int fd);

/* The process at the other end, or 0. */
unsigned os_local_peer_process(int fd);

#endif
