/* SPDX-License-Identifier: ISC */
/* What doctor makes of what answers at an address: a server here says a row of a table, once. */
#include "ctl/doctor.h"
#include "os/udp.h"
#include "os/wait.h"
#include "pair.h"
#include "udp/datagram.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const answers[] = {[DOCTOR_NOBODY] = "nobody",
                                      [DOCTOR_POCHTA] = "pochta",
                                      [DOCTOR_FULL] = "full",
                                      [DOCTOR_STRANGER] = "stranger"};

struct server {
    struct address_place place;
    int fd;
    struct span says;
    char heard[100];
};

/* The place with the port that the system has chosen. */
static void tell_port(struct server *s)
{
    char address[OS_NET_ADDRESS_BYTES];
    unsigned port = 0;

    if (!os_net_local(s->fd, address, &port))
        exit(1);
    snprintf(s->place.port, sizeof s->place.port, "%u", port);
}

/* --- TCP --- */

/* Accepts a client and hears it up to this. -1: nobody came. */
static int hear_client(struct server *s, const char *end)
{
    size_t n = 0;
    int64_t got;

    if (!os_wait_input(&s->fd, 1, in_ms(PATIENT_MS)))
        return -1;
    int fd = os_net_accept(s->fd, 0, NULL);
    while (!strstr(s->heard, end) && os_wait_input(&fd, 1, in_ms(PATIENT_MS)) &&
           (got = os_net_read(fd, s->heard + n, sizeof s->heard - 1 - n, false)) > 0)
        n += (size_t)got;
    return fd;
}

static void *serve_tcp(void *arg)
{
    struct server *s = arg;
    int fd = hear_client(s, "Start|0|");

    if (fd < 0)
        return NULL;
    os_net_write(fd, s->says.p, s->says.n);
    os_net_close(fd);
    return NULL;
}

static void try_tcp(const char *says, enum doctor_answer want,
                    const struct config_networks *proxies)
{
    struct server s = {.says = span_str(says)};
    struct doctor_port port;
    pthread_t thread;
    const char *why;

    address_parse_place(SPAN("127.0.0.1:0"), &s.place);
    if (os_net_listen(&s.place, 1, &s.fd, 1, &why) != 1)
        exit(1);
    tell_port(&s);
    pthread_create(&thread, NULL, serve_tcp, &s);
    doctor_look_port(&port, &s.place, proxies);
    pthread_join(thread, NULL);
    os_net_close(s.fd);
    is_str(answers[port.answer], answers[want], "TCP: \"%.30s\"", says);
    is_str(s.heard, proxies->n > 0 ? "PROXY UNKNOWN\r\n0000000008Start|0|" : "0000000008Start|0|",
           "... to what it was asked");
}

static void test_tcp(void)
{
    static const struct {
        const char *says;
        enum doctor_answer is;
    } rows[] = {
        {"0000000013Answer|1|Yes|", DOCTOR_POCHTA},
        {"0000000016Exit|1|too many|", DOCTOR_FULL},
        {"0000000014Answer|1|Noop|", DOCTOR_STRANGER},
        {"0000000009Answer|0|", DOCTOR_STRANGER},
        {"0000000007Exit|0|", DOCTOR_STRANGER},
        {"0000000012Hello|1|Yes|", DOCTOR_STRANGER},
        {"220 ready\r\n", DOCTOR_STRANGER},
        {"", DOCTOR_STRANGER},
    };
    struct config_networks none = {.n = 0}, all = {.n = 1}; /* a network of 0 bits has all */

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        try_tcp(rows[i].says, rows[i].is, &none);
    try_tcp(rows[0].says, DOCTOR_POCHTA, &all);
}

/* --- the doors --- */

/* Hears the client, and greets. */
static void *serve_door(void *arg)
{
    struct server *s = arg;
    int fd = hear_client(s, "QUIT\r\n");

    if (fd < 0)
        return NULL;
    for (size_t i = 0; i < s->says.n; i++) /* byte by byte */
        os_net_write(fd, s->says.p + i, 1);
    os_net_close(fd);
    return NULL;
}

static void try_door(enum doctor_door door, const char *says, enum doctor_answer want,
                     const struct config_networks *proxies)
{
    bool line = proxies->n > 0 && door != DOCTOR_LMTP;
    struct server s = {.says = span_str(says)};
    struct doctor_port port;
    pthread_t thread;
    const char *why;

    address_parse_place(SPAN("127.0.0.1:0"), &s.place);
    if (os_net_listen(&s.place, 1, &s.fd, 1, &why) != 1)
        exit(1);
    tell_port(&s);
    pthread_create(&thread, NULL, serve_door, &s);
    ok(doctor_look_door(&port, door, &s.place, proxies), "a port can always be looked at");
    pthread_join(thread, NULL);
    os_net_close(s.fd);
    is_str(answers[port.answer], answers[want], "%s: \"%.*s\"", port.key, (int)strcspn(says, "\r"),
           says);
    is_str(s.heard, line ? "PROXY UNKNOWN\r\nQUIT\r\n" : "QUIT\r\n", "... to what it heard");
}

