/*
 * What a client sends in the moment in which its session's socket is made may arrive at either: at
 * the bound one, or, what others send, at the new one, which is bound for a moment before it is
 * connected. Both are looked through before the session's thread starts, so that nothing is lost
 * and nobody gets what another has sent. Version 1, which cannot repeat what was lost, waits a
 * little for what the system is putting into either of them just now.
 */
#include "net/udp_listener.h"

#include <errno.h>
#include <stdlib.h>

#include "os/clock.h"
#include "os/random.h"
#include "os/systemd.h"
#include "os/wait.h"
#include "udp/cookie.h"
#include "udp/hello.h"

#define TURN           4096 /* datagrams of one socket, then those of the next */
#define STARTING_MAX   64
#define STARTING_MS    2     /* version 1 */
#define DATAGRAM_BYTES 65536 /* the largest there can be */

struct udp_listener {
    struct listener listener; /* first: a pointer to one is a pointer to the other */
    struct udp_common common;
    unsigned char key[SIPHASH_KEY_BYTES];   /* of cookies */
    struct udp_session *starting, **newest; /* sessions not started yet, the oldest first */
    unsigned starting_n;
    char bytes[DATAGRAM_BYTES];
};

static struct listener *create(struct registry *registry, struct counters *counters)
{
    struct udp_listener *l = calloc(1, sizeof *l);

    if (!l)
        return NULL;
    l->listener.kind = &udp_listener_kind;
    l->listener.registry = registry;
    l->common.counters = counters;
    l->newest = &l->starting;
    os_random_bytes(l->key, sizeof l->key);
    os_random_bytes(l->common.rate.key, sizeof l->common.rate.key);
    pthread_mutex_init(&l->common.mutex, NULL);
    return &l->listener;
}

static void destroy(struct listener *listener)
{
    struct udp_listener *l = (struct udp_listener *)listener;

    pthread_mutex_destroy(&l->common.mutex);
    free(l);
}

void udp_listener_set(struct listener *listener, const struct udp_settings *settings)
{
    struct udp_listener *l = (struct udp_listener *)listener;

    pthread_mutex_lock(&l->common.mutex);
    l->common.settings = *settings;
    pthread_mutex_unlock(&l->common.mutex);
}

/* Each session binds a socket of its own to the same port, which takes the same right. */
static bool check(const struct listener *l, unsigned *port)
{
    char address[OS_NET_ADDRESS_BYTES];

    for (int i = 0; i < l->n; i++) {
        struct os_udp_peer peer = {.port = 9}; /* to which nothing is sent */
        int fd;

        if (!os_net_local(l->fds[i], address, port))
            return false;
        if (!address_parse(span_str(address), &peer.local))
            continue; /* it has a zone; the port of another will do */
        peer.address = peer.local;
        fd = os_udp_session(l->fds[i], &peer);
        if (fd < 0 && errno != EADDRNOTAVAIL) /* of one handed over the address may be to come */
            return false;
        os_net_close(fd);
    }
    return true;
}

/* --- sessions that begin --- */

static void drop(struct udp_listener *l)
{
    atomic_fetch_add(&l->common.counters->udp_dropped, 1);
}

static struct udp_session *find_starting(struct udp_listener *l, const struct os_udp_peer *peer)
{
    struct udp_session *s = l->starting;

    while (s && !os_udp_same_client(&s->peer, peer))
        s = s->next;
    return s;
}

/*
 * A session whose first datagram has come. entry: of the roll, in version 2. False: no descriptor
 * or no memory can be had.
 */
static bool begin(struct udp_listener *l, int bound, const struct os_udp_peer *peer,
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
    s->bound = bound;
    s->start_ms = os_clock_ms() + (entry ? 0 : STARTING_MS);
    *l->newest = s;
    l->newest = &s->next;
    l->starting_n++;
    return true;
}

/* --- datagrams --- */

static void forget(struct udp_listener *l, struct session_ids_entry *entry)
{
    pthread_mutex_lock(&l->common.mutex);
    session_ids_forget(entry);
    pthread_mutex_unlock(&l->common.mutex);
}

/* open: sessions in version 2 may begin. */
static void take_2(struct udp_listener *l, int bound, const struct os_udp_peer *peer,
                   struct span datagram, const struct datagram *d, bool open)
{
    int64_t now_us = os_clock_us();
    struct session_ids_verdict v;

