/* SPDX-License-Identifier: ISC */
#include "session/stray_proxy.h"

#include "session/reply.h"
#include "session/session_log.h"

bool stray_proxy_is(struct span line)
{
    return span_starts(line, SPAN("PROXY "));
}

void stray_proxy_end(struct session *s, const char *reason)
{
    session_log_protocol(s, EVENT_WARNING, reason);
    reply_exit(s, reason);
}
