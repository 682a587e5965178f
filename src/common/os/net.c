/*
 * Every wait is a ppoll that unblocks OS_NET_WAKE for its duration alone. A wake sent before the
 * wait is pending and ends it at once; nothing can fall between the question and the wait.
 */
#include "os/net.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net_private.h"
#include "os/clock.h"

#define WAIT_FDS_MAX 64

static enum os_net_waited wait_poll(struct pollfd *fds, nfds_t n, int64_t deadline_us)
{
    struct timespec left = {0};
    sigset_t mask;

    if (deadline_us != IO_FOREVER) {
        int64_t now = os_clock_us();
        if (deadline_us <= now)
            return OS_NET_TIMEOUT;
        left.tv_sec = (deadline_us - now) / 1000000;
        left.tv_nsec = (deadline_us - now) % 1000000 * 1000;
    }
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    sigdelset(&mask, OS_NET_WAKE);

    int ready = ppoll(fds, n, deadline_us == IO_FOREVER ? NULL : &left, &mask);
    if (ready > 0)
        return OS_NET_READY;
    return ready == 0 ? OS_NET_TIMEOUT : OS_NET_WOKEN;
}

static enum os_net_waited wait_one(int fd, short events, int64_t deadline_ms)
{
    struct pollfd p = {.fd = fd, .events = events};
    return wait_poll(&p, 1, os_clock_ms_to_us(deadline_ms));
}

/* Cuts host from port: at the last colon, or behind the bracket that closes an IPv6 address. */
static bool cut_place(struct span text, struct span *host, struct span *port)
{
    size_t at;

    if (span_starts(text, SPAN("["))) {
        text = span_skip(text, 1);
        at = span_find(text, ']');
        *port = span_skip(text, at + 1);
        if (!span_starts(*port, SPAN(":")))
            return false;
        *port = span_skip(*port, 1);
    } else {
        at = span_find(text, ':');
        if (at == text.n)
            return false;
        *port = span_skip(text, at + 1);
    }
    *host = span_first(text, at);
    return true;
}

/* No name has blanks or brackets, and with them a place would be read otherwise once printed. */
static bool is_host(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= ' ' || c == 0x7f || c == '[' || c == ']')
            return false;
    }
    return s.n > 0 && s.n < OS_NET_HOST_BYTES;
}

bool os_net_parse(struct span text, struct os_net_place *place)
{
    struct span host;
    struct span port;
    uint64_t number;

    if (!cut_place(text, &host, &port) || !is_host(host) || !span_u64(port, 65535, &number))
        return false;
    memcpy(place->host, host.p, host.n);
    place->host[host.n] = 0;
    snprintf(place->port, sizeof place->port, "%u", (unsigned)number);
    return true;
}

struct addrinfo *os_net_resolve(const struct os_net_place *place, int type, int flags,
                                const char **why)
{
    struct addrinfo hints = {.ai_socktype = type, .ai_flags = flags | AI_NUMERICSERV};
    struct addrinfo *list;

    int error = getaddrinfo(place->host, place->port, &hints, &list);
    if (error == 0)
        return list;
    *why = error == EAI_SYSTEM ? strerrordesc_np(errno) : gai_strerror(error);
    return NULL;
}

static int open_socket(const struct addrinfo *a)
{
    return socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
}

/* Small answers must not wait for the acknowledgement of earlier ones. */
static void send_at_once(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static int listen_at(const struct addrinfo *a, int backlog)
{
    int on = 1;
    int fd = open_socket(a);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (a->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, backlog) == 0)
        return fd;
    os_net_close(fd);
    return -1;
}

int os_net_open_each(const struct os_net_place *place, int type,
                     int (*open)(const struct addrinfo *a, int backlog), int backlog, int *fds,
                     int max, const char **why)
{
    struct addrinfo *list = os_net_resolve(place, type, AI_PASSIVE, why);
    int n = 0;

    if (!list)
        return -1;
    for (struct addrinfo *a = list; a && n < max; a = a->ai_next) {
        int fd = open(a, backlog);
        if (fd >= 0) {
            fds[n++] = fd;
            continue;
        }
        *why = strerrordesc_np(errno);
        if (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT)
            continue;
        while (n > 0)
            os_net_close(fds[--n]);
        break;
    }
    freeaddrinfo(list);
    return n > 0 ? n : -1;
}

int os_net_listen(const struct os_net_place *place, int backlog, int *fds, int max,
                  const char **why)
{
    return os_net_open_each(place, SOCK_STREAM, listen_at, backlog, fds, max, why);
}

