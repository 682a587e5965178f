/* SPDX-License-Identifier: ISC */
/*
 * The sockets of a server are IPv6 ones, and IPv4 addresses are mapped (address.h). If the system
 * has no IPv6, or an IPv4 socket was handed over, they are IPv4 ones. A session's socket is like
 * the bound one in this: only then does the system count them as one group, in which it prefers the
 * socket that is connected to the client.
 */
#include "os/udp.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net_private.h"
#include "udp_private.h"

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

/* Writes an address as one of this family, AF_INET6 or AF_INET. Returns its size. */
static socklen_t put_name(union name *n, int family, const struct address *a, unsigned port,
                          unsigned zone)
{
    if (family == AF_INET) {
        n->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
        memcpy(&n->v4.sin_addr, address_v4_bytes(a), sizeof n->v4.sin_addr);
        return sizeof n->v4;
    }
    n->v6 = (struct sockaddr_in6){
        .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_scope_id = zone};
    memcpy(&n->v6.sin6_addr, a->b, sizeof a->b);
    return sizeof n->v6;
}

static bool own_name(int fd, union name *n)
{
    socklen_t size = sizeof *n;
    *n = (union name){.any.sa_family = AF_UNSPEC};
    return getsockname(fd, &n->any, &size) == 0;
}

static bool set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

static int get(int fd, int level, int option)
{
    int value = 0;
    socklen_t size = sizeof value;
    return getsockopt(fd, level, option, &value, &size) == 0 ? value : 0;
}

/* Has the system tell with each datagram which of our addresses it was sent to. */
static bool ask_for_local(int fd, int family)
{
    return family == AF_INET ? set(fd, IPPROTO_IP, IP_PKTINFO, 1)
                             : set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

/*
 * Opens a socket bound to n. only_v6: one bound to all IPv6 addresses does not take IPv4 as well.
 * beside: other sockets of this user are bound there.
 */
static int open_bound(const union name *n, bool only_v6, bool beside)
{
    int family = n->any.sa_family;
    int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    os_udp_widen(fd);
    if (set(fd, SOL_SOCKET, SO_REUSEADDR, beside) && set(fd, SOL_SOCKET, SO_REUSEPORT, beside) &&
        (family == AF_INET || set(fd, IPPROTO_IPV6, IPV6_V6ONLY, only_v6)) &&
        ask_for_local(fd, family) &&
        bind(fd, &n->any, family == AF_INET ? sizeof n->v4 : sizeof n->v6) == 0)
        return fd;
    os_net_close(fd);
    return -1;
}

static int bind_at(const struct addrinfo *a, int backlog)
{
    union name n = {.any.sa_family = AF_UNSPEC}, v6;
    (void)backlog;
    memcpy(&n, a->ai_addr, a->ai_addrlen < sizeof n ? a->ai_addrlen : sizeof n);
    v6.v6 = os_net_to_v6(&n.storage);
    struct address address = os_net_address(&v6.v6.sin6_addr);
    int fd = open_bound(&v6, !address_is_v4(&address), false);
    if (fd < 0 && errno == EAFNOSUPPORT && a->ai_family == AF_INET)
        fd = open_bound(&n, false, false);
    return fd;
}

int os_udp_bind(const struct address_place *place, int *fds, int max, const char **why)
{
    return os_net_open_each(place, SOCK_DGRAM, bind_at, 0, fds, max, why);
}

bool os_udp_adopt(int fd)
{
    union name own;
    if (!own_name(fd, &own))
        return false;
    os_udp_widen(fd);
    return ask_for_local(fd, own.any.sa_family);
}

static bool takes_only_v6(int fd)
{
    return get(fd, IPPROTO_IPV6, IPV6_V6ONLY) != 0;
}

static bool is_mine(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && st.st_uid == geteuid();
}

/*
 * Two sockets may have the same port if both have SO_REUSEADDR, whoever owns them, or if both have
 * SO_REUSEPORT and the same owner. Those of sessions have both. So a socket of ours without
 * SO_REUSEADDR keeps other users out.
 */
int os_udp_share(int fd)
{
    union name own;
    if (is_mine(fd))
        return set(fd, SOL_SOCKET, SO_REUSEADDR, 0) && set(fd, SOL_SOCKET, SO_REUSEPORT, 1) ? 0
                                                                                            : -1;
    /* Another user's cannot do that; and with SO_REUSEPORT it would be a group of its own. */
    if (!own_name(fd, &own) || !set(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
        !set(fd, SOL_SOCKET, SO_REUSEPORT, 0))
        return -1;
    int guard = open_bound(&own, takes_only_v6(fd), true);
    if (guard < 0 || set(guard, SOL_SOCKET, SO_REUSEADDR, 0))
        return guard;
    os_net_close(guard);
    return -1;
}

bool os_udp_is_shared(int fd)
{
    return get(fd, SOL_SOCKET, SO_REUSEADDR) != 0;
}

int os_udp_session(int bound, const struct os_udp_peer *peer)
{
    union name local, client;
    if (!own_name(bound, &local))
        return -1;
    int family = local.any.sa_family;
    put_name(&local, family, &peer->local, ntohs(os_net_to_v6(&local.storage).sin6_port),
             peer->zone);
    socklen_t size = put_name(&client, family, &peer->address, peer->port, peer->zone);
    int fd = open_bound(&local, takes_only_v6(bound), true);
    if (fd < 0 || connect(fd, &client.any, size) == 0)
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
    assert(c); /* the caller's union control has room */
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
    int family = name->any.sa_family;
    m->msg_namelen = put_name(name, family, &to->address, to->port, to->zone);
    if (family == AF_INET) {
        memcpy(&v4.ipi_spec_dst, address_v4_bytes(&to->local), sizeof v4.ipi_spec_dst);
        put_control(m, IPPROTO_IP, IP_PKTINFO, &v4, sizeof v4);
        return;
    }
    memcpy(&v6.ipi6_addr, to->local.b, sizeof to->local.b);
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
