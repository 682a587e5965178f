#include "registry.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "os_clock.h"
#include "os_net.h"
#include "os_random.h"
#include "proxied.h"
#include "refusal.h"

#define STACK_BYTES  (256 * 1024)
#define HURRY_MS     5000 /* for an answer begun, once the session is to end (PROTOCOL 2) */
#define LINGER_MS    1000 /* for the client to close its side after us */
#define LINGER_BYTES (16 * 1024 * 1024)
#define AWAY_BYTES   (64 * 1024) /* what one who is turned away may have sent already */
#define SPARE_SLOTS  4096        /* for addresses that have left, but whose rate still counts */

struct connection {
    struct os_net_io net;
    struct session_host host;
    struct registry *registry;
    pthread_t thread;
    uint64_t number;
    bool proxied; /* a proxy's: who is behind it will be said */

    /* Changed once, by who is behind a proxy, with the registry's mutex held. */
    struct os_net_peer peer;
    char address[ADDRESS_TEXT_BYTES]; /* the peer's */

    int64_t since_ms;
    _Atomic(const char *) reason; /* why it is to end; set once */

    /* Guarded by the registry's mutex. */
    struct connection *next, **link; /* in live or in ended */
    struct peers_slot *slot;         /* where its address is counted */
    bool logged_in;
    struct who who;
};

struct registry {
    const struct service *service;
    pthread_mutex_t mutex; /* leaf lock: guards what follows; a woken thread does not need it */
    pthread_cond_t moved;
    struct connection *live;
    struct connection *ended; /* their threads are to be joined */
    unsigned count;           /* of the live ones */
    struct registry_limits limits;
    struct peers *peers;
    uint64_t numbers;     /* given so far */
    atomic_bool draining; /* safe by itself, as is what follows */
    struct refusals refusals;
};

static void push(struct connection **list, struct connection *c)
{
    c->next = *list;
    c->link = list;
    if (c->next)
        c->next->link = &c->next;
    *list = c;
}

static void unlink_connection(struct connection *c)
{
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
}

/* Every client can have an address of its own, and a slot for it. */
static struct peers *new_peers(uint64_t clients)
{
    unsigned char key[SIPHASH_KEY_BYTES];

    os_random_bytes(key, sizeof key);
    return peers_new((size_t)clients + SPARE_SLOTS, key);
}

struct registry *registry_new(const struct service *service, uint64_t most_clients)
{
    struct registry *r = calloc(1, sizeof *r);

    if (!r)
        return NULL;
    r->service = service;
    r->peers = new_peers(most_clients);
    if (!r->peers) {
        free(r);
        return NULL;
    }
    refusals_init(&r->refusals, service->counters);
    pthread_mutex_init(&r->mutex, NULL);
    pthread_cond_init(&r->moved, NULL);
    return r;
}

void registry_free(struct registry *r)
{
    if (!r)
        return;
    assert(!r->live && !r->ended);
    pthread_cond_destroy(&r->moved);
    pthread_mutex_destroy(&r->mutex);
    refusals_destroy(&r->refusals);
    peers_free(r->peers);
    free(r);
}

void registry_set_limits(struct registry *r, const struct registry_limits *limits)
{
    pthread_mutex_lock(&r->mutex);
    r->limits = *limits;
    pthread_mutex_unlock(&r->mutex);
}

static struct connection *of_host(struct session_host *host)
{
    return (struct connection *)(void *)((char *)host - offsetof(struct connection, host));
}

static const char *host_end_reason(struct session_host *host)
{
    return atomic_load(&of_host(host)->reason);
}

static const char *host_address(struct session_host *host)
{
    return of_host(host)->address;
}

static void host_pause(struct session_host *host, int64_t ms)
{
    os_net_pause(&of_host(host)->net, ms);
}

static void host_wake(struct session_host *host)
{
    pthread_kill(of_host(host)->thread, OS_NET_WAKE);
}

static void host_set_user(struct session_host *host, const struct who *who)
{
    struct connection *c = of_host(host);

    pthread_mutex_lock(&c->registry->mutex);
    c->logged_in = who != NULL;
    if (who)
        c->who = *who;
    pthread_mutex_unlock(&c->registry->mutex);
}

/* Called with the mutex held, so that the thread cannot have been joined. */
static void end_connection(struct connection *c, const char *reason)
{
    const char *none = NULL;

    if (atomic_compare_exchange_strong(&c->reason, &none, reason))
        pthread_kill(c->thread, OS_NET_WAKE);
}

static bool is_of(const struct connection *c, const struct who *who)
{
    return c->logged_in && strcmp(c->who.name, who->name) == 0 &&
           (!who->generation[0] || strcmp(c->who.generation, who->generation) == 0);
}

