/* SPDX-License-Identifier: ISC */
#include "os/net.h"

#include <errno.h>
#include <limits.h>

#include "net_private.h"
#include "os/clock.h"
#include "os/error.h"
#include "windows_private.h"

struct addrinfo *os_net_resolve(const struct address_place *place, int type, int flags,
                                const char **why)
{
    struct addrinfo hints = {.ai_socktype = type, .ai_flags = flags | AI_NUMERICSERV};
    struct addrinfo *list;
    int error = getaddrinfo(place->host, place->port, &hints, &list);
    if (error == 0)
        return list;
    *why = os_error_text(os_windows_errno((DWORD)error));
    errno = error == WSATRY_AGAIN || error == WSAHOST_NOT_FOUND ? EAGAIN : EINVAL;
    return NULL;
}

struct lookup {
    const struct address_place *place;
    int type;
    const char **why;
    struct addrinfo *list;
};

static DWORD WINAPI look_up(void *arg)
{
    struct lookup *l = arg;
    l->list = os_net_resolve(l->place, l->type, 0, l->why);
    return 0;
}

/* Runs in a thread of its own, because getaddrinfo cannot be interrupted. */
struct addrinfo *os_net_look_up(const struct address_place *place, int type,
                                struct os_net_waiting *waiting, const char **why)
{
    struct lookup l = {place, type, why, NULL};
    HANDLE thread = waiting ? CreateThread(NULL, 0, look_up, &l, 0, NULL) : NULL;
    if (!thread)
        return os_net_resolve(place, type, 0, why);
    DWORD left_ms = 0;
    while (WaitForSingleObject(thread, left_ms) == WAIT_TIMEOUT) {
        os_net_tell(waiting, NULL);
        int64_t ms = waiting->at_ms == INT64_MAX ? INT64_MAX : waiting->at_ms - os_clock_ms();
        left_ms = ms < 0 ? 0 : ms < INFINITE ? (DWORD)ms : INFINITE;
    }
    CloseHandle(thread);
    return l.list;
}

int os_net_socket(const struct addrinfo *a)
{
    u_long on = 1;
    SOCKET made = WSASocketW(a->ai_family, a->ai_socktype, a->ai_protocol, NULL, 0,
                             WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    if (made == INVALID_SOCKET)
        os_windows_failed();
    else
        ioctlsocket(made, FIONBIO, &on);
    return os_windows_fd((HANDLE)made);
}

void os_net_no_delay(int fd)
{
    const char on = 1;
    setsockopt((SOCKET)fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int os_net_begin(const struct addrinfo *to)
{
    int fd = os_net_socket(to);
    if (fd < 0 || connect((SOCKET)fd, to->ai_addr, (int)to->ai_addrlen) == 0 ||
        WSAGetLastError() == WSAEWOULDBLOCK)
        return fd;
    os_windows_failed();
    os_net_close(fd);
    return -1;
}

int os_net_outcome(int fd)
{
    struct timeval now = {0, 0};
    fd_set connected = {1, {(SOCKET)fd}}, failed = connected;
    int error = 0, size = sizeof error;
    if (select(0, NULL, &connected, &failed, &now) <= 0)
        return EINPROGRESS;
    getsockopt((SOCKET)fd, SOL_SOCKET, SO_ERROR, (char *)&error, &size);
    return error ? os_windows_errno((DWORD)error) : 0;
}

static int call_bytes(size_t size)
{
    return size < INT_MAX ? (int)size : INT_MAX;
}

int64_t os_net_read(int fd, void *bytes, size_t size, bool wait)
{
    (void)wait; /* no connection is accepted here */
    int n = recv((SOCKET)fd, bytes, call_bytes(size), 0);
    if (n < 0)
        os_windows_failed();
    return n;
}

int64_t os_net_write(int fd, const void *bytes, size_t size)
{
    int n = send((SOCKET)fd, bytes, call_bytes(size), 0);
    if (n < 0)
        os_windows_failed();
    return n;
}

void os_net_close(int fd)
{
    int saved = errno;
    if (fd >= 0)
        closesocket((SOCKET)fd);
    errno = saved;
}
