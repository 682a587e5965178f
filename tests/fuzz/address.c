/* SPDX-License-Identifier: ISC */
/* Addresses and networks: no others than the C library takes, and the same when printed. */
#include "base/address.h"

#include <arpa/inet.h>

#include "fuzz.h"

static void test_address(struct span in)
{
    char text[64], again[ADDRESS_TEXT_BYTES];
    struct address a, b;
    bool taken = address_parse(in, &a);
    bool v6 = span_find(in, ':') < in.n;

    if (in.n < sizeof text && span_find(in, '\0') == in.n) {
        unsigned char bytes[16];
        snprintf(text, sizeof text, "%.*s", SPAN_PRINTF(in));
        must(taken == (inet_pton(v6 ? AF_INET6 : AF_INET, text, bytes) == 1));
        must(!taken || memcmp(v6 ? a.b : a.b + 12, bytes, v6 ? 16 : 4) == 0);
    } else {
        must(!taken);
    }
    if (!taken)
        return;
    address_format(&a, again);
    must(strlen(again) < sizeof again && address_parse(span_str(again), &b));
    must(address_equal(&a, &b) && (v6 || address_is_v4(&a)));
}

static void test_net(struct span in)
{
    struct address_net net, again;
    char text[ADDRESS_NET_TEXT_BYTES];

    if (!address_parse_net(in, &net))
        return;
    must(net.bits <= ADDRESS_BITS && address_in(&net.first, &net));
    address_format_net(&net, text);
    must(address_parse_net(span_str(text), &again));
    must(again.bits == net.bits && address_equal(&again.first, &net.first));
    if (net.bits == 0)
        return;
    struct address other = net.first;
    unsigned last = net.bits - 1;
    other.b[last / 8] ^= (unsigned char)(0x80 >> last % 8);
    must(!address_in(&other, &net));
}

void fuzz_one(struct span in)
{
    test_address(in);
    test_net(in);
}
