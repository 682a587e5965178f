#include "net/tcp_listener.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "log/log.h"
#include "net/ports.h"
#include "net/tcp.h"
#include "os/clock.h"
#include "os/systemd.h"
#include "os/wait.h"

#define BACKLOG     1024
#define BACK_OFF_MS 100 /* when no connection can be taken, nor sent away */
#define TURN        64  /* so many of one socket, then those of the next, and the ended ones */

struct tcp_listener {
    struct registry *registry;
    int fds[TCP_LISTENER_MAX];
    int n;
    int reserve; /* given up to send those away for whom there is no descriptor; -1: it is lost */
    pthread_t thread;
    atomic_bool stop;
    struct log_rarely failures; /* of the thread */
};

struct tcp_listener *tcp_listener_new(struct registry *registry)
{
    struct tcp_listener *l = calloc(1, sizeof *l);

    if (!l)
        return NULL;
    l->registry = registry;
    l->reserve = -1;
    return l;
}

void tcp_listener_free(struct tcp_listener *l)
{
    if (!l)
        return;
    for (int i = 0; i < l->n; i++)
        os_net_close(l->fds[i]);
    if (l->reserve >= 0)
        os_net_close(l->reserve);
    free(l);
}

bool tcp_listener_add(struct tcp_listener *l, const struct address_place *place, const char **why)
{
    int n;

    *why = "too many addresses";
    if (l->n == TCP_LISTENER_MAX)
        return false;
    n = os_net_listen(place, BACKLOG, l->fds + l->n, TCP_LISTENER_MAX - l->n, why);
    if (n > 0)
        l->n += n;
    return n > 0;
}

bool tcp_listener_adopt(struct tcp_listener *l, int fd, const char **why)
{
    *why = "is one too many";
    if (l->n == TCP_LISTENER_MAX || !os_systemd_adopt(fd, why))
        return false;
    l->fds[l->n++] = fd;
    return true;
}

bool tcp_listener_ports(const struct tcp_listener *l, struct buf *out)
{
    return ports_add(l->fds, l->n, "tcp", out);
}

void tcp_listener_tell(const struct tcp_listener *l)
{
    ports_tell(l->fds, l->n, "tcp");
}

static void tell_failure(struct tcp_listener *l, int error)
{
    struct event e;

    event_begin(&e, "accept", EVENT_WARNING);
    event_text(&e, "result", SPAN("error"));
    event_text(&e, "reason", span_str(strerror(error)));
    log_rarely(&l->failures, &e);
}

static void keep_reserve(struct tcp_listener *l)
{
    if (l->reserve < 0)
        l->reserve = os_net_again(l->fds[0]);
}

/* A client for whom there is no memory at all cannot even be told so. */
static void start(struct tcp_listener *l, int fd, const struct os_net_peer *peer)
{
    struct transport *t = tcp_new(fd, peer);

    if (t)
        registry_start(l->registry, t);
}

static void turn_away(struct tcp_listener *l, int fd, const struct os_net_peer *peer)
{
    struct transport *t = tcp_new(fd, peer);

    if (t)
        registry_turn_away(l->registry, t);
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
        tell_failure(l, errno);
        return false;
    }
    return true;
}

static void *run(void *arg)
{
    struct tcp_listener *l = arg;

    while (!atomic_load(&l->stop)) {
        bool ok = true;

        keep_reserve(l);
        if (os_wait_input(l->fds, l->n, IO_FOREVER))
            for (int i = 0; i < l->n; i++)
                ok = accept_waiting(l, l->fds[i]) && ok;
        registry_reap(l->registry);
        if (!ok)
            os_wait_input(NULL, 0, os_clock_ms() + BACK_OFF_MS);
    }
    return NULL;
}

bool tcp_listener_start(struct tcp_listener *l)
{
    errno = pthread_create(&l->thread, NULL, run, l);
    return errno == 0;
}

void tcp_listener_stop(struct tcp_listener *l)
{
    atomic_store(&l->stop, true);
    pthread_kill(l->thread, OS_WAKE);
    pthread_join(l->thread, NULL);
}
