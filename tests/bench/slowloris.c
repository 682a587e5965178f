/* SPDX-License-Identifier: ISC */
/*
 * slowloris: what good clients get done, alone and among clients that drip.
 *
 *     slowloris HOST:PORT PREFIX CLIENTS MAILBOX DRIPPERS SECONDS ROUNDS
 *
 * CLIENTS good clients, the users PREFIX followed by a number, send a letter of 1 KiB to themselves
 * and show it again, as fast as they are answered. DRIPPERS others are there in every second run:
 * most of them send a byte every few seconds, in the length, in the payload or in a line; one in
 * twenty logs in as MAILBOX, asks for all there is, and reads a byte as often. Who is cut comes
 * again. Prints a line a round: requests a second alone, among drippers, and how many drippers were
 * cut meanwhile. The runs begin in turns.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>

#include "client.h"

#define BODY_BYTES  1024
#define DRIP_NS     UINT64_C(4000000000) /* between the bytes of a dripper */
#define TICK_MS     20
#define READER_EACH 20
#define EVENTS      64
#define READ_BYTES  2048 /* of the receive buffer of one who does not read: little is sent ahead */

struct dripper {
    int fd;
    uint64_t next_ns;
};

struct drip {
    struct address_place place;
    const char *mailbox;
    size_t n;
    struct dripper *all;
    atomic_bool ready, stop;
    atomic_uint cut;
    pthread_t thread;
};

struct good {
    struct client client;
    char name[32], id[24];
    bool shows;
};

struct run {
    struct good *good;
    int n, epoll;
    uint64_t until_ns, answers;
};

/* --- drippers --- */

static bool is_reader(size_t i)
{
    return i % READER_EACH == 0;
}

static void say(int fd, const char *text)
{
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET)
        bench_fail("cannot drip", span_str(strerror(errno)));
}

