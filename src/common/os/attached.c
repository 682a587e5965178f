/* SPDX-License-Identifier: ISC */
#include "os/attached.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>

#include "os/clock.h"

#define NETS    64
#define LOOK_MS 10000

/* The kernel's table costs more to read than a connection should. */
static struct {
    pthread_mutex_t mutex;
    int64_t looked_ms; /* 0: never */
    struct address_net nets[NETS];
    unsigned n;
} known = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* Only IPv6: an IPv4 address always counts by itself. */
static bool get_net(const struct ifaddrs *i, struct address_net *net)
{
    struct sockaddr_in6 a, mask;
    struct address address;
    if (!i->ifa_addr || !i->ifa_netmask || i->ifa_addr->sa_family != AF_INET6)
        return false;
    memcpy(&a, i->ifa_addr, sizeof a);
    memcpy(&mask, i->ifa_netmask, sizeof mask);
    memcpy(address.b, &a.sin6_addr, sizeof address.b);
    net->bits = 0;
    for (unsigned byte = 0; byte < sizeof address.b; byte++)
        net->bits += (unsigned)__builtin_popcount(mask.sin6_addr.s6_addr[byte]);
    net->first = address_prefix(&address, net->bits);
    return net->bits > 0;
}

static void look(void)
{
    struct ifaddrs *all;
    known.n = 0;
    if (getifaddrs(&all) != 0)
        return;
    for (const struct ifaddrs *i = all; i && known.n < NETS; i = i->ifa_next)
        if (get_net(i, &known.nets[known.n]))
            known.n++;
    freeifaddrs(all);
}

bool os_attached(const struct address *a)
{
    int64_t now_ms = os_clock_ms();
    pthread_mutex_lock(&known.mutex);
    if (known.looked_ms == 0 || now_ms - known.looked_ms >= LOOK_MS) {
        look();
        known.looked_ms = now_ms;
    }
    bool attached = address_in_any(a, known.nets, known.n);
    pthread_mutex_unlock(&known.mutex);
    return attached;
}

struct address os_attached_client(const struct address *a, unsigned bits)
{
    if (address_is_v4(a) || address_is_local(a) || os_attached(a))
        return *a;
    return address_prefix(a, bits);
}
