/* SPDX-License-Identifier: ISC */
/*
 * mailboxes ADDR PREFIX SECONDS COUNT...: for each COUNT, so many users are logged in and ask for
 * their Status in turns. Prints how many answers a second each gave; the last count is the most.
 */
#include <stdlib.h>

#include "client.h"

static double measure(struct client *clients, uint64_t count, int64_t ms)
{
    int64_t begun = os_clock_ms(), now;
    uint64_t done = 0;
    for (uint64_t i = 0; i < count; i++) /* once round, to read what is not in memory */
        client_do(&clients[i], "Status", NULL, 0, 5);
    begun = os_clock_ms();
    do {
        for (int i = 0; i < 100; i++, done++)
            client_do(&clients[done * 7919 % count], "Status", NULL, 0, 5);
        now = os_clock_ms();
    } while (now - begun < ms);
    return (double)done * 1000 / (double)(now - begun);
}

int main(int argc, char **argv)
{
    struct address_place place;
    char user[64];

    if (argc < 5 || !address_parse_place(span_str(argv[1]), &place))
        bench_fail("usage: mailboxes ADDR PREFIX SECONDS COUNT...", SPAN(""));
    uint64_t most = bench_number(argv[argc - 1]), logged_in = 0;
    struct client *clients = calloc(most, sizeof *clients);
    if (!clients)
        bench_fail("out of memory", SPAN(""));
    for (int i = 4; i < argc; i++) {
        uint64_t count = bench_number(argv[i]);
        for (; logged_in < count; logged_in++) {
            snprintf(user, sizeof user, "%s%u", argv[2], (unsigned)logged_in);
            client_log_in(&clients[logged_in], &place, user);
        }
        printf("%s%.0f", i > 4 ? " " : "", measure(clients, count, bench_number(argv[3]) * 1000));
    }
    printf("\n");
    return 0;
}
