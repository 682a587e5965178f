/* SPDX-License-Identifier: ISC */
/*
 * A session's socket is bound for a moment before it is connected to the client. In that moment the
 * client's datagrams may still arrive at the listener's socket, and those of other clients at the
 * new one. Both are read before the session's thread starts, so that no datagram is lost and none
 * reaches another client's session. Version 1 does not repeat lost datagrams; its sessions start a
 * little later, for datagrams that the system is delivering to either socket at that time. Its
 * datagrams may be read before the first one of their session, which is at another socket. They are
 * kept until all these sockets have been read.
 */
#include "net/udp_listener.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "net/connection.h"
#include "net/registry_private.h"
#include "os/clock.h"
#include "os/random.h"
#include "os/systemd.h"
#include "os/udp_table.h"
#include "os/wait.h"
#include "udp/cookie.h"
#include "udp/hello.h"

#define TURN           4096  /* datagrams of one socket, before the next socket */
#define STARTING_MAX   64    /* sessions not started yet */
#define STARTING_MS    2     /* version 1: how long a session waits before it starts */
#define DATAGRAM_BYTES 65536 /* more than the largest datagram */
#define EARLY_BYTES    (1 << 20)

/* More datagrams than can wait at a socket: each takes 256 bytes of its buffer or more. */
#define WAITING_MAX (2 * OS_UDP_BUFFER_BYTES / 256)

struct udp_listener {
    struct listener listener; /* first: a pointer to one is a pointer to the other */
    struct udp_common common;
    int sockets[2 * LISTENER_MAX]; /* the listener's, then what os_udp_share has added */
    int sockets_n;
    unsigned char key[SIPHASH_KEY_BYTES];   /* for cookies */
    struct udp_session *starting, **newest; /* sessions not started yet, the oldest first */
    unsigned starting_n;
    struct buf early; /* in version 1, read before their session begins: a struct early and bytes */
    unsigned early_n;
    char bytes[DATAGRAM_BYTES];
};

static struct listener *create_udp(const struct listener_kind *kind, struct registry *registry,
                                   struct counters *counters)
{
    struct udp_listener *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->listener.kind = kind;
    l->listener.registry = registry;
    l->common.counters = counters;
    l->common.service = registry->service;
    l->newest = &l->starting;
    buf_init(&l->early, EARLY_BYTES);
    os_random_bytes(l->key, sizeof l->key);
    os_random_bytes(l->common.rate.key, sizeof l->common.rate.key);
    pthread_mutex_init(&l->common.mutex, NULL);
    return &l->listener;
}

static void destroy_udp(struct listener *listener)
{
    struct udp_listener *l = (struct udp_listener *)listener;
    for (int i = listener->n; i < l->sockets_n; i++)
        os_net_close(l->sockets[i]);
    pthread_mutex_destroy(&l->common.mutex);
    buf_free(&l->early);
    free(l);
}

void udp_listener_set(struct listener *listener, const struct udp_settings *settings)
{
    struct udp_listener *l = (struct udp_listener *)listener;
    pthread_mutex_lock(&l->common.mutex);
    l->common.settings = *settings;
    pthread_mutex_unlock(&l->common.mutex);
}

/* --- before it starts --- */

/* Whether a session can bind a socket beside this one. */
static bool can_begin(int fd)
{
    char address[OS_NET_ADDRESS_BYTES];
    struct os_udp_peer peer = {.port = 9}; /* nothing is sent there */
    unsigned port;
    if (!os_net_local(fd, address, &port))
        return false;
    if (!address_parse(span_str(address), &peer.local))
        return true; /* it has a zone; the port of another address stands for it */
    peer.address = peer.local;
    int session = os_udp_session(fd, &peer);
    os_net_close(session);
    return session >= 0 || errno == EADDRNOTAVAIL; /* an adopted address may not exist yet */
}

/* Keeps other users from the port of a socket, and lets sessions bind it. */
static bool share_port(struct udp_listener *l, int fd)
{
    int guard = os_udp_share(fd);
    if (guard > 0)
        l->sockets[l->sockets_n++] = guard;
    return guard >= 0 && can_begin(fd);
}

static bool is_alone(const struct udp_listener *l, char why[CONFIG_WHY_BYTES])
{
    unsigned port = 0;
    uint32_t user = 0;
    switch (os_udp_table_others(l->sockets, l->sockets_n, &port, &user)) {
    case OS_UDP_ALONE:
        return true;
    case OS_UDP_OTHER:
        snprintf(why, CONFIG_WHY_BYTES,
                 "udp: a process of the user with id %u has bound port %u, too, and would receive "
                 "passwords; end it (ss -ulnp shows it)",
                 (unsigned)user, port);
        return false;
    case OS_UDP_UNKNOWN:
        snprintf(why, CONFIG_WHY_BYTES,
                 "udp: cannot tell whether other processes have bound a port passed by systemd, "
                 "too: /proc/net/udp: %s",
                 strerror(errno));
        break;
    }
    return false;
}

