/* SPDX-License-Identifier: ISC */
/*
 * across: what a client gets across a long link (link.c), over TCP or over UDP, version 2.
 *
 *     across tcp|udp HOST:PORT USER show LIMIT_S
 *     across tcp|udp HOST:PORT USER send BYTES LIMIT_S
 *     across tcp|udp HOST:PORT USER times CLIENTS TIMES LIMIT_S
 *
 * show and send print "0 60" if a login takes a minute. show: asks for the user's first message,
 * and prints how many bytes of the answer came, and in how many seconds: all of it, or what came
 * until the limit. send: the same for a message to himself of so many bytes; 0 bytes if the answer
 * did not come in time. times: so many clients at once, each of which logs in and asks so many
 * times for the first message; prints the median and the 99th percentile of how long an answer
 * took, in ms, and how many there were until the limit. Those that did not come by then count with
 * all the time that they were waited for.
 */
#include <pthread.h>
#include <string.h>

#include "client.h"
#include "client/udp_connect.h"
#include "transport/socket_io.h"

static struct {
    bool udp;
    struct address_place place;
    const char *user;
    uint32_t times;
    int64_t until_ms; /* the limit */
    uint32_t limit_us;
} here;

struct side {
    struct udp_io io; /* of TCP it is only the first member */
    struct buf in, out;
    size_t got; /* bytes of answers */
};

static bool open_side(struct side *s)
{
    const char *why = "";

    buf_init(&s->in, SIZE_MAX / 4);
    buf_init(&s->out, SIZE_MAX / 4);
    if (here.udp)
        return udp_connect(&s->io, &here.place, DATAGRAM_SIZE_DEFAULT, NULL, &why) &&
               s->io.version == 2;
    int fd = os_net_connect(&here.place, here.until_ms, NULL, &why);
    if (fd >= 0)
        socket_io_init(&s->io.net, fd);
    return fd >= 0;
}

/* The process ends soon: a session that still runs is left alone. */
static void close_side(struct side *s)
{
    buf_free(&s->in);
    buf_free(&s->out);
}

/* Waits for an answer until the limit; it must be Yes. False: it is not there. */
static bool hear(struct side *s)
{
    struct frame_scan scan;
    struct span payload;

    do {
        char *room = buf_space(&s->in, CLIENT_PIECE);
        size_t n;
        if (!room ||
            s->io.net.io.read(&s->io.net.io, room, CLIENT_PIECE, here.until_ms, &n) != IO_OK)
            return false;
        buf_added(&s->in, n);
        s->got += n;
    } while (frame_scan(buf_span(&s->in), FORM_LENGTH, SIZE_MAX, &scan) != FRAME_DONE);
    payload = scan.payload;
    client_check(&payload);
    buf_consume(&s->in, scan.total);
    return true;
}

static bool ask(struct side *s, const char *op, const struct span *args, size_t nargs)
{
    buf_clear(&s->out);
    size_t mark = frame_open(&s->out, client_dialect, op, nargs);
    for (size_t i = 0; i < nargs; i++)
        frame_arg(&s->out, client_dialect, args[i]);
    frame_close(&s->out, client_dialect, mark);
    return s->io.net.io.write(&s->io.net.io, s->out.p, s->out.n, here.until_ms) == IO_OK;
}

static bool log_in(struct side *s)
{
    return open_side(s) && ask(s, "Start", (struct span[]){SPAN("2")}, 1) && hear(s) &&
           ask(s, "Login", (struct span[]){span_str(here.user), SPAN(CLIENT_PASSWORD)}, 2) &&
           hear(s);
}

static bool ask_for_first(struct side *s)
{
    return ask(s, "Show exact", (struct span[]){SPAN("1")}, 1);
}

/* Sets the limit of what follows. */
static void begin(const char *limit_s)
{
    here.limit_us = 1000000 * bench_number(limit_s);
    here.until_ms = os_clock_ms() + here.limit_us / 1000;
}

static double seconds_since(uint64_t began_ns)
{
    return (double)(bench_now_ns() - began_ns) / 1e9;
}

static void show(struct side *s, const char *limit_s)
{
    begin(limit_s);
    uint64_t began_ns = bench_now_ns();
    s->got = 0;
    if (ask_for_first(s))
        hear(s);
    printf("%zu %.3f\n", s->got, seconds_since(began_ns));
}

static void send_one(struct side *s, uint32_t bytes, const char *limit_s)
{
    char *body = bench_alloc(bytes, 1);

    memset(body, 'x', bytes);
    begin(limit_s);
    uint64_t began_ns = bench_now_ns();
    bool sent = ask(s, "Send mes", (struct span[]){span_str(here.user), span_of(body, bytes)}, 2) &&
                hear(s);
    printf("%u %.3f\n", sent ? (unsigned)bytes : 0, seconds_since(began_ns));
    free(body);
}

struct worker {
    pthread_t thread;
    uint32_t *us; /* of here.times answers */
    uint32_t answers;
};

static void *ask_often(void *ctx)
{
    static _Thread_local struct side s;
    struct worker *w = ctx;
    bool open = false;

    for (uint32_t i = 0; i < here.times; i++) {
        while (!open && os_clock_ms() < here.until_ms)
            open = log_in(&s);
        uint64_t began_ns = bench_now_ns();
        open = open && ask_for_first(&s) && hear(&s);
        w->answers += open;
        w->us[i] = open ? (uint32_t)((bench_now_ns() - began_ns) / 1000) : here.limit_us;
    }
    close_side(&s);
    return NULL;
}

static void times(uint32_t clients, const char *limit_s)
{
    struct worker *w = bench_alloc(clients, sizeof *w);
    uint32_t *us = bench_alloc((size_t)clients * here.times, sizeof *us), answers = 0;

    begin(limit_s);
    for (uint32_t i = 0; i < clients; i++) {
        w[i].us = us + (size_t)i * here.times;
        if (pthread_create(&w[i].thread, NULL, ask_often, &w[i]) != 0)
            bench_fail("cannot start a thread", SPAN(""));
    }
    for (uint32_t i = 0; i < clients; i++) {
        pthread_join(w[i].thread, NULL);
        answers += w[i].answers;
    }
    uint32_t p99_us = bench_percentile(us, (size_t)clients * here.times, 99);
    uint32_t median_us = bench_percentile(us, (size_t)clients * here.times, 50);
    printf("%.1f %.1f %u\n", median_us / 1000.0, p99_us / 1000.0, (unsigned)answers);
    free(us);
    free(w);
}

int main(int argc, char **argv)
{
    static struct side side;
    struct span what = span_str(argc > 5 ? argv[4] : "");

    if (argc < 6 || !address_parse_place(span_str(argv[2]), &here.place)) {
        fprintf(stderr, "usage: across tcp|udp HOST:PORT USER show|send|times NUMBER...\n");
        return 64;
    }
    here.udp = span_eq(span_str(argv[1]), SPAN("udp"));
    here.user = argv[3];
    os_wake_setup();
    if (argc == 8 && span_eq(what, SPAN("times"))) {
        here.times = bench_number(argv[6]);
        times(bench_number(argv[5]), argv[7]);
        return 0;
    }
    begin("60");
    if (!log_in(&side))
        puts("0 60");
    else if (argc == 7 && span_eq(what, SPAN("send")))
        send_one(&side, bench_number(argv[5]), argv[6]);
    else
        show(&side, argv[5]);
    close_side(&side);
    return 0;
}
