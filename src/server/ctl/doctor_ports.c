/* SPDX-License-Identifier: ISC */
/* Facts about the addresses: what answers there, or whether a server could listen. */
#include <errno.h>
#include <string.h>

#include "admin/control_wire.h"
#include "ctl/doctor.h"
#include "os/clock.h"
#include "os/local.h"
#include "os/udp.h"
#include "os/wait.h"
#include "transport/socket_io.h"
#include "udp/cookie.h"
#include "udp/hello.h"

#define WAIT_MS 2000 /* for an answer */
#define ASKED   4    /* requests over UDP in this time */

/* Sends "Start|0|", and tells who answers it. */
static enum doctor_answer ask_tcp(int fd, bool as_proxy)
{
    struct span op, args[2], line = as_proxy ? SPAN("PROXY UNKNOWN\r\n") : SPAN("");
    struct socket_io net;
    struct buf in;
    enum doctor_answer answer = DOCTOR_STRANGER;
    int64_t until = os_clock_ms() + WAIT_MS;
    size_t n;

    buf_init(&in, 4096);
    socket_io_init(&net, fd);
    if (net.io.write(&net.io, line.p, line.n, until) == IO_OK &&
        control_wire_write(&net.io, "Start", NULL, 0, until) == IO_OK &&
        control_wire_read(&net.io, &in, until, &op, args, 2, &n) == IO_OK && n > 0) {
        if (span_eq(op, SPAN("Answer")) && span_eq(args[0], SPAN("Yes")))
            answer = DOCTOR_POCHTA;
        else if (span_eq(op, SPAN("Exit")))
            answer = DOCTOR_FULL;
    }
    buf_free(&in);
    return answer;
}

static bool has_our_name(struct span greeting)
{
    while (greeting.n > 0 && !span_starts(greeting, SPAN("Pochta")))
        greeting = span_skip(greeting, 1);
    return greeting.n > 0;
}

/*
 * Tells who greets the client of a door. Ours says its name; "220 " and "+OK " alone may come from
 * any mail server. One that waits for the line of a proxy says so when it gets another one.
 */
static enum doctor_answer hear_greeting(int fd, bool as_proxy)
{
    struct span said = as_proxy ? SPAN("PROXY UNKNOWN\r\nQUIT\r\n") : SPAN("QUIT\r\n");
    int64_t until = os_clock_ms() + WAIT_MS;
    struct socket_io net;
    char text[512];
    size_t n = 0, more = 0;

    socket_io_init(&net, fd);
    if (net.io.write(&net.io, said.p, said.n, until) != IO_OK)
        return DOCTOR_STRANGER;
    while (n < sizeof text && !memchr(text, '\n', n) &&
           net.io.read(&net.io, text + n, sizeof text - n, until, &more) == IO_OK)
        n += more;
    struct span greeting = span_of(text, n);
    if (span_starts(greeting, SPAN("-ERR ")) || span_starts(greeting, SPAN("421 ")))
        return DOCTOR_FULL;
    bool served = span_starts(greeting, SPAN("+OK ")) || span_starts(greeting, SPAN("220 "));
    return served && has_our_name(greeting) ? DOCTOR_POCHTA : DOCTOR_STRANGER;
}

/* Whether the server takes this machine for a proxy. */
static bool is_proxy(int fd, const struct config_networks *proxies)
{
    char text[OS_NET_ADDRESS_BYTES];
    struct address address;
    unsigned port;
    if (!os_net_local(fd, text, &port) || !address_parse(span_str(text), &address))
        return false;
    return address_in_any(&address, proxies->at, proxies->n);
}

/* Closes the n sockets that an attempt to listen opened. If there are any, clears p->why. */
static void end_attempt(struct doctor_port *p, int *fds, int n)
{
    if (n > 0)
        p->why = NULL;
    while (n > 0)
        os_net_close(fds[--n]);
}

