/* SPDX-License-Identifier: ISC */
/*
 * mailboxes ADDR PREFIX SECONDS COUNT...: for each COUNT, logs in as so many users in turns, and
 * asks for the Status of each. Prints how many of these a second each count gave.
 */
#include "client.h"

static void visit(struct client *c, const char *prefix, uint64_t number)
{
    char user[64];
    snprintf(user, sizeof user, "%s%u", prefix, (unsigned)number);
    client_ask_login(c, user);
    client_get(c, 0);
    client_do(c, "Status", NULL, 0, 5);
}

static double measure(struct client *c, const char *prefix, uint64_t count, int64_t ms)
{
    uint64_t done = 0;
    if (count == 0)
        return 0;
    for (uint64_t i = 0; i < count; i++) /* once round, to read what is not in memory */
        visit(c, prefix, i);
    int64_t begun = os_clock_ms(), now = begun;
    while (now - begun < ms) {
        for (int i = 0; i < 100; i++, done++)
            visit(c, prefix, done * 7919 % count);
        now = os_clock_ms();
    }
    return (double)done * 1000 / (double)(now - begun);
}

int main(int argc, char **argv)
{
    struct address_place place;
    struct client c;

    if (argc < 5 || !address_parse_place(span_str(argv[1]), &place))
        bench_fail("usage: mailboxes ADDR PREFIX SECONDS COUNT...", SPAN(""));
    client_start(&c, &place);
    for (int i = 4; i < argc; i++)
        printf("%s%.0f", i > 4 ? " " : "",
               measure(&c, argv[2], bench_number(argv[i]), bench_number(argv[3]) * 1000));
    printf("\n");
    client_close(&c);
    return 0;
}