static unsigned end_account(struct registry *r, const struct connection *but, const struct who *who,
                            const char *reason)
{
    unsigned ended = 0;

    pthread_mutex_lock(&r->mutex);
    for (struct connection *c = r->live; c; c = c->next) {
        if (c == but || !is_of(c, who))
            continue;
        end_connection(c, reason);
        ended++;
    }
    pthread_mutex_unlock(&r->mutex);
    return ended;
}

static void host_end_others(struct session_host *host, const struct who *who, const char *reason)
{
    struct connection *me = of_host(host);

    end_account(me->registry, me, who, reason);
}

static void host_tell(struct session_host *host, struct event *e)
{
    const struct connection *c = of_host(host);

    event_text(e, "addr", span_str(c->address));
    event_number(e, "session", c->number);
    log_event(e);
}

unsigned registry_end_account(struct registry *r, const struct who *who, const char *reason)
{
    return end_account(r, NULL, who, reason);
}

unsigned registry_end_session(struct registry *r, uint64_t number, const char *reason)
{
    unsigned ended = 0;

    pthread_mutex_lock(&r->mutex);
    for (struct connection *c = r->live; c && !ended; c = c->next) {
        if (c->number != number)
            continue;
        end_connection(c, reason);
        ended = 1;
    }
    pthread_mutex_unlock(&r->mutex);
    return ended;
}

void registry_each(struct registry *r, void (*each)(void *ctx, const struct registry_session *s),
                   void *ctx)
{
    int64_t now_ms = os_clock_ms();

    pthread_mutex_lock(&r->mutex);
    for (struct connection *c = r->live; c; c = c->next) {
        struct registry_session s = {c->number, c->logged_in ? c->who.name : "", c->address,
                                     c->peer.port, (now_ms - c->since_ms) / 1000};
        each(ctx, &s);
    }
    pthread_mutex_unlock(&r->mutex);
}

unsigned registry_count(struct registry *r)
{
    unsigned count;

    pthread_mutex_lock(&r->mutex);
    count = r->count;
    pthread_mutex_unlock(&r->mutex);
    return count;
}

bool registry_drain(struct registry *r)
{
    return !atomic_exchange(&r->draining, true);
}

static bool is_interrupted(void *ctx)
{
    const struct connection *c = ctx;

    return atomic_load(&c->reason) != NULL;
}

static uint64_t limit_of(const struct registry *r, enum refusal why)
{
    switch (why) {
    case REFUSED_CLIENTS:
        return r->limits.clients;
    case REFUSED_ADDRESS:
        return r->limits.address.at_once;
    case REFUSED_RATE:
        return r->limits.address.per_minute;
    default:
        return 0;
    }
}

static void refuse(struct registry *r, struct io *io, const char *address, enum refusal why)
{
    uint64_t limit;

    pthread_mutex_lock(&r->mutex);
    limit = limit_of(r, why);
    pthread_mutex_unlock(&r->mutex);
    refusals_tell(&r->refusals, io, address, why, limit);
}

/*
 * Counts a connection at its address. False: *why. With the mutex held, by whichever thread knows
 * the address first.
 */
static bool admit(struct registry *r, struct connection *c, enum refusal *why)
{
    switch (peers_enter(r->peers, &c->peer.address, &r->limits.address, os_clock_ms(), &c->slot)) {
    case PEERS_TAKEN:
        return true;
    case PEERS_TOO_MANY:
        *why = REFUSED_ADDRESS;
        break;
    case PEERS_TOO_FAST:
        *why = REFUSED_RATE;
        break;
    }
    return false;
}

/* Whether connections from there come from others. With the mutex held. */
static bool is_proxy(const struct registry *r, const struct address *a)
{
    for (unsigned i = 0; i < r->limits.proxies; i++)
        if (address_in(a, &r->limits.proxy[i]))
            return true;
    return false;
}

/* Learns who is behind the proxy, who then counts as the peer. False: *why. */
static bool look_behind(struct connection *c, enum refusal *why)
{
    struct registry *r = c->registry;
    struct proxy_header h;
    bool ok = true;

    *why = REFUSED_PROXY;
    if (!proxied_read(&c->net.io, os_clock_ms() + r->service->limits.frame_ms, &h))
        return false;
    pthread_mutex_lock(&r->mutex);
    if (h.known) {
        c->peer = (struct os_net_peer){h.address, h.port};
        address_format(&h.address, c->address);
        ok = admit(r, c, why);
    }
    pthread_mutex_unlock(&r->mutex);
    return ok;
}

