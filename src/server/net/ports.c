#include "net/ports.h"

#include "log/log.h"
#include "os/net.h"

bool ports_add(const int *fds, int n, const char *transport, struct buf *out)
{
    char address[OS_NET_ADDRESS_BYTES];
    unsigned port;

    for (int i = 0; i < n; i++) {
        if (!os_net_local(fds[i], address, &port))
            return false;
        buf_printf(out, "%s %s %u\n", transport, address, port);
    }
    return true;
}

void ports_tell(const int *fds, int n, const char *transport)
{
    char address[OS_NET_ADDRESS_BYTES];
    struct event e;
    unsigned port;

    for (int i = 0; i < n; i++) {
        if (!os_net_local(fds[i], address, &port))
            continue;
        event_begin(&e, "listen", EVENT_NOTICE);
        event_text(&e, "transport", span_str(transport));
        event_text(&e, "addr", span_str(address));
        event_number(&e, "port", port);
        log_event(&e);
    }
}
