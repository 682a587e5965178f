/* SPDX-License-Identifier: ISC */
/*
 * proxy_protocol: reads the address of the client for whom a proxy connects (proto/proxy_header.h).
 */
#ifndef NET_PROXY_PROTOCOL_H
#define NET_PROXY_PROTOCOL_H

#include "proto/io.h"
#include "proto/proxy_header.h"

/*
 * Reads the proxy's header, and no byte after it: the rest comes from the client. False: there is
 * no valid header, or it does not end before the deadline; what was read is lost. Returns as soon
 * as a byte cannot belong to a header.
 */
bool proxy_protocol_read(struct io *io, int64_t deadline_ms, struct proxy_header *h);

#endif
