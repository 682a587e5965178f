/* SPDX-License-Identifier: ISC */
/*
 * load: clients that send as fast as they are answered, each waiting for its answer.
 *
 *     load HOST:PORT PREFIX CLIENTS MAILBOXES SECONDS BYTES
 *
 * Client i is the user PREFIX followed by i, and sends to the user PREFIX followed by i %
 * MAILBOXES; fill has made these, with empty mailboxes. One thread serves all clients, so that the
 * server has the cores as far as possible. Prints deliveries answered a second, and the median and
 * the 99th percentile of the time an answer took, in microseconds.
 */
#include <inttypes.h>
#include <string.h>
#include <sys/epoll.h>

#include "client.h"
#include "os/random.h"

#define TOKEN_DIGITS  32
#define TOKEN_COUNTER 16 /* of these, so many count */
#define EVENTS        64

struct sender {
    struct client client;
    char name[32], to[32], token[TOKEN_DIGITS + 1];
    uint64_t count, sent_ns;
};

struct load {
    struct sender *senders;
    int n, mailboxes;
    struct span body;
    int epoll;
    uint64_t until_ns;
    uint32_t *took_us;
    size_t answers, cap;
};

static void send_one(struct load *l, struct sender *s)
{
    char counter[TOKEN_COUNTER + 1];

    snprintf(counter, sizeof counter, "%0*" PRIx64, TOKEN_COUNTER, s->count++);
    memcpy(s->token, counter, TOKEN_COUNTER);
    s->sent_ns = bench_now_ns();
    client_ask(&s->client, "Send mes",
               (struct span[]){span_str(s->to), l->body, span_str(s->token)}, 3);
}

static void count_answer(struct load *l, const struct sender *s, uint64_t now_ns)
{
    if (l->answers == l->cap) {
        l->cap = l->cap * 2 + 65536;
        l->took_us = realloc(l->took_us, l->cap * sizeof *l->took_us);
        if (!l->took_us)
            bench_fail("out of memory", SPAN(""));
    }
    l->took_us[l->answers++] = (uint32_t)((now_ns - s->sent_ns) / 1000);
}

/* Something came for a client. True: it has nothing more to send. */
static bool serve(struct load *l, struct sender *s)
{
    struct span answer;
    uint64_t now_ns;

    if (!client_hear(&s->client, &answer))
        return false;
    if (client_check(&answer) != 1)
        bench_fail("not the answer to Send mes", answer);
    now_ns = bench_now_ns();
    count_answer(l, s, now_ns);
    if (now_ns >= l->until_ns)
        return true;
    send_one(l, s);
    return false;
}

/* Returns the seconds it took, until the last answer was there. */
static double run(struct load *l, uint64_t seconds)
{
    struct epoll_event events[EVENTS];
    uint64_t began_ns = bench_now_ns();
    int busy = l->n;

    l->until_ns = began_ns + seconds * 1000000000;
    for (int i = 0; i < l->n; i++)
        send_one(l, &l->senders[i]);
    while (busy > 0) {
        int n = epoll_wait(l->epoll, events, EVENTS, CLIENT_SILENCE_S * 1000);
        if (n <= 0)
            bench_fail("no answers any more", SPAN(""));
        for (int i = 0; i < n; i++)
            busy -= serve(l, events[i].data.ptr);
    }
    return (double)(bench_now_ns() - began_ns) / 1e9;
}

/* All of them log in at a time. */
static void connect_all(struct load *l, const struct address_place *place, const char *prefix)
{
    for (int i = 0; i < l->n; i++) {
        struct sender *s = &l->senders[i];
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = s};

        snprintf(s->name, sizeof s->name, "%s%d", prefix, i);
        snprintf(s->to, sizeof s->to, "%s%d", prefix, i % l->mailboxes);
        os_random_hex(s->token, TOKEN_DIGITS);
        client_start(&s->client, place);
        client_ask_login(&s->client, s->name);
        epoll_ctl(l->epoll, EPOLL_CTL_ADD, s->client.fd, &event);
    }
    for (int i = 0; i < l->n; i++)
        client_get(&l->senders[i].client, 0);
}

/* What was answered must be there. */
static void check_all(struct load *l)
{
    uint64_t messages = 0;

    for (int i = 0; i < l->mailboxes; i++)
        messages += client_messages(&l->senders[i].client);
    if (messages != l->answers)
        bench_fail("the mailboxes have not as many messages as were answered", SPAN(""));
}

static void print(struct load *l, double seconds)
{
    uint32_t median = bench_percentile(l->took_us, l->answers, 50);

    printf("%.0f %" PRIu32 " %" PRIu32 "\n", (double)l->answers / seconds, median,
           bench_percentile(l->took_us, l->answers, 99));
    free(l->took_us);
}

int main(int argc, char **argv)
{
    struct address_place place;
    struct load l = {.epoll = epoll_create1(EPOLL_CLOEXEC)};
    double seconds;

    if (argc != 7 || !address_parse_place(span_str(argv[1]), &place)) {
        fprintf(stderr, "usage: load HOST:PORT PREFIX CLIENTS MAILBOXES SECONDS BYTES\n");
        return 64;
    }
    l.n = (int)bench_number(argv[3]);
    l.mailboxes = (int)bench_number(argv[4]);
    l.senders = bench_alloc((size_t)l.n, sizeof *l.senders);
    l.body.n = bench_number(argv[6]);
    char *body = memset(bench_alloc(l.body.n, 1), 'x', l.body.n);
    l.body.p = body;
    connect_all(&l, &place, argv[2]);
    seconds = run(&l, bench_number(argv[5]));
    check_all(&l);
    print(&l, seconds);
    for (int i = 0; i < l.n; i++)
        client_close(&l.senders[i].client);
    free(l.senders);
    free(body);
    return 0;
}
