/* SPDX-License-Identifier: ISC */
/*
 * carry: what the transports cost: the same requests over TCP and over UDP, version 2; or over UDP
 * twice, by different ways to the server.
 *
 *     carry [udp:]HOST:PORT HOST:PORT USER TIMES ROUNDS [SEND_BYTES]
 *
 * Logs in over each, and in each round asks so many times over each for the first message of the
 * user, or sends himself one of so many bytes; which one begins alternates. Prints for each round
 * the requests a second by the first way and by the second.
 */
#include "client.h"
#include "client/udp_connect.h"
#include "transport/socket_io.h"

struct side {
    struct udp_io io; /* of TCP it is only the first member */
    struct buf in, out;
};

static void open_tcp(struct side *s, const struct address_place *place)
{
    const char *why;
    int fd = os_net_connect(place, os_clock_ms() + CLIENT_CONNECT_MS, NULL, &why);

    if (fd < 0)
        bench_fail("cannot connect", span_str(why));
    socket_io_init(&s->io.net, fd);
}

static void open_udp(struct side *s, const struct address_place *place)
{
    const char *why = "version 1 alone";

    if (!udp_connect(&s->io, place, DATAGRAM_SIZE_DEFAULT, NULL, &why) || s->io.version != 2)
        bench_fail("no session over UDP", span_str(why));
}

/* Waits for an answer, which must be Yes. */
static void hear(struct side *s)
{
    const int64_t deadline_ms = os_clock_ms() + 1000 * CLIENT_SILENCE_S;
    struct frame_scan scan;
    struct span payload;

    do {
        char *room = buf_space(&s->in, CLIENT_PIECE);
        size_t n;
        if (!room || s->io.net.io.read(&s->io.net.io, room, CLIENT_PIECE, deadline_ms, &n) != IO_OK)
            bench_fail("no answer, but", buf_span(&s->in));
        buf_added(&s->in, n);
    } while (frame_scan(buf_span(&s->in), FORM_LENGTH, SIZE_MAX, &scan) != FRAME_DONE);
    payload = scan.payload;
    client_check(&payload);
    buf_consume(&s->in, scan.total);
}

static void request(struct side *s, const char *op, const struct span *args, size_t nargs)
{
    const int64_t deadline_ms = os_clock_ms() + 1000 * CLIENT_SILENCE_S;
    size_t mark;

    buf_clear(&s->out);
    mark = frame_open(&s->out, client_dialect, op, nargs);
    for (size_t i = 0; i < nargs; i++)
        frame_arg(&s->out, client_dialect, args[i]);
    frame_close(&s->out, client_dialect, mark);
    if (s->io.net.io.write(&s->io.net.io, s->out.p, s->out.n, deadline_ms) != IO_OK)
        bench_fail("cannot send", span_str(op));
    hear(s);
}

static void log_in(struct side *s, const char *user)
{
    buf_init(&s->in, SIZE_MAX / 4);
    buf_init(&s->out, SIZE_MAX / 4);
    request(s, "Start", (struct span[]){SPAN("2")}, 1);
    request(s, "Login", (struct span[]){span_str(user), SPAN(CLIENT_PASSWORD)}, 2);
}

static double per_second(struct side *s, const char *user, uint32_t times, struct span body)
{
    uint64_t began_ns = bench_now_ns();

    for (uint32_t i = 0; i < times; i++) {
        if (body.n > 0)
            request(s, "Send mes", (struct span[]){span_str(user), body}, 2);
        else
            request(s, "Show exact", (struct span[]){SPAN("1")}, 1);
    }
    return times / ((double)(bench_now_ns() - began_ns) / 1e9);
}

static struct span make_body(size_t n)
{
    char *p = bench_alloc(n, 1);

    for (size_t i = 0; i < n; i++)
        p[i] = (char)('a' + i % 26);
    return span_of(p, n);
}

int main(int argc, char **argv)
{
    static struct side one, other;
    struct address_place one_place, other_place;
    static struct span body;

    struct span first = span_str(argc > 1 ? argv[1] : "");
    bool udp_twice = span_starts(first, SPAN("udp:"));

    if (argc < 6 || !address_parse_place(span_skip(first, udp_twice ? 4 : 0), &one_place) ||
        !address_parse_place(span_str(argv[2]), &other_place)) {
        fprintf(stderr, "usage: carry HOST:PORT HOST:PORT USER TIMES ROUNDS [SEND_BYTES]\n");
        return 64;
    }
    uint32_t times = bench_number(argv[4]), rounds = bench_number(argv[5]);
    if (argc > 6)
        body = make_body(bench_number(argv[6]));
    os_wake_setup();
    (udp_twice ? open_udp : open_tcp)(&one, &one_place);
    log_in(&one, argv[3]);
    open_udp(&other, &other_place);
    log_in(&other, argv[3]);
    for (uint32_t i = 0; i < rounds; i++) {
        double by_other = i % 2 ? per_second(&other, argv[3], times, body) : 0;
        double by_one = per_second(&one, argv[3], times, body);
        by_other = i % 2 ? by_other : per_second(&other, argv[3], times, body);
        printf("%.2f %.2f\n", by_one, by_other);
    }
    udp_connect_leave(&other.io);
    if (udp_twice)
        udp_connect_leave(&one.io);
    return 0;
}
