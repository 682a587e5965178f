#include "net/tcp_listener.h"

#include <errno.h>
#include <stdlib.h>

#include "net/tcp.h"
#include "os/clock.h"
#include "os/systemd.h"
#include "os/wait.h"

#define BACKLOG     1024
#define BACK_OFF_MS 100 /* when no connection can be taken, nor sent away */
#define TURN        64  /* so many of one socket, then those of the next, and the ended ones */

struct tcp_listener {
    struct listener listener; /* first: a pointer to one is a pointer to the other */
    int reserve; /* closed to send away a client that gets no descriptor; -1: not to be had */
};

static struct listener *create(struct registry *registry, struct counters *counters)
{
    struct tcp_listener *l = calloc(1, sizeof *l);

    (void)counters;
    if (!l)
        return NULL;
    l->listener.kind = &tcp_listener_kind;
    l->listener.registry = registry;
    l->reserve = -1;
    return &l->listener;
}

static void destroy(struct listener *listener)
{
    struct tcp_listener *l = (struct tcp_listener *)listener;

    os_net_close(l->reserve);
    free(l);
}

static int open_sockets(const struct address_place *place, int *fds, int max, const char **why)
{
    return os_net_listen(place, BACKLOG, fds, max, why);
}

static void keep_reserve(struct tcp_listener *l)
{
    if (l->reserve < 0)
        l->reserve = os_net_again(l->listener.fds[0]);
}

/* A client for whom there is no memory at all cannot even be told so. */
static void start(struct tcp_listener *l, int fd, const struct os_net_peer *peer)
{
    struct transport *t = tcp_new(fd, peer);

    if (t)
        registry_start(l->listener.registry, t);
}

static void turn_away(struct tcp_listener *l, int fd, const struct os_net_peer *peer)
{
    struct transport *t = tcp_new(fd, peer);

    if (t)
        registry_turn_away(l->listener.registry, t);
}

/* Sends one away for whom there is no descriptor. False, errno: that was not possible either. */
static bool send_away(struct tcp_listener *l, int socket)
{
    struct os_net_peer peer;
    int fd, error;

    os_net_close(l->reserve);
    l->reserve = -1;
    fd = os_net_accept(socket, &peer);
    error = errno;
    if (fd >= 0)
        turn_away(l, fd, &peer);
    keep_reserve(l);
    errno = error;
    return fd >= 0;
}

/* Takes or sends away one that waits at a socket. False: errno. */
static bool accept_one(struct tcp_listener *l, int socket)
{
    struct os_net_peer peer;
    int fd = os_net_accept(socket, &peer);

    if (fd >= 0)
        start(l, fd, &peer);
    else if ((errno == EMFILE || errno == ENFILE) && l->reserve >= 0)
        return send_away(l, socket);
    return fd >= 0;
}

/* Takes some that wait at one socket. False: nothing can be taken for now. */
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

static void serve(struct listener *listener)
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
    .name = "tcp",
    .create = create,
    .destroy = destroy,
    .open = open_sockets,
    .adopt = os_systemd_adopt,
    .serve = serve,
};
