/* SPDX-License-Identifier: ISC */
#include "relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LENGTH_DIGITS 10

static struct sockaddr_in local(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

bool relay_init(struct relay *r, const struct server *server)
{
    struct sockaddr_in address = local(0);
    socklen_t size = sizeof address;
    memset(r, 0, sizeof *r);
    r->server = server;
    r->client = r->peer = -1;
    r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (r->listener < 0 || bind(r->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(r->listener, 16) != 0 ||
        getsockname(r->listener, (struct sockaddr *)&address, &size) != 0)
        return false;
    r->port = ntohs(address.sin_port);
    return true;
}

void relay_cut(struct relay *r)
{
    if (r->client >= 0)
        close(r->client);
    if (r->peer >= 0)
        close(r->peer);
    r->client = r->peer = -1;
    r->up.n = r->down.n = 0;
}

static void meet(struct relay *r)
{
    struct sockaddr_in address = local(server_port(r->server));
    relay_cut(r);
    /* cppcheck-suppress nullPointer ; accept4 takes NULL */
    r->client = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC);
    r->peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (r->client < 0 || r->away || r->server->pid <= 0 ||
        connect(r->peer, (struct sockaddr *)&address, sizeof address) != 0)
        relay_cut(r);
}

/* A step. False: there are no connections any more. */
static bool step(struct relay *r)
{
    r->step++;
    if (r->step == r->stop_at && !r->at_step(r->of))
        relay_cut(r);
    return r->client >= 0;
}

/* The receiver may be gone; its end will be read, too. */
static void pass(int to, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(to, bytes, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return;
        bytes += sent;
        n -= (size_t)sent;
    }
}

/* The bytes of the frame at the beginning, or 0 if it is not complete. */
static size_t whole_frame(const struct relay_way *way)
{
    size_t n = 0;
    if (way->n < LENGTH_DIGITS)
        return 0;
    for (size_t i = 0; i < LENGTH_DIGITS; i++)
        n = n * 10 + (size_t)(way->bytes[i] - '0');
    return n <= way->n - LENGTH_DIGITS ? n + LENGTH_DIGITS : 0;
}

static void pass_frames(struct relay *r, struct relay_way *way, const int *to)
{
    size_t n;
    while ((n = whole_frame(way)) > 0) {
        if (!step(r))
            return;
        pass(*to, way->bytes, n / 2);
        if (!step(r))
            return;
        pass(*to, way->bytes + n / 2, n - n / 2);
        way->n -= n;
        memmove(way->bytes, way->bytes + n, way->n);
        if (!step(r))
            return;
    }
}

static void carry(struct relay *r, struct relay_way *way, const int *from, const int *to)
{
    ssize_t n = recv(*from, way->bytes + way->n, sizeof way->bytes - way->n, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        way->n += (size_t)n;
        pass_frames(r, way, to);
        return;
    }
    pass(*to, way->bytes, way->n); /* it ended within a frame */
    relay_cut(r);
}

void relay_wants(const struct relay *r, struct pollfd fds[RELAY_FDS])
{
    fds[0] = (struct pollfd){.fd = r->client, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = r->peer, .events = POLLIN};
    fds[2] = (struct pollfd){.fd = r->listener, .events = POLLIN};
}

void relay_serve(struct relay *r, const struct pollfd fds[RELAY_FDS])
{
    if (fds[0].revents && r->client >= 0)
        carry(r, &r->up, &r->client, &r->peer);
    if (fds[1].revents && r->peer >= 0)
        carry(r, &r->down, &r->peer, &r->client);
    if (fds[2].revents)
        meet(r);
}
