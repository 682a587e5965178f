/* SPDX-License-Identifier: ISC */
#include "proto/proxy_header.h"

#include <string.h>

#define PORT_MAX 65535

/* --- version 1 --- */

static bool parse_address(struct span text, bool v6, struct address *a)
{
    bool has_colon = span_find(text, ':') < text.n;
    return has_colon == v6 && address_parse(text, a);
}

static bool parse_port(struct span text, unsigned *port)
{
    uint64_t number;
    if (!span_u64(text, PORT_MAX, &number) || (text.n > 1 && text.p[0] == '0'))
        return false;
    *port = (unsigned)number;
    return true;
}

/* Parses what follows the kind: two addresses and two ports. The proxy's must be valid, too. */
static bool parse_rest(struct span rest, bool v6, struct proxy_header *h)
{
    struct address proxy;
    unsigned proxy_port;
    struct span part;
    return span_cut(&rest, ' ', &part) && parse_address(part, v6, &h->address) &&
           span_cut(&rest, ' ', &part) && parse_address(part, v6, &proxy) &&
           span_cut(&rest, ' ', &part) && parse_port(part, &h->port) &&
           parse_port(rest, &proxy_port);
}

static bool parse_line(struct span line, struct proxy_header *h)
{
    if (!span_ends(line, SPAN("\r\n")))
        return false;
    struct span rest = span_first(line, line.n - 2);
    span_take(&rest, ' ');
    struct span word = span_take(&rest, ' ');
    if (span_eq(word, SPAN("UNKNOWN")))
        return true;
    h->known = true;
    if (span_eq(word, SPAN("TCP4")))
        return parse_rest(rest, false, h);
    return span_eq(word, SPAN("TCP6")) && parse_rest(rest, true, h);
}

static bool line_wants(struct span begun, size_t *more)
{
    size_t end = span_find(begun, '\n');
    *more = end == begun.n;
    return end + 1 >= begun.n && begun.n + *more <= PROXY_HEADER_LINE_BYTES;
}

/* --- version 2 --- */

/* Where its parts begin. The addresses of the proxy and their ports follow those of the client. */
enum {
    AT_COMMAND = 12, /* after the signature */
    AT_FAMILY = 13,
    AT_LENGTH = 14, /* of all that follows it */
    AT_ADDRESSES = 16,
    V4_BYTES = 4,
    V6_BYTES = 16
};

/* Bytes: version 2 and a command; a family and a protocol. */
#define LOCAL 0x20 /* the proxy connects for itself */
#define PROXY 0x21
#define TCP4  0x11
#define TCP6  0x21

static unsigned byte_at(struct span s, size_t i)
{
    return (unsigned char)s.p[i];
}

static unsigned two_bytes_at(struct span s, size_t i)
{
    return byte_at(s, i) << 8 | byte_at(s, i + 1);
}

/* The family counts only if the proxy names a client. Unspecified, unix and datagrams are valid. */
static bool begins_well(struct span begun)
{
    if (begun.n > AT_COMMAND && byte_at(begun, AT_COMMAND) != LOCAL &&
        byte_at(begun, AT_COMMAND) != PROXY)
        return false;
    return begun.n <= AT_FAMILY || byte_at(begun, AT_COMMAND) == LOCAL ||
           (byte_at(begun, AT_FAMILY) >> 4 <= 3 && (byte_at(begun, AT_FAMILY) & 15) <= 2);
}

/* Of each address in it, without its port; 0: it names no client that we can use. */
static size_t address_bytes(struct span header)
{
    if (byte_at(header, AT_COMMAND) == PROXY && byte_at(header, AT_FAMILY) == TCP4)
        return V4_BYTES;
    if (byte_at(header, AT_COMMAND) == PROXY && byte_at(header, AT_FAMILY) == TCP6)
        return V6_BYTES;
    return 0;
}

static bool binary_wants(struct span begun, size_t *more)
{
    size_t all = AT_ADDRESSES, least = 0;
    if (!begins_well(begun))
        return false;
    if (begun.n >= AT_ADDRESSES) {
        size_t address = address_bytes(begun);
        least = address > 0 ? AT_ADDRESSES + 2 * address + 4 : 0;
        all += two_bytes_at(begun, AT_LENGTH);
    }
    *more = all - begun.n;
    return all >= least && all >= begun.n && all <= PROXY_HEADER_BYTES;
}

static void parse_binary(struct span header, struct proxy_header *h)
{
    size_t n = address_bytes(header);
    const unsigned char *address = (const unsigned char *)header.p + AT_ADDRESSES;
    h->known = n > 0;
    if (n == V4_BYTES)
        h->address = address_of_v4(address);
    else if (n == V6_BYTES)
        memcpy(h->address.b, address, V6_BYTES);
    if (h->known)
        h->port = two_bytes_at(header, AT_ADDRESSES + 2 * n);
}

/* --- both --- */

static bool begins_as(struct span begun, struct span word)
{
    return span_eq(span_first(begun, word.n), span_first(word, begun.n));
}

bool proxy_header_wants(struct span begun, size_t *more)
{
    *more = 1;
    if (begun.n == 0)
        return true;
    if (begins_as(begun, SPAN("PROXY ")))
        return line_wants(begun, more);
    return begins_as(begun, SPAN("\r\n\r\n\0\r\nQUIT\n")) && binary_wants(begun, more);
}

bool proxy_header_parse(struct span header, struct proxy_header *h)
{
    size_t more;
    *h = (struct proxy_header){.known = false};
    if (!proxy_header_wants(header, &more) || more > 0)
        return false;
    if (header.p[0] == 'P')
        return parse_line(header, h);
    parse_binary(header, h);
    return true;
}
