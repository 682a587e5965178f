/* SPDX-License-Identifier: ISC */
/*
 * stray_proxy: a proxy that sends the PROXY protocol, but from an address that is not in
 * proxy-from. Its header would count as a command, and the client would take each answer for that
 * to its next one: a wrong password would seem to be right. For the session's thread.
 */
#ifndef SESSION_STRAY_PROXY_H
#define SESSION_STRAY_PROXY_H

#include "base/span.h"
#include "session/state.h"

#define STRAY_PROXY_REASON "a PROXY header, but this address is not in proxy-from"

/* Whether a line is such a header (proto/proxy_header.h, version 1). Pure. */
bool stray_proxy_is(struct span line);

/* Logs it, and ends the session with this reason. */
void stray_proxy_end(struct session *s, const char *reason);

#endif
