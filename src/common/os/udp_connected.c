/* SPDX-License-Identifier: ISC */
/*
 * Connected sockets of os_udp: those of a client, and those of a server's sessions.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net_private.h"
#include "os/error.h"
#include "os/udp.h"
#include "os/wait.h"
#include "udp_private.h"

union control { /* room for an int, and for the address that os_udp has asked for */
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

void os_udp_widen(int fd)
{
    int bytes = 0;
    socklen_t size = sizeof bytes;
    if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &size) == 0 && bytes >= OS_UDP_BUFFER_BYTES)
        return; /* an administrator has set a larger one */
    bytes = OS_UDP_BUFFER_BYTES;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

int os_udp_connect(const struct address_place *place, int *fds, int max,
                   struct os_net_waiting *waiting, const char **why)
{
    struct addrinfo *list = os_net_look_up(place, SOCK_DGRAM, waiting, why);
    const struct addrinfo *order[OS_WAIT_MAX];
    int opened = 0, n = list ? os_net_order(list, order, OS_WAIT_MAX) : 0;
    for (int i = 0; i < n && opened < max; i++) {
        int fd = os_net_socket(order[i]);
        if (fd >= 0 && connect(fd, order[i]->ai_addr, order[i]->ai_addrlen) == 0) {
            os_udp_widen(fd);
            fds[opened++] = fd;
            continue;
        }
        *why = os_error_text(errno);
        os_net_close(fd);
    }
    if (list)
        freeaddrinfo(list);
    return opened > 0 ? opened : -1;
}

void os_udp_send(int fd, struct span datagram)
{
    send(fd, datagram.p, datagram.n, MSG_NOSIGNAL);
}

void os_udp_gather(int fd, bool on)
{
    int value = on;
    setsockopt(fd, SOL_UDP, UDP_GRO, &value, sizeof value);
}

/* The size of each datagram, except the last, in what one call has received. */
static size_t piece_bytes(struct msghdr *m, size_t all)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        int size;

        if (c->cmsg_level != SOL_UDP || c->cmsg_type != UDP_GRO)
            continue;
        memcpy(&size, CMSG_DATA(c), sizeof size);
        return size > 0 ? (size_t)size : all;
    }
    return all;
}

int64_t os_udp_receive_pieces(int fd, char *bytes, size_t size, size_t *piece)
{
    union control control;
    struct iovec iov = {.iov_len = size};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    iov.iov_base = bytes;
    ssize_t n = TEMP_FAILURE_RETRY(recvmsg(fd, &m, 0));
    if (n >= 0)
        *piece = piece_bytes(&m, (size_t)n);
    return n;
}

bool os_udp_send_pieces(int fd, struct span bytes, size_t size)
{
    union control control = {.bytes = {0}};
    struct iovec iov = {.iov_len = bytes.n};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    uint16_t piece = (uint16_t)size;
    memcpy(&iov.iov_base, &bytes.p, sizeof bytes.p); /* sendmsg only reads there */

    if (bytes.n > size) {
        struct cmsghdr *c = &control.align;
        m.msg_control = &control;
        m.msg_controllen = CMSG_SPACE(sizeof piece);
        c->cmsg_level = SOL_UDP;
        c->cmsg_type = UDP_SEGMENT;
        c->cmsg_len = CMSG_LEN(sizeof piece);
        memcpy(CMSG_DATA(c), &piece, sizeof piece);
    }
    return TEMP_FAILURE_RETRY(sendmsg(fd, &m, MSG_NOSIGNAL)) >= 0;
}
