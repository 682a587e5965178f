/* SPDX-License-Identifier: ISC */
#include "client/udp_connect.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/link.h"
#include "os/clock.h"
#include "os/udp.h"
#include "os/wait.h"
#include "tap.h"
#include "udp/cookie.h"

#define ID UINT64_C(0x0123456789abcdef)

/* A name that stands for two addresses; the linker puts this in the place of libc's. */
int real_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                     struct addrinfo **list) __asm__("__real_getaddrinfo");
int two_addresses(const char *node, const char *service, const struct addrinfo *hints,
                  struct addrinfo **list) __asm__("__wrap_getaddrinfo");

int two_addresses(const char *node, const char *service, const struct addrinfo *hints,
                  struct addrinfo **list)
{
    int error;

    if (strcmp(node, "two.test") != 0)
        return real_getaddrinfo(node, service, hints, list);
    error = real_getaddrinfo("127.0.0.2", service, hints, list);
    return error ? error : real_getaddrinfo("127.0.0.1", service, hints, &(*list)->ai_next);
}

/* A server that ignores some requests and answers the next one with these datagrams, which are
 * text. */
struct server {
    int bound;
    int silent; /* the same port at 127.0.0.2, where nobody answers */
    struct os_net_waiting *waiting;
    struct address_place place;
    unsigned ignored;
    const char *answers[6];
    unsigned asked;
    pthread_t thread;
};

static void *serve(void *arg)
{
    struct server *s = arg;
    struct pollfd p = {.fd = s->bound, .events = POLLIN};
    struct os_udp_peer peer;
    char bytes[DATAGRAM_MAX];

    do {
        int64_t n;
        if (poll(&p, 1, 20000) != 1 ||
            (n = os_udp_receive(s->bound, bytes, sizeof bytes, &peer)) < 0)
            return NULL;
        s->asked += cookie_asked(span_of(bytes, (size_t)n));
    } while (s->asked <= s->ignored);
    for (size_t i = 0; s->answers[i]; i++)
        os_udp_answer(s->bound, &peer, span_str(s->answers[i]));
    return NULL;
}

static void bind_server(struct server *s, const char *host)
{
    char address[OS_NET_ADDRESS_BYTES];
    const char *why = "nothing";
    unsigned port = 0;

    address_parse_place(SPAN("127.0.0.1:0"), &s->place);
    if (os_udp_bind(&s->place, &s->bound, 1, &why) != 1 ||
        !os_net_local(s->bound, address, &port)) {
        printf("Bail out! no socket: %s\n", why);
        exit(1);
    }
    snprintf(s->place.host, sizeof s->place.host, "%s", host);
    snprintf(s->place.port, sizeof s->place.port, "%u", port);
}

/* Whether udp_connect gets a session from this server. */
static bool connects(struct server *s, const char *host, struct udp_io *u)
{
    const char *why = "nothing";
    bool answered;

    s->asked = 0;
    bind_server(s, host);
    pthread_create(&s->thread, NULL, serve, s);
    answered = udp_connect(u, &s->place, 200, s->waiting, &why);
    pthread_join(s->thread, NULL);
    os_net_close(s->bound);
    if (!answered)
        diag("%s", why);
    return answered;
}

static void end(struct udp_io *u)
{
    udp_io_free(u);
    os_net_close(u->net.fd);
}

static void cookie(char text[COOKIE_ANSWER_BYTES + 1])
{
    text[cookie_answer(text, ID)] = '\0';
}

static char told[256];

static void note_told(void *ctx, const char *tried)
{
    struct os_net_waiting *waiting = ctx;
    if (tried)
        snprintf(told, sizeof told, "%s", tried);
    else /* the name is still being looked up: tell again */
        waiting->at_ms = os_clock_ms() + 10;
}

/* Whether udp_connect gets a session although the first address never answers. */
static bool connects_past_silence(struct server *s, struct udp_io *u)
{
    struct address_place silent;
    const char *why;
    bool bound = false, answered = false;
    for (int i = 0; i < 20 && !bound; i++) { /* the port may be in use at 127.0.0.2 */
        s->asked = 0;
        bind_server(s, "two.test");
        silent = s->place;
        snprintf(silent.host, sizeof silent.host, "127.0.0.2");
        bound = os_udp_bind(&silent, &s->silent, 1, &why) == 1;
        if (bound) {
            pthread_create(&s->thread, NULL, serve, s);
            answered = udp_connect(u, &s->place, 200, s->waiting, &why);
            pthread_join(s->thread, NULL);
            os_net_close(s->silent);
        }
        os_net_close(s->bound);
    }
    return answered;
}