    open = open && cookie_known(l->key, &peer->address, (uint16_t)peer->port, now_us, d->id);
    pthread_mutex_lock(&l->common.mutex);
    session_ids_judge(&l->common.roll, d, open, now_us, &v);
    pthread_mutex_unlock(&l->common.mutex);
    if (v.answer_bytes > 0)
        os_udp_answer(bound, peer, span_of(v.answer, v.answer_bytes));
    if (v.known || (v.begins && begin(l, bound, peer, datagram, v.begins)))
        return;
    if (v.begins) /* so that its repetition may begin it */
        forget(l, v.begins);
    drop(l);
}

static void answer_cookie(struct udp_listener *l, int bound, const struct os_udp_peer *peer)
{
    unsigned long long number = atomic_fetch_add(&l->common.counters->udp_cookies, 1);
    uint64_t id = cookie_id(l->key, &peer->address, (uint16_t)peer->port, os_clock_us(),
                            (unsigned char)(number & 255));
    char answer[COOKIE_ANSWER_BYTES];

    os_udp_answer(bound, peer, span_of(answer, cookie_answer(answer, id)));
}

static enum udp_versions versions(struct udp_listener *l)
{
    enum udp_versions v;

    pthread_mutex_lock(&l->common.mutex);
    v = l->common.settings.versions;
    pthread_mutex_unlock(&l->common.mutex);
    return v;
}

/* A datagram that came to a socket that is not its sender's session's. */
static void dispatch(struct udp_listener *l, int bound, const struct os_udp_peer *peer,
                     struct span datagram)
{
    struct udp_session *s = find_starting(l, peer);
    enum udp_versions v = versions(l);
    struct datagram d;
    enum hello hello = hello_read(datagram, &d);

    if (s)
        udp_io_take(&s->io, datagram);
    else if (hello == HELLO_ASKS && v != UDP_VERSION_1)
        answer_cookie(l, bound, peer);
    else if (hello == HELLO_VERSION_2) /* the client of a past session is told in any case */
        take_2(l, bound, peer, datagram, &d, v != UDP_VERSION_1);
    else if ((hello != HELLO_ASKS && hello != HELLO_BEGINS) || v == UDP_VERSION_2 ||
             !begin(l, bound, peer, datagram, NULL))
        drop(l);
}

/* What waits at a socket: a bound one, or a new session's beside it. */
static void drain(struct udp_listener *l, int fd, int bound, struct udp_session *own)
{
    struct os_udp_peer peer;

    for (int i = 0; i < TURN && (own || l->starting_n < STARTING_MAX); i++) {
        int64_t n = os_udp_receive(fd, l->bytes, sizeof l->bytes, &peer);
        if (n < 0)
            return;
        if (own && os_udp_same_client(&own->peer, &peer))
            udp_io_take(&own->io, span_of(l->bytes, (size_t)n));
        else
            dispatch(l, bound, &peer, span_of(l->bytes, (size_t)n));
    }
}

static void start_oldest(struct udp_listener *l)
{
    struct udp_session *s = l->starting;

    l->starting = s->next;
    if (!l->starting)
        l->newest = &l->starting;
    l->starting_n--;
    drain(l, s->io.net.fd, s->bound, s);
    registry_start(l->listener.registry, &s->transport);
}

static void start_due(struct udp_listener *l)
{
    int64_t now_ms = os_clock_ms();

    while (l->starting && (l->starting_n >= STARTING_MAX || l->starting->start_ms <= now_ms))
        start_oldest(l);
}

static void serve(struct listener *listener)
{
    struct udp_listener *l = (struct udp_listener *)listener;

    while (!atomic_load(&listener->stop)) {
        os_wait_input(listener->fds, listener->n, l->starting ? l->starting->start_ms : IO_FOREVER);
        for (int i = 0; i < listener->n; i++)
            drain(l, listener->fds[i], listener->fds[i], NULL);
        start_due(l);
        registry_reap(listener->registry);
    }
    while (l->starting)
        start_oldest(l);
}

const struct listener_kind udp_listener_kind = {
    .name = "udp",
    .datagrams = true,
    .create = create,
    .destroy = destroy,
    .open = os_udp_bind,
    .adopt = os_systemd_adopt_udp,
    .check = check,
    .serve = serve,
};
