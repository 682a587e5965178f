#include "registry.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "log.h"
#include "os_clock.h"
#include "os_net.h"

#define STACK_BYTES  (256 * 1024)
#define HURRY_MS     5000 /* for an answer begun, once the session is to end (PROTOCOL 2) */
#define LINGER_MS    1000 /* for the client to close its side after us */
#define LINGER_BYTES (16 * 1024 * 1024)

struct connection {
    struct os_net_io net;
    struct session_host host;
    struct registry *registry;
    pthread_t thread;
    uint64_t number;
    char address[OS_NET_ADDRESS_BYTES];
    unsigned port;
    int64_t since_ms;
    _Atomic(const char *) reason; /* why it is to end; set once */

    /* Guarded by the registry's mutex. */
    struct connection *next, **link; /* in live or in ended */
    bool logged_in;
    struct who who;
};

struct registry {
    const struct service *service;
    pthread_mutex_t mutex; /* leaf lock: guards the lists; a woken thread does not need it */
    pthread_cond_t moved;
    struct connection *live;
    struct connection *ended; /* their threads are to be joined */
    unsigned count;           /* of the live ones */
    uint64_t most;            /* of these */
    uint64_t numbers;         /* given so far */
    bool draining;
    struct log_rarely refusals; /* of the one thread that starts sessions */
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

struct registry *registry_new(const struct service *service, uint64_t clients)
{
    struct registry *r = calloc(1, sizeof *r);

    if (!r)
        return NULL;
    r->service = service;
    r->most = clients;
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
    free(r);
}

void registry_set_clients(struct registry *r, uint64_t clients)
{
    pthread_mutex_lock(&r->mutex);
    r->most = clients;
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

static void host_pause(struct session_host *host, int64_t ms)
{
    os_net_pause(&of_host(host)->net, ms);
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
                                     c->port, (now_ms - c->since_ms) / 1000};
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

void registry_drain(struct registry *r)
{
    pthread_mutex_lock(&r->mutex);
    r->draining = true;
    pthread_mutex_unlock(&r->mutex);
}

static bool is_interrupted(void *ctx)
{
    const struct connection *c = ctx;

    return atomic_load(&c->reason) != NULL;
}

static void *run(void *arg)
{
    struct connection *c = arg;
    struct registry *r = c->registry;
    struct event e;

    event_begin(&e, "connect", EVENT_DEBUG);
    event_number(&e, "port", c->port);
    host_tell(&c->host, &e);
    session_run(r->service, &c->net.io, &c->host);
    os_net_linger_close(c->net.fd, LINGER_BYTES, os_clock_ms() + LINGER_MS);
    pthread_mutex_lock(&r->mutex);
    unlink_connection(c);
    r->count--;
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

/* In length form: what the client would speak is not known yet. */
static void turn_away(struct registry *r, int fd, const char *reason)
{
    struct dialect d = {.form = FORM_LENGTH, .version = 1};
    struct os_net_io net;
    struct buf out;
    size_t mark;

    atomic_fetch_add(&r->service->counters->refused, 1);
    buf_init(&out, 128);
    mark = frame_open(&out, d, "Exit", 1);
    frame_arg(&out, d, span_str(reason));
    frame_close(&out, d, mark);
    os_net_io_init(&net, fd);
    if (buf_ok(&out))
        net.io.write(&net.io, out.p, out.n, os_clock_ms());
    buf_free(&out);
    os_net_close(fd);
}

static struct connection *new_connection(struct registry *r, int fd)
{
    struct connection *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    os_net_io_init(&c->net, fd);
    c->net.interrupted = is_interrupted;
    c->net.ctx = c;
    c->net.hurry_ms = HURRY_MS;
    c->host = (struct session_host){host_end_reason, host_pause, host_set_user, host_end_others,
                                    host_tell};
    c->registry = r;
    c->since_ms = os_clock_ms();
    if (!os_net_peer(fd, c->address, &c->port))
        strcpy(c->address, "-"); /* it has gone already */
    return c;
}

/* Why no session can be begun, or NULL once it has. */
static const char *begin(struct registry *r, struct connection *c)
{
    const char *refused = NULL;

    pthread_mutex_lock(&r->mutex);
    if (c)
        c->number = ++r->numbers;
    if (r->draining)
        refused = "the server takes no more clients";
    else if (r->count >= r->most)
        refused = "the server has as many clients as it takes";
    else if (!c || !start_thread(c))
        refused = "the server can take no more clients now";
    if (!refused) {
        push(&r->live, c);
        r->count++;
    }
    pthread_mutex_unlock(&r->mutex);
    return refused;
}

/* Rarely, lest a flood of clients becomes one of lines. */
static void tell_refusal(struct registry *r, const struct connection *c, const char *reason)
{
    struct event e;

    event_begin(&e, "refuse", EVENT_WARNING);
    event_text(&e, "reason", span_str(reason));
    if (c)
        event_text(&e, "addr", span_str(c->address));
    log_rarely(&r->refusals, &e);
}

void registry_start(struct registry *r, int fd)
{
    struct connection *c = new_connection(r, fd);
    const char *refused = begin(r, c);

    if (!refused) {
        atomic_fetch_add(&r->service->counters->connections, 1);
        return;
    }
    tell_refusal(r, c, refused);
    free(c);
    turn_away(r, fd, refused);
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
