/* SPDX-License-Identifier: ISC */
#include "os/attached.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include "tap.h"

/* --- the interfaces of a machine, and its clock --- */

enum { INTERFACES = 70 };

static struct ifaddrs interfaces[INTERFACES];
static struct sockaddr_in6 addresses[INTERFACES], masks[INTERFACES];
static int n_interfaces; /* -1: they cannot be read */
static int lists;        /* that are in use */
static int64_t now_ms = 1000000;

int list_here(struct ifaddrs **all) __asm__("__wrap_getifaddrs");
void free_here(struct ifaddrs *all) __asm__("__wrap_freeifaddrs");
int64_t clock_here(void) __asm__("__wrap_os_clock_ms");

int list_here(struct ifaddrs **all)
{
    errno = ENOBUFS;
    if (n_interfaces < 0)
        return -1;
    lists++;
    for (int i = 0; i < n_interfaces; i++)
        interfaces[i].ifa_next = i + 1 < n_interfaces ? &interfaces[i + 1] : NULL;
    *all = n_interfaces > 0 ? interfaces : NULL;
    return 0;
}

void free_here(struct ifaddrs *all)
{
    (void)all;
    lists--;
}

int64_t clock_here(void)
{
    return now_ms;
}

static void add_interface(const char *address, unsigned bits)
{
    int i = n_interfaces++;

    addresses[i] = (struct sockaddr_in6){.sin6_family = AF_INET6};
    masks[i] = (struct sockaddr_in6){.sin6_family = AF_INET6};
    if (inet_pton(AF_INET6, address, &addresses[i].sin6_addr) != 1)
        addresses[i].sin6_family = AF_INET;
    for (unsigned bit = 0; bit < bits; bit++)
        masks[i].sin6_addr.s6_addr[bit / 8] |= (unsigned char)(0x80 >> bit % 8);
    interfaces[i] = (struct ifaddrs){.ifa_addr = (struct sockaddr *)&addresses[i],
                                     .ifa_netmask = (struct sockaddr *)&masks[i]};
}

static bool attached(const char *text)
{
    struct address a;

    return address_parse(span_str(text), &a) && os_attached(&a);
}

static void look_again(void)
{
    now_ms += 10000;
}

/* --- tests --- */

static void test_interfaces(void)
{
    add_interface("2001:db8:1::5", 64);
    add_interface("127.0.0.1", 8);
    add_interface("2001:db8:2::5", 48);
    add_interface("2001:db8:3::5", 0);
    add_interface("2001:db8:4::5", 64);
    interfaces[n_interfaces - 1].ifa_netmask = NULL;
    add_interface("2001:db8:5::5", 64);
    interfaces[n_interfaces - 1].ifa_addr = NULL;
    ok(!attached("2001:db8:1::9"), "os_attached: does not look again at once");
    now_ms += 9999;
    ok(!attached("2001:db8:1::9"), "os_attached: ... nor before 10 s");
    now_ms++;
    ok(attached("2001:db8:1::9") && attached("2001:db8:2:ffff::1"), "os_attached: then it does");
    ok(!attached("2001:db8:1:1::1") && !attached("2001:db8:3::6"),
       "os_attached: not what is in no network, nor everything");
    ok(!attached("2001:db8:4::6") && !attached("2001:db8:5::6"),
       "os_attached: not what has no mask, or no address");
    ok(!attached("127.0.0.2"), "os_attached: no IPv4 address");
    while (n_interfaces < INTERFACES)
        add_interface("2001:db8:6::5", 64);
    interfaces[n_interfaces - 1].ifa_addr = interfaces[0].ifa_addr;
    interfaces[0].ifa_addr = NULL;
    look_again();
    ok(attached("2001:db8:6::1") && !attached("2001:db8:1::9"),
       "os_attached: no more networks than it has room for");
    n_interfaces = -1;
    look_again();
    ok(!attached("2001:db8:6::1"), "os_attached: none if they cannot be read");
    n_interfaces = 0;
    look_again();
    ok(!attached("2001:db8:6::1"), "os_attached: none if there are none");
    is_int(lists, 0, "os_attached: frees the lists");
}

static bool same(const char *one, const char *other, unsigned bits)
{
    struct address a, b;

    if (!address_parse(span_str(one), &a) || !address_parse(span_str(other), &b))
        return false;
    a = os_attached_client(&a, bits);
    b = os_attached_client(&b, bits);
    return address_equal(&a, &b);
}

int main(void)
{
    struct address far;

    address_parse(SPAN("2001:db8::1"), &far);
    ok(!os_attached(&far), "attached: a network for documentation is not");
    ok(!same("::1", "::2", 128), "client: the loopback address is one");
    ok(!same("192.0.2.1", "192.0.2.2", 64), "client: each IPv4 address is one");
    ok(same("2001:db8:0:1::1", "2001:db8:0:1:ffff::1", 64) &&
           !same("2001:db8:0:1::1", "2001:db8:0:2::1", 64),
       "client: elsewhere an IPv6 network is one");
    ok(same("2001:db8:0:1::1", "2001:db8:0:2::1", 56) &&
           !same("2001:db8:0:1::1", "2001:db8:0:1::2", 128),
       "client: ... of the size that was set");
    ok(!same("fe80::1", "fe80::2", 64) && !same("fd00::1", "fd00::2", 64),
       "client: link-local and unique-local addresses count by themselves");
    test_interfaces();
    return done_testing();
}
