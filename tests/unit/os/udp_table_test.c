/* SPDX-License-Identifier: ISC */
#include "os/udp_table.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

/* A socket bound to an address and a port (0: any), which others may bind, too; -1: it cannot be.
 */
static int bound(const char *address, unsigned port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    bool is_v4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1;
    int on = 1, off = 0, fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0);

    if (fd < 0)
        return -1;
    inet_pton(AF_INET6, address, &v6.sin6_addr);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if ((is_v4 ? bind(fd, (struct sockaddr *)&v4, sizeof v4)
               : bind(fd, (struct sockaddr *)&v6, sizeof v6)) == 0)
        return fd;
    close(fd);
    return -1;
}

static unsigned port_of(int fd)
{
    struct sockaddr_in6 at = {.sin6_port = 0}; /* the port has the same place in both families */
    socklen_t size = sizeof at;

    return getsockname(fd, (struct sockaddr *)&at, &size) == 0 ? ntohs(at.sin6_port) : 0;
}

static void test_other(int ours, const char *address, enum os_udp_others expected)
{
    unsigned port = 0;
    uint32_t user = UINT32_MAX;
    int other = bound(address, port_of(ours));

    if (other < 0)
        return diag("cannot bind %s here", address), (void)0;
    is_int(os_udp_table_others(&ours, 1, &port, &user), expected, "os_udp_table_others: %s",
           address);
    if (expected == OS_UDP_OTHER)
        ok(port == port_of(ours) && user == geteuid(), "... on which port, and whose it is");
    ok(os_udp_table_others((int[]){ours, other}, 2, &port, &user) == OS_UDP_ALONE,
       "... but not if it is one of the given ones");
    close(other);
}

int main(void)
{
    unsigned port = 0;
    uint32_t user = 0;
    int ours = bound("127.0.0.1", 0), all = bound("0.0.0.0", 0), one = bound("::1", 0);

    is_int(os_udp_table_others(&ours, 1, &port, &user), OS_UDP_ALONE, "os_udp_table_others: none");
    test_other(ours, "127.0.0.1", OS_UDP_OTHER);
    test_other(ours, "0.0.0.0", OS_UDP_OTHER);
    test_other(ours, "::", OS_UDP_OTHER);
    test_other(ours, "::ffff:127.0.0.1", OS_UDP_OTHER);
    test_other(ours, "127.0.0.2", OS_UDP_ALONE);
    test_other(ours, "::1", OS_UDP_ALONE);
    test_other(all, "127.0.0.2", OS_UDP_OTHER);
    test_other(all, "::1", OS_UDP_ALONE);
    if (one >= 0) {
        test_other(one, "::", OS_UDP_OTHER);
        test_other(one, "::1", OS_UDP_OTHER);
        test_other(one, "0.0.0.0", OS_UDP_ALONE);
    }
    return done_testing();
}
