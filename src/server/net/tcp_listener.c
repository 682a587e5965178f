/* SPDX-License-Identifier: ISC */
#include "net/tcp_listener.h"

#include <errno.h>
#include <stdlib.h>

#include "net/connection.h"
#include "net/tcp.h"
#include "os/clock.h"
#include "os/systemd.h"
#include "os/wait.h"

#define BACKLOG     1024
#define BACK_OFF_MS 100 /* when a client can neither be accepted nor be sent away */
#define TURN        64 /* clients of one socket, before the next socket and the ended connections */

/* See socket_io.h: a session may notice this much later that it must end. */
#define RECV_WAIT_MS 20

struct tcp_listener {
    struct listener listener; /* first: a pointer to one is a pointer to the other */
    int reserve; /* descriptor closed to send a client away when there is no other; -1: lost */
};

struct listener *tcp_listener_create(const struct listener_kind *kind, struct registry *registry,
                                     struct counters *counters)
{
    struct tcp_listener *l = calloc(1, sizeof *l);
    (void)counters;
    if (!l)
        return NULL;
    l->listener.kind = kind;
    l->listener.registry = registry;
    l->reserve = -1;
    return &l->listener;
}

void tcp_listener_destroy(struct listener *listener)
{
    struct tcp_listener *l = (struct tcp_listener *)listener;
    os_net_close(l->reserve);
    free(l);
}

bool tcp_listener_listen(int fd)
{
    return os_net_listen_on(fd, BACKLOG);
}

static void keep_reserve(struct tcp_listener *l)
{
    if (l->reserve < 0)
        l->reserve = os_net_again(l->listener.fds[0]);
}

/*
 * Accepts a client and hands it to take, or sends it away if there is no memory for a transport.
 * False: errno, and the client still waits.
 */
static bool accept_for(struct tcp_listener *l, int socket,
                       void (*take)(struct registry *r, struct transport *t))
{
    const struct transport_kind *kind = l->listener.kind->transport;
    struct os_net_peer peer;
    int fd = os_net_accept(socket, RECV_WAIT_MS, &peer);
    if (fd < 0)
        return false;
    struct transport *t = tcp_new(kind, fd, &peer);
    if (t)
        take(l->listener.registry, t);
    else
        tcp_turn_away(kind, fd, &peer, l->listener.registry, connection_turn_away);
    return true;
}

/* Accepts a client that waits at a socket, or sends it away on the reserve. False: errno. */
static bool accept_one(struct tcp_listener *l, int socket)
{
    if (accept_for(l, socket, connection_start))
        return true;
    if ((errno != EMFILE && errno != ENFILE) || l->reserve < 0)
        return false;
    os_net_close(l->reserve);
    l->reserve = -1;
    bool ok = accept_for(l, socket, connection_turn_away);
    int error = errno;
    keep_reserve(l);
    errno = error;
    return ok;
}

/* Accepts up to TURN clients that wait at one socket. False: resources are short. */
static bool accept_waiting(struct tcp_listener *l, int socket)
{
    for (int i = 0; i < TURN; i++) {
        if (accept_one(l, socket))
            continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return true;
        listener_log_failure(&l->listener, errno);
        return false;
    }
    return true;
}

void tcp_listener_serve(struct listener *listener)
{
    struct tcp_listener *l = (struct tcp_listener *)listener;
    while (!atomic_load(&listener->stop)) {
        bool ok = true;
        keep_reserve(l);
        if (os_wait_input(listener->fds, listener->n, IO_FOREVER))
            for (int i = 0; i < listener->n; i++)
                ok = accept_waiting(l, listener->fds[i]) && ok;
        registry_reap(listener->registry);
        if (!ok)
            os_wait_input(NULL, 0, os_clock_ms() + BACK_OFF_MS);
    }
}

const struct listener_kind tcp_listener_kind = {
    TCP_LISTENER,
    .name = "tcp",
    .transport = &tcp_kind,
    .open = os_net_bind,
    .adopt = os_systemd_adopt,
};
