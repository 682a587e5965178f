/* SPDX-License-Identifier: ISC */
/*
 * lossy PORT_FILE HOST:PORT [FAULT=NUMBER]...: a faulty network between clients and a server over
 * UDP. It listens at a port of 127.0.0.1, which it writes to PORT_FILE, and treats datagrams in
 * both directions as networks do:
 *
 *     seed=N        repeats the same faults for the same datagrams
 *     loss=N        N percent are lost
 *     twice=N       N percent come twice
 *     late=N        N percent come up to 20 ms late, after datagrams that were sent later
 *     every=MS dark=MS   every MS milliseconds all are lost for MS milliseconds
 *
 * Runs until it is killed.
 */
#undef _FORTIFY_SOURCE /* for ppoll: see src/common/os/wait.c */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/udp.h"
#include "os/wait.h"
#include "random.h"

#define FLOWS   256 /* clients at a time; a new one replaces the one that was silent longest */
#define WAITING 4096
#define BYTES   1472
#define LATE_US 20000

static uint64_t loss, twice, late, every_ms, dark_ms;

struct flow {
    struct os_udp_peer client;
    int server; /* the socket connected to it; 0: this place is free */
    int64_t used_us;
};

/* A datagram under way. */
struct waiting {
    int64_t due_us;
    int flow;
    bool to_server;
    size_t n;
    char bytes[BYTES];
};

static struct flow flows[FLOWS];
static struct waiting waiting[WAITING];
static size_t waits;
static int bound;

static int find_flow(const struct os_udp_peer *client, const struct address_place *server)
{
    int oldest = 0;
    const char *why;

    for (int i = 0; i < FLOWS; i++) {
        if (flows[i].server && os_udp_same_client(&flows[i].client, client))
            return i;
        if (flows[i].used_us < flows[oldest].used_us)
            oldest = i;
    }
    if (flows[oldest].server)
        os_net_close(flows[oldest].server);
    flows[oldest] = (struct flow){.client = *client};
    if (os_udp_connect(server, &flows[oldest].server, 1, NULL, &why) != 1)
        return -1;
    return oldest;
}

static bool happens(uint64_t percent)
{
    return random_below(100) < percent;
}

static void put(int flow, bool to_server, struct span s)
{
    struct waiting *w = &waiting[waits];

    if (happens(loss) || waits == WAITING)
        return;
    w->due_us = os_clock_us() + (happens(late) ? (int64_t)random_below(LATE_US) : 0);
    w->flow = flow;
    w->to_server = to_server;
    w->n = s.n;
    memcpy(w->bytes, s.p, s.n);
    waits++;
}

static void pass(int flow, bool to_server, struct span s, int64_t begin_us)
{
    int64_t now_us = os_clock_us();

    flows[flow].used_us = now_us;
    if (every_ms > 0 && (uint64_t)(now_us - begin_us) / 1000 % (every_ms + dark_ms) >= every_ms)
        return;
    put(flow, to_server, s);
    if (happens(twice))
        put(flow, to_server, s);
}

/* Sends the datagrams that are due, in order. Returns when the next one is due. */
static int64_t send_due(void)
{
    int64_t now_us = os_clock_us(), next_us = INT64_MAX;
    size_t kept = 0;

    for (size_t i = 0; i < waits; i++) {
        struct waiting *w = &waiting[i];
        if (w->due_us > now_us) {
            next_us = w->due_us < next_us ? w->due_us : next_us;
            if (kept != i)
                waiting[kept] = *w;
            kept++;
        } else if (w->to_server) {
            os_udp_send(flows[w->flow].server, span_of(w->bytes, w->n));
        } else {
            os_udp_answer(bound, &flows[w->flow].client, span_of(w->bytes, w->n));
        }
    }
    waits = kept;
    return next_us;
}

static void take_all(const struct address_place *server, int64_t begin_us)
{
    char bytes[BYTES];
    struct os_udp_peer client;
    int64_t n;

    while ((n = os_udp_receive(bound, bytes, sizeof bytes, &client)) >= 0) {
        int flow = find_flow(&client, server);
        if (flow >= 0)
            pass(flow, true, span_of(bytes, (size_t)n), begin_us);
    }
    /* Clears the socket's error, which tells that nobody listens at the server's port. */
    for (int i = 0; i < FLOWS; i++)
        while (flows[i].server &&
               (n = os_udp_receive(flows[i].server, bytes, sizeof bytes, NULL)) >= 0)
            pass(i, false, span_of(bytes, (size_t)n), begin_us);
}

static void await(int64_t next_us)
{
    struct pollfd fds[1 + FLOWS] = {{.fd = bound, .events = POLLIN}};
    int64_t left_us = next_us - os_clock_us();
    struct timespec left = {left_us / 1000000, left_us % 1000000 * 1000};

    for (int i = 0; i < FLOWS; i++)
        fds[1 + i] =
            (struct pollfd){.fd = flows[i].server ? flows[i].server : -1, .events = POLLIN};
    if (left_us > 0)
        ppoll(fds, 1 + FLOWS, next_us == INT64_MAX ? NULL : &left, NULL);
}

static bool take_fault(const char *text)
{
    static const struct {
        const char *name;
        uint64_t *value;
    } rows[] = {{"seed=", &chance.state}, {"loss=", &loss},      {"twice=", &twice},
                {"late=", &late},         {"every=", &every_ms}, {"dark=", &dark_ms}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span arg = span_str(text), name = span_str(rows[i].name);
        if (span_starts(arg, name))
            return span_u64(span_skip(arg, name.n), UINT64_MAX, rows[i].value);
    }
    return false;
}

static bool tell_port(const char *file)
{
    char address[OS_NET_ADDRESS_BYTES], draft[4096];
    unsigned port;
    FILE *f;

    snprintf(draft, sizeof draft, "%s.new", file);
    if (!os_net_local(bound, address, &port) || !(f = fopen(draft, "w")))
        return false;
    fprintf(f, "%u\n", port);
    return fclose(f) == 0 && rename(draft, file) == 0;
}

int main(int argc, char **argv)
{
    struct address_place server, here;
    const char *why = "";
    bool good = argc >= 3 && address_parse_place(span_str(argv[2]), &server);
    int64_t begin_us = os_clock_us();

    random_begin();
    for (int i = 3; good && i < argc; i++)
        good = take_fault(argv[i]);
    if (!good) {
        fprintf(stderr, "usage: lossy PORT_FILE HOST:PORT [FAULT=NUMBER]...\n");
        return 64;
    }
    os_wake_setup();
    address_parse_place(SPAN("127.0.0.1:0"), &here);
    if (os_udp_bind(&here, &bound, 1, &why) != 1 || !tell_port(argv[1])) {
        fprintf(stderr, "lossy: %s\n", why);
        return 1;
    }
    for (;;) {
        take_all(&server, begin_us);
        await(send_due());
    }
}
