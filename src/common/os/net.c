/* SPDX-License-Identifier: ISC */
#include "os/net.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net_private.h"
#include "os/clock.h"
#include "os/error.h"
#include "os/wait.h"

struct addrinfo *os_net_resolve(const struct address_place *place, int type, int flags,
                                const char **why)
{
    struct addrinfo hints = {.ai_socktype = type, .ai_flags = flags | AI_NUMERICSERV};
    struct addrinfo *list;
    int error = getaddrinfo(place->host, place->port, &hints, &list);
    if (error == 0)
        return list;
    *why = error == EAI_SYSTEM ? os_error_text(errno) : gai_strerror(error);
    if (error != EAI_SYSTEM)
        errno = error == EAI_AGAIN || error == EAI_NONAME ? EAGAIN : EINVAL;
    return NULL;
}

int os_net_socket(const struct addrinfo *a)
{
    return socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
}

void os_net_no_delay(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* A name that a thread of its own looks up, because getaddrinfo cannot be interrupted. */
struct lookup {
    const struct address_place *place;
    int type;
    const char **why;
    struct addrinfo *list;
    int done; /* can be read when it has ended */
};

static void *look_up(void *arg)
{
    struct lookup *l = arg;
    l->list = os_net_resolve(l->place, l->type, 0, l->why);
    eventfd_write(l->done, 1);
    return NULL;
}

struct addrinfo *os_net_look_up(const struct address_place *place, int type,
                                struct os_net_waiting *waiting, const char **why)
{
    struct lookup l = {place, type, why, NULL, waiting ? eventfd(0, EFD_CLOEXEC) : -1};
    pthread_t thread;
    if (l.done < 0 || pthread_create(&thread, NULL, look_up, &l) != 0) {
        os_net_close(l.done);
        return os_net_resolve(place, type, 0, why);
    }
    while (os_wait(&l.done, 1, OS_WAIT_INPUT, os_clock_ms_to_us(waiting->at_ms)) != OS_READY)
        os_net_tell(waiting, NULL);
    pthread_join(thread, NULL);
    os_net_close(l.done);
    return l.list;
}

int os_net_begin(const struct addrinfo *to)
{
    int fd = os_net_socket(to);
    if (fd < 0 || connect(fd, to->ai_addr, to->ai_addrlen) == 0 || errno == EINPROGRESS ||
        errno == EINTR)
        return fd;
    os_net_close(fd);
    return -1;
}

int os_net_outcome(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof error;
    if (poll(&p, 1, 0) <= 0)
        return EINPROGRESS;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

int64_t os_net_read(int fd, void *bytes, size_t size, bool wait)
{
    return TEMP_FAILURE_RETRY(recv(fd, bytes, size, wait ? 0 : MSG_DONTWAIT));
}

int64_t os_net_write(int fd, const void *bytes, size_t size)
{
    return TEMP_FAILURE_RETRY(send(fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT));
}

void os_net_close(int fd)
{
    int saved = errno;
    if (fd >= 0)
        close(fd);
    errno = saved;
}
