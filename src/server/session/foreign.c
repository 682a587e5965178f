/* SPDX-License-Identifier: ISC */
#include "session/foreign.h"

#include "session/reply.h"
#include "session/session_log.h"

bool foreign_is_proxy(struct span line)
{
    return span_starts(line, SPAN("PROXY "));
}

bool foreign_is_http(struct span line)
{
    static const size_t version_bytes = sizeof "HTTP/1.1" - 1;
    return line.n >= version_bytes &&
           span_starts(span_skip(line, line.n - version_bytes), SPAN("HTTP/"));
}

void foreign_end(struct session *s, enum event_level level, const char *reason)
{
    session_log_protocol(s, level, reason);
    reply_exit(s, reason);
}
