/* SPDX-License-Identifier: ISC */
#include "os/udp.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/wait.h"
#include "tap.h"

#define PATIENT_MS 20000 /* only a defect makes a test wait this long */

/* The bound socket of a server, and the socket of a client that is connected to it. */
struct pair {
    int bound, client;
    struct address_place place;
};

static bool meet(struct pair *p, const char *host)
{
    char address[OS_NET_ADDRESS_BYTES];
    unsigned port = 0;
    const char *why;

    if (!os_net_local(p->bound, address, &port))
        return false;
    snprintf(p->place.host, sizeof p->place.host, "%s", host);
    snprintf(p->place.port, sizeof p->place.port, "%u", port);
    return os_udp_connect(&p->place, &p->client, 1, NULL, &why) == 1;
}

static bool pair_open(struct pair *p, const char *at, const char *host)
{
    const char *why;

    address_parse_place(span_str(at), &p->place);
    if (os_udp_bind(&p->place, &p->bound, 1, &why) == 1)
        return os_udp_share(p->bound) == 0 && meet(p, host);
    diag("%s: %s", at, why);
    return false;
}

/* The same with a socket of this family bound to any address, as a supervisor may hand it over. */
static bool pair_hand_over(struct pair *p, int family, const char *host)
{
    struct sockaddr_storage any = {.ss_family = (sa_family_t)family};

    p->bound = socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    return bind(p->bound, (struct sockaddr *)&any, sizeof any) == 0 && meet(p, host);
}

static void pair_close(struct pair *p)
{
    os_net_close(p->client);
    os_net_close(p->bound);
}

static int64_t receive(int fd, char *bytes, size_t size, struct os_udp_peer *from)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, PATIENT_MS) == 1 ? os_udp_receive(fd, bytes, size, from) : -1;
}

static bool comes(int fd, const char *text)
{
    char bytes[16];
    struct os_udp_peer from;
    int64_t n = receive(fd, bytes, sizeof bytes, &from);

    return n == (int64_t)strlen(text) && memcmp(bytes, text, strlen(text)) == 0;
}

static void test_meeting(struct pair p, const char *at, const char *host)
{
    struct os_udp_peer peer = {.port = 0}, other = {.port = 0};
    char bytes[16], address[OS_NET_ADDRESS_BYTES] = "", text[ADDRESS_TEXT_BYTES];
    unsigned port = 0;
    const char *why = NULL;
    int another, session, fds[4];

    ok(os_udp_receive(p.bound, bytes, 16, &peer) == -1 && errno == EAGAIN,
       "os_udp_receive: nothing waits at %s", at);
    send(p.client, "one", 3, 0);
    is_int(receive(p.bound, bytes, 16, &peer), 3, "os_udp_receive: a client's datagram");
    os_net_local(p.client, address, &port);
    address_format(&peer.address, text);
    ok(strcmp(text, address) == 0 && peer.port == port,
       "os_udp_receive: tells the client's address and port");
    address_format(&peer.local, text);
    is_str(text, host, "os_udp_receive: tells the address that the client sent to");
    os_udp_answer(p.bound, &peer, SPAN("answer"));
    ok(comes(p.client, "answer"), "os_udp_answer: the client gets the answer");

    ok(os_udp_connect(&p.place, &another, 1, NULL, &why) == 1, "os_udp_connect: another client");
    session = os_udp_session(p.bound, &peer);
    ok(session >= 0 && fcntl(session, F_GETFL) & O_NONBLOCK && fcntl(session, F_GETFD) & FD_CLOEXEC,
       "os_udp_session: a socket for the first client");
    if (session < 0) { /* each of the following tests would wait in vain */
        printf("Bail out! no session begins\n");
        exit(1);
    }
    send(another, "two", 3, 0);
    send(p.client, "three", 5, 0);
    send(session, "four", 4, 0);
    ok(comes(session, "three"), "os_udp_session: gets what the first client sends");
    ok(comes(p.client, "four"), "os_udp_session: reaches the first client");
    is_int(receive(p.bound, bytes, 16, &other), 3,
           "os_udp_session: the other client's datagram comes to the bound socket");
    ok(os_udp_same_client(&peer, &peer) && !os_udp_same_client(&peer, &other),
       "os_udp_same_client: tells the two clients apart");
    ok(os_udp_bind(&p.place, fds, 4, &why) == -1 && why,
       "os_udp_bind: fails if the port is taken: %s", why);
    os_net_close(session);
    send(p.client, "five", 4, 0);
    ok(comes(p.bound, "five"),
       "os_udp_session: after it is closed, the bound socket hears the client again");
    os_net_close(another);
    pair_close(&p);
}

static void test_bound(const char *at, const char *host)
{
    struct pair p;

    if (pair_open(&p, at, host))
        test_meeting(p, at, host);
    else
        ok(false, "two sockets meet at %s", at);
}

static void test_handed_over(int family, const char *host)
{
    struct pair p;
    struct os_udp_peer peer = {.port = 0};
    char bytes[16], text[ADDRESS_TEXT_BYTES];

    if (!pair_hand_over(&p, family, host))
        return ok(false, "two sockets meet at %s", host), (void)0;
    send(p.client, "early", 5, 0);
    ok(os_udp_adopt(p.bound) && os_udp_share(p.bound) == 0,
       "os_udp_adopt: takes a socket of family %d", family);
    is_int(receive(p.bound, bytes, 16, &peer), 5,
           "os_udp_adopt: a datagram that had come before can be received");
    address_format(&peer.local, text);
    is_str(text, host, "os_udp_adopt: tells the address that it was sent to");
    test_meeting(p, "handed over", host);
}

