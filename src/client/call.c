#include "call.h"

#include "os_clock.h"
#include "proxy.h"

#define CONNECT_MS  15000
#define PROXY_BYTES ((size_t)1 << 20) /* of a command, more than a system takes */

void call_init(struct call *c, const char *proxy)
{
    *c = (struct call){.proxy = proxy};
}

const char *call_place(const struct call *c, struct span text, struct os_net_place *place)
{
    if (!os_net_parse(text, place))
        return "<host>:<port>, as in 192.168.0.200:5555 or [::1]:5555";
    if (c->proxy && !proxy_place_ok(place))
        return PROXY_HOST_RULE;
    return NULL;
}

/* Once is enough: c->ended keeps how a command ended. */
static void hang_up(struct call *c)
{
    if (c->proxy)
        os_command_end(&c->command, c->ended);
    else
        os_net_close(c->net.fd);
}

void call_close(struct call *c)
{
    if (!c->open)
        return;
    link_free(&c->link);
    hang_up(c);
    c->open = false;
}

struct span call_words(struct call *c)
{
    if (!c->open)
        return span_str(c->why ? c->why : "not connected");
    if (!c->proxy || !link_lost(&c->link))
        return link_words(&c->link);
    hang_up(c);
    return span_str(c->ended);
}

/* Starts the command. False: c->why. */
static bool start_proxy(struct call *c, const struct os_net_place *place)
{
    struct buf text;
    bool started = false;
    buf_init(&text, PROXY_BYTES);
    if (proxy_expand(&text, c->proxy, place))
        started = os_command_start(&c->command, buf_span(&text), &c->why);
    else
        c->why = "out of memory";
    buf_free(&text);
    return started;
}

/* The socket of a new connection. -1: c->why. */
static int dial(struct call *c, const struct os_net_place *place)
{
    if (c->proxy)
        return start_proxy(c, place) ? c->command.fd : -1;
    return os_net_connect(place, os_clock_ms() + CONNECT_MS, &c->why);
}

enum reply_result call_open(struct call *c, const struct os_net_place *place)
{
    call_close(c);
    int fd = dial(c, place);
    if (fd < 0)
        return REPLY_NOBODY;
    os_net_io_init(&c->net, fd);
    link_init(&c->link, &c->net.io, LINK_ARG_LIMIT, LINK_IDLE_MS);
    c->open = true;
    enum reply_result result = link_start(&c->link);
    /* That a command runs does not mean that it has reached anyone: an answer does. */
    if (c->proxy && result == REPLY_LOST) {
        call_close(c);
        c->why = c->ended;
        return REPLY_NOBODY;
    }
    return result;
}

enum reply_result call_login(struct call *c, struct span user, const struct secret *password)
{
    struct span args[2] = {user, secret_span(password)};
    return link_ask(&c->link, OP_LOGIN, args, 2);
}
