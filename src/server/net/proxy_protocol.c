/* SPDX-License-Identifier: ISC */
#include "net/proxy_protocol.h"

/*
 * A line is read byte by byte, since an io cannot take any back. These are few, once for a
 * connection. A client that connects without the proxy waits for an answer: its first bytes show
 * that there is no header, so it is refused at once and not at the deadline.
 */
bool proxy_protocol_read(struct io *io, int64_t deadline_ms, struct proxy_header *h)
{
    char header[PROXY_HEADER_BYTES];
    size_t n = 0, more, got;
    while (proxy_header_wants(span_of(header, n), &more)) {
        if (more == 0)
            return proxy_header_parse(span_of(header, n), h);
        if (io->read(io, header + n, more, deadline_ms, &got) != IO_OK)
            return false;
        n += got;
    }
    return false;
}