/* Each session binds a socket of its own to the same port, which needs the same right. */
static bool check_ports(struct listener *listener, const char *user, char why[CONFIG_WHY_BYTES])
{
    struct udp_listener *l = (struct udp_listener *)listener;
    bool shared = false;
    memcpy(l->sockets, listener->fds, sizeof listener->fds);
    l->sockets_n = listener->n;
    for (int i = 0; i < listener->n; i++)
        shared = os_udp_is_shared(listener->fds[i]) || shared;
    for (int i = 0; i < listener->n; i++) {
        char address[OS_NET_ADDRESS_BYTES];
        unsigned port = 0;
        if (share_port(l, listener->fds[i]))
            continue;
        int error = errno;
        os_net_local(listener->fds[i], address, &port);
        snprintf(why, CONFIG_WHY_BYTES, "udp: user %s cannot bind port %u for each session: %s%s",
                 user, port, strerror(error), error == EACCES ? "; use a port from 1024 on" : "");
        return false;
    }
    return (!shared && l->sockets_n == listener->n) || is_alone(l, why);
}

static void count_dropped(struct udp_listener *l)
{
    atomic_fetch_add(&l->common.counters->udp_dropped, 1);
}

static void discard_udp(struct listener *listener)
{
    struct udp_listener *l = (struct udp_listener *)listener;
    struct os_udp_peer peer;
    for (int i = 0; i < l->sockets_n; i++)
        for (int n = 0; n < WAITING_MAX; n++) {
            if (os_udp_receive(l->sockets[i], l->bytes, sizeof l->bytes, &peer) < 0)
                break;
            count_dropped(l);
        }
}

/* --- sessions that start --- */

struct early {
    struct os_udp_peer peer;
    size_t n; /* bytes that follow */
};

static bool keep_early(struct udp_listener *l, const struct os_udp_peer *peer, struct span datagram)
{
    struct early e = {*peer, datagram.n};
    if (!l->starting || !buf_reserve(&l->early, sizeof e + e.n))
        return false;
    buf_add(&l->early, span_of((const char *)&e, sizeof e));
    buf_add(&l->early, datagram);
    l->early_n++;
    return true;
}

static void take_early(struct udp_listener *l, struct udp_session *s)
{
    struct early e;
    for (struct span rest = buf_span(&l->early); rest.n > 0; rest = span_skip(rest, e.n)) {
        memcpy(&e, rest.p, sizeof e);
        rest = span_skip(rest, sizeof e);
        if (!os_udp_same_client(&s->peer, &e.peer))
            continue;
        udp_io_take(&s->io, span_first(rest, e.n));
        l->early_n--;
    }
}

static void drop_early(struct udp_listener *l)
{
    atomic_fetch_add(&l->common.counters->udp_dropped, l->early_n);
    l->early_n = 0;
    buf_clear(&l->early);
}

static struct udp_session *find_starting(struct udp_listener *l, const struct os_udp_peer *peer)
{
    struct udp_session *s = l->starting;
    while (s && !os_udp_same_client(&s->peer, peer))
        s = s->next;
    return s;
}

/*
 * Begins a session with its first datagram; start_due starts it. entry: in version 2, its entry in
 * the table of ids; NULL: version 1. False: out of descriptors or memory.
 */
static bool begin_session(struct udp_listener *l, int bound, const struct os_udp_peer *peer,
                          struct span datagram, struct session_ids_entry *entry)
{
    int fd = os_udp_session(bound, peer);
    struct udp_session *s = NULL;
    errno = fd < 0 ? errno : ENOMEM;
    if (fd >= 0)
        s = entry ? udp_session_new_2(&l->common, fd, peer, entry)
                  : udp_session_new_1(&l->common, fd, peer);
    if (!s) {
        listener_log_failure(&l->listener, errno);
        os_net_close(fd);
        return false;
    }
    udp_io_take(&s->io, datagram);
    if (!entry)
        take_early(l, s);
    s->bound = bound;
    s->start_ms = os_clock_ms() + (entry ? 0 : STARTING_MS);
    *l->newest = s;
    l->newest = &s->next;
    l->starting_n++;
    return true;
}

/* --- datagrams --- */

