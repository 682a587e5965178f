/* SPDX-License-Identifier: ISC */
/*
 * The server's side of os_net.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "net_private.h"
#include "os/clock.h"
#include "os/error.h"
#include "os/wait.h"

static void set_reuse(int fd, int on)
{
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

/*
 * With the option the port can be bound while connections of an earlier server end. Without it, as
 * it is left, no other process can bind the port and listen there before this one does.
 */
static int bind_at(const struct addrinfo *a, int backlog)
{
    int on = 1;
    int fd = os_net_socket(a);
    (void)backlog;
    if (fd < 0)
        return -1;
    set_reuse(fd, 1);
    if (a->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, a->ai_addr, a->ai_addrlen) == 0) {
        set_reuse(fd, 0);
        return fd;
    }
    os_net_close(fd);
    return -1;
}

/* The connections have the option, too, so that a later server can bind the port. */
bool os_net_listen_on(int fd, int backlog)
{
    set_reuse(fd, 1);
    return listen(fd, backlog) == 0;
}

static int listen_at(const struct addrinfo *a, int backlog)
{
    int fd = bind_at(a, 0);
    if (fd < 0 || os_net_listen_on(fd, backlog))
        return fd;
    os_net_close(fd);
    return -1;
}

int os_net_open_each(const struct address_place *place, int type,
                     int (*open)(const struct addrinfo *a, int backlog), int backlog, int *fds,
                     int max, const char **why)
{
    struct addrinfo *list = os_net_resolve(place, type, AI_PASSIVE, why);
    int n = 0, error = 0;
    if (!list)
        return -1;
    for (struct addrinfo *a = list; a && n < max; a = a->ai_next) {
        int fd = open(a, backlog);
        if (fd >= 0) {
            fds[n++] = fd;
            continue;
        }
        error = errno;
        *why = os_error_text(error);
        if (error == EADDRNOTAVAIL || error == EAFNOSUPPORT)
            continue;
        while (n > 0)
            os_net_close(fds[--n]);
        break;
    }
    freeaddrinfo(list);
    errno = error;
    return n > 0 ? n : -1;
}

int os_net_bind(const struct address_place *place, int *fds, int max, const char **why)
{
    return os_net_open_each(place, SOCK_STREAM, bind_at, 0, fds, max, why);
}

int os_net_listen(const struct address_place *place, int backlog, int *fds, int max,
                  const char **why)
{
    return os_net_open_each(place, SOCK_STREAM, listen_at, backlog, fds, max, why);
}

enum os_net_reach os_net_reach(const struct address_place *place)
{
    const char *why;
    struct addrinfo *list = os_net_resolve(place, SOCK_STREAM, AI_PASSIVE, &why);
    enum os_net_reach widest = OS_NET_MACHINE;
    for (struct addrinfo *a = list; a; a = a->ai_next) {
        struct sockaddr_storage sa = {.ss_family = AF_UNSPEC};

        memcpy(&sa, a->ai_addr, a->ai_addrlen);
        struct sockaddr_in6 v6 = os_net_to_v6(&sa);
        struct address address = os_net_address(&v6.sin6_addr);
        enum os_net_reach reach = address_is_loopback(&address)  ? OS_NET_MACHINE
                                  : address_is_private(&address) ? OS_NET_NETWORK
                                                                 : OS_NET_WORLD;
        if (reach > widest)
            widest = reach;
    }
    if (list)
        freeaddrinfo(list);
    return widest;
}

/* A recv waits so long for input, and then fails with EAGAIN. False: errno. */
static bool limit_recv(int fd, int wait_ms)
{
    struct timeval most = {.tv_usec = wait_ms * 1000};
    return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most) == 0;
}

int os_net_accept(int listener, int wait_ms, struct os_net_peer *peer)
{
    struct sockaddr_storage sa = {.ss_family = AF_UNSPEC};
    int flags = SOCK_CLOEXEC | (wait_ms > 0 ? 0 : SOCK_NONBLOCK), fd = -1;
    do {
        socklen_t size = sizeof sa;
        fd = accept4(listener, (struct sockaddr *)&sa, &size, flags);
    } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    /* Without the limit no recv may wait. */
    if (fd >= 0 && wait_ms > 0 && !limit_recv(fd, wait_ms) && fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        os_net_close(fd);
        return -1;
    }
    if (fd >= 0)
        os_net_no_delay(fd);
    if (fd >= 0 && peer) {
        struct sockaddr_in6 v6 = os_net_to_v6(&sa);
        *peer = (struct os_net_peer){os_net_address(&v6.sin6_addr), ntohs(v6.sin6_port)};
        if (sa.ss_family == AF_UNIX)
            peer->address = address_of_v4((const unsigned char[]){127, 0, 0, 1});
    }
    return fd;
}

int os_net_again(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

void os_net_shut(int fd)
{
    shutdown(fd, SHUT_RDWR);
}

void os_net_linger_close(int fd, size_t max_bytes, int64_t deadline_ms)
{
    char dropped[1024];
    shutdown(fd, SHUT_WR);
    while (max_bytes > 0) {
        int64_t n = os_net_read(fd, dropped, sizeof dropped, false);
        if (n > 0)
            max_bytes -= (size_t)n < max_bytes ? (size_t)n : max_bytes;
        else if (n == 0 || errno != EAGAIN ||
                 os_wait(&fd, 1, OS_WAIT_INPUT, os_clock_ms_to_us(deadline_ms)) == OS_TIMEOUT)
            break;
    }
    os_net_close(fd);
}