static void converse(struct connection *c)
{
    struct registry *r = c->registry;
    enum refusal why;
    struct event e;

    if (c->proxied && !look_behind(c, &why) && !is_interrupted(c)) {
        refuse(r, &c->net.io, c->address, why);
        return;
    }
    event_begin(&e, "connect", EVENT_DEBUG);
    event_number(&e, "port", c->peer.port);
    host_tell(&c->host, &e);
    session_run(r->service, &c->net.io, &c->host);
}

static void *run(void *arg)
{
    struct connection *c = arg;
    struct registry *r = c->registry;

    converse(c);
    os_net_linger_close(c->net.fd, LINGER_BYTES, os_clock_ms() + LINGER_MS);
    pthread_mutex_lock(&r->mutex);
    unlink_connection(c);
    r->count--;
    peers_leave(r->peers, c->slot);
    push(&r->ended, c);
    pthread_cond_signal(&r->moved);
    pthread_mutex_unlock(&r->mutex);
    return NULL;
}

static bool start_thread(struct connection *c)
{
    pthread_attr_t attr;
    int error;

    if (pthread_attr_init(&attr) != 0)
        return false;
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    error = pthread_create(&c->thread, &attr, run, c);
    pthread_attr_destroy(&attr);
    return error == 0;
}

/* Waits for nothing. What has come is read, lest the close takes the Exit with it. */
static void turn_away(struct registry *r, int fd, const struct os_net_peer *peer, enum refusal why)
{
    char address[ADDRESS_TEXT_BYTES];
    struct os_net_io net;

    address_format(&peer->address, address);
    os_net_io_init(&net, fd);
    refuse(r, &net.io, address, why);
    os_net_linger_close(fd, AWAY_BYTES, os_clock_ms());
}

void registry_turn_away(struct registry *r, int fd, const struct os_net_peer *peer)
{
    turn_away(r, fd, peer, REFUSED_RESOURCES);
}

static struct connection *new_connection(struct registry *r, int fd, const struct os_net_peer *peer)
{
    struct connection *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    os_net_io_init(&c->net, fd);
    c->net.interrupted = is_interrupted;
    c->net.ctx = c;
    c->net.hurry_ms = HURRY_MS;
    c->host = (struct session_host){host_end_reason, host_address,    host_pause, host_wake,
                                    host_set_user,   host_end_others, host_tell};
    c->registry = r;
    c->since_ms = os_clock_ms();
    c->peer = *peer;
    address_format(&peer->address, c->address);
    return c;
}

/* Begins a session, with the mutex held. False: *why. */
static bool begin(struct registry *r, struct connection *c, enum refusal *why)
{
    *why = REFUSED_DRAINING;
    if (r->draining)
        return false;
    *why = REFUSED_CLIENTS;
    if (r->count >= r->limits.clients)
        return false;
    if (c)
        c->proxied = is_proxy(r, &c->peer.address);
    if (c && !c->proxied && !admit(r, c, why))
        return false;
    *why = REFUSED_RESOURCES;
    if (!c)
        return false;
    c->number = ++r->numbers;
    if (!start_thread(c)) {
        peers_leave(r->peers, c->slot);
        return false;
    }
    push(&r->live, c);
    r->count++;
    return true;
}

void registry_start(struct registry *r, int fd, const struct os_net_peer *peer)
{
    struct connection *c = new_connection(r, fd, peer);
    enum refusal why;
    bool begun;

    pthread_mutex_lock(&r->mutex);
    begun = begin(r, c, &why);
    pthread_mutex_unlock(&r->mutex);
    if (begun) {
        atomic_fetch_add(&r->service->counters->connections, 1);
        return;
    }
    free(c);
    turn_away(r, fd, peer, why);
}

/* Takes one whose thread is to be joined; waits for one if there are live ones and wait is true. */
static struct connection *take_ended(struct registry *r, bool wait)
{
    struct connection *c;

    pthread_mutex_lock(&r->mutex);
    while (wait && !r->ended && r->live)
        pthread_cond_wait(&r->moved, &r->mutex);
    c = r->ended;
    if (c)
        unlink_connection(c);
    pthread_mutex_unlock(&r->mutex);
    return c;
}

static void join_ended(struct registry *r, bool wait)
{
    struct connection *c;

    while ((c = take_ended(r, wait))) {
        pthread_join(c->thread, NULL);
        free(c);
    }
}

void registry_reap(struct registry *r)
{
    join_ended(r, false);
}

void registry_end_all(struct registry *r, const char *reason)
{
    pthread_mutex_lock(&r->mutex);
    for (struct connection *c = r->live; c; c = c->next)
        end_connection(c, reason);
    pthread_mutex_unlock(&r->mutex);
    join_ended(r, true);
}
