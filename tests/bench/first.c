/* SPDX-License-Identifier: ISC */
/*
 * first: what the first use of a mailbox costs its user, and others who use theirs meanwhile.
 *
 *     first HOST:PORT BIG OTHER
 *
 * OTHER sends to himself and asks for his Status in turns, without a pause, for a second alone, and
 * then while BIG logs in, asks for the Status and for a list of the last 10. Prints milliseconds:
 * the time from BIG's connecting to the list; the part of it until the Login was answered; the
 * longest time that OTHER waited for Status and for Send alone, and both meanwhile.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "client.h"

#define ALONE_MS   1000
#define LISTED     10
#define BODY_BYTES 1024

struct other {
    const char *name;
    struct client client;
    atomic_bool stop;
    pthread_t thread;
    double status_ms, send_ms; /* the longest */
};

static double ms_since(uint64_t began_ns)
{
    return (double)(bench_now_ns() - began_ns) / 1e6;
}

static void keep_longest(double *longest, uint64_t began_ns)
{
    double ms = ms_since(began_ns);
    if (ms > *longest)
        *longest = ms;
}

static void *use_other(void *arg)
{
    static char body[BODY_BYTES];
    struct other *o = arg;

    memset(body, 'x', sizeof body);
    o->status_ms = o->send_ms = 0;
    while (!atomic_load(&o->stop)) {
        uint64_t began_ns = bench_now_ns();
        client_messages(&o->client);
        keep_longest(&o->status_ms, began_ns);
        began_ns = bench_now_ns();
        client_do(&o->client, "Send mes",
                  (struct span[]){span_str(o->name), span_of(body, sizeof body)}, 2, 1);
        keep_longest(&o->send_ms, began_ns);
    }
    return NULL;
}

static void begin(struct other *o)
{
    atomic_store(&o->stop, false);
    if (pthread_create(&o->thread, NULL, use_other, o) != 0)
        bench_fail("no thread", SPAN(""));
}

static void end(struct other *o)
{
    atomic_store(&o->stop, true);
    pthread_join(o->thread, NULL);
}

/* Returns how long it took; *login_ms: the first part of it. */
static double use_first(const struct address_place *place, const char *name, double *login_ms)
{
    struct client c;
    char from[24];
    uint64_t began_ns = bench_now_ns();

    client_log_in(&c, place, name);
    *login_ms = ms_since(began_ns);
    uint64_t messages = client_messages(&c);
    if (messages < LISTED)
        bench_fail("not so many messages", span_str(name));
    snprintf(from, sizeof from, "%" PRIu64, messages - LISTED + 1);
    client_do(&c, "Show list", (struct span[]){span_str(from), SPAN("10")}, 2, LISTED);
    double took_ms = ms_since(began_ns);
    client_close(&c);
    return took_ms;
}

int main(int argc, char **argv)
{
    struct address_place place;
    struct other other = {0};
    double login_ms;

    if (argc != 4 || !address_parse_place(span_str(argv[1]), &place)) {
        fprintf(stderr, "usage: first HOST:PORT BIG OTHER\n");
        return 64;
    }
    other.name = argv[3];
    client_log_in(&other.client, &place, other.name);
    begin(&other);
    nanosleep(&(struct timespec){ALONE_MS / 1000, ALONE_MS % 1000 * 1000000}, NULL);
    end(&other);
    double status_ms = other.status_ms, send_ms = other.send_ms;
    begin(&other);
    double took_ms = use_first(&place, argv[2], &login_ms);
    end(&other);
    client_close(&other.client);
    printf("%.1f %.1f %.1f %.1f %.1f %.1f\n", took_ms, login_ms, status_ms, send_ms,
           other.status_ms, other.send_ms);
    return 0;
}
