/* SPDX-License-Identifier: ISC */
/* A proxy's line: taken as a whole or not at all. */
#include "proto/proxy_header.h"

#include "fuzz.h"

void fuzz_one(struct span in)
{
    char text[200], address[ADDRESS_TEXT_BYTES];
    struct proxy_header h, again;

    if (!proxy_header_parse(in, &h))
        return;
    must(in.n <= PROXY_HEADER_BYTES && span_ends(in, SPAN("\r\n")));
    must(span_starts(in, SPAN("PROXY ")));
    for (size_t n = 0; n < in.n; n++) {
        struct span part = exact(span_first(in, n));
        must(!proxy_header_parse(part, &again) || span_ends(part, SPAN("\r\n")));
        exact_free(part);
    }
    if (!h.known)
        return;
    must(h.port <= 65535);
    bool v6 = span_starts(in, SPAN("PROXY TCP6 "));
    address_format(&h.address, address);
    if (v6 == !strchr(address, ':'))
        return; /* ::ffff:192.0.2.7, which is printed as IPv4 */
    snprintf(text, sizeof text, "PROXY TCP%c %s %s %u 1\r\n", v6 ? '6' : '4', address, address,
             h.port);
    must(proxy_header_parse(span_str(text), &again) && again.known && again.port == h.port);
    must(address_equal(&h.address, &again.address));
}
