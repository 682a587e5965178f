/* SPDX-License-Identifier: ISC */
/*
 * A client's sockets. Each call sends or receives one datagram: not every Windows has calls for
 * several at once.
 */
#include "os/udp.h"

#include <errno.h>

#include "net_private.h"
#include "os/error.h"
#include "os/wait.h"
#include "windows_private.h"

static void widen(int fd)
{
    int bytes = OS_UDP_BUFFER_BYTES;
    setsockopt((SOCKET)fd, SOL_SOCKET, SO_RCVBUF, (const char *)&bytes, sizeof bytes);
}

int os_udp_connect(const struct address_place *place, int *fds, int max,
                   struct os_net_waiting *waiting, const char **why)
{
    struct addrinfo *list = os_net_look_up(place, SOCK_DGRAM, waiting, why);
    const struct addrinfo *order[OS_WAIT_MAX];
    int opened = 0, n = list ? os_net_order(list, order, OS_WAIT_MAX) : 0;
    for (int i = 0; i < n && opened < max; i++) {
        int fd = os_net_begin(order[i]);
        if (fd < 0) {
            *why = os_error_text(errno);
            continue;
        }
        widen(fd);
        fds[opened++] = fd;
    }
    if (list)
        freeaddrinfo(list);
    return opened > 0 ? opened : -1;
}

/* If nobody listens at the port, Windows reports the next call as reset: that is a refusal. */
static int64_t result_of(int n)
{
    if (n >= 0)
        return n;
    os_windows_failed();
    if (errno == ECONNRESET)
        errno = ECONNREFUSED;
    return -1;
}

void os_udp_send(int fd, struct span datagram)
{
    send((SOCKET)fd, datagram.p, (int)datagram.n, 0);
}

bool os_udp_send_pieces(int fd, struct span bytes, size_t size)
{
    errno = EOPNOTSUPP;
    return bytes.n <= size && result_of(send((SOCKET)fd, bytes.p, (int)bytes.n, 0)) >= 0;
}

void os_udp_gather(int fd, bool on)
{
    (void)fd;
    (void)on;
}

int64_t os_udp_receive_pieces(int fd, char *bytes, size_t size, size_t *piece)
{
    int64_t n = result_of(recv((SOCKET)fd, bytes, (int)size, 0));
    if (n >= 0)
        *piece = (size_t)n;
    return n;
}

int64_t os_udp_receive(int fd, char *bytes, size_t size, struct os_udp_peer *from)
{
    (void)from; /* only a server asks */
    return result_of(recv((SOCKET)fd, bytes, (int)size, 0));
}
