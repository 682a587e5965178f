#include "net/proxy_protocol.h"

/* A client that connects directly waits for its answer: it is told at once, not at the deadline. */
static bool begins_header(struct span line)
{
    struct span word = SPAN("PROXY ");

    return span_eq(span_first(line, word.n), span_first(word, line.n));
}

/* Byte by byte, a few dozen once a connection: nothing can be given back to an io. */
bool proxy_protocol_read(struct io *io, int64_t deadline_ms, struct proxy_header *h)
{
    char line[PROXY_HEADER_BYTES];
    size_t n = 0, got;

    do {
        if (n == sizeof line || io->read(io, line + n, 1, deadline_ms, &got) != IO_OK)
            return false;
        n += got;
        if (!begins_header(span_of(line, n)))
            return false;
    } while (line[n - 1] != '\n');
    return proxy_header_parse(span_of(line, n), h);
}
