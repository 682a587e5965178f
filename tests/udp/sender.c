/* SPDX-License-Identifier: ISC */
/*
 * sender HOST:PORT USER TO COUNT: sends COUNT messages with the texts USER.1, USER.2 ... over UDP,
 * each under a token of its own. It repeats each message under its token until it is answered, in a
 * new connection if the old one fails. Prints a line for each answer. The password is "secret".
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/call.h"
#include "os/random.h"
#include "os/wait.h"

#define AGAIN_MS 100

static bool connect_as(struct call *c, const struct address_place *place, const char *user)
{
    struct secret password = {.text = "secret", .n = 6};
    enum reply_result result = call_open(c, place);

    if (result == REPLY_OK)
        result = call_login(c, span_str(user), &password);
    if (result == REPLY_OK)
        return true;
    call_close(c);
    poll(NULL, 0, AGAIN_MS);
    return false;
}

/* Returns false if the message was not stored, or if that is not known. */
static bool send_one(struct call *c, const char *user, const char *to, unsigned long i,
                     const char *token)
{
    char text[100];

    snprintf(text, sizeof text, "%s.%lu", user, i);
    return link_send(&c->link, span_str(to), span_str(text), token) == REPLY_OK;
}

int main(int argc, char **argv)
{
    static struct call call;
    struct address_place place;
    const struct call_way way = {.udp_datagram = DATAGRAM_SIZE_DEFAULT, .idle_ms = 60000};
    uint64_t count;

    if (argc != 5 || !address_parse_place(span_str(argv[1]), &place) ||
        !span_u64(span_str(argv[4]), UINT32_MAX, &count)) {
        fprintf(stderr, "usage: sender HOST:PORT USER TO COUNT\n");
        return 64;
    }
    os_wake_setup();
    call_init(&call, &way);
    for (unsigned long i = 1; i <= count; i++) {
        char token[LINK_TOKEN_BYTES + 1];
        os_random_hex(token, LINK_TOKEN_BYTES);
        while (!call.open || !send_one(&call, argv[2], argv[3], i, token)) {
            call_close(&call);
            while (!connect_as(&call, &place, argv[2]))
                ;
        }
        printf("%s.%lu\n", argv[2], i);
        fflush(stdout);
    }
    call_close(&call);
    return 0;
}
