/* SPDX-License-Identifier: ISC */
#include "os/net.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "pair.h"

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
    ok(os_net_accept(p.listener, NULL) < 0 && errno == EAGAIN,
       "os_net_accept: EAGAIN if nobody waits");
    ok(!os_wait_input(&p.listener, 1, in_ms(SOON_MS)),
       "os_wait_input: times out if nobody connects");
    ok(os_net_listen(&p.place, 8, fds, 4, &why) == -1 && why,
       "os_net_listen: fails if the port is taken: %s", why);
    pair_close(&p);

    why = NULL;
    ok(os_net_connect(&p.place, in_ms(PATIENT_MS), &why) == -1 && why,
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

int main(void)
{
    os_wake_setup();
    test_meeting();
    test_linger();
    return done_testing();
}
