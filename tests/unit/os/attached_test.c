/* SPDX-License-Identifier: ISC */
#include "os/attached.h"

#include "tap.h"

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
    return done_testing();
}
