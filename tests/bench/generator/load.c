/* SPDX-License-Identifier: ISC */
/* The load: what the threads of the generator do. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "generator.h"
#include "os/clock.h"
#include "os/net.h"
#include "os/random.h"

#define CONNECT_MS    10000
#define SILENCE_S     60
#define PIECE         65536 /* bytes, asked for when it is not known how many will come */
#define EVENTS        64
#define TOKEN_COUNTER 16 /* digits of a token that count */

struct start {
    pthread_barrier_t barrier;
    uint64_t ns, cpu_ns;
};

struct load {
    const struct work *work;
    struct connection *connections;
    unsigned n;
    int epoll; /* -1: there is one connection only, whose reads block */
    uint64_t until_ns;
    struct tally *tally;
};

struct start *start_new(unsigned threads)
{
    struct start *s = bench_alloc(1, sizeof *s);

    pthread_barrier_init(&s->barrier, NULL, threads);
    return s;
}

uint64_t start_ns(const struct start *s)
{
    return s->ns;
}

static uint64_t process_cpu_ns(void)
{
    struct timespec used;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

double start_cores(const struct start *s)
{
    return (double)(process_cpu_ns() - s->cpu_ns) / (double)(bench_now_ns() - s->ns);
}

/* Whether each operation has a connection of its own. */
static bool is_new_each_time(const struct work *w)
{
    return w->operation == OP_CHECK;
}

static void connection_dial(struct load *l, struct connection *c)
{
    struct timeval silence = {.tv_sec = SILENCE_S};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    const char *why;

    c->fd = os_net_connect(&c->work->place, os_clock_ms() + CONNECT_MS, NULL, &why);
    if (c->fd < 0)
        bench_fail("cannot connect", span_str(why));
    fcntl(c->fd, F_SETFL, fcntl(c->fd, F_GETFL) & ~O_NONBLOCK);
    setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
    if (l->epoll >= 0)
        epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event);
}

static void connection_open(struct connection *c, const struct work *w, unsigned number)
{
    *c = (struct connection){.work = w, .number = number, .fd = -1};
    buf_init(&c->in, SIZE_MAX / 4);
    buf_init(&c->out, SIZE_MAX / 4);
    snprintf(c->from, sizeof c->from, "%s%u", w->user, number);
    snprintf(c->to, sizeof c->to, "%s%u", w->user, number % w->mailboxes);
    os_random_hex(c->token, sizeof c->token - 1);
}

const char *connection_token(struct connection *c)
{
    char counter[TOKEN_COUNTER + 1];

    snprintf(counter, sizeof counter, "%0*" PRIx64, TOKEN_COUNTER, c->operations);
    memcpy(c->token, counter, TOKEN_COUNTER);
    return c->token;
}

static void connection_close(struct connection *c)
{
    close(c->fd);
    buf_free(&c->in);
    buf_free(&c->out);
}

static void connection_ask(struct connection *c)
{
    buf_clear(&c->out);
    c->expected = 0;
    c->work->protocol->ask(c, c->stage);
    c->request_bytes += c->out.n;
    if (c->out.n > 0 && send(c->fd, c->out.p, c->out.n, MSG_NOSIGNAL) != (ssize_t)c->out.n)
        bench_fail("cannot send", buf_span(&c->out));
}

/* Waits for some bytes of an answer. Returns the bytes of the answer if it is whole, else 0. */
static size_t connection_hear(struct connection *c)
{
    size_t wanted = c->expected > c->in.n ? c->expected - c->in.n : PIECE;
    char *room = buf_space(&c->in, wanted);
    ssize_t n = room ? recv(c->fd, room, wanted, 0) : -1;

    if (n <= 0)
        bench_fail("no whole answer, but", buf_span(&c->in));
    buf_added(&c->in, (size_t)n);
    return c->in.n < c->expected ? 0 : c->work->protocol->whole(c, c->stage);
}

/* How many stages come before the first operation. */
static unsigned opening(const struct work *w)
{
    return is_new_each_time(w) ? 0 : w->protocol->opening;
}

