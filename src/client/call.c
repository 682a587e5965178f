#include "call.h"

#include "os_clock.h"

#define CONNECT_MS    15000
#define FIRST_FREE_FD 3

void call_init(struct call *c)
{
    *c = (struct call){.open = false};
}

void call_close(struct call *c)
{
    if (!c->open)
        return;
    link_free(&c->link);
    os_net_close(c->net.fd);
    c->open = false;
}

struct span call_words(const struct call *c)
{
    return c->open ? link_words(&c->link) : span_str(c->why ? c->why : "not connected");
}

enum reply_result call_open(struct call *c, const struct os_net_place *place)
{
    call_close(c);
    int fd = os_net_connect(place, os_clock_ms() + CONNECT_MS, &c->why);
    if (fd < 0)
        return REPLY_NOBODY;
    /* A letter written to standard output must never end up in the connection. */
    if (fd < FIRST_FREE_FD) {
        os_net_close(fd);
        c->why = "standard input, output or error is closed";
        return REPLY_NOBODY;
    }
    os_net_io_init(&c->net, fd);
    link_init(&c->link, &c->net.io, LINK_ARG_LIMIT, LINK_IDLE_MS);
    c->open = true;
    return link_start(&c->link);
}

enum reply_result call_login(struct call *c, struct span user, const struct secret *password)
{
    struct span args[2] = {user, secret_span(password)};
    return link_ask(&c->link, OP_LOGIN, args, 2);
}
