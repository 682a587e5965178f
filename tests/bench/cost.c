/* SPDX-License-Identifier: ISC */
/*
 * cost: what one request costs who waits for it.
 *
 *     cost HOST:PORT COMMAND TIMES USER...
 *
 * Every user is logged in and asks in turn, one request after the other, so many times; prints the
 * median of each user's times in microseconds. TIMES 0: one time only, the first use: connecting
 * logging in and Status are in it. Commands:
 *
 *     send    a letter of 1 KiB to oneself
 *     exact   Show exact of a message chosen at random
 *     status  Status
 *     unread  Show unread, when there are 10; that they are sent before is not in the time
 *     list    Show list of the last 10
 */
#include <inttypes.h>
#include <string.h>

#include "client.h"

#define UNREAD     10
#define LISTED     10
#define BODY_BYTES 1024

struct user {
    const char *name;
    struct client client;
    uint64_t messages;
    uint32_t *took; /* in tenths of a microsecond */
};

/* xorshift: the same messages are asked for in every run. */
static uint64_t next_number(void)
{
    static uint64_t x = UINT64_C(88172645463325252);

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x;
}

static void do_send(struct user *u)
{
    static char body[BODY_BYTES];

    memset(body, 'x', sizeof body);
    client_do(&u->client, "Send mes",
              (struct span[]){span_str(u->name), span_of(body, sizeof body)}, 2, 1);
}

/* Asks for messages by their ids, which are 1, 2, 3 ... in a mailbox that fill has made. */
static void do_exact(struct user *u)
{
    char id[24];

    snprintf(id, sizeof id, "%" PRIu64, next_number() % u->messages + 1);
    client_do(&u->client, "Show exact", (struct span[]){span_str(id)}, 1, 1);
}

static void do_status(struct user *u)
{
    client_messages(&u->client);
}

static void prepare_unread(struct user *u)
{
    client_do(&u->client, "Show unread", NULL, 0, CLIENT_ANY);
    for (int i = 0; i < UNREAD; i++)
        do_send(u);
}

static void do_unread(struct user *u)
{
    client_do(&u->client, "Show unread", NULL, 0, UNREAD);
}

static void do_list(struct user *u)
{
    char first[24];

    snprintf(first, sizeof first, "%" PRIu64, u->messages - LISTED + 1);
    client_do(&u->client, "Show list", (struct span[]){span_str(first), SPAN("10")}, 2, LISTED);
}

struct command {
    const char *name;
    void (*prepare)(struct user *u);
    void (*act)(struct user *u);
};

static const struct command commands[] = {
    {"send", NULL, do_send},     {"exact", NULL, do_exact},
    {"status", NULL, do_status}, {"unread", prepare_unread, do_unread},
    {"list", NULL, do_list},
};

#define COMMANDS (sizeof commands / sizeof *commands)

static uint32_t tenths_since(uint64_t began_ns)
{
    return (uint32_t)((bench_now_ns() - began_ns) / 100);
}

/* Whoever comes second finds warmer caches: they take turns in that, too. */
static void measure(const struct command *command, struct user *users, size_t n, size_t times)
{
    for (size_t i = 0; i < n * times; i++) {
        struct user *u = &users[(i + i / n) % n];
        uint64_t began_ns;

        if (command->prepare)
            command->prepare(u);
        began_ns = bench_now_ns();
        command->act(u);
        u->took[i / n] = tenths_since(began_ns);
    }
}

static void measure_first(const struct command *command, struct user *u,
                          const struct address_place *place)
{
    uint64_t began_ns = bench_now_ns();

    client_log_in(&u->client, place, u->name);
    u->messages = client_messages(&u->client);
    command->act(u);
    u->took[0] = tenths_since(began_ns);
}

static void print_median(struct user *u, size_t times)
{
    printf("%.1f ", bench_percentile(u->took, times, 50) / 10.0);
}

static void run(const struct command *command, const struct address_place *place, char **names,
                size_t n, size_t times)
{
    struct user *users = bench_alloc(n, sizeof *users);
    bool first = times == 0;

    times += first;
    for (size_t i = 0; i < n; i++) {
        users[i].name = names[i];
        users[i].took = bench_alloc(times, sizeof *users[i].took);
        if (first) {
            measure_first(command, &users[i], place);
        } else {
            client_log_in(&users[i].client, place, names[i]);
            users[i].messages = client_messages(&users[i].client);
        }
    }
    if (!first)
        measure(command, users, n, times);
    for (size_t i = 0; i < n; i++) {
        print_median(&users[i], times);
        client_close(&users[i].client);
        free(users[i].took);
    }
    printf("\n");
    free(users);
}

int main(int argc, char **argv)
{
    struct address_place place;

    for (size_t i = 0; argc >= 5 && i < COMMANDS; i++) {
        if (strcmp(argv[2], commands[i].name) != 0 ||
            !address_parse_place(span_str(argv[1]), &place))
            continue;
        run(&commands[i], &place, argv + 4, (size_t)argc - 4, bench_number(argv[3]));
        return 0;
    }
    fprintf(stderr, "usage: cost HOST:PORT send|exact|status|unread|list TIMES USER...\n");
    return 64;
}
