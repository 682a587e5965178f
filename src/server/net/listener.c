/* SPDX-License-Identifier: ISC */
#include "net/listener.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "os/file.h"
#include "os/net.h"
#include "os/wait.h"

bool listener_open(struct listener *l, const struct address_place *place, const char **why)
{
    *why = "too many addresses";
    errno = EMFILE;
    if (l->n == LISTENER_MAX)
        return false;
    int n = l->kind->open(place, l->fds + l->n, LISTENER_MAX - l->n, why);
    if (n > 0)
        l->n += n;
    return n > 0;
}

bool listener_adopt(struct listener *l, int fd, const char **why)
{
    *why = "is one socket too many";
    if (l->n == LISTENER_MAX || !l->kind->adopt(fd, why))
        return false;
    l->fds[l->n++] = fd;
    l->adopted = true;
    return true;
}

void listener_give(struct listener *l, uint32_t user, uint32_t group)
{
    for (int i = 0; l->kind->datagrams && i < l->n; i++)
        os_file_give(l->fds[i], user, group);
}

bool listener_ports(const struct listener *l, struct buf *out)
{
    char address[OS_NET_ADDRESS_BYTES];
    unsigned port;
    for (int i = 0; i < l->n; i++) {
        if (!os_net_local(l->fds[i], address, &port))
            return false;
        buf_printf(out, "%s %s %u\n", l->kind->name, address, port);
    }
    return true;
}

void listener_log(const struct listener *l)
{
    char address[OS_NET_ADDRESS_BYTES];
    struct event e;
    unsigned port;
    for (int i = 0; i < l->n; i++) {
        if (!os_net_local(l->fds[i], address, &port))
            continue;
        event_begin(&e, "listen", EVENT_NOTICE);
        event_text(&e, "transport", span_str(l->kind->name));
        event_text(&e, "addr", span_str(address));
        event_number(&e, "port", port);
        log_event(&e);
    }
}

void listener_log_failure(struct listener *l, int error)
{
    struct event e;
    event_begin(&e, "accept", EVENT_WARNING);
    event_text(&e, "result", SPAN("error"));
    event_text(&e, "transport", span_str(l->kind->name));
    event_text(&e, "reason", span_str(strerror(error)));
    log_rarely(&l->failures, &e);
}

bool listener_listen(struct listener *l, char why[CONFIG_WHY_BYTES])
{
    char address[OS_NET_ADDRESS_BYTES];
    unsigned port;
    for (int i = 0; l->kind->listen && !l->adopted && i < l->n; i++) {
        if (l->kind->listen(l->fds[i]))
            continue;
        int error = errno;
        bool known = os_net_local(l->fds[i], address, &port);
        snprintf(why, CONFIG_WHY_BYTES, "cannot listen on %s port %u (%s): %s",
                 known ? address : "an address", known ? port : 0, l->kind->name, strerror(error));
        return false;
    }
    return true;
}

void listener_discard(struct listener *l)
{
    if (l->kind->discard)
        l->kind->discard(l);
}

static void *serve_listener(void *arg)
{
    struct listener *l = arg;
    l->kind->serve(l);
    return NULL;
}

bool listener_start(struct listener *l)
{
    if (l->n == 0)
        return true;
    errno = pthread_create(&l->thread, NULL, serve_listener, l);
    l->running = errno == 0;
    return l->running;
}

void listener_stop(struct listener *l)
{
    if (!l->running)
        return;
    atomic_store(&l->stop, true);
    pthread_kill(l->thread, OS_WAKE);
    pthread_join(l->thread, NULL);
    l->running = false;
}

void listener_abandon(const struct listener *l)
{
    for (int i = 0; !l->adopted && i < l->n; i++)
        os_net_shut(l->fds[i]);
}

void listener_free(struct listener *l)
{
    if (!l)
        return;
    for (int i = 0; i < l->n; i++)
        os_net_close(l->fds[i]);
    l->kind->destroy(l);
}
