/* SPDX-License-Identifier: ISC */
#include "udp/hello.h"

#include "udp/cookie.h"

/*
 * A server's answer never begins a session: otherwise one datagram with a forged address could make
 * two servers talk to each other for ever.
 */
static enum hello read_1(struct span payload)
{
    if (span_starts(payload, SPAN("Answer|1|Yes"))) /* 32 bytes have no room for the last | */
        return HELLO_WELCOME;
    if (span_starts(payload, SPAN("Answer|")))
        return HELLO_ANSWER;
    if (span_starts(payload, SPAN("Exit|1|")))
        return HELLO_REFUSED;
    if (span_starts(payload, SPAN("Noop|1|")) || span_starts(payload, SPAN("Cookie|")))
        return HELLO_STRANGE;
    return HELLO_BEGINS;
}

enum hello hello_read(struct span datagram, struct datagram *d)
{
    uint64_t length;
    if (cookie_asked(datagram))
        return HELLO_ASKS;
    if (cookie_read(datagram, &d->id))
        return HELLO_COOKIE;
    if (datagram_parse_2(datagram, d))
        return HELLO_VERSION_2;
    if (!datagram_parse_1(datagram, d) || d->number != 1 ||
        !datagram_get_number(span_first(d->body, DATAGRAM_NUMBER), &length))
        return HELLO_STRANGE;
    return read_1(span_skip(d->body, DATAGRAM_NUMBER));
}
