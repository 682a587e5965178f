/* SPDX-License-Identifier: ISC */
/*
 * os_local: Unix sockets, named in a directory, or by a path. The path of the directory may be
 * longer than the address of a socket can be. Descriptors are non-blocking and are closed on exec.
 * Functions that return -1 set errno. Thread-safe.
 */
#ifndef OS_LOCAL_H
#define OS_LOCAL_H

#include <stdbool.h>
#include <stdint.h>

#define OS_LOCAL_PATH_BYTES                                              \
    108 /* room for a path that any program can connect to, with its NUL \
         */

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

/* The file of a socket that this process has bound. */
struct os_local_name {
    char path[OS_LOCAL_PATH_BYTES]; /* "": no file */
    uint64_t device, inode;
};

/*
 * Binds a socket to an absolute path, with mode 0660, and fills *name. Connections are refused
 * until os_net_listen_on. Replaces a socket that an earlier process has left there. Returns the
 * descriptor, or -1 with the cause in *why (a constant). EADDRINUSE: a process listens there.
 * EEXIST: another file is there.
 */
int os_local_bind(const char *path, struct os_local_name *name, const char **why);

/*
 * Whether os_local_bind could bind the path: its directory exists, and nothing is there, or a
 * socket that it would replace. False: errno and *why as above.
 */
bool os_local_is_free(const char *path, const char **why);

/*
 * Gives the file to a user and group. If the directory has the set-group-ID bit, the file keeps the
 * group of the directory. False: errno.
 */
bool os_local_give(const struct os_local_name *name, uint32_t user, uint32_t group);

/* Whether the path still leads to the file, and nobody has replaced it. */
bool os_local_is_ours(const struct os_local_name *name);

/* Removes the file, if the path still leads to it and the process may, and clears the path. */
void os_local_remove(struct os_local_name *name);

/* The path that a Unix socket is bound to. Returns false if it is another socket, or has no path.
 */
bool os_local_path(int fd, char path[OS_LOCAL_PATH_BYTES]);

/* Connects to a path. Returns the descriptor, or -1; ECONNREFUSED or ENOENT: nobody listens. */
int os_local_connect_to(const char *path);

#endif