static bool in_words(const struct sockaddr_storage *sa, socklen_t size,
                     char address[OS_NET_ADDRESS_BYTES], unsigned *port)
{
    struct address mapped; /* IPv4, which is shown as such */
    char digits[8];
    uint64_t number;

    if (getnameinfo((const struct sockaddr *)sa, size, address, OS_NET_ADDRESS_BYTES, digits,
                    sizeof digits, NI_NUMERICHOST | NI_NUMERICSERV) != 0 ||
        !span_u64(span_str(digits), 65535, &number)) {
        errno = EAFNOSUPPORT;
        return false;
    }
    *port = (unsigned)number;
    if (address_parse(span_str(address), &mapped) && address_is_v4(&mapped))
        address_format(&mapped, address);
    return true;
}

bool os_net_local(int fd, char address[OS_NET_ADDRESS_BYTES], unsigned *port)
{
    struct sockaddr_storage sa;
    socklen_t size = sizeof sa;
    return getsockname(fd, (struct sockaddr *)&sa, &size) == 0 &&
           in_words(&sa, size, address, port);
}

bool os_net_wait(const int *listeners, int n, int64_t deadline_ms)
{
    struct pollfd fds[WAIT_FDS_MAX];

    assert(n <= WAIT_FDS_MAX);
    for (int i = 0; i < n; i++)
        fds[i] = (struct pollfd){.fd = listeners[i], .events = POLLIN};
    return wait_poll(fds, (nfds_t)n, os_clock_ms_to_us(deadline_ms)) == OS_NET_READY;
}

static struct os_net_peer peer_of(const struct sockaddr_storage *sa)
{
    struct os_net_peer peer = {.port = 0};
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (sa->ss_family == AF_INET) {
        memcpy(&v4, sa, sizeof v4);
        peer.address = address_of_v4((const unsigned char *)&v4.sin_addr);
        peer.port = ntohs(v4.sin_port);
    } else if (sa->ss_family == AF_INET6) {
        memcpy(&v6, sa, sizeof v6);
        memcpy(peer.address.b, &v6.sin6_addr, sizeof peer.address.b);
        peer.port = ntohs(v6.sin6_port);
    }
    return peer;
}

bool os_net_is_open(const struct os_net_place *place)
{
    const char *why;
    struct addrinfo *list = os_net_resolve(place, SOCK_STREAM, AI_PASSIVE, &why);
    bool open = false;

    for (struct addrinfo *a = list; a; a = a->ai_next) {
        struct sockaddr_storage sa = {.ss_family = AF_UNSPEC};
        struct os_net_peer peer;

        memcpy(&sa, a->ai_addr, a->ai_addrlen);
        peer = peer_of(&sa);
        open = open || !address_is_loopback(&peer.address);
    }
    if (list)
        freeaddrinfo(list);
    return open;
}

