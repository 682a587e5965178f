/* SPDX-License-Identifier: ISC */
/*
 * proxy_header: the bytes in which a proxy names the client whose connection it forwards: versions
 * 1 and 2 of the PROXY protocol (HAProxy's proxy-protocol.txt, 2.1 and 2.2). Pure.
 *
 * Version 1 is a line:
 *
 *     PROXY TCP4 192.0.2.7 198.51.100.1 56324 5555
 *           kind client    proxy        their ports
 *
 * Version 2 is binary: a signature of 12 bytes, a byte with version and command, one with family
 * and protocol, two with the length of the rest; then the addresses and ports; then whatever else
 * the proxy tells (TLVs), which is skipped. That includes its checksum, since TCP has its own.
 */
#ifndef PROTO_PROXY_HEADER_H
#define PROTO_PROXY_HEADER_H

#include "base/address.h"

/*
 * The longest header. A line has at most 107 bytes, with its CR LF. In version 2 the length field
 * allows 65551, but a proxy should send the header in one packet: a longer one is an error.
 */
#define PROXY_HEADER_BYTES      2048
#define PROXY_HEADER_LINE_BYTES 107

struct proxy_header {
    /* False: the proxy does not name a client, as in its own health checks (UNKNOWN, LOCAL), or
     * the client came to it in another way than over TCP. */
    bool known;
    struct address address; /* of the client */
    unsigned port;
};

/*
 * Looks at the first bytes of a header. False: no header begins like this. Otherwise sets *more to
 * a number of bytes that the header certainly still has; 0: it is complete. The bytes so far and
 * *more together fit into PROXY_HEADER_BYTES.
 */
bool proxy_header_wants(struct span begun, size_t *more);

/*
 * Parses a whole header, with nothing after it. Returns false if it does not have one of these
 * forms: then nothing in it can be trusted, because the sender is not a proxy or uses another
 * version. *h is undefined then.
 */
bool proxy_header_parse(struct span header, struct proxy_header *h);

#endif
