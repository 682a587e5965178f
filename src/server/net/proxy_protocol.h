/*
 * proxied: who is behind a connection that a proxy hands on (proxy_header.h).
 */
#ifndef NET_PROXY_PROTOCOL_H
#define NET_PROXY_PROTOCOL_H

#include "proto/io.h"
#include "proto/proxy_header.h"

/*
 * Reads the proxy's line, and not a byte of what follows it: that is the client's. False, what has
 * been read being lost: there is none, which is said as soon as it
 * is seen, or not until the deadline.
 */
bool proxy_protocol_read(struct io *io, int64_t deadline_ms, struct proxy_header *h);

#endif
