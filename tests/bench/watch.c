/* SPDX-License-Identifier: ISC */
/*
 * watch: what it takes to be told of mail, and watchers for the others to be measured with.
 *
 *     watch HOST:PORT delay TIMES FROM TO
 *     watch HOST:PORT idle | watch | full COUNT PREFIX
 *
 * delay: FROM sends letters to TO, who watches on another connection. Prints the median and the
 * greatest time in microseconds from Yes, by which the letter was durable, until Mail was there;
 * less than none counts as none.
 *
 * watch: COUNT watchers, the users PREFIX followed by a number; prints a line when all watch, and
 * ends at the end of its input. idle: they do not watch. full: they do, but their connections are
 * so full that the server cannot write.
 */
#include <poll.h>
#include <string.h>

#include "client.h"

#define FULL_REQUESTS \
    8000 /* each answer is larger than the system keeps for a connection by this */

/* Waits for a whole frame, Answer or Mail. */
static void hear(struct client *c)
{
    struct span payload;

    while (!client_hear(c, &payload))
        ;
}

static uint64_t ready_ns(struct client *c)
{
    hear(c);
    return bench_now_ns();
}

/* Both are awaited at once, so that the one that comes first does not wait for the other. */
static uint32_t one_delay_us(struct client *from, struct client *to, const char *name)
{
    struct pollfd fds[] = {{.fd = from->fd, .events = POLLIN}, {.fd = to->fd, .events = POLLIN}};
    uint64_t yes_ns = 0, mail_ns = 0;

    client_ask(from, "Send mes", (struct span[]){span_str(name), SPAN("a letter")}, 2);
    while (!yes_ns || !mail_ns) {
        if (poll(fds, 2, CLIENT_SILENCE_S * 1000) <= 0)
            bench_fail("nothing comes", SPAN(""));
        if (fds[0].revents)
            yes_ns = ready_ns(from);
        if (fds[1].revents)
            mail_ns = ready_ns(to);
    }
    return mail_ns > yes_ns ? (uint32_t)((mail_ns - yes_ns) / 1000) : 0;
}

static void measure_delay(const struct address_place *place, size_t times, const char *from_name,
                          const char *to_name)
{
    uint32_t *took_us = bench_alloc(times, sizeof *took_us);
    struct client from, to;

    client_log_in(&from, place, from_name);
    client_log_in(&to, place, to_name);
    client_do(&to, "Watch", NULL, 0, 0);
    for (size_t i = 0; i < times; i++)
        took_us[i] = one_delay_us(&from, &to, to_name);
    printf("%u %u\n", bench_percentile(took_us, times, 50), bench_percentile(took_us, times, 100));
    client_close(&from);
    client_close(&to);
    free(took_us);
}

/* Asks more than the server can answer while nobody reads. */
static void fill_up(struct client *c)
{
    for (int i = 0; i < FULL_REQUESTS; i++)
        client_ask(c, "Help", NULL, 0);
}

static void hold(const struct address_place *place, size_t count, const char *prefix,
                 const char *how)
{
    struct client *clients = bench_alloc(count, sizeof *clients);
    char name[32];

    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%s%zu", prefix, i);
        client_log_in(&clients[i], place, name);
        if (strcmp(how, "idle") != 0)
            client_do(&clients[i], "Watch", NULL, 0, 0);
        if (strcmp(how, "full") == 0)
            fill_up(&clients[i]);
    }
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    for (size_t i = 0; i < count; i++)
        client_close(&clients[i]);
    free(clients);
}

int main(int argc, char **argv)
{
    struct address_place place;

    if (argc == 6 && address_parse_place(span_str(argv[1]), &place) &&
        strcmp(argv[2], "delay") == 0) {
        measure_delay(&place, bench_number(argv[3]), argv[4], argv[5]);
    } else if (argc == 5 && address_parse_place(span_str(argv[1]), &place)) {
        hold(&place, bench_number(argv[3]), argv[4], argv[2]);
    } else {
        fprintf(stderr, "usage: watch HOST:PORT delay TIMES FROM TO\n"
                        "       watch HOST:PORT idle|watch|full COUNT PREFIX\n");
        return 64;
    }
    return 0;
}
