/* SPDX-License-Identifier: ISC */
#include "os/net.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <semaphore.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/os/net_private.h"
#include "os/error.h"
#include "pair.h"

/* What "names.test" stands for, with NULL after the last one, and when its lookup may end. The
 * linker puts this in the place of libc's. */
static const char *const *addresses;
static sem_t *lookup_ends;
static int lookup_error; /* of "error.test" */

int real_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                     struct addrinfo **list) __asm__("__real_getaddrinfo");
int some_addresses(const char *node, const char *service, const struct addrinfo *hints,
                   struct addrinfo **list) __asm__("__wrap_getaddrinfo");

int some_addresses(const char *node, const char *service, const struct addrinfo *hints,
                   struct addrinfo **list)
{
    int error = EAI_NONAME;
    errno = EMFILE;
    if (strcmp(node, "error.test") == 0)
        return lookup_error;
    if (strcmp(node, "names.test") != 0)
        return real_getaddrinfo(node, service, hints, list);
    if (lookup_ends)
        sem_wait(lookup_ends);
    for (const char *const *a = addresses; *a; a++, list = &(*list)->ai_next)
        if ((error = real_getaddrinfo(*a, service, hints, list)) != 0)
            break;
    return error;
}

static bool is_set_up(int fd)
{
    int nodelay = 0;
    socklen_t size = sizeof nodelay;
    getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &nodelay, &size);
    return nodelay && (fcntl(fd, F_GETFD) & FD_CLOEXEC) && (fcntl(fd, F_GETFL) & O_NONBLOCK);
}

static void test_meeting(void)
{
    struct pair p;
    char address[OS_NET_ADDRESS_BYTES] = "";
    unsigned port = 0;
    const char *why = NULL;
    int fds[4];

    ok(pair_open(&p), "os_net_listen, os_net_connect, os_net_accept: two sockets meet");
    ok(is_set_up(p.client) && is_set_up(p.server),
       "os_net: both sockets are non-blocking, close on exec and have TCP_NODELAY");
    ok(os_net_local(p.client, address, &port) && strcmp(address, "127.0.0.1") == 0,
       "os_net_local: the client's address");
    is_int(p.peer.port, port, "os_net_accept: tells the client's port");
    address_format(&p.peer.address, address);
    is_str(address, "127.0.0.1", "os_net_accept: tells the client's address");
    ok(os_net_accept(p.listener, 0, NULL) < 0 && errno == EAGAIN,
       "os_net_accept: EAGAIN if nobody waits");
    ok(!os_wait_input(&p.listener, 1, in_ms(SOON_MS)),
       "os_wait_input: times out if nobody connects");
    ok(os_net_listen(&p.place, 8, fds, 4, &why) == -1 && why,
       "os_net_listen: fails if the port is taken: %s", why);
    pair_close(&p);

    why = NULL;
    ok(os_net_connect(&p.place, in_ms(PATIENT_MS), NULL, &why) == -1 && why,
       "os_net_connect: fails if nobody listens: %s", why);
}

/* Closing with unread input would reset the connection, and the last answer would be lost. */
static void test_linger(void)
{
    struct pair p;
    char bytes[8];

    if (!pair_open(&p))
        return ok(false, "two sockets meet"), (void)0;
    send(p.client, "never read", 10, 0);
    send(p.server, "last", 4, 0);
    os_net_linger_close(p.server, 1 << 20, in_ms(SOON_MS));
    p.server = -1;
    is_int(recv(p.client, bytes, 8, 0), 4,
           "os_net_linger_close: the last bytes arrive although input was not read");
    is_int(recv(p.client, bytes, 8, 0), 0,
           "os_net_linger_close: then the connection ends without a reset");
    pair_close(&p);
}

/* A server that answers at 127.0.0.1, and one with the same port that does not at 127.0.0.2. */
struct two {
    int answering, silent;
    int filler; /* the only connection that the silent one has room for */
    struct address_place place;
};

