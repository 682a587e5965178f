/* SPDX-License-Identifier: ISC */
#include "net/proxy_protocol.h"

/*
 * A client that connects without the proxy waits for an answer. Its first bytes show that there is
 * no header, so it is refused at once and not at the deadline.
 */
static bool may_be_header(struct span line)
{
    struct span word = SPAN("PROXY ");
    return span_eq(span_first(line, word.n), span_first(word, line.n));
}

/* Reads single bytes, since an io cannot take any back. These are few, once for a connection. */
bool proxy_protocol_read(struct io *io, int64_t deadline_ms, struct proxy_header *h)
{
    char line[PROXY_HEADER_BYTES];
    size_t n = 0, got;
    do {
        if (n == sizeof line || io->read(io, line + n, 1, deadline_ms, &got) != IO_OK)
            return false;
        n += got;
        if (!may_be_header(span_of(line, n)))
            return false;
    } while (line[n - 1] != '\n');
    return proxy_header_parse(span_of(line, n), h);
}
