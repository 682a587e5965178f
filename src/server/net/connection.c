/* SPDX-License-Identifier: ISC */
#include "net/connection.h"

#include <assert.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>

#include "log/log.h"
#include "net/admission.h"
#include "net/proxy_protocol.h"
#include "os/clock.h"
#include "os/wait.h"

#define STACK_BYTES (256 * 1024)
#define HURRY_MS    5000 /* to finish an answer, once the session must end (PROTOCOL 2) */

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
    struct transport *t = of_host(host)->transport;
    t->kind->pause(t, ms);
}

static void host_wake(struct session_host *host)
{
    pthread_kill(of_host(host)->thread, OS_WAKE);
}

static void host_set_watching(struct session_host *host, bool watching)
{
    of_host(host)->transport->net->prompt = watching;
}

static void host_set_user(struct session_host *host, const struct who *who)
{
    struct connection *c = of_host(host);
    if (who && c->kind->logged_in)
        c->kind->logged_in(c->transport);
    registry_set_user(c, who);
}

static void host_heard(struct session_host *host, int64_t ms)
{
    atomic_store(&of_host(host)->heard_ms, ms);
}

static void host_end_others(struct session_host *host, const struct who *who, const char *reason)
{
    struct connection *me = of_host(host);
    registry_end_account(me->registry, who, me, reason);
}

static void host_tell(struct session_host *host, struct event *e)
{
    const struct connection *c = of_host(host);
    transport_tell(c->kind, c->address, e);
    event_number(e, "session", c->number);
    log_event(e);
}

static bool is_interrupted(void *ctx)
{
    const struct connection *c = ctx;
    return atomic_load(&c->reason) != NULL;
}

/* Reads the client's address from the proxy and counts the connection there. False: *why. */
static bool read_proxied_client(struct connection *c, enum refusal *why)
{
    struct registry *r = c->registry;
    struct proxy_header h;
    bool ok = true;
    *why = REFUSED_PROXY;
    if (!proxy_protocol_read(&c->transport->net->io, os_clock_ms() + r->service->limits.frame_ms,
                             &h))
        return false;
    pthread_mutex_lock(&r->mutex);
    if (h.known) {
        c->peer = (struct os_net_peer){h.address, h.port};
        address_format(&h.address, c->address);
        ok = admission_count(r, c, why);
    }
    pthread_mutex_unlock(&r->mutex);
    return ok;
}

static void run_sessions(struct connection *c)
{
    struct transport *t = c->transport;
    struct event e;
    do {
        event_begin(&e, "connect", EVENT_DEBUG);
        if (!c->kind->forgeable) /* otherwise host_tell adds it */
            event_text(&e, "transport", span_str(c->kind->name));
        event_number(&e, "port", c->peer.port);
        host_tell(&c->host, &e);
        c->kind->talk->run(c->registry->service, &t->net->io, &c->host);
    } while (!is_interrupted(c) && c->kind->again && c->kind->again(t));
}

static void close_transport(struct connection *c)
{
    /* If it ends to make room, it must not wait for its client, which would keep the place. */
    const char *lost = c->kind->close(c->transport, registry_is_leaving(c));
    struct event e;
    if (!lost)
        return;
    event_begin(&e, "lost", EVENT_INFO);
    event_text(&e, "reason", span_str(lost));
    host_tell(&c->host, &e);
}

static void *run_connection(void *arg)
{
    struct connection *c = arg;
    enum refusal why;
    if (c->proxied && !read_proxied_client(c, &why) && !is_interrupted(c))
        admission_refuse(c->registry, c->transport, c->address, why);
    else
        run_sessions(c);
    close_transport(c);
    registry_move_ended(c->registry, c);
    return NULL;
}

/* False: no thread can be created. When it ends, c is in the list ended. */
static bool start_thread(struct connection *c)
{
    pthread_attr_t attr;
    if (pthread_attr_init(&attr) != 0)
        return false;
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    int error = pthread_create(&c->thread, &attr, run_connection, c);
    pthread_attr_destroy(&attr);
    return error == 0;
}

/* NULL: out of memory. The transport remains the caller's until the thread has started. */
static struct connection *connection_new(struct registry *r, struct transport *t)
{
    struct connection *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    t->net->interrupted = is_interrupted;
    t->net->ctx = c;
    t->net->hurry_ms = HURRY_MS;
    c->transport = t;
    c->kind = t->kind;
    c->host = (struct session_host){host_end_reason,    host_address,      host_heard,
                                    host_pause,         host_wake,         host_set_watching,
                                    host_set_user,      host_end_others,   host_tell,
                                    t->kind->version_1, t->kind->forgeable};
    c->registry = r;
    c->since_ms = os_clock_ms();
    atomic_init(&c->heard_ms, c->since_ms);
    c->peer = t->peer;
    address_format(&t->peer.address, c->address);
    return c;
}

static void refuse_and_close(struct registry *r, struct transport *t, enum refusal why)
{
    char address[ADDRESS_TEXT_BYTES];
    address_format(&t->peer.address, address);
    admission_refuse(r, t, address, why);
    t->kind->close(t, true);
}

void connection_turn_away(struct registry *r, struct transport *t)
{
    refuse_and_close(r, t, REFUSED_RESOURCES);
}

void connection_start(struct registry *r, struct transport *t)
{
    struct connection *c = connection_new(r, t);
    enum refusal why;
    pthread_mutex_lock(&r->mutex);
    bool started = admission_admit(r, c, &why);
    if (started) {
        assert(c); /* without memory for it, nobody is admitted */
        c->number = ++r->numbers;
        started = start_thread(c);
        if (started) {
            registry_add(r, c);
        } else {
            why = REFUSED_RESOURCES;
            peers_leave(c->slot);
        }
    }
    pthread_mutex_unlock(&r->mutex);
    if (started) {
        atomic_fetch_add(&r->service->counters->connections, 1);
        return;
    }
    free(c);
    t->net->interrupted = NULL;
    refuse_and_close(r, t, why);
}
