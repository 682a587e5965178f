/* SPDX-License-Identifier: ISC */
#include "client/call.h"

#include <stddef.h>
#include <string.h>

#include "client/error.h"
#include "client/language.h"
#include "client/proxy.h"
#include "client/settings.h"
#include "client/udp_connect.h"
#include "os/clock.h"

#define CONNECT_MS  15000
#define PROXY_BYTES ((size_t)1 << 20) /* of a command: more than the system accepts */

void call_init(struct call *c, const struct call_way *way)
{
    *c = (struct call){.way = *way};
}

const char *call_place(const struct call *c, struct span text, struct address_place *place)
{
    if (!address_parse_server(text, SETTINGS_PORT, place))
        return _(SETTINGS_SERVER_RULE);
    if (c->way.proxy && !proxy_place_ok(place))
        return _(PROXY_HOST_RULE);
    return NULL;
}

/* May be called twice for a command: c->end keeps how it ended. */
static void hang_up(struct call *c)
{
    if (c->way.proxy) {
        os_command_end(&c->command, &c->end);
        ended_words(c->ended, &c->end);
        return;
    }
    if (c->way.udp_datagram) {
        os_tty_meanwhile(NULL);
        udp_connect_leave(&c->udp);
        udp_io_free(&c->udp);
    }
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
        return span_str(_(c->why ? c->why : N_("not connected")));
    if (!c->way.proxy || !link_lost(&c->link))
        return link_words(&c->link);
    hang_up(c);
    return span_str(c->ended);
}

/* Starts the command. On failure returns false and sets c->why. */
static bool start_proxy(struct call *c, const struct address_place *place)
{
    struct buf text;
    bool started = false;
    buf_init(&text, PROXY_BYTES);
    if (proxy_expand(&text, c->way.proxy, place))
        started = os_command_start(&c->command, buf_span(&text), &c->why);
    else
        c->why = _("out of memory");
    buf_free(&text);
    return started;
}

/* Standard error also of the menu: standard output may be read by a program. */
static void say_silent(const struct call *c, const char *waits, const char *what)
{
    bool v6 = strchr(c->place.host, ':');
    if (c->quiet)
        return;
    error_say(ERROR_NONE, _("%s%s%s:%s has not answered for %d seconds: %s%s"), v6 ? "[" : "",
              c->place.host, v6 ? "]" : "", c->place.port, CALL_PATIENCE_MS / 1000, waits, what);
}

static void tell_no_connection(void *ctx, const char *tried)
{
    if (tried)
        say_silent(ctx, _("still trying "), _(tried));
    else
        say_silent(ctx, _("still looking up its address"), "");
}

static void tell_no_answer(struct reply_patience *p)
{
    const struct call *c = (struct call *)(void *)((char *)p - offsetof(struct call, patience));
    say_silent(c, _("still waiting for the answer to "), opcode_info(c->link.last)->wire);
}

/* Makes a new connection. On failure returns false and sets c->why. */
static bool dial(struct call *c, const struct address_place *place)
{
    struct os_net_waiting waiting = {os_clock_ms() + CALL_PATIENCE_MS, tell_no_connection, c};
    if (c->way.udp_datagram)
        return udp_connect(&c->udp, place, c->way.udp_datagram, &waiting, &c->why);
    int fd = -1;
    if (!c->way.proxy)
        fd = os_net_connect(place, os_clock_ms() + CONNECT_MS, &waiting, &c->why);
    else if (start_proxy(c, place))
        fd = c->command.fd;
    socket_io_init(&c->net, fd);
    return fd >= 0;
}

static bool keep_alive(void *ctx)
{
    struct call *c = ctx;
    udp_io_pause(&c->udp, 0);
    return c->udp.end == UDP_IO_ON;
}

enum reply_result call_open(struct call *c, const struct address_place *place)
{
    call_close(c);
    c->place = *place;
    if (!dial(c, place))
        return REPLY_NOBODY;
    link_init(&c->link, &c->net.io, LINK_ARG_LIMIT, c->way.idle_ms);
    c->patience = (struct reply_patience){CALL_PATIENCE_MS, tell_no_answer};
    link_patience(&c->link, &c->patience);
    c->open = true;
    /* In version 2 over UDP the server asks from time to time whether the client is still there. */
    c->aside = (struct os_tty_aside){c->net.fd, keep_alive, c};
    if (c->way.udp_datagram && c->udp.version == 2)
        os_tty_meanwhile(&c->aside);
    /* In version 1 over UDP, udp_connect has already sent Start to find the server. */
    bool started = c->way.udp_datagram && c->udp.version == 1;
    enum reply_result result = started ? link_started(&c->link) : link_start(&c->link);
    /* The command runs, but only an answer would show that it has reached a server. */
    if (c->way.proxy && result == REPLY_LOST) {
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

/* A server of version 2 refuses Register with no password in any case. Others may not. */
enum reply_result call_may_register(struct call *c, struct span name, const struct span *invite)
{
    struct span args[3] = {name, SPAN(""), invite ? *invite : SPAN("")};
    if (link_version(&c->link) < 2)
        return REPLY_OK;
    enum reply_result result = link_ask(&c->link, OP_REGISTER, args, args[2].n > 0 ? 3 : 2);
    if (result != REPLY_NOOP)
        return result;
    struct span words = call_words(c);
    bool may = span_eq(words, SPAN(PASSWORD_RULE)) ||
               (!invite && span_eq(words, span_str(status_text(ST_INVITE_ONLY))));
    return may ? REPLY_OK : REPLY_NOOP;
}

enum status call_check_user(struct call *c, const char *name)
{
    static const enum status told[] = {ST_NO_USER, ST_NO_MEMBERS, ST_FULL};
    struct span arg = span_str(name);
    if (link_ask(&c->link, OP_CHECK_USER, &arg, 1) != REPLY_NOOP)
        return ST_OK;
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        if (span_eq(call_words(c), span_str(status_text(told[i]))))
            return told[i];
    return ST_OK;
}
