/* SPDX-License-Identifier: ISC */
/*
 * foreign: a client that does not speak the protocol of this port. For the session's thread.
 *
 * A proxy may send the PROXY protocol from an address that is not in proxy-from. Its header would
 * count as a command, and the client would take each answer for that to its next one: a wrong
 * password would seem to be right. A web page can make a browser connect, and send commands.
 */
#ifndef SESSION_FOREIGN_H
#define SESSION_FOREIGN_H

#include "base/span.h"
#include "session/state.h"

#define FOREIGN_PROXY_REASON "a PROXY header, but this address is not in proxy-from"
#define FOREIGN_HTTP_REASON  "this is not a web server"

/* Whether a line is a header of the PROXY protocol (proto/proxy_header.h, version 1). Pure. */
bool foreign_is_proxy(struct span line);

/* Logs that the client does not follow the protocol, and ends the session with this reason. */
void foreign_end(struct session *s, enum event_level level, const char *reason);

#endif
