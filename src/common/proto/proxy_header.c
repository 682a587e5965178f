/* SPDX-License-Identifier: ISC */
#include "proto/proxy_header.h"

#define PORT_MAX 65535

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

bool proxy_header_parse(struct span line, struct proxy_header *h)
{
    *h = (struct proxy_header){.known = false};
    if (line.n > PROXY_HEADER_BYTES || !span_ends(line, SPAN("\r\n")))
        return false;
    struct span word, rest = span_first(line, line.n - 2);
    if (!span_cut(&rest, ' ', &word) || !span_eq(word, SPAN("PROXY")))
        return false;
    word = span_take(&rest, ' ');
    if (span_eq(word, SPAN("UNKNOWN")))
        return true;
    h->known = true;
    if (span_eq(word, SPAN("TCP4")))
        return parse_rest(rest, false, h);
    return span_eq(word, SPAN("TCP6")) && parse_rest(rest, true, h);
}