static void test_silence(void)
{
    char answer[COOKIE_ANSWER_BYTES + 1], address[OS_NET_ADDRESS_BYTES] = "";
    struct os_net_waiting waiting = {os_clock_ms(), note_told, &waiting};
    struct udp_io u;
    unsigned port;

    cookie(answer);
    struct server s = {.answers = {answer}};
    int64_t begin = os_clock_ms();
    ok(connects_past_silence(&s, &u) && os_net_remote(u.net.fd, address, &port),
       "udp_connect: a silent address does not keep the next one from being asked");
    is_str(address, "127.0.0.1", "... which gets the session");
    ok(os_clock_ms() - begin < COOKIE_GIVE_UP_US / 1000 / 2,
       "... without waiting for the first one");
    end(&u);
    s.ignored = 1;
    s.waiting = &waiting;
    ok(connects_past_silence(&s, &u), "udp_connect: both addresses are asked again");
    is_str(told, "127.0.0.2, 127.0.0.1", "udp_connect: tells which addresses have not answered");
    end(&u);
}

#define BEGINS "00000000010000000015Login|2|ann|pw|"

static void test_version_2(void)
{
    char answer[COOKIE_ANSWER_BYTES + 1], bad[COOKIE_ANSWER_BYTES + 1];
    char request[DATAGRAM_SIZE_MIN + 1];
    struct udp_io u;

    cookie(answer);
    cookie(bad);
    bad[40] ^= 1;
    request[cookie_ask(request)] = '\0';
    /* What is no answer is ignored: a request that comes back, and the beginning of a session. */
    struct server s = {.answers = {"garbage", bad, request, BEGINS, answer}};
    ok(connects(&s, "127.0.0.1", &u) && u.version == 2 && u.two.id == ID,
       "udp_connect: a server that answers with a cookie speaks version 2");
    ok(u.two.min_rtt_us > 0, "udp_connect: the first round trip is measured");
    end(&u);
    ok(connects(&s, "two.test", &u), "udp_connect: of several addresses, the one that answers");
    end(&u);
    s.ignored = 1;
    int64_t begin = os_clock_us();
    ok(connects(&s, "127.0.0.1", &u) && s.asked == 2, "udp_connect: asks again if no answer comes");
    ok(os_clock_us() - begin >= COOKIE_RETRY_US, "udp_connect: not before COOKIE_RETRY_US");
    is_int(u.two.min_rtt_us, 0, "udp_connect: then the round trip cannot be measured");
    end(&u);
}

/* Whatever is an answer of version 1 begins a session; what it says is read by the link. */
static void test_noop(void)
{
    struct server s = {.answers = {"00000000010000000017Answer|2|Noop|no|\002", NULL}};
    struct udp_io u;
    struct link link;

    ok(connects(&s, "127.0.0.1", &u) && u.version == 1, "udp_connect: Noop is an answer");
    link_init(&link, &u.net.io, 1000, 20000);
    is_int(link_started(&link), REPLY_NOOP, "link_started: the request was refused");
    ok(span_eq(link_words(&link), SPAN("no")), "link_words: and why");
    link_free(&link);
    end(&u);
}

/* A server that has datagrams of 32 bytes, as the report's have. */
static void test_version_1(void)
{
    struct server s = {.answers = {"00000000010000000013Answer|1|Yes", "0000000002|\002", NULL}};
    struct udp_io u;
    struct link link;

    ok(connects(&s, "127.0.0.1", &u) && u.version == 1,
       "udp_connect: a server that answers the request speaks version 1");
    is_int(u.one.sent, 1, "udp_connect: in version 1 the request was the first datagram");
    link_init(&link, &u.net.io, 1000, 20000);
    is_int(link_started(&link), REPLY_OK, "link_started: reads the answer to it");
    is_int(link_version(&link), 1, "link_started: it is version 1");
    link_free(&link);
    end(&u);

    s.answers[0] = "0000000002|\002";
    s.answers[1] = "00000000010000000013Answer|1|Yes";
    ok(connects(&s, "127.0.0.1", &u), "udp_connect: the answer's two datagrams change places");
    link_init(&link, &u.net.io, 1000, 20000);
    is_int(link_started(&link), REPLY_OK, "link_started: reads that answer, too");
    link_free(&link);
    end(&u);

    s.answers[0] = "00000000010000000014Exit|1|closed|\002";
    s.answers[1] = NULL;
    ok(connects(&s, "127.0.0.1", &u), "udp_connect: a refusal is an answer");
    link_init(&link, &u.net.io, 1000, 20000);
    is_int(link_started(&link), REPLY_EXIT, "link_started: the refusal ends the session");
    ok(span_eq(link_words(&link), SPAN("closed")), "link_words: the words of the refusal");
    link_free(&link);
    end(&u);
}

static void test_nobody(void)
{
    struct server s = {.answers = {NULL}};
    struct udp_io u;
    const char *why = NULL;
    int64_t begin = os_clock_ms();

    bind_server(&s, "127.0.0.1");
    os_net_close(s.bound);
    ok(!udp_connect(&u, &s.place, 200, NULL, &why) && why, "udp_connect: nobody answers: %s", why);
    ok(os_clock_ms() - begin < 10000, "udp_connect: gives up within 10 seconds");
}

int main(void)
{
    os_wake_setup();
    test_silence();
    test_version_2();
    test_version_1();
    test_noop();
    test_nobody();
    return done_testing();
}
