/*
 * proxy_header: the line by which a proxy says whose connection it hands on, version 1 of the PROXY
 * protocol (HAProxy's proxy-protocol.txt, 2.1). Pure.
 *
 *     PROXY TCP4 192.0.2.7 198.51.100.1 56324 5555
 *           kind client    proxy        their ports
 */
#ifndef PROTO_PROXY_HEADER_H
#define PROTO_PROXY_HEADER_H

#include "base/address.h"

#define PROXY_HEADER_BYTES 107 /* of the longest line, its CR LF counted in */

struct proxy_header {
    bool known;             /* false: the proxy does not say, as in its own health checks */
    struct address address; /* of the client */
    unsigned port;
};

/*
 * Takes apart a line with its CR LF. False: it is not of this form; nothing in it may be guessed
 * at, since whoever sent it is no proxy, or speaks another version.
 */
bool proxy_header_parse(struct span line, struct proxy_header *h);

#endif
