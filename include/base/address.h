/* SPDX-License-Identifier: ISC */
/*
 * address: Internet addresses and networks (RFC 4291) as bytes and as text (RFC 5952), and
 * HOST:PORT as people write it. Pure.
 *
 * An IPv4 address is stored as its IPv4-mapped IPv6 address, ::ffff:192.0.2.7, so that there is
 * only one kind of address. Zones (fe80::1%eth0) are not supported.
 */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include "base/span.h"

#define ADDRESS_BITS           128
#define ADDRESS_TEXT_BYTES     46 /* room for any address as text, with its NUL */
#define ADDRESS_NET_TEXT_BYTES (ADDRESS_TEXT_BYTES + 4)
#define ADDRESS_HOST_BYTES     256 /* room for a host name, with its NUL */

struct address {
    unsigned char b[16]; /* in network byte order */
};

struct address_net {
    struct address first; /* bits after the prefix are 0 */
    unsigned bits;        /* length of the prefix, 0 to ADDRESS_BITS */
};

/* Where to listen or to connect: a host name or a numeric address, and a port number. */
struct address_place {
    char host[ADDRESS_HOST_BYTES];
    char port[8];
};

/* Whether a is a loopback address: 127.0.0.0/8 or ::1. */
bool address_is_loopback(const struct address *a);

/*
 * Whether a is a private or link-local address (RFC 1918, 3927, 4193 and 4291), which is not routed
 * on the Internet.
 */
bool address_is_private(const struct address *a);

/* Makes an address from the 4 bytes of an IPv4 address. */
struct address address_of_v4(const unsigned char bytes[4]);
bool address_is_v4(const struct address *a);

/* The 4 bytes of an IPv4 address; they point into a. */
const unsigned char *address_v4_bytes(const struct address *a);

/*
 * Reads "192.0.2.7" or "2001:db8::7". The numbers of an IPv4 address are decimal, without leading
 * zeros, because some programs read those as octal. Returns false and leaves *a unchanged for
 * anything else.
 */
bool address_parse(struct span text, struct address *a);

/* Writes an address as text. An IPv4-mapped address is written as IPv4: 192.0.2.7. */
void address_format(const struct address *a, char text[ADDRESS_TEXT_BYTES]);

bool address_equal(const struct address *a, const struct address *b);

/* The address with all bits after the first bits set to 0. */
struct address address_prefix(const struct address *a, unsigned bits);

/* Whether a is link-local (fe80::/10, RFC 4291) or unique-local (fc00::/7, RFC 4193). */
bool address_is_local(const struct address *a);

/*
 * Reads "10.0.0.0/8", "2001:db8::/32", or a single address, which is a network of one. Returns
 * false and leaves *net unchanged for anything else, and also if a bit after the prefix is set,
 * because that is usually a mistake.
 */
bool address_parse_net(struct span text, struct address_net *net);

/* Reads the same, but sets the bits after the prefix to 0: 10.1.2.3/8 is in 10.0.0.0/8. */
bool address_net_around(struct span text, struct address_net *net);

/* Writes a network in the form that address_parse_net reads; a network of one as an address. */
void address_format_net(const struct address_net *net, char text[ADDRESS_NET_TEXT_BYTES]);

/* Whether the address belongs to the network, or to any of n networks. */
bool address_in(const struct address *a, const struct address_net *net);
bool address_in_any(const struct address *a, const struct address_net *nets, unsigned n);

/*
 * Splits HOST:PORT. An IPv6 address stands in brackets: [::1]:5555. The port is a decimal number up
 * to 65535. Returns false and leaves *place unchanged for any other form.
 */
bool address_parse_place(struct span text, struct address_place *place);

/*
 * The same, but the port may be left out, and is then this one. An IPv6 address without a port
 * needs no brackets.
 */
bool address_parse_server(struct span text, unsigned port, struct address_place *place);

#endif