/* Connects and begins. Its bytes are spread over the time between two of them. */
static void drip_begin(struct drip *d, size_t i, uint64_t now_ns)
{
    static const char *const begins[] = {"0", "0000004000Login|2|ann|", "Login|2|ann|"};
    int bytes = READ_BYTES;
    char text[200];
    const char *why;
    int fd = os_net_connect(&d->place, os_clock_ms() + CLIENT_CONNECT_MS, NULL, &why);

    if (fd < 0)
        bench_fail("a dripper cannot connect", span_str(why));
    d->all[i] = (struct dripper){fd, now_ns + DRIP_NS * (i % 97 + 1) / 97};
    if (!is_reader(i)) {
        say(fd, begins[i % 3]);
        return;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    snprintf(text, sizeof text, "Login|2|%s|" CLIENT_PASSWORD "\nShow all\n", d->mailbox);
    say(fd, text);
}

/* One byte more, there or here. False: the server has cut it. */
static bool drip_once(const struct drip *d, size_t i)
{
    char text[512];
    int fd = d->all[i].fd;
    ssize_t n = recv(fd, text, is_reader(i) ? 1 : sizeof text, MSG_DONTWAIT);

    if (n == 0 || (n < 0 && errno != EAGAIN))
        return false;
    if (is_reader(i))
        return true;
    if (n > 0)
        return false; /* nothing but Exit can come */
    say(fd, i % 3 == 0 ? "0" : "x");
    return true;
}

static void wait_for_byte(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    if (poll(&p, 1, CLIENT_SILENCE_S * 1000) != 1)
        bench_fail("a dripper is not answered", SPAN(""));
}

static void *drip_run(void *arg)
{
    struct drip *d = arg;

    for (size_t i = 0; i < d->n; i++)
        drip_begin(d, i, bench_now_ns());
    for (size_t i = 0; i < d->n; i++)
        if (is_reader(i))
            wait_for_byte(d->all[i].fd); /* the hashing of passwords is over */
    atomic_store(&d->ready, true);
    while (!atomic_load(&d->stop)) {
        uint64_t now_ns = bench_now_ns();

        for (size_t i = 0; i < d->n; i++) {
            if (d->all[i].next_ns > now_ns)
                continue;
            d->all[i].next_ns += DRIP_NS;
            if (drip_once(d, i))
                continue;
            atomic_fetch_add(&d->cut, 1);
            os_net_close(d->all[i].fd);
            drip_begin(d, i, now_ns);
        }
        poll(NULL, 0, TICK_MS);
    }
    for (size_t i = 0; i < d->n; i++)
        os_net_close(d->all[i].fd);
    return NULL;
}

static void drip_start(struct drip *d)
{
    atomic_store(&d->ready, false);
    atomic_store(&d->stop, false);
    atomic_store(&d->cut, 0);
    if (pthread_create(&d->thread, NULL, drip_run, d) != 0)
        bench_fail("no thread", SPAN(""));
    while (!atomic_load(&d->ready))
        poll(NULL, 0, TICK_MS);
}

static void drip_stop(struct drip *d)
{
    atomic_store(&d->stop, true);
    pthread_join(d->thread, NULL);
}

/* --- good clients --- */

static void ask(struct good *g)
{
    static char body[BODY_BYTES];

    memset(body, 'x', sizeof body);
    if (g->shows)
        client_ask(&g->client, "Show exact", (struct span[]){span_str(g->id)}, 1);
    else
        client_ask(&g->client, "Send mes",
                   (struct span[]){span_str(g->name), span_of(body, sizeof body)}, 2);
}

/* Something came. True: there is nothing more to ask. */
static bool serve(struct run *r, struct good *g)
{
    struct span answer, id;

    if (!client_hear(&g->client, &answer))
        return false;
    if (client_check(&answer) != 1 || !span_cut(&answer, '^', &id))
        bench_fail("wrong answer", answer);
    snprintf(g->id, sizeof g->id, "%.*s", SPAN_PRINTF(id));
    g->shows = !g->shows;
    r->answers++;
    if (bench_now_ns() >= r->until_ns)
        return true;
    ask(g);
    return false;
}

/* Requests a second. */
static double run_good(struct run *r, uint64_t seconds)
{
    struct epoll_event events[EVENTS];
    uint64_t began_ns = bench_now_ns();
    int busy = r->n;

    r->answers = 0;
    r->until_ns = began_ns + seconds * 1000000000;
    for (int i = 0; i < r->n; i++)
        ask(&r->good[i]);
    while (busy > 0) {
        int n = epoll_wait(r->epoll, events, EVENTS, CLIENT_SILENCE_S * 1000);

        if (n <= 0)
            bench_fail("no answers any more", SPAN(""));
        for (int i = 0; i < n; i++)
            busy -= serve(r, events[i].data.ptr);
    }
    return (double)r->answers * 1e9 / (double)(bench_now_ns() - began_ns);
}

static void connect_good(struct run *r, const struct address_place *place, const char *prefix)
{
    for (int i = 0; i < r->n; i++) {
        struct good *g = &r->good[i];
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = g};

        snprintf(g->name, sizeof g->name, "%s%d", prefix, i);
        client_log_in(&g->client, place, g->name);
        epoll_ctl(r->epoll, EPOLL_CTL_ADD, g->client.fd, &event);
    }
}

static double run_among(struct run *r, struct drip *d, uint64_t seconds)
{
    double answers;

    drip_start(d);
    answers = run_good(r, seconds);
    drip_stop(d);
    return answers;
}

int main(int argc, char **argv)
{
    struct run r = {.epoll = epoll_create1(EPOLL_CLOEXEC)};
    struct drip d = {.cut = 0};

    if (argc != 8 || !address_parse_place(span_str(argv[1]), &d.place)) {
        fprintf(stderr,
                "usage: slowloris HOST:PORT PREFIX CLIENTS MAILBOX DRIPPERS SECONDS ROUNDS\n");
        return 64;
    }
    r.n = (int)bench_number(argv[3]);
    r.good = bench_alloc((size_t)r.n, sizeof *r.good);
    d.mailbox = argv[4];
    d.n = bench_number(argv[5]);
    d.all = bench_alloc(d.n, sizeof *d.all);
    connect_good(&r, &d.place, argv[2]);
    for (uint32_t i = 0; i < bench_number(argv[7]); i++) {
        double alone = 0, among;
        uint64_t seconds = bench_number(argv[6]);

        if (i % 2 == 0)
            alone = run_good(&r, seconds);
        among = run_among(&r, &d, seconds);
        if (i % 2 == 1)
            alone = run_good(&r, seconds);
        printf("%.1f %.1f %u\n", alone, among, atomic_load(&d.cut));
    }
    for (int i = 0; i < r.n; i++)
        client_close(&r.good[i].client);
    free(r.good);
    free(d.all);
    return 0;
}
