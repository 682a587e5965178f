/* SPDX-License-Identifier: ISC */
#include "net/listener.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "os/file.h"
#include "os/net.h"
#include "os/wait.h"

/* Where a socket is, as text for people and for the port file. */
struct where {
    char place[OS_LOCAL_PATH_BYTES]; /* an address, or a path */
    unsigned port;
    bool path;
};

_Static_assert(OS_NET_ADDRESS_BYTES <= OS_LOCAL_PATH_BYTES, "an address has room");

/* False: errno. */
static bool find_socket(int fd, struct where *at)
{
    at->port = 0;
    at->path = os_local_path(fd, at->place);
    return at->path || os_net_local(fd, at->place, &at->port);
}

bool listener_open(struct listener *l, const struct address_place *place, const char **why)
{
    *why = "too many addresses";
    errno = EMFILE;
    if (l->n == LISTENER_MAX)
        return false;
    int *fds = l->fds + l->n, n;
    if (*place->port) {
        n = l->kind->open(place, fds, LISTENER_MAX - l->n, why);
    } else {
        fds[0] = os_local_bind(place->host, &l->names[l->n], why);
        n = fds[0] < 0 ? -1 : 1;
    }
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
    for (int i = 0; i < l->n; i++)
        if (*l->names[i].path)
            os_local_give(&l->names[i], user, group);
        else if (l->kind->datagrams)
            os_file_give(l->fds[i], user, group);
}

bool listener_ports(const struct listener *l, struct buf *out)
{
    struct where at;
    for (int i = 0; i < l->n; i++) {
        if (!find_socket(l->fds[i], &at))
            return false;
        buf_printf(out, at.path ? "%s %s\n" : "%s %s %u\n", l->kind->name, at.place, at.port);
    }
    return true;
}

void listener_log(const struct listener *l)
{
    struct event e;
    struct where at;
    for (int i = 0; i < l->n; i++) {
        if (!find_socket(l->fds[i], &at))
            continue;
        event_begin(&e, "listen", EVENT_NOTICE);
        event_text(&e, "transport", span_str(l->kind->name));
        event_text(&e, at.path ? "path" : "addr", span_str(at.place));
        if (!at.path)
            event_number(&e, "port", at.port);
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

/*
 * A server that starts cannot tell a Unix socket that is bound, but does not listen yet, from that
 * of a dead server, and replaces it.
 */
static bool listen_on(struct listener *l, int i)
{
    if (!*l->names[i].path || os_local_is_ours(&l->names[i]))
        return l->kind->listen(l->fds[i]);
    errno = EADDRINUSE;
    return false;
}

bool listener_listen(struct listener *l, char why[CONFIG_WHY_BYTES])
{
    for (int i = 0; l->kind->listen && !l->adopted && i < l->n; i++) {
        if (listen_on(l, i))
            continue;
        const char *error = strerror(errno);
        struct where at;
        if (!find_socket(l->fds[i], &at))
            strcpy(at.place, "an address");
        if (at.path)
            snprintf(why, CONFIG_WHY_BYTES, "cannot listen on %s (%s): %s", at.place, l->kind->name,
                     error);
        else
            snprintf(why, CONFIG_WHY_BYTES, "cannot listen on %s port %u (%s): %s", at.place,
                     at.port, l->kind->name, error);
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

static void remove_names(struct listener *l)
{
    for (int i = 0; i < l->n; i++)
        os_local_remove(&l->names[i]);
}

void listener_stop(struct listener *l)
{
    remove_names(l);
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
    remove_names(l);
    for (int i = 0; i < l->n; i++)
        os_net_close(l->fds[i]);
    l->kind->destroy(l);
}
