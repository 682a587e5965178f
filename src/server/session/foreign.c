/* SPDX-License-Identifier: ISC */
#include "session/foreign.h"

#include "session/reply.h"
#include "session/session_log.h"

bool foreign_is_proxy(struct span line)
{
    return span_starts(line, SPAN("PROXY "));
}

void foreign_end(struct session *s, enum event_level level, const char *reason)
{
    session_log_protocol(s, level, reason);
    reply_exit(s, reason);
}
