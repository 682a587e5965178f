/* SPDX-License-Identifier: ISC */
#include "net/transport.h"

void transport_tell(const struct transport_kind *kind, const char *address, struct event *e)
{
    if (kind->forgeable)
        event_text(e, "transport", span_str(kind->name));
    event_text(e, kind->forgeable ? "unproven" : "addr", span_str(address));
}