static void tally_add(struct tally *t, const struct connection *c, uint64_t now_ns)
{
    if (t->n == t->cap) {
        t->cap = t->cap * 2 + PIECE;
        t->took = realloc(t->took, t->cap * sizeof *t->took);
        if (!t->took)
            bench_fail("out of memory", SPAN(""));
    }
    t->took[t->n++] = (uint32_t)((now_ns - c->asked_ns) / 100);
    t->last_ns = now_ns;
    t->request_bytes = c->request_bytes;
    t->answer_bytes = c->answer_bytes;
}

static void begin_operation(struct load *l, struct connection *c)
{
    if (is_new_each_time(c->work) && c->fd >= 0)
        close(c->fd);
    c->asked_ns = bench_now_ns();
    if (is_new_each_time(c->work))
        connection_dial(l, c);
    c->request_bytes = c->answer_bytes = 0;
    connection_ask(c);
}

/* The answer of a stage is whole. False: the connection has nothing more to ask now. */
static bool next_stage(struct load *l, struct connection *c)
{
    const struct work *w = c->work;
    unsigned first = opening(w);
    uint64_t now_ns;

    c->stage++;
    if (c->stage < first + w->protocol->stages[w->operation]) {
        if (c->stage == first)
            return false;
        connection_ask(c);
        return true;
    }
    now_ns = bench_now_ns();
    tally_add(l->tally, c, now_ns);
    c->stage = first;
    c->operations++;
    if (w->times > 0 ? c->operations == w->times : now_ns >= l->until_ns)
        return false;
    begin_operation(l, c);
    return true;
}

/* Something came for a connection. False: it has nothing more to ask now. */
static bool serve(struct load *l, struct connection *c)
{
    size_t whole = connection_hear(c);

    if (whole == 0)
        return true;
    if (whole != c->in.n)
        bench_fail("bytes follow the answer", span_skip(buf_span(&c->in), whole));
    c->answer_bytes += whole;
    buf_clear(&c->in);
    return next_stage(l, c);
}

/* Until none of the connections that ask has anything more to ask. */
static void serve_all(struct load *l, unsigned busy)
{
    struct epoll_event events[EVENTS];

    while (l->epoll < 0 && busy > 0)
        busy -= !serve(l, &l->connections[0]);
    while (busy > 0) {
        int n = epoll_wait(l->epoll, events, EVENTS, SILENCE_S * 1000);
        if (n == 0 || (n < 0 && errno != EINTR))
            bench_fail("no answers any more", SPAN(""));
        for (int i = 0; i < n; i++)
            busy -= !serve(l, events[i].data.ptr);
    }
}

static void open_all(struct load *l, unsigned thread)
{
    const struct work *w = l->work;
    unsigned busy = 0;

    for (unsigned i = 0; i < l->n; i++) {
        struct connection *c = &l->connections[i];

        connection_open(c, w, thread + i * w->threads);
        if (!is_new_each_time(w))
            connection_dial(l, c);
        if (opening(w) == 0)
            continue;
        connection_ask(c);
        busy++;
    }
    serve_all(l, busy);
}

void load_run(const struct work *w, unsigned thread, struct start *s, struct tally *t)
{
    struct load l = {.work = w, .epoll = -1, .tally = t};

    l.n = (w->connections - thread + w->threads - 1) / w->threads;
    l.connections = bench_alloc(l.n, sizeof *l.connections);
    if (l.n > 1 && (l.epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
        bench_fail("cannot make an epoll", span_str(strerror(errno)));
    open_all(&l, thread);
    pthread_barrier_wait(&s->barrier);
    if (thread == 0) {
        s->cpu_ns = process_cpu_ns();
        s->ns = bench_now_ns();
    }
    pthread_barrier_wait(&s->barrier);
    l.until_ns = s->ns + (uint64_t)w->seconds * 1000000000;
    for (unsigned i = 0; i < l.n; i++)
        begin_operation(&l, &l.connections[i]);
    serve_all(&l, l.n);
    for (unsigned i = 0; i < l.n; i++)
        connection_close(&l.connections[i]);
    if (l.epoll >= 0)
        close(l.epoll);
    free(l.connections);
}
