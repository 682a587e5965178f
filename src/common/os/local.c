/* SPDX-License-Identifier: ISC */
#include "os/local.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "os/net.h"

#define BACKLOG 16

/*
 * Opens a socket, and makes the address of a name in a directory. The address has the directory's
 * descriptor, so that the length of its path does not matter.
 */
static int open_local(int dir, const char *name, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int n = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", dir, name);
    if (n > 0 && (size_t)n < sizeof address->sun_path)
        return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    errno = ENAMETOOLONG;
    return -1;
}

int os_local_listen(int dir, const char *name)
{
    struct sockaddr_un address;
    int fd = open_local(dir, name, &address);
    if (fd < 0)
        return -1;
    unlinkat(dir, name, 0);
    bool bound = bind(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    if (bound && fchmodat(dir, name, 0660, 0) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int saved = errno;
    if (bound)
        unlinkat(dir, name, 0);
    os_net_close(fd);
    errno = saved;
    return -1;
}

int os_local_connect(int dir, const char *name)
{
    struct sockaddr_un address;
    int fd = open_local(dir, name, &address);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    os_net_close(fd);
    return -1;
}

/* Whether the peer has the group as a supplementary one. */
static bool has_group(int fd, gid_t group)
{
    socklen_t size = 0;
    bool found = false;
    /* cppcheck-suppress nullPointer ; this call only asks for the size */
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) == 0 || errno != ERANGE)
        return false; /* it has none, or the kernel does not tell */
    gid_t *groups = malloc(size);
    if (groups && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) == 0)
        for (size_t i = 0; i < size / sizeof *groups; i++)
            found = found || groups[i] == group;
    free(groups);
    return found;
}

static bool get_peer(int fd, struct ucred *peer)
{
    socklen_t size = sizeof *peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &size) == 0;
}

bool os_local_peer_is_trusted(int fd)
{
    struct ucred peer;
    return get_peer(fd, &peer) && (peer.uid == 0 || peer.uid == geteuid() ||
                                   peer.gid == getegid() || has_group(fd, getegid()));
}

unsigned os_local_peer_process(int fd)
{
    struct ucred peer;
    return get_peer(fd, &peer) ? (unsigned)peer.pid : 0;
}
