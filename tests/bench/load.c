/*
 * load: clients that send as fast as they are answered.
 *
 *     load HOST:PORT CLIENTS MAILBOXES SECONDS BYTES
 *
 * Registers users u0, u1, ... (they may exist), logs every client in as one of them, then lets all
 * of them send for so long: client i to user i % MAILBOXES. Prints answered deliveries a second.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "link.h"
#include "os_clock.h"
#include "os_net.h"
#include "os_random.h"

#define CONNECT_MS 10000

struct client {
    pthread_t thread;
    struct os_net_io net;
    struct link link;
    char to[16];
    char *body;
    size_t bytes;
    atomic_bool *stop;
    unsigned long done;
};

static void fail(const char *what)
{
    fprintf(stderr, "load: %s\n", what);
    exit(1);
}

static void send_one(struct client *c)
{
    char token[LINK_TOKEN_BYTES + 1];

    os_random_hex(token, LINK_TOKEN_BYTES);
    if (link_send(&c->link, span_str(c->to), span_of(c->body, c->bytes), token) != REPLY_OK)
        fail("a message was refused");
    c->done++;
}

static void *run(void *arg)
{
    struct client *c = arg;

    while (!atomic_load(c->stop))
        send_one(c);
    return NULL;
}

static void connect_client(struct client *c, const struct os_net_place *place)
{
    const struct span login[] = {SPAN("u0"), SPAN("secret")};
    struct span account[] = {span_str(c->to), SPAN("secret")};
    const char *why;
    int fd = os_net_connect(place, os_clock_ms() + CONNECT_MS, &why);

    if (fd < 0)
        fail(why);
    os_net_io_init(&c->net, fd);
    link_init(&c->link, &c->net.io, LINK_ARG_LIMIT, LINK_IDLE_MS);
    if (link_start(&c->link) != REPLY_OK)
        fail("not a mail server");
    link_ask(&c->link, OP_REGISTER, account, 2);
    if (link_ask(&c->link, OP_LOGIN, login, 2) != REPLY_OK)
        fail("cannot log in");
}

int main(int argc, char **argv)
{
    struct os_net_place place;
    atomic_bool stop = false;
    unsigned long total = 0;

    if (argc != 6 || !os_net_parse(span_str(argv[1]), &place)) {
        fprintf(stderr, "usage: load HOST:PORT CLIENTS MAILBOXES SECONDS BYTES\n");
        return 64;
    }
    int clients = atoi(argv[2]), mailboxes = atoi(argv[3]), seconds = atoi(argv[4]);
    struct client *c = calloc((size_t)clients, sizeof *c);
    if (!c)
        fail("out of memory");
    os_net_wake_setup();
    for (int i = 0; i < clients; i++) {
        c[i].stop = &stop;
        c[i].bytes = (size_t)atol(argv[5]);
        c[i].body = malloc(c[i].bytes);
        snprintf(c[i].to, sizeof c[i].to, "u%d", i % mailboxes);
        memset(c[i].body, 'x', c[i].bytes);
        connect_client(&c[i], &place);
    }
    for (int i = 0; i < clients; i++)
        if (pthread_create(&c[i].thread, NULL, run, &c[i]) != 0)
            fail("cannot start a thread");
    nanosleep(&(struct timespec){seconds, 0}, NULL);
    atomic_store(&stop, true);
    for (int i = 0; i < clients; i++) {
        pthread_join(c[i].thread, NULL);
        total += c[i].done;
        link_free(&c[i].link);
        os_net_close(c[i].net.fd);
        free(c[i].body);
    }
    free(c);
    printf("%lu\n", total / (unsigned long)seconds);
    return 0;
}
