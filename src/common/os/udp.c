/* SPDX-License-Identifier: ISC */
/*
 * All sockets of a server are IPv6 ones, and IPv4 addresses are mapped (address.h), so that there
 * is one form of address. Only a bound socket that was handed over may be an IPv4 one.
 */
#include "os/udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net_private.h"
#include "os/error.h"

union control { /* room for a struct in6_pktinfo, or for the smaller in_pktinfo */
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

union name { /* the address of a socket, or of its peer */
    struct sockaddr any;
    struct sockaddr_storage storage;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static struct sockaddr_in6 to_system(const struct address *a, unsigned port, unsigned zone)
{
    struct sockaddr_in6 sa = {
        .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_scope_id = zone};
    memcpy(&sa.sin6_addr, a->b, sizeof a->b);
    return sa;
}

static bool own_name(int fd, union name *n)
{
    socklen_t size = sizeof *n;
    *n = (union name){.any.sa_family = AF_UNSPEC};
    return getsockname(fd, &n->any, &size) == 0;
}

/* Leaves a larger buffer that an administrator has set. */
static void widen(int fd)
{
    int bytes = OS_UDP_BUFFER_BYTES, now = 0;
    socklen_t size = sizeof now;
    if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &now, &size) != 0 || now < bytes)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

/*
 * Opens a socket bound to sa. beside: another socket of ours is already bound there. A socket bound
 * to all IPv6 addresses does not take IPv4 as well.
 */
static int open_bound(const struct sockaddr_in6 *sa, bool beside)
{
    struct address a = os_net_address(&sa->sin6_addr);
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1, shared = beside, only_v6 = !address_is_v4(&a);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &shared, sizeof shared);
    widen(fd);
    if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof only_v6) == 0 &&
        setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on) == 0 &&
        bind(fd, (const struct sockaddr *)sa, sizeof *sa) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0)
        return fd;
    os_net_close(fd);
    return -1;
}

static int bind_at(const struct addrinfo *a, int backlog)
{
    union name n = {.any.sa_family = AF_UNSPEC};
    (void)backlog;
    memcpy(&n, a->ai_addr, a->ai_addrlen < sizeof n ? a->ai_addrlen : sizeof n);
    struct sockaddr_in6 sa = os_net_to_v6(&n.storage);
    return open_bound(&sa, false);
}

int os_udp_bind(const struct address_place *place, int *fds, int max, const char **why)
{
    return os_net_open_each(place, SOCK_DGRAM, bind_at, 0, fds, max, why);
}

bool os_udp_adopt(int fd)
{
    union name own;
    int on = 1;
    bool told;
    if (!own_name(fd, &own))
        return false;
    widen(fd);
    if (own.any.sa_family == AF_INET)
        told = setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) == 0;
    else
        told = setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on) == 0;
    return told && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
}

int os_udp_session(int bound, const struct os_udp_peer *peer)
{
    const struct sockaddr_in6 client = to_system(&peer->address, peer->port, peer->zone);
    union name own;
    if (!own_name(bound, &own))
        return -1;
    struct sockaddr_in6 local =
        to_system(&peer->local, ntohs(os_net_to_v6(&own.storage).sin6_port), peer->zone);
    int fd = open_bound(&local, true);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&client, sizeof client) == 0)
        return fd;
    os_net_close(fd);
    return -1;
}

/* Sets *local to our address that a datagram was sent to, if this control message has it. */
static void take_local(const struct cmsghdr *c, struct address *local)
{
    struct in6_pktinfo v6;
    struct in_pktinfo v4;
    if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
        memcpy(&v6, CMSG_DATA(c), sizeof v6);
        *local = os_net_address(&v6.ipi6_addr);
    } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
        memcpy(&v4, CMSG_DATA(c), sizeof v4);
        *local = address_of_v4((const unsigned char *)&v4.ipi_addr);
    }
}

int64_t os_udp_receive(int fd, char *bytes, size_t size, struct os_udp_peer *from)
{
    union name name = {.any.sa_family = AF_UNSPEC};
    union control control;
    struct iovec piece = {.iov_len = size};
    struct msghdr m = {.msg_name = &name,
                       .msg_namelen = sizeof name,
                       .msg_iov = &piece,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};

    piece.iov_base = bytes;
    ssize_t n = TEMP_FAILURE_RETRY(recvmsg(fd, &m, 0));

    if (n < 0)
        return -1;
    if (!from)
        return n;
    struct sockaddr_in6 sa = os_net_to_v6(&name.storage);
    *from = (struct os_udp_peer){.address = os_net_address(&sa.sin6_addr),
                                 .port = ntohs(sa.sin6_port),
                                 .zone = sa.sin6_scope_id};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
        take_local(c, &from->local);
    return n;
}

static void put_control(struct msghdr *m, int level, int type, const void *info, size_t size)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(m);
    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(c), info, size);
    m->msg_controllen = CMSG_SPACE(size);
}

/* Sets the destination and the source address of a message, in the family of the socket. */
static void put_addresses(struct msghdr *m, union name *name, const struct os_udp_peer *to)
{
    struct in6_pktinfo v6 = {.ipi6_ifindex = to->zone};
    struct in_pktinfo v4 = {.ipi_ifindex = 0};
    if (name->any.sa_family == AF_INET) {
        name->v4.sin_port = htons((uint16_t)to->port);
        memcpy(&name->v4.sin_addr, address_v4_bytes(&to->address), sizeof name->v4.sin_addr);
        memcpy(&v4.ipi_spec_dst, address_v4_bytes(&to->local), sizeof v4.ipi_spec_dst);
        m->msg_namelen = sizeof name->v4;
        put_control(m, IPPROTO_IP, IP_PKTINFO, &v4, sizeof v4);
        return;
    }
    name->v6 = to_system(&to->address, to->port, to->zone);
    memcpy(&v6.ipi6_addr, to->local.b, sizeof to->local.b);
    m->msg_namelen = sizeof name->v6;
    put_control(m, IPPROTO_IPV6, IPV6_PKTINFO, &v6, sizeof v6);
}

void os_udp_answer(int bound, const struct os_udp_peer *to, struct span datagram)
{
    union name name;
    struct iovec piece = {.iov_len = datagram.n};
    union control control = {.bytes = {0}};
    struct msghdr m = {.msg_name = &name,
                       .msg_iov = &piece,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};

    memcpy(&piece.iov_base, &datagram.p, sizeof datagram.p); /* sendmsg only reads there */
    if (!own_name(bound, &name))
        return;
    put_addresses(&m, &name, to);
    sendmsg(bound, &m, MSG_NOSIGNAL);
}

bool os_udp_same_client(const struct os_udp_peer *a, const struct os_udp_peer *b)
{
    return a->port == b->port && a->zone == b->zone && address_equal(&a->address, &b->address) &&
           address_equal(&a->local, &b->local);
}

int os_udp_connect(const struct address_place *place, int *fds, int max, const char **why)
{
    struct addrinfo *list = os_net_resolve(place, SOCK_DGRAM, 0, why);
    int bytes = OS_UDP_BUFFER_BYTES, n = 0;
    for (struct addrinfo *a = list; a && n < max; a = a->ai_next) {
        int fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0) {
            setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
            fds[n++] = fd;
            continue;
        }
        *why = os_error_text(errno);
        os_net_close(fd);
    }
    if (list)
        freeaddrinfo(list);
    return n > 0 ? n : -1;
}

void os_udp_send(int fd, struct span datagram)
{
    send(fd, datagram.p, datagram.n, MSG_NOSIGNAL);
}
