/* SPDX-License-Identifier: ISC */
/*
 * The addresses of sockets.
 */
#include <errno.h>
#include <string.h>

#include "net_private.h"

struct sockaddr_in6 os_net_to_v6(const struct sockaddr_storage *sa)
{
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct sockaddr_in v4;
    struct address mapped;
    if (sa->ss_family == AF_INET6) {
        memcpy(&v6, sa, sizeof v6);
    } else if (sa->ss_family == AF_INET) {
        memcpy(&v4, sa, sizeof v4);
        mapped = address_of_v4((const unsigned char *)&v4.sin_addr);
        memcpy(&v6.sin6_addr, mapped.b, sizeof mapped.b);
        v6.sin6_port = v4.sin_port;
    }
    return v6;
}

struct address os_net_address(const struct in6_addr *in)
{
    struct address a;
    memcpy(a.b, in, sizeof a.b);
    return a;
}

static bool name_socket(const struct sockaddr_storage *sa, socklen_t size,
                        char address[OS_NET_ADDRESS_BYTES], unsigned *port)
{
    struct sockaddr_in6 v6 = os_net_to_v6(sa);
    struct address a = os_net_address(&v6.sin6_addr);
    *port = ntohs(v6.sin6_port);
    if (address_is_v4(&a)) {
        address_format(&a, address);
        return true;
    }
    if (getnameinfo((const struct sockaddr *)sa, size, address, OS_NET_ADDRESS_BYTES, NULL, 0,
                    NI_NUMERICHOST) == 0 &&
        sa->ss_family == AF_INET6)
        return true;
    errno = EAFNOSUPPORT;
    return false;
}

bool os_net_local(int fd, char address[OS_NET_ADDRESS_BYTES], unsigned *port)
{
    struct sockaddr_storage sa = {.ss_family = AF_UNSPEC};
    socklen_t size = sizeof sa;
    return getsockname(fd, (struct sockaddr *)&sa, &size) == 0 &&
           name_socket(&sa, size, address, port);
}

bool os_net_remote(int fd, char address[OS_NET_ADDRESS_BYTES], unsigned *port)
{
    struct sockaddr_storage sa = {.ss_family = AF_UNSPEC};
    socklen_t size = sizeof sa;
    return getpeername(fd, (struct sockaddr *)&sa, &size) == 0 &&
           name_socket(&sa, size, address, port);
}