static void test_doors(void)
{
    static const struct {
        enum doctor_door door;
        const char *says;
        enum doctor_answer is;
    } rows[] = {
        {DOCTOR_POP3, "+OK Pochta POP3 server\r\n", DOCTOR_POCHTA},
        {DOCTOR_POP3, "-ERR too many clients\r\n", DOCTOR_FULL},
        {DOCTOR_POP3, "+OK Dovecot ready.\r\n", DOCTOR_STRANGER},
        {DOCTOR_POP3, "* OK Pochta IMAP\r\n", DOCTOR_STRANGER},
        {DOCTOR_POP3, "0000000020Exit|1|Pochta is full|", DOCTOR_STRANGER},
        {DOCTOR_POP3, "", DOCTOR_STRANGER},
        {DOCTOR_SUBMISSION, "220 example.org ESMTP Pochta\r\n", DOCTOR_POCHTA},
        {DOCTOR_SUBMISSION, "421 too many clients\r\n", DOCTOR_FULL},
        {DOCTOR_SUBMISSION, "220 example.org ESMTP Postfix\r\n", DOCTOR_STRANGER},
        {DOCTOR_LMTP, "220 example.org LMTP Pochta\r\n", DOCTOR_POCHTA},
        {DOCTOR_LMTP, "554 no Pochta\r\n", DOCTOR_STRANGER},
    };
    struct config_networks none = {.n = 0}, all = {.n = 1};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        try_door(rows[i].door, rows[i].says, rows[i].is, &none);
    try_door(DOCTOR_POP3, rows[0].says, DOCTOR_POCHTA, &all);
    try_door(DOCTOR_LMTP, "220 example.org LMTP Pochta\r\n", DOCTOR_POCHTA, &all);
}

/* A Unix socket in a directory that is closed to us. */
static void test_closed(void)
{
    const struct config_networks none = {.n = 0};
    struct address_place place = {.port = ""};
    struct doctor_port port;
    char dir[40] = "/tmp/ports_test.XXXXXX";

    if (!mkdtemp(dir))
        exit(1);
    snprintf(place.host, sizeof place.host, "%s/socket", dir);
    ok(doctor_look_door(&port, DOCTOR_LMTP, &place, &none) && port.answer == DOCTOR_NOBODY &&
           !port.why,
       "LMTP: a path that is free");
    if (geteuid() == 0 && chmod(dir, 0) == 0 && seteuid(65534) == 0) {
        ok(!doctor_look_door(&port, DOCTOR_LMTP, &place, &none),
           "LMTP: a path that this user may not look at");
        ok(seteuid(0) == 0, "(be root again)");
    } else {
        ok(true, "LMTP: a path that root alone could close # SKIP not root");
    }
    rmdir(dir);
}

/* --- UDP --- */

static void *serve_udp(void *arg)
{
    struct server *s = arg;
    struct os_udp_peer peer;

    if (!os_wait_input(&s->fd, 1, in_ms(PATIENT_MS)))
        return NULL;
    os_udp_receive(s->fd, s->heard, sizeof s->heard - 1, &peer);
    os_udp_answer(s->fd, &peer, s->says);
    return NULL;
}

static void try_udp(struct span says, enum doctor_answer want, const char *what)
{
    struct server s = {.says = says};
    struct doctor_port port;
    pthread_t thread;
    const char *why;

    address_parse_place(SPAN("127.0.0.1:0"), &s.place);
    if (os_udp_bind(&s.place, &s.fd, 1, &why) != 1)
        exit(1);
    tell_port(&s);
    pthread_create(&thread, NULL, serve_udp, &s);
    doctor_look_udp(&port, &s.place);
    pthread_join(thread, NULL);
    os_net_close(s.fd);
    is_str(answers[port.answer], answers[want], "UDP: %s", what);
    is_str(s.heard, "00000000010000000010Start|1|2|\002", "... to what it was asked");
}

static void test_udp(void)
{
    static const struct {
        const char *says;
        enum doctor_answer is;
    } rows[] = {
        {"00000000010000000037Cookie|3|2|0123456789abcdef|c46270b5|\002", DOCTOR_POCHTA},
        {"00000000010000000013Answer|1|Yes|\002", DOCTOR_POCHTA},
        {"00000000010000000013Exit|1|full.|\002", DOCTOR_FULL},
        {"00000000010000000012Answer|1|No|\002", DOCTOR_STRANGER},
        {"00000000010000000010Start|1|2|\002", DOCTOR_STRANGER}, /* an echo */
        {"00000000010000000008Start|0|\002", DOCTOR_STRANGER},
        {"hello", DOCTOR_STRANGER},
    };
    char of_version_2[DATAGRAM_SIZE_2_MIN];
    size_t n = datagram_close_2(of_version_2, 1, 1, 'd', 0);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        try_udp(span_str(rows[i].says), rows[i].is, rows[i].says);
    try_udp(span_of(of_version_2, n), DOCTOR_STRANGER, "a datagram of a session in version 2");
}

/* Nobody is at a free address, and nobody is asked. */
static void test_free(void)
{
    struct address_place place;
    struct config_networks none = {.n = 0};
    struct doctor_port port;

    address_parse_place(SPAN("127.0.0.1:0"), &place);
    doctor_look_udp(&port, &place);
    ok(port.answer == DOCTOR_NOBODY && !port.why, "UDP: a free port");
    address_parse_place(SPAN("127.0.0.1:1"), &place);
    doctor_look_port(&port, &place, &none);
    ok(port.answer == DOCTOR_NOBODY, "TCP: a port where nobody is");
}

int main(void)
{
    test_tcp();
    test_doors();
    test_closed();
    test_udp();
    test_free();
    return done_testing();
}
