/* SPDX-License-Identifier: ISC */
#include "base/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define V4_BITS  32
#define V4_AT    12 /* offset of the IPv4 address in its IPv4-mapped form */
#define PORT_MAX 65535

_Static_assert(ADDRESS_TEXT_BYTES >= INET6_ADDRSTRLEN, "inet_ntop has room");

static const unsigned char v4_prefix[V4_AT] = {[10] = 0xff, [11] = 0xff};

struct address address_of_v4(const unsigned char bytes[4])
{
    struct address a;
    memcpy(a.b, v4_prefix, V4_AT);
    memcpy(a.b + V4_AT, bytes, 4);
    return a;
}

bool address_is_v4(const struct address *a)
{
    return memcmp(a->b, v4_prefix, V4_AT) == 0;
}

const unsigned char *address_v4_bytes(const struct address *a)
{
    return a->b + V4_AT;
}

bool address_parse(struct span text, struct address *a)
{
    char z[ADDRESS_TEXT_BYTES];
    struct in6_addr v6;
    struct in_addr v4;
    if (text.n == 0 || text.n >= sizeof z || span_find(text, 0) < text.n)
        return false;
    memcpy(z, text.p, text.n);
    z[text.n] = 0;
    if (inet_pton(AF_INET6, z, &v6) == 1)
        memcpy(a->b, &v6, sizeof a->b);
    else if (inet_pton(AF_INET, z, &v4) == 1)
        *a = address_of_v4((const unsigned char *)&v4);
    else
        return false;
    return true;
}

void address_format(const struct address *a, char text[ADDRESS_TEXT_BYTES])
{
    if (address_is_v4(a))
        inet_ntop(AF_INET, address_v4_bytes(a), text, ADDRESS_TEXT_BYTES);
    else
        inet_ntop(AF_INET6, a->b, text, ADDRESS_TEXT_BYTES);
}

bool address_equal(const struct address *a, const struct address *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

bool address_is_loopback(const struct address *a)
{
    static const struct address v6 = {.b = {[15] = 1}};
    const struct address_net v4 = {address_of_v4((const unsigned char[]){127, 0, 0, 0}),
                                   ADDRESS_BITS - V4_BITS + 8};
    return address_in(a, &v4) || address_equal(a, &v6);
}

bool address_is_local(const struct address *a)
{
    return (a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80) || (a->b[0] & 0xfe) == 0xfc;
}

bool address_is_private(const struct address *a)
{
    static const char *const networks[] = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
                                           "169.254.0.0/16"};
    struct address_net net;
    if (address_is_local(a))
        return true;
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
        if (address_parse_net(span_str(networks[i]), &net) && address_in(a, &net))
            return true;
    return false;
}

struct address address_prefix(const struct address *a, unsigned bits)
{
    struct address p = {{0}};
    memcpy(p.b, a->b, bits / 8);
    if (bits % 8 > 0)
        p.b[bits / 8] = (unsigned char)(a->b[bits / 8] & 0xff00 >> bits % 8);
    return p;
}

/* Reads an address or a network, any bits of which may be set. */
static bool read_net(struct span text, struct address_net *net)
{
    struct span rest = text, head = text;
    bool has_bits = span_cut(&rest, '/', &head);
    net->bits = ADDRESS_BITS;
    if (!address_parse(head, &net->first))
        return false;
    if (has_bits) {
        uint64_t bits;
        unsigned before = span_find(head, ':') == head.n ? ADDRESS_BITS - V4_BITS : 0;
        if (!span_u64(rest, ADDRESS_BITS - before, &bits))
            return false;
        net->bits = before + (unsigned)bits;
    }
    return true;
}

bool address_net_around(struct span text, struct address_net *net)
{
    struct address_net read;
    if (!read_net(text, &read))
        return false;
    *net = (struct address_net){address_prefix(&read.first, read.bits), read.bits};
    return true;
}

bool address_parse_net(struct span text, struct address_net *net)
{
    struct address_net read;
    if (!read_net(text, &read))
        return false;
    struct address prefix = address_prefix(&read.first, read.bits);
    if (!address_equal(&prefix, &read.first))
        return false;
    *net = read;
    return true;
}

void address_format_net(const struct address_net *net, char text[ADDRESS_NET_TEXT_BYTES])
{
    bool v4 = net->bits >= ADDRESS_BITS - V4_BITS && address_is_v4(&net->first);
    address_format(&net->first, text);
    size_t n = strlen(text);
    if (net->bits < ADDRESS_BITS)
        snprintf(text + n, ADDRESS_NET_TEXT_BYTES - n, "/%u",
                 v4 ? net->bits - (ADDRESS_BITS - V4_BITS) : net->bits);
}

bool address_in(const struct address *a, const struct address_net *net)
{
    struct address prefix = address_prefix(a, net->bits);
    return address_equal(&prefix, &net->first);
}

bool address_in_any(const struct address *a, const struct address_net *nets, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (address_in(a, &nets[i]))
            return true;
    return false;
}

/* Splits host and port at the first colon, or after the bracket that closes an IPv6 address. */
static bool cut_place(struct span text, struct span *host, struct span *port)
{
    size_t at;
    if (span_starts(text, SPAN("["))) {
        text = span_skip(text, 1);
        at = span_find(text, ']');
        *port = span_skip(text, at + 1);
        if (!span_starts(*port, SPAN(":")))
            return false;
        *port = span_skip(*port, 1);
    } else {
        at = span_find(text, ':');
        if (at == text.n)
            return false;
        *port = span_skip(text, at + 1);
    }
    *host = span_first(text, at);
    return true;
}

/*
 * No host name has blanks or brackets. A place that had them would be read differently after it was
 * printed.
 */
static bool is_host(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= ' ' || c == 0x7f || c == '[' || c == ']')
            return false;
    }
    return s.n > 0 && s.n < ADDRESS_HOST_BYTES;
}

static bool set_place(struct address_place *place, struct span host, unsigned port)
{
    if (!is_host(host))
        return false;
    memcpy(place->host, host.p, host.n);
    place->host[host.n] = 0;
    snprintf(place->port, sizeof place->port, "%u", port);
    return true;
}

bool address_parse_place(struct span text, struct address_place *place)
{
    struct span host, port;
    uint64_t number;
    return cut_place(text, &host, &port) && span_u64(port, PORT_MAX, &number) &&
           set_place(place, host, (unsigned)number);
}

bool address_parse_server(struct span text, unsigned port, struct address_place *place)
{
    struct address address;
    if (span_starts(text, SPAN("[")) && span_ends(text, SPAN("]")))
        return set_place(place, span_first(span_skip(text, 1), text.n - 2), port);
    if (span_count(text, ':') == 0 || address_parse(text, &address))
        return set_place(place, text, port);
    return address_parse_place(text, place);
}