int os_net_accept(int listener, struct os_net_peer *peer)
{
    struct sockaddr_storage sa = {.ss_family = AF_UNSPEC};
    int fd = -1;

    do {
        socklen_t size = sizeof sa;
        fd = accept4(listener, (struct sockaddr *)&sa, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (fd >= 0)
        send_at_once(fd);
    if (fd >= 0 && peer)
        *peer = peer_of(&sa);
    return fd;
}

int os_net_again(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

/* Connects to one address. -1: errno. */
static int connect_to(const struct addrinfo *a, int64_t deadline_ms)
{
    int fd = open_socket(a);
    int error = 0;
    socklen_t size = sizeof error;

    if (fd < 0)
        return -1;
    if (connect(fd, a->ai_addr, a->ai_addrlen) != 0)
        error = errno;
    if (error == EINPROGRESS || error == EINTR) {
        enum os_net_waited waited;
        do {
            waited = wait_one(fd, POLLOUT, deadline_ms);
        } while (waited == OS_NET_WOKEN);
        if (waited == OS_NET_TIMEOUT)
            error = ETIMEDOUT;
        else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
            error = errno;
    }
    if (error != 0) {
        os_net_close(fd);
        errno = error;
        return -1;
    }
    send_at_once(fd);
    return fd;
}

/* An equal part of the time for each address left, lest a silent one takes it all. */
static int64_t share(int64_t deadline_ms, const struct addrinfo *a)
{
    int64_t now = os_clock_ms();
    int left = 0;

    if (deadline_ms == IO_FOREVER || deadline_ms <= now)
        return deadline_ms;
    for (; a; a = a->ai_next)
        left++;
    return now + (deadline_ms - now) / left;
}

int os_net_connect(const struct os_net_place *place, int64_t deadline_ms, const char **why)
{
    struct addrinfo *list = os_net_resolve(place, SOCK_STREAM, 0, why);
    int fd = -1;

    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = connect_to(a, share(deadline_ms, a));
        if (fd < 0)
            *why = strerrordesc_np(errno);
    }
    if (list)
        freeaddrinfo(list);
    return fd;
}

static bool would_block(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK;
}

bool os_net_io_interrupted(struct os_net_io *net)
{
    if (net->interrupted && net->interrupted(net->ctx))
        return true;
    net->hurry_until = IO_FOREVER;
    return false;
}

/* Keeps a wake for the next read that is about to wait. */
static enum os_net_waited wait_as(struct os_net_io *net, struct pollfd *fds, nfds_t n,
                                  int64_t deadline_us)
{
    enum os_net_waited waited = wait_poll(fds, n, deadline_us);

    net->woken = net->woken || (waited == OS_NET_WOKEN && net->interrupted);
    return waited;
}

enum os_net_waited os_net_io_wait(struct os_net_io *n, short events, int64_t deadline_us)
{
    struct pollfd p = {.fd = n->fd, .events = events};

    return wait_as(n, &p, 1, deadline_us);
}

bool os_net_io_take_wake(struct os_net_io *n)
{
    bool woken = n->woken;

    n->woken = false;
    return woken;
}

static enum io_result net_read(struct io *io, void *bytes, size_t size, int64_t deadline_ms,
                               size_t *n)
{
    struct os_net_io *net = (struct os_net_io *)io;

    for (;;) {
        if (os_net_io_interrupted(net))
            return IO_INTERRUPT;
        ssize_t got = recv(net->fd, bytes, size, 0);
        if (got > 0) {
            *n = (size_t)got;
            return IO_OK;
        }
        if (got == 0 || (!would_block(errno) && errno != EINTR))
            return IO_CLOSED;
        if (os_net_io_take_wake(net))
            return IO_INTERRUPT;
        if (os_net_io_wait(net, POLLIN, os_clock_ms_to_us(deadline_ms)) == OS_NET_TIMEOUT)
            return os_net_io_interrupted(net) ? IO_INTERRUPT : IO_TIMEOUT;
    }
}

void os_net_pause(struct os_net_io *n, int64_t ms)
{
    int64_t until_us = os_clock_us() + os_clock_ms_to_us(ms);

    while (!os_net_io_interrupted(n) && wait_as(n, NULL, 0, until_us) != OS_NET_TIMEOUT)
        continue;
}

int64_t os_net_io_write_until(struct os_net_io *net, int64_t deadline_ms)
{
    if (os_net_io_interrupted(net) && net->hurry_until == IO_FOREVER && net->hurry_ms != IO_FOREVER)
        net->hurry_until = os_clock_ms() + net->hurry_ms;
    return net->hurry_until < deadline_ms ? net->hurry_until : deadline_ms;
}

static enum io_result net_write(struct io *io, const void *bytes, size_t size, int64_t deadline_ms)
{
    struct os_net_io *net = (struct os_net_io *)io;
    const char *p = bytes;

    while (size > 0) {
        int64_t until = os_net_io_write_until(net, deadline_ms);
        if (net->hurry_until != IO_FOREVER && os_clock_ms() >= net->hurry_until)
            return IO_TIMEOUT; /* though the peer may read as fast as we write */
        ssize_t sent = send(net->fd, p, size, MSG_NOSIGNAL);
        if (sent >= 0) {
            p += sent;
            size -= (size_t)sent;
            continue;
        }
        if (!would_block(errno) && errno != EINTR)
            return IO_CLOSED;
        if (os_net_io_wait(net, POLLOUT, os_clock_ms_to_us(until)) == OS_NET_TIMEOUT)
            return IO_TIMEOUT;
    }
    return IO_OK;
}

void os_net_io_init(struct os_net_io *n, int fd)
{
    *n = (struct os_net_io){.io = {.read = net_read, .write = net_write},
                            .fd = fd,
                            .hurry_ms = IO_FOREVER,
                            .hurry_until = IO_FOREVER};
}

/* OS_NET_WAKE needs a handler to end a wait; that it came is all it says. */
static void on_wake(int signal_number)
{
    (void)signal_number;
}

void os_net_wake_setup(void)
{
    struct sigaction wake = {.sa_handler = on_wake};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t mask;

    sigemptyset(&wake.sa_mask);
    sigemptyset(&ignore.sa_mask);
    sigaction(OS_NET_WAKE, &wake, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    sigemptyset(&mask);
    sigaddset(&mask, OS_NET_WAKE);
    pthread_sigmask(SIG_BLOCK, &mask, NULL);
}

void os_net_linger_close(int fd, size_t max_bytes, int64_t deadline_ms)
{
    char dropped[1024];

    shutdown(fd, SHUT_WR);
    while (max_bytes > 0) {
        ssize_t n = recv(fd, dropped, sizeof dropped, 0);
        if (n == 0 || (n < 0 && !would_block(errno) && errno != EINTR))
            break;
        if (n > 0)
            max_bytes -= (size_t)n < max_bytes ? (size_t)n : max_bytes;
        else if (wait_one(fd, POLLIN, deadline_ms) == OS_NET_TIMEOUT)
            break;
    }
    os_net_close(fd);
}

void os_net_close(int fd)
{
    int saved = errno;
    if (fd >= 0)
        close(fd);
    errno = saved;
}