/* Whether another user can bind the address that a socket is bound to. */
static bool a_thief_can(int bound)
{
    struct sockaddr_storage at = {.ss_family = AF_UNSPEC};
    socklen_t size = sizeof at;
    int on = 1, status;
    fflush(stdout); /* valgrind lets the child write what it inherits */
    pid_t child = fork();

    if (child == 0) {
        int fd = -1;
        if (setresuid(54321, 54321, 54321) == 0 &&
            getsockname(bound, (struct sockaddr *)&at, &size) == 0)
            fd = socket(at.ss_family, SOCK_DGRAM, 0);
        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
            setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
            _exit(2);
        _exit(bind(fd, (struct sockaddr *)&at, size) == 0 ? 1 : 0);
    }
    return child < 0 || waitpid(child, &status, 0) != child || status != 0;
}

/* A socket that everybody may bind beside, bound before. */
static void test_earlier(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct address_place place = {.host = "127.0.0.1"};
    socklen_t size = sizeof at;
    const char *why;
    int on = 1, ours, fd = socket(AF_INET, SOCK_DGRAM, 0);

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &size) != 0) {
        ok(false, "a socket is bound");
        os_net_close(fd);
        return;
    }
    snprintf(place.port, sizeof place.port, "%u", ntohs(at.sin_port));
    ok(os_udp_bind(&place, &ours, 1, &why) == -1 && errno == EADDRINUSE,
       "os_udp_bind: not beside a socket that would let it");
    os_net_close(fd);
}

static void test_thief(void)
{
    struct pair p;
    struct os_udp_peer peer = {.port = 0};
    char bytes[16];

    if (geteuid() != 0)
        return diag("only root can be another user: thieves are not tested"), (void)0;
    if (!pair_open(&p, "127.0.0.1:0", "127.0.0.1"))
        return ok(false, "two sockets meet"), (void)0;
    ok(!a_thief_can(p.bound), "os_udp_share: another user cannot bind the port");
    send(p.client, "one", 3, 0);
    receive(p.bound, bytes, 16, &peer);
    int session = os_udp_session(p.bound, &peer);
    ok(session >= 0 && !a_thief_can(p.bound) && !a_thief_can(session),
       "... nor while there is a session");
    os_net_close(session);
    pair_close(&p);
}

static void test_nobody(void)
{
    struct pair p;
    struct address_place place;
    struct os_udp_peer from;
    char bytes[16];
    const char *why = NULL;
    int fds[4];

    if (!pair_open(&p, "127.0.0.1:0", "127.0.0.1"))
        return ok(false, "two sockets meet"), (void)0;
    os_net_close(p.bound);
    p.bound = -1;
    send(p.client, "one", 3, 0);
    ok(receive(p.client, bytes, 16, &from) == -1 && errno == ECONNREFUSED,
       "os_udp_receive: tells that nobody listens");
    pair_close(&p);
    address_parse_place(SPAN("192.0.2.1:5555"), &place);
    ok(os_udp_bind(&place, fds, 4, &why) == -1 && why,
       "os_udp_bind: fails at the address of another machine: %s", why);
    address_parse_place(SPAN("nowhere.invalid:5555"), &place);
    why = NULL;
    ok(os_udp_connect(&place, fds, 4, NULL, &why) == -1 && why,
       "os_udp_connect: fails for an unknown name: %s", why);
}

static void test_same_client(void)
{
    struct os_udp_peer one = {.port = 1, .zone = 2}, other;

    address_parse(SPAN("fe80::1"), &one.address);
    address_parse(SPAN("fe80::2"), &one.local);
    other = one;
    ok(os_udp_same_client(&one, &other), "os_udp_same_client: the same");
    other.port++;
    ok(!os_udp_same_client(&one, &other), "os_udp_same_client: another port");
    other = one;
    other.zone++;
    ok(!os_udp_same_client(&one, &other),
       "os_udp_same_client: the same address at another interface");
    other = one;
    other.address = one.local;
    ok(!os_udp_same_client(&one, &other), "os_udp_same_client: another address");
    other = one;
    other.local = one.address;
    ok(!os_udp_same_client(&one, &other), "os_udp_same_client: at another address of ours");
}

static bool has_v6(void)
{
    struct address_place place;
    const char *why;
    int fd;

    address_parse_place(SPAN("[::1]:0"), &place);
    if (os_udp_bind(&place, &fd, 1, &why) == -1) {
        diag("no IPv6 here: %s", why);
        return false;
    }
    os_net_close(fd);
    return true;
}

int main(void)
{
    os_wake_setup();
    test_bound("127.0.0.1:0", "127.0.0.1");
    test_bound("0.0.0.0:0", "127.0.0.2");
    test_handed_over(AF_INET, "127.0.0.2");
    if (has_v6()) {
        test_bound("[::1]:0", "::1");
        test_bound("[::]:0", "::1");
        test_handed_over(AF_INET6, "::1");
        test_handed_over(AF_INET6, "127.0.0.2");
    }
    test_same_client();
    test_earlier();
    test_thief();
    test_nobody();
    return done_testing();
}
