/* SPDX-License-Identifier: ISC */
/*
 * proxy_header: the line in which a proxy names the client whose connection it forwards: version 1
 * of the PROXY protocol (HAProxy's proxy-protocol.txt, 2.1). Pure.
 *
 *     PROXY TCP4 192.0.2.7 198.51.100.1 56324 5555
 *           kind client    proxy        their ports
 */
#ifndef PROTO_PROXY_HEADER_H
#define PROTO_PROXY_HEADER_H

#include "base/address.h"

#define PROXY_HEADER_BYTES 107 /* of the longest line, with its CR LF */

struct proxy_header {
    bool known; /* false: the proxy does not name a client, as in its own health checks */
    struct address address; /* of the client */
    unsigned port;
};

/*
 * Parses a line with its CR LF. Returns false if it does not have this form: then nothing in it can
 * be trusted, because the sender is not a proxy or uses another version. *h is undefined then.
 */
bool proxy_header_parse(struct span line, struct proxy_header *h);

#endif