static bool two_open(struct two *t)
{
    struct address_place place;
    char address[OS_NET_ADDRESS_BYTES];
    const char *why = "nothing";
    unsigned port = 0;
    t->silent = -1;
    for (int i = 0; i < 20 && t->silent < 0; i++) { /* the port may be in use at 127.0.0.2 */
        address_parse_place(SPAN("127.0.0.1:0"), &place);
        if (os_net_listen(&place, 64, &t->answering, 1, &why) != 1 ||
            !os_net_local(t->answering, address, &port))
            break;
        snprintf(place.host, sizeof place.host, "127.0.0.2");
        snprintf(place.port, sizeof place.port, "%u", port);
        if (os_net_listen(&place, 0, &t->silent, 1, &why) != 1)
            os_net_close(t->answering);
    }
    t->filler = t->silent < 0 ? -1 : os_net_connect(&place, in_ms(PATIENT_MS), NULL, &why);
    t->place = place;
    snprintf(t->place.host, sizeof t->place.host, "names.test");
    if (t->filler < 0)
        diag("no silent server: %s", why);
    return t->filler >= 0;
}

static void two_close(struct two *t)
{
    os_net_close(t->answering);
    os_net_close(t->silent);
    os_net_close(t->filler);
}

static bool leads_to(int fd, const char *host)
{
    char address[OS_NET_ADDRESS_BYTES] = "nowhere";
    unsigned port;
    bool is_there = fd >= 0 && os_net_remote(fd, address, &port) && strcmp(address, host) == 0;
    if (!is_there)
        diag("connected to %s", address);
    os_net_close(fd);
    return is_there;
}

static void test_several(void)
{
    static const char *const silent_first[] = {"127.0.0.2", "127.0.0.1", NULL};
    const char *refused_first[34];
    struct two t;
    const char *why = "nothing";
    if (!two_open(&t))
        return ok(false, "two servers"), (void)0;
    addresses = silent_first;
    int64_t begin = os_clock_ms();
    ok(leads_to(os_net_connect(&t.place, in_ms(3 * PATIENT_MS), NULL, &why), "127.0.0.1"),
       "os_net_connect: if the first address is silent, the second one is taken");
    ok(os_clock_ms() - begin < PATIENT_MS, "... long before the time is up");

    for (size_t i = 0; i < 32; i++)
        refused_first[i] = "127.0.0.3";
    refused_first[32] = "127.0.0.1";
    refused_first[33] = NULL;
    addresses = refused_first;
    begin = os_clock_ms();
    ok(leads_to(os_net_connect(&t.place, in_ms(3 * PATIENT_MS), NULL, &why), "127.0.0.1"),
       "os_net_connect: the last of many addresses, after others that refuse");
    ok(os_clock_ms() - begin < 32 * OS_NET_NEXT_MS, "... which are not waited for");
    two_close(&t);
}

/* Somebody who waits: notes what is told, and lets happen what is waited for. */
struct waiter {
    struct os_net_waiting waiting;
    char tried[256];
    unsigned told;
    int silent; /* this server takes the connection that fills it up; -1: none */
};

static void note_told(void *ctx, const char *tried)
{
    struct waiter *w = ctx;
    snprintf(w->tried, sizeof w->tried, "%s", tried ? tried : "the name");
    w->told++;
    if (w->silent >= 0)
        os_net_close(os_net_accept(w->silent, 0, NULL));
    if (lookup_ends)
        sem_post(lookup_ends);
}

static struct waiter waiter(int silent)
{
    return (struct waiter){.waiting = {in_ms(2 * OS_NET_NEXT_MS), note_told, NULL},
                           .silent = silent};
}

static void test_waiting(void)
{
    static const char *const silent_first[] = {"127.0.0.2", "127.0.0.3", NULL};
    struct two t;
    sem_t ends;
    const char *why = "nothing";
    if (!two_open(&t))
        return ok(false, "two servers"), (void)0;
    struct waiter w = waiter(t.silent);
    w.waiting.ctx = &w;
    addresses = silent_first;
    ok(leads_to(os_net_connect(&t.place, in_ms(PATIENT_MS), &w.waiting, &why), "127.0.0.2"),
       "os_net_connect: an address that answers late is still waited for: %s", why);
    is_str(w.tried, "127.0.0.2", "os_net_connect: tells which address has not answered");
    is_int(w.told, 1, "... once");
    w = waiter(-1);
    w.waiting.ctx = &w;
    addresses = (const char *const[]){"127.0.0.2", "127.0.0.2", NULL};
    ok(os_net_connect(&t.place, in_ms(3 * OS_NET_NEXT_MS), &w.waiting, &why) < 0,
       "os_net_connect: two addresses that are silent: %s", why);
    is_str(w.tried, "127.0.0.2, 127.0.0.2", "os_net_connect: tells both");

    w = waiter(-1);
    w.waiting.ctx = &w;
    sem_init(&ends, 0, 0);
    lookup_ends = &ends;
    addresses = (const char *const[]){"127.0.0.1", NULL};
    ok(leads_to(os_net_connect(&t.place, in_ms(PATIENT_MS), &w.waiting, &why), "127.0.0.1"),
       "os_net_connect: a name that is looked up slowly");
    is_str(w.tried, "the name", "os_net_connect: tells that the name is being looked up");
    lookup_ends = NULL;
    sem_destroy(&ends);
    two_close(&t);
}

