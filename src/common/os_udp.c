/*
 * A server's sockets are all IPv6 ones, an IPv4 address being one as IPv6 maps it (address.h): so
 * there is one form of addresses, and one way to learn which of ours a datagram was sent to.
 */
#include "os_udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "os_net_private.h"

#define BUFFER_BYTES (4 << 20) /* of the system, for bursts; it may give less */

union control { /* room for one struct in6_pktinfo */
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

static struct sockaddr_in6 to_system(const struct address *a, unsigned port, unsigned zone)
{
    struct sockaddr_in6 sa = {
        .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_scope_id = zone};

    memcpy(&sa.sin6_addr, a->b, sizeof a->b);
    return sa;
}

/* From one of getaddrinfo's. */
static struct sockaddr_in6 to_v6(const struct addrinfo *a)
{
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct sockaddr_in v4;
    struct address mapped;

    if (a->ai_family == AF_INET6) {
        memcpy(&v6, a->ai_addr, sizeof v6);
        return v6;
    }
    memcpy(&v4, a->ai_addr, sizeof v4);
    mapped = address_of_v4((const unsigned char *)&v4.sin_addr);
    return to_system(&mapped, ntohs(v4.sin_port), 0);
}

static struct address address_of(const struct in6_addr *in)
{
    struct address a;

    memcpy(a.b, in, sizeof a.b);
    return a;
}

/*
 * A socket bound there: the first one there, or one beside it. All of IPv6 does not mean all of
 * IPv4, too.
 */
static int open_bound(const struct sockaddr_in6 *sa, bool beside)
{
    struct address a = address_of(&sa->sin6_addr);
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1, off = 0, only_v6 = !address_is_v4(&a), bytes = BUFFER_BYTES;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, beside ? &on : &off, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
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
    const struct sockaddr_in6 sa = to_v6(a);

    (void)backlog;
    return open_bound(&sa, false);
}

int os_udp_bind(const struct os_net_place *place, int *fds, int max, const char **why)
{
    return os_net_open_each(place, SOCK_DGRAM, bind_at, 0, fds, max, why);
}

int os_udp_session(int bound, const struct os_udp_peer *peer)
{
    const struct sockaddr_in6 client = to_system(&peer->address, peer->port, peer->zone);
    struct sockaddr_in6 own = {.sin6_family = AF_INET6}, local;
    socklen_t size = sizeof own;
    int fd;

    if (getsockname(bound, (struct sockaddr *)&own, &size) != 0)
        return -1;
    local = to_system(&peer->local, ntohs(own.sin6_port), peer->zone);
    fd = open_bound(&local, true);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&client, sizeof client) == 0)
        return fd;
    os_net_close(fd);
    return -1;
}

int64_t os_udp_receive(int fd, char *bytes, size_t size, struct os_udp_peer *from)
{
    struct sockaddr_in6 sa = {.sin6_family = AF_UNSPEC};
    union control control;
    struct iovec piece = {.iov_len = size};
    struct msghdr m = {.msg_name = &sa,
                       .msg_namelen = sizeof sa,
                       .msg_iov = &piece,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    ssize_t n;

    piece.iov_base = bytes;
    n = TEMP_FAILURE_RETRY(recvmsg(fd, &m, 0));

    if (n < 0)
        return -1;
    if (!from)
        return n;
    *from = (struct os_udp_peer){.address = address_of(&sa.sin6_addr),
                                 .port = ntohs(sa.sin6_port),
                                 .zone = sa.sin6_scope_id};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
        struct in6_pktinfo info;

        if (c->cmsg_level != IPPROTO_IPV6 || c->cmsg_type != IPV6_PKTINFO)
            continue;
        memcpy(&info, CMSG_DATA(c), sizeof info);
        from->local = address_of(&info.ipi6_addr);
    }
    return n;
}

void os_udp_answer(int bound, const struct os_udp_peer *to, struct span datagram)
{
    struct sockaddr_in6 sa = to_system(&to->address, to->port, to->zone);
    struct in6_pktinfo info = {.ipi6_ifindex = to->zone};
    struct iovec piece = {.iov_len = datagram.n};
    union control control = {.bytes = {0}};
    struct msghdr m = {.msg_name = &sa,
                       .msg_namelen = sizeof sa,
                       .msg_iov = &piece,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);

    memcpy(&piece.iov_base, &datagram.p, sizeof datagram.p); /* nothing writes there */
    memcpy(&info.ipi6_addr, to->local.b, sizeof to->local.b);
    c->cmsg_level = IPPROTO_IPV6;
    c->cmsg_type = IPV6_PKTINFO;
    c->cmsg_len = CMSG_LEN(sizeof info);
    memcpy(CMSG_DATA(c), &info, sizeof info);
    sendmsg(bound, &m, MSG_NOSIGNAL);
}

bool os_udp_same_client(const struct os_udp_peer *a, const struct os_udp_peer *b)
{
    return a->port == b->port && a->zone == b->zone && address_equal(&a->address, &b->address) &&
           address_equal(&a->local, &b->local);
}

int os_udp_connect(const struct os_net_place *place, int *fds, int max, const char **why)
{
    struct addrinfo *list = os_net_resolve(place, SOCK_DGRAM, 0, why);
    int bytes = BUFFER_BYTES, n = 0;

    for (struct addrinfo *a = list; a && n < max; a = a->ai_next) {
        int fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0) {
            setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
            fds[n++] = fd;
            continue;
        }
        *why = strerrordesc_np(errno);
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
