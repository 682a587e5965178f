/* SPDX-License-Identifier: ISC */
/* What a proxy sends first: it is accepted as a whole or not at all, and read to its end only. */
#include "proto/proxy_header.h"

#include "fuzz.h"

/* Whether a reader that always reads the bytes that are wanted stops exactly after the header. */
static bool is_read_whole(struct span in)
{
    size_t n = 0, more = 1;

    while (more > 0) {
        struct span begun = exact(span_first(in, n));
        bool goes_on = proxy_header_wants(begun, &more);
        exact_free(begun);
        if (!goes_on)
            return false;
        must(n + more <= PROXY_HEADER_BYTES);
        if (n + more > in.n)
            return false;
        n += more;
    }
    return n == in.n;
}

/* The length that a header of version 2 gives. */
static size_t binary_bytes(struct span in)
{
    return 16 + ((size_t)(unsigned char)in.p[14] << 8) + (unsigned char)in.p[15];
}

/* A line of version 1 for the same client is read in the same way. */
static void check_client(struct span in, const struct proxy_header *h)
{
    char text[200], address[ADDRESS_TEXT_BYTES];
    struct proxy_header again;

    must(h->port <= 65535);
    address_format(&h->address, address);
    bool v6 = strchr(address, ':');
    if (span_starts(in, SPAN("PROXY TCP6 ")) && !v6)
        return; /* ::ffff:192.0.2.7, which is printed as IPv4 */
    snprintf(text, sizeof text, "PROXY TCP%c %s %s %u 1\r\n", v6 ? '6' : '4', address, address,
             h->port);
    must(proxy_header_parse(span_str(text), &again) && again.known && again.port == h->port);
    must(address_equal(&h->address, &again.address));
}

void fuzz_one(struct span in)
{
    struct proxy_header h, again;
    bool good = proxy_header_parse(in, &h);

    must(!good || is_read_whole(in));
    if (!good)
        return;
    must(in.n <= PROXY_HEADER_BYTES);
    must(in.p[0] == 'P' ? span_ends(in, SPAN("\r\n")) : in.n == binary_bytes(in));
    for (size_t n = 0; n < in.n; n++) {
        struct span part = exact(span_first(in, n));
        must(!proxy_header_parse(part, &again));
        exact_free(part);
    }
    if (h.known)
        check_client(in, &h);
}
