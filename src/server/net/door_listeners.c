/* SPDX-License-Identifier: ISC */
#include "net/door_listeners.h"

#include <errno.h>

#include "doors/pop3.h"
#include "doors/smtp.h"
#include "net/tcp.h"
#include "net/tcp_listener.h"
#include "os/systemd.h"

static const struct transport_kind pop3_kind = {
    .name = "pop3", .talk = &door_pop3, .proxies = true, .pause = tcp_pause, .close = tcp_close};
static const struct transport_kind submission_kind = {.name = "submission",
                                                      .talk = &door_submission,
                                                      .proxies = true,
                                                      .pause = tcp_pause,
                                                      .close = tcp_close};

/*
 * No proxies: a mail server on this machine may have the same address as a proxy for the other
 * listeners, and sends no header.
 */
static const struct transport_kind lmtp_kind = {
    .name = "lmtp", .talk = &door_lmtp, .pause = tcp_pause, .close = tcp_close};

const struct listener_kind pop3_listener_kind = {
    TCP_LISTENER,        .name = "pop3",
    .door = true,        .transport = &pop3_kind,
    .open = os_net_bind, .adopt = os_systemd_adopt,
};

const struct listener_kind submission_listener_kind = {
    TCP_LISTENER,        .name = "submission",      .door = true, .transport = &submission_kind,
    .open = os_net_bind, .adopt = os_systemd_adopt,
};

static bool is_loopback(int fd)
{
    char text[OS_NET_ADDRESS_BYTES];
    struct address address;
    unsigned port;
    return os_net_local(fd, text, &port) && address_parse(span_str(text), &address) &&
           address_is_loopback(&address);
}

/* A name may stand for any address, even for one more at each start. */
static int open_lmtp(const struct address_place *place, int *fds, int max, const char **why)
{
    bool loopback = true;
    int n = os_net_bind(place, fds, max, why);
    for (int i = 0; i < n; i++)
        loopback = loopback && is_loopback(fds[i]);
    if (loopback)
        return n;
    while (n > 0)
        os_net_close(fds[--n]);
    *why = "lmtp has no login, so it may only listen on loopback addresses and Unix sockets";
    errno = EACCES;
    return -1;
}

static bool adopt_lmtp(int fd, const char **why)
{
    if (os_systemd_is_local(fd))
        return os_systemd_adopt_local(fd, why);
    if (!os_systemd_adopt(fd, why))
        return false;
    *why = "is not at a loopback address; lmtp has no login";
    return is_loopback(fd);
}

const struct listener_kind lmtp_listener_kind = {
    TCP_LISTENER,      .name = "lmtp",      .door = true, .transport = &lmtp_kind,
    .open = open_lmtp, .adopt = adopt_lmtp,
};