void doctor_look_port(struct doctor_port *p, const struct address_place *place,
                      const struct config_networks *proxies)
{
    const char *why;
    int fds[CONFIG_VALUES];
    int fd = os_net_connect(place, os_clock_ms() + WAIT_MS, NULL, &why);
    *p = (struct doctor_port){.key = "listen", .place = *place, .reach = os_net_reach(place)};
    if (fd >= 0) {
        p->answer = ask_tcp(fd, is_proxy(fd, proxies));
        os_net_close(fd);
        return;
    }
    end_attempt(p, fds, os_net_listen(place, 1, fds, CONFIG_VALUES, &p->why));
}

static const char *const door_keys[] = {
    [DOCTOR_POP3] = "pop3", [DOCTOR_SUBMISSION] = "submission", [DOCTOR_LMTP] = "lmtp"};

bool doctor_look_door(struct doctor_port *p, enum doctor_door door,
                      const struct address_place *place, const struct config_networks *proxies)
{
    const char *why;
    int fds[CONFIG_VALUES], fd;
    bool path = !*place->port;
    *p = (struct doctor_port){.key = door_keys[door], .place = *place};
    p->reach = path ? OS_NET_MACHINE : os_net_reach(place);
    fd = path ? os_local_connect_to(place->host)
              : os_net_connect(place, os_clock_ms() + WAIT_MS, NULL, &why);
    if (fd >= 0) {
        p->answer = hear_greeting(fd, door != DOCTOR_LMTP && is_proxy(fd, proxies));
        os_net_close(fd);
    } else if (path) {
        bool is_free = os_local_is_free(place->host, &p->why);
        p->no_directory = !is_free && errno == ENOENT;
        return is_free || errno != EACCES;
    } else {
        end_attempt(p, fds, os_net_listen(place, 1, fds, CONFIG_VALUES, &p->why));
    }
    return true;
}

/*
 * Tells who sent this answer to the request for a cookie. A server that knows only version 1 took
 * it for the beginning of a session, which is ended here.
 */
static enum doctor_answer who_says(int fd, struct span datagram)
{
    struct datagram d;
    switch (hello_read(datagram, &d)) {
    case HELLO_COOKIE:
        return DOCTOR_POCHTA;
    case HELLO_WELCOME:
        os_udp_send(fd, SPAN("00000000020000000007Exit|0|\002"));
        return DOCTOR_POCHTA;
    case HELLO_REFUSED:
        return DOCTOR_FULL;
    case HELLO_ANSWER:
    case HELLO_ASKS:
    case HELLO_BEGINS:
    case HELLO_VERSION_2:
    case HELLO_STRANGE:
        break;
    }
    return DOCTOR_STRANGER;
}

static enum doctor_answer ask_udp(int fd)
{
    char request[DATAGRAM_SIZE_MIN], answer[DATAGRAM_MAX];
    size_t bytes = cookie_ask(request);
    for (int i = 0; i < ASKED; i++) {
        os_udp_send(fd, span_of(request, bytes));
        if (!os_wait_input(&fd, 1, os_clock_ms() + WAIT_MS / ASKED))
            continue;
        int64_t n = os_udp_receive(fd, answer, sizeof answer, NULL);
        if (n < 0)
            break; /* the system reports that nobody is there */
        return who_says(fd, span_of(answer, (size_t)n));
    }
    return DOCTOR_NOBODY;
}

/* If the address is free nobody is asked: waiting for an answer would take long. */
void doctor_look_udp(struct doctor_port *p, const struct address_place *place)
{
    const char *why;
    int fds[CONFIG_VALUES];
    *p = (struct doctor_port){.key = "udp", .place = *place, .reach = os_net_reach(place)};
    end_attempt(p, fds, os_udp_bind(place, fds, CONFIG_VALUES, &p->why));
    if (!p->why)
        return;
    int n = os_udp_connect(place, fds, CONFIG_VALUES, NULL, &why);
    for (int i = 0; i < n; i++) {
        if (p->answer == DOCTOR_NOBODY)
            p->answer = ask_udp(fds[i]);
        os_net_close(fds[i]);
    }
}
