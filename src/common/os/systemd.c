/* SPDX-License-Identifier: ISC */
#include "os/systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/span.h"
#include "os/net.h"
#include "os/udp.h"

#define MOST_SOCKETS 1000

int os_systemd_sockets(struct buf *names)
{
    uint64_t pid, count = 0;
    int sockets = 0;
    const char *text = getenv("LISTEN_PID");
    bool ours = text && span_u64(span_str(text), INT32_MAX, &pid) && (pid_t)pid == getpid();
    text = getenv("LISTEN_FDS");
    if (ours && text)
        sockets = span_u64(span_str(text), MOST_SOCKETS, &count) ? (int)count : -1;
    text = getenv("LISTEN_FDNAMES");
    if (sockets > 0 && text)
        buf_add_str(names, text);
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_PIDFDID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return sockets;
}

static bool option_is(int fd, int name, int value)
{
    int got;
    socklen_t size = sizeof got;
    return getsockopt(fd, SOL_SOCKET, name, &got, &size) == 0 && got == value;
}

static bool make_ours(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
           fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static bool adopt_stream(int fd, const char *other, const char *deaf, const char **why)
{
    *why = other;
    if (!option_is(fd, SO_TYPE, SOCK_STREAM))
        return false;
    *why = deaf;
    if (!option_is(fd, SO_ACCEPTCONN, 1))
        return false;
    *why = "cannot be made non-blocking";
    return make_ours(fd);
}

bool os_systemd_adopt(int fd, const char **why)
{
    static const char other[] = "is not a TCP or UDP socket";
    *why = "is not open";
    if (fcntl(fd, F_GETFL) < 0)
        return false;
    *why = other;
    return option_is(fd, SO_PROTOCOL, IPPROTO_TCP) &&
           adopt_stream(fd, other, "is a TCP socket that does not listen", why);
}

bool os_systemd_is_local(int fd)
{
    return option_is(fd, SO_DOMAIN, AF_UNIX);
}

bool os_systemd_adopt_local(int fd, const char **why)
{
    *why = "is not a Unix socket";
    return os_systemd_is_local(fd) && adopt_stream(fd, "is a Unix socket for datagrams",
                                                   "is a Unix socket that does not listen", why);
}

bool os_systemd_is_udp(int fd)
{
    return option_is(fd, SO_TYPE, SOCK_DGRAM) && option_is(fd, SO_PROTOCOL, IPPROTO_UDP);
}

/* Only one client can send to a connected socket. */
static bool is_connected(int fd)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    return getpeername(fd, (struct sockaddr *)&peer, &size) == 0;
}

bool os_systemd_adopt_udp(int fd, const char **why)
{
    char address[OS_NET_ADDRESS_BYTES];
    unsigned port;
    *why = "is a UDP socket that is not bound";
    if (!os_net_local(fd, address, &port) || port == 0)
        return false;
    *why = "is a UDP socket that is connected";
    if (is_connected(fd))
        return false;
    *why = "cannot be set up for a server";
    return make_ours(fd) && os_udp_adopt(fd);
}

/* Returns the size of the address, which is what ends an abstract name; 0 if path cannot be one. */
static socklen_t make_address(const char *path, struct sockaddr_un *address)
{
    size_t n = strlen(path);
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if ((*path != '/' && *path != '@') || n < 2 || n >= sizeof address->sun_path)
        return 0;
    memcpy(address->sun_path, path, n);
    if (*path == '@')
        address->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

static int connect_to(const char *path)
{
    struct sockaddr_un address;
    socklen_t size = make_address(path, &address);
    if (size == 0) {
        errno = EINVAL;
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, size) == 0)
        return fd;
    os_net_close(fd);
    return -1;
}

int os_systemd_connect(void)
{
    const char *path = getenv("NOTIFY_SOCKET");
    int fd = -1;
    errno = 0;
    if (path)
        fd = connect_to(path);
    unsetenv("NOTIFY_SOCKET");
    return fd;
}

/* A process may have inherited JOURNAL_STREAM although its output goes elsewhere. */
bool os_systemd_is_journal(int fd)
{
    const char *stream = getenv("JOURNAL_STREAM");
    char text[48];
    struct stat st;
    if (!stream || fstat(fd, &st) != 0)
        return false;
    snprintf(text, sizeof text, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    return strcmp(stream, text) == 0;
}

void os_systemd_notify(int fd, const char *lines)
{
    if (fd >= 0)
        (void)!send(fd, lines, strlen(lines), MSG_NOSIGNAL);
}

/* systemd compares the time with its own, to tell this reload from an earlier one. */
void os_systemd_notify_reload(int fd)
{
    struct timespec now;
    char lines[80];
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(lines, sizeof lines, "RELOADING=1\nMONOTONIC_USEC=%lld%06ld", (long long)now.tv_sec,
             now.tv_nsec / 1000);
    os_systemd_notify(fd, lines);
}