static void test_order(void)
{
    static const int families[] = {AF_INET6, AF_INET6, AF_INET6, AF_INET, AF_INET};
    static const int expected[] = {0, 3, 1, 4, 2};
    struct addrinfo list[5];
    const struct addrinfo *order[5];
    bool right = true;
    for (int i = 0; i < 5; i++)
        list[i] =
            (struct addrinfo){.ai_family = families[i], .ai_next = i < 4 ? &list[i + 1] : NULL};
    is_int(os_net_order(list, order, 5), 5, "os_net_order: takes all addresses");
    for (int i = 0; i < 5; i++)
        right = right && order[i] == &list[expected[i]];
    ok(right, "os_net_order: the families take turns");
    is_int(os_net_order(list, order, 3), 3, "os_net_order: no more than there is room for");
    is_int(os_net_order(&list[2], order, 5), 3, "os_net_order: one family has more than the other");
    ok(order[0] == &list[2] && order[1] == &list[3] && order[2] == &list[4],
       "os_net_order: ... and what is left of it comes last");
}

static void test_lookup_errors(void)
{
    static const struct {
        int lookup, error;
    } rows[] = {
        {EAI_AGAIN, EAGAIN}, {EAI_NONAME, EAGAIN}, {EAI_SYSTEM, EMFILE}, {EAI_FAIL, EINVAL}};
    struct address_place place = {.host = "error.test", .port = "1"};
    int fd;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *why = NULL, *expected = gai_strerror(rows[i].lookup);
        lookup_error = rows[i].lookup;
        if (rows[i].lookup == EAI_SYSTEM)
            expected = os_error_text(EMFILE);
        ok(os_net_listen(&place, 8, &fd, 1, &why) == -1 && errno == rows[i].error,
           "os_net_listen: a name that is not found: %s", expected);
        is_str(why, expected, "... and it says so");
        why = NULL;
        is_int(os_net_connect(&place, in_ms(PATIENT_MS), NULL, &why), -1,
               "os_net_connect: the same");
        is_str(why, expected, "... and it says so");
    }
    is_int(os_net_reach(&place), OS_NET_MACHINE, "os_net_reach: a name that is not found");
}

static void test_several_listeners(void)
{
    static const char *const two[] = {"127.0.0.1", "127.0.0.2", NULL};
    static const char *const foreign[] = {"192.0.2.1", "127.0.0.1", NULL};
    struct address_place place = {.host = "names.test", .port = "0"};
    char address[OS_NET_ADDRESS_BYTES];
    const char *why = NULL;
    unsigned port;
    int fds[2], more[2];

    addresses = two;
    is_int(os_net_listen(&place, 8, fds, 1, &why), 1,
           "os_net_listen: no more than there is room for");
    os_net_close(fds[0]);
    addresses = foreign;
    is_int(os_net_listen(&place, 8, fds, 2, &why), 1,
           "os_net_listen: an address of another machine is skipped");
    ok(os_net_local(fds[0], address, &port) && strcmp(address, "127.0.0.1") == 0,
       "... and no other");
    snprintf(place.port, sizeof place.port, "%u", port);
    addresses = (const char *const[]){"127.0.0.2", "127.0.0.1", NULL};
    int before = dup(0);
    os_net_close(before);
    ok(os_net_listen(&place, 8, more, 2, &why) == -1 && errno == EADDRINUSE,
       "os_net_listen: EADDRINUSE if the port is taken at one of its addresses");
    int after = dup(0);
    is_int(after, before, "... and the other socket is closed");
    os_net_close(after);
    os_net_close(fds[0]);
}

