/* SPDX-License-Identifier: ISC */
/*
 * Sockets with a path that the configuration names. Root may bind one in a directory of an
 * unprivileged user, who can replace any name there at any time. So mode and owner are changed
 * through a descriptor, never through the path.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "os/error.h"
#include "os/local.h"
#include "os/net.h"

#define MODE 0660

static int open_socket(const char *path, struct sockaddr_un *address)
{
    size_t n = strlen(path);
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (n < sizeof address->sun_path) {
        memcpy(address->sun_path, path, n);
        return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    }
    errno = ENAMETOOLONG;
    return -1;
}

int os_local_connect_to(const char *path)
{
    struct sockaddr_un address;
    int fd = open_socket(path, &address);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    os_net_close(fd);
    return -1;
}

/* Sets errno and *why. Returns false. */
static bool fail(int error, const char *text, const char **why)
{
    *why = text;
    errno = error;
    return false;
}

static bool has_directory(const char *path, const char **why)
{
    char parent[OS_LOCAL_PATH_BYTES];
    struct stat st;
    snprintf(parent, sizeof parent, "%.*s", (int)(strrchr(path, '/') - path + 1), path);
    if (fstatat(AT_FDCWD, parent, &st, 0) == 0)
        return true;
    return fail(errno, os_error_text(errno), why);
}

/* A socket that is bound but does not listen yet refuses connections, too: see os_local_is_ours. */
bool os_local_is_free(const char *path, const char **why)
{
    struct stat st;
    if (fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? has_directory(path, why) : fail(errno, os_error_text(errno), why);
    if (!S_ISSOCK(st.st_mode))
        return fail(EEXIST, "there is a file that is not a socket", why);
    int fd = os_local_connect_to(path);
    os_net_close(fd);
    if (fd < 0 && (errno == ECONNREFUSED || errno == ENOENT))
        return true;
    return fd >= 0 || errno == EAGAIN || errno == EPROTOTYPE
               ? fail(EADDRINUSE, "in use: a process listens there", why)
               : fail(errno, os_error_text(errno), why);
}

/* Returns a descriptor that holds the file at a path without opening it, or -1 with errno. */
static int hold(const char *path, struct stat *st)
{
    int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, st) == 0 && S_ISSOCK(st->st_mode))
        return fd;
    os_net_close(fd);
    if (fd >= 0)
        errno = ENOTSOCK;
    return -1;
}

static bool set_mode(int held)
{
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", held);
    return fchmodat(AT_FDCWD, path, MODE, 0) == 0;
}

/* Fills *name and sets the mode. False: errno. */
static bool take_name(const char *path, struct os_local_name *name)
{
    struct stat st;
    int held = hold(path, &st);
    if (held < 0)
        return false;
    errno = EACCES; /* another user has replaced it */
    bool ok = st.st_uid == geteuid() && set_mode(held);
    os_net_close(held);
    *name = (struct os_local_name){.device = st.st_dev, .inode = st.st_ino};
    strcpy(name->path, path);
    return ok;
}

int os_local_bind(const char *path, struct os_local_name *name, const char **why)
{
    struct sockaddr_un address;
    int fd = open_socket(path, &address);
    bool bound = fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0 && !bound && errno == EADDRINUSE) {
        if (!os_local_is_free(path, why)) {
            os_net_close(fd);
            return -1;
        }
        unlinkat(AT_FDCWD, path, 0);
        bound = bind(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    }
    if (bound && take_name(path, name))
        return fd;
    *why = os_error_text(errno);
    if (bound)
        unlinkat(AT_FDCWD, path, 0);
    os_net_close(fd);
    return -1;
}

static bool is_same(const struct os_local_name *name, const struct stat *st)
{
    return st->st_dev == name->device && st->st_ino == name->inode;
}

/* The group of a new file is ours, unless the directory gave it another one. */
bool os_local_give(const struct os_local_name *name, uint32_t user, uint32_t group)
{
    struct stat st;
    int held = hold(name->path, &st);
    if (held < 0)
        return false;
    bool ok =
        is_same(name, &st) &&
        fchownat(held, "", user, st.st_gid == getegid() ? group : (gid_t)-1, AT_EMPTY_PATH) == 0;
    os_net_close(held);
    return ok;
}

bool os_local_is_ours(const struct os_local_name *name)
{
    struct stat st;
    return fstatat(AT_FDCWD, name->path, &st, AT_SYMLINK_NOFOLLOW) == 0 && is_same(name, &st);
}

void os_local_remove(struct os_local_name *name)
{
    if (*name->path && os_local_is_ours(name))
        unlinkat(AT_FDCWD, name->path, 0);
    name->path[0] = '\0';
}

bool os_local_path(int fd, char path[OS_LOCAL_PATH_BYTES])
{
    struct sockaddr_un address = {.sun_family = AF_UNSPEC};
    socklen_t size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0 || address.sun_family != AF_UNIX ||
        size <= offsetof(struct sockaddr_un, sun_path) || !address.sun_path[0])
        return false;
    snprintf(path, OS_LOCAL_PATH_BYTES, "%.*s", OS_LOCAL_PATH_BYTES - 1, address.sun_path);
    return true;
}
