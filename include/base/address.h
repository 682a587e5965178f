/*
 * address: Internet addresses and networks (RFC 4291), as bytes and as text (RFC 5952). Pure.
 *
 * IPv4 addresses are kept as IPv6 maps them, ::ffff:192.0.2.7, so that there is one kind. Zones
 * (fe80::1%eth0) are not known.
 */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include "base/span.h"

#define ADDRESS_BITS           128
#define ADDRESS_TEXT_BYTES     40 /* of the longest, with its NUL */
#define ADDRESS_NET_TEXT_BYTES (ADDRESS_TEXT_BYTES + 4)

struct address {
    unsigned char b[16]; /* the first one is the leftmost */
};

struct address_net {
    struct address first;
    unsigned bits; /* of first that count, to ADDRESS_BITS; the others are 0 */
};

/* One of those that a machine has to itself: 127.0.0.0/8 and ::1. */
bool address_is_loopback(const struct address *a);

/* From the 4 bytes of an IPv4 address. */
struct address address_of_v4(const unsigned char bytes[4]);
bool address_is_v4(const struct address *a);

/* The 4 bytes of one that is. They are a's. */
const unsigned char *address_v4_bytes(const struct address *a);

/*
 * Reads "192.0.2.7" or "2001:db8::7". Numbers of an IPv4 address are decimal and have no leading
 * zeros, which some would take for octal. False, *a as it was, for anything else.
 */
bool address_parse(struct span text, struct address *a);

/* IPv4 as such, also where it was written as ::ffff:192.0.2.7. */
void address_format(const struct address *a, char text[ADDRESS_TEXT_BYTES]);

bool address_equal(const struct address *a, const struct address *b);

/* The address with all but its first bits set to 0. */
struct address address_prefix(const struct address *a, unsigned bits);

/*
 * What counts as one client: an IPv4 address itself; of an IPv6 address its first 64 bits, since
 * whoever has one has all that begin so (RFC 4291, 2.5.4).
 */
struct address address_client(const struct address *a);

/*
 * Reads "10.0.0.0/8", "2001:db8::/32", or an address alone, which is a network of one. False, *net
 * as it was, for anything else, and where a bit behind the prefix is set: it is most often a slip.
 */
bool address_parse_net(struct span text, struct address_net *net);

/* As it is read; a network of one is an address alone. */
void address_format_net(const struct address_net *net, char text[ADDRESS_NET_TEXT_BYTES]);

bool address_in(const struct address *a, const struct address_net *net);
bool address_in_any(const struct address *a, const struct address_net *nets, unsigned n);

#endif