/* What has no address of the Internet. */
static void test_other_families(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    socklen_t size = sizeof at;
    char address[OS_NET_ADDRESS_BYTES];
    struct os_net_peer peer = {.port = 1};
    unsigned port;
    int one = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (bind(listener, (struct sockaddr *)&at, sizeof at.sun_family) != 0 ||
        listen(listener, 8) != 0 || getsockname(listener, (struct sockaddr *)&at, &size) != 0 ||
        connect(one, (struct sockaddr *)&at, size) != 0)
        exit(1);
    ok(!os_net_local(listener, address, &port) && errno == EAFNOSUPPORT,
       "os_net_local: EAFNOSUPPORT for a Unix socket");
    ok(!os_net_remote(one, address, &port) && errno == EAFNOSUPPORT, "os_net_remote: the same");
    int other = os_net_accept(listener, 0, &peer);
    address_format(&peer.address, address);
    ok(other >= 0 && peer.port == 0 && strcmp(address, "127.0.0.1") == 0,
       "os_net_accept: over a Unix socket, a connection from this machine");
    os_net_close(one);
    os_net_close(other);
    os_net_close(listener);
    ok(!os_net_local(-1, address, &port) && errno == EBADF, "os_net_local: nothing");
}

static void test_limits(void)
{
    struct pair p;
    char bytes[4096] = {0};
    const char *why = NULL;

    if (!pair_open(&p))
        return ok(false, "two sockets meet"), (void)0;
    is_int(os_net_connect(&p.place, os_clock_ms() - 1, NULL, &why), -1,
           "os_net_connect: not after the deadline");
    is_str(why, os_error_text(ETIMEDOUT), "... and it says why");
    send(p.client, bytes, sizeof bytes, 0);
    int64_t begin = os_clock_ms();
    os_net_linger_close(p.server, 100, in_ms(PATIENT_MS));
    ok(os_clock_ms() - begin < PATIENT_MS, "os_net_linger_close: reads no more than it may");
    p.server = -1;
    os_net_linger_close(-1, 100, in_ms(PATIENT_MS));
    ok(os_clock_ms() - begin < PATIENT_MS, "os_net_linger_close: what is no connection");
    pair_close(&p);
}

/* The server is the first to close the connection, so its port stays in use for a while. */
static void test_bind(void)
{
    struct pair p;
    char address[OS_NET_ADDRESS_BYTES];
    const char *why = NULL;
    unsigned port = 0;
    int fd, other;
    char byte;

    ok(pair_open(&p), "os_net_bind: a port that was in use");
    os_net_close(p.server);
    ok(os_wait_input(&p.client, 1, in_ms(PATIENT_MS)) &&
           os_net_read(p.client, &byte, 1, false) == 0,
       "... by a connection that the server has closed");
    pair_close(&(struct pair){p.listener, p.client, -1, p.peer, p.place});
    is_int(os_net_bind(&p.place, &fd, 1, &why), 1, "... is bound again");
    ok(os_net_local(fd, address, &port) && strtoul(p.place.port, NULL, 10) == port,
       "... with the same number");
    ok(os_net_connect(&p.place, in_ms(PATIENT_MS), NULL, &why) == -1,
       "... connections are refused");
    is_str(why, os_error_text(ECONNREFUSED), "... at once");
    ok(os_net_bind(&p.place, &other, 1, &why) == -1 && errno == EADDRINUSE,
       "... and no other socket can be bound to it, and listen first");
    ok(os_net_listen_on(fd, 8), "os_net_listen_on: now it listens");
    other = os_net_connect(&p.place, in_ms(PATIENT_MS), NULL, &why);
    ok(other >= 0, "... and a client is connected");
    os_net_close(other);
    os_net_close(fd);
    ok(!os_net_listen_on(-1, 8) && errno == EBADF,
       "os_net_listen_on: fails with the system's error");
}

int main(void)
{
    os_wake_setup();
    test_bind();
    test_order();
    test_lookup_errors();
    test_several_listeners();
    test_other_families();
    test_limits();
    test_several();
    test_waiting();
    test_meeting();
    test_linger();
    return done_testing();
}