/* Takes a datagram in version 2 that belongs to no session here. open: it may begin one. */
static void take_2(struct udp_listener *l, int bound, const struct os_udp_peer *peer,
                   struct span datagram, const struct datagram *d, bool open)
{
    int64_t now_us = os_clock_us();
    struct session_ids_verdict v;
    open = open && cookie_known(l->key, &peer->address, (uint16_t)peer->port, now_us, d->id);
    pthread_mutex_lock(&l->common.mutex);
    session_ids_judge(&l->common.ids, d, open, now_us, &v);
    pthread_mutex_unlock(&l->common.mutex);
    if (v.answer_bytes > 0)
        os_udp_answer(bound, peer, span_of(v.answer, v.answer_bytes));
    if (v.known || (v.begins && begin_session(l, bound, peer, datagram, v.begins)))
        return;
    if (v.begins) { /* so that the datagram, repeated, can begin it */
        pthread_mutex_lock(&l->common.mutex);
        session_ids_forget(v.begins);
        pthread_mutex_unlock(&l->common.mutex);
    }
    count_dropped(l);
}

static void answer_cookie(struct udp_listener *l, int bound, const struct os_udp_peer *peer)
{
    unsigned long long number = atomic_fetch_add(&l->common.counters->udp_cookies, 1);
    uint64_t id = cookie_id(l->key, &peer->address, (uint16_t)peer->port, os_clock_us(),
                            (unsigned char)(number & 255));
    char answer[COOKIE_ANSWER_BYTES];
    os_udp_answer(bound, peer, span_of(answer, cookie_answer(answer, id)));
}

/* Takes a datagram that did not arrive at its sender's own socket. */
static void dispatch_datagram(struct udp_listener *l, int bound, const struct os_udp_peer *peer,
                              struct span datagram)
{
    struct udp_session *s = find_starting(l, peer);
    enum udp_versions v = udp_session_settings(&l->common).versions;
    struct datagram d;
    enum hello hello = hello_read(datagram, &d);
    if (s)
        udp_io_take(&s->io, datagram);
    else if (hello == HELLO_ASKS && v != UDP_VERSION_1)
        answer_cookie(l, bound, peer);
    else if (hello == HELLO_VERSION_2) /* the client of an ended session is told in any case */
        take_2(l, bound, peer, datagram, &d, v != UDP_VERSION_1);
    else if (v == UDP_VERSION_2 || !(hello == HELLO_BEGINS || hello == HELLO_ASKS
                                         ? begin_session(l, bound, peer, datagram, NULL)
                                         : hello == HELLO_STRANGE && keep_early(l, peer, datagram)))
        count_dropped(l);
}

/* Reads what waits at fd: a listener's socket (own is NULL), or that of the new session own. */
static void read_datagrams(struct udp_listener *l, int fd, int bound, struct udp_session *own)
{
    struct os_udp_peer peer;
    for (int i = 0; i < TURN && (own || l->starting_n < STARTING_MAX); i++) {
        int64_t n = os_udp_receive(fd, l->bytes, sizeof l->bytes, &peer);
        if (n < 0)
            return;
        if (own && os_udp_same_client(&own->peer, &peer))
            udp_io_take(&own->io, span_of(l->bytes, (size_t)n));
        else
            dispatch_datagram(l, bound, &peer, span_of(l->bytes, (size_t)n));
    }
}

static void start_oldest(struct udp_listener *l)
{
    struct udp_session *s = l->starting;
    read_datagrams(l, s->io.net.fd, s->bound, s);
    l->starting = s->next;
    if (!l->starting)
        l->newest = &l->starting;
    l->starting_n--;
    connection_start(l->listener.registry, &s->transport);
}

static void serve_udp(struct listener *listener)
{
    struct udp_listener *l = (struct udp_listener *)listener;
    while (!atomic_load(&listener->stop)) {
        os_wait_input(l->sockets, l->sockets_n, l->starting ? l->starting->start_ms : IO_FOREVER);
        for (int i = 0; i < l->sockets_n; i++)
            read_datagrams(l, l->sockets[i], l->sockets[i], NULL);
        if (!l->starting)
            drop_early(l);
        int64_t now_ms = os_clock_ms();
        while (l->starting && (l->starting_n >= STARTING_MAX || l->starting->start_ms <= now_ms))
            start_oldest(l);
        registry_reap(listener->registry);
    }
    while (l->starting)
        start_oldest(l);
}

const struct listener_kind udp_listener_kind = {
    .name = "udp",
    .datagrams = true,
    .create = create_udp,
    .destroy = destroy_udp,
    .open = os_udp_bind,
    .adopt = os_systemd_adopt_udp,
    .discard = discard_udp,
    .check = check_ports,
    .serve = serve_udp,
};
