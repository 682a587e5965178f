/* SPDX-License-Identifier: ISC */
/*
 * echo: the least that a server with a thread for each connection can do: it reads so many bytes
 * and sends so many, with nothing in between, as long as the client likes.
 *
 *     echo PORT_FILE REQUEST_BYTES ANSWER_BYTES
 *
 * Listens on a free port of 127.0.0.1 and writes "tcp 127.0.0.1 PORT" to PORT_FILE, as pochtad
 * does.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define BLOCK_BYTES (1 << 20)

static size_t request_bytes, answer_bytes;
static char block[BLOCK_BYTES]; /* answers are made of it */

static _Noreturn void fail(const char *what)
{
    bench_fail(what, span_str(strerror(errno)));
}

static bool receive_request(int fd, char *request)
{
    size_t have = 0;

    while (have < request_bytes) {
        ssize_t n = recv(fd, request + have, request_bytes - have, 0);
        if (n <= 0)
            return false;
        have += (size_t)n;
    }
    return true;
}

static bool send_answer(int fd)
{
    size_t left = answer_bytes;

    while (left > 0) {
        ssize_t n = send(fd, block, left < sizeof block ? left : sizeof block, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        left -= (size_t)n;
    }
    return true;
}

static void *serve(void *arg)
{
    int fd = *(int *)arg;
    char *request = bench_alloc(1, request_bytes);

    free(arg);
    while (receive_request(fd, request) && send_answer(fd))
        ;
    free(request);
    close(fd);
    return NULL;
}

static int listen_somewhere(const char *port_file)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    FILE *f;

    if (fd < 0 || bind(fd, (struct sockaddr *)&at, n) != 0 || listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &n) != 0)
        fail("cannot listen");
    f = fopen(port_file, "we");
    if (!f || fprintf(f, "tcp 127.0.0.1 %u\n", ntohs(at.sin_port)) < 0 || fclose(f) != 0)
        fail(port_file);
    return fd;
}

int main(int argc, char **argv)
{
    pthread_attr_t detached;
    pthread_t thread;
    int listener;

    if (argc != 4) {
        fprintf(stderr, "usage: echo PORT_FILE REQUEST_BYTES ANSWER_BYTES\n");
        return 64;
    }
    request_bytes = bench_number(argv[2]);
    answer_bytes = bench_number(argv[3]);
    memset(block, 'x', sizeof block);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    listener = listen_somewhere(argv[1]);
    for (;;) {
        int *fd = bench_alloc(1, sizeof *fd);
        /* cppcheck-suppress nullPointer ; accept4 takes NULL */
        *fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (*fd < 0 || pthread_create(&thread, &detached, serve, fd) != 0)
            fail("cannot serve a connection");
    }
}
