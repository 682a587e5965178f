/* SPDX-License-Identifier: ISC */
/*
 * reads: clients that read mail as fast as they are answered, against an echo.
 *
 *     reads ROUNDS MS CLIENTS COMMAND USER HOST:PORT[,PID]...
 *
 * Every client is logged in as USER and asks for the same again and again, MS milliseconds a round.
 * Several servers, such as those of two builds, take turns with a bare echo: a process with a
 * blocking thread a connection that knows no more than how long a request is and how many bytes it
 * answers. These are as many as the first server has sent. Prints a line for each server and for
 * the echo: requests a second as median, least and greatest of the rounds, and the median of what
 * the server did of the echo in the same round. One thread serves all clients, so that the servers
 * have the cores as far as possible. Commands:
 *
 *     exact    Show exact of message 1
 *     all      Show all
 *     list     Show list of the first 10
 *     status   Status
 *     noop     Noop
 *     login    the Login of the session once more
 *     connect  a new connection each time, on which Noop is asked and which the client closes
 */
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

#include "client.h"

#define EVENTS       64
#define HEAD_BYTES   64 /* of each answer, that are compared */
#define PIECE_BYTES  ((size_t)256 * 1024)
#define STAT_SKIPPED 11 /* of /proc/PID/stat: fields between the name and the processor time */
#define STACK_BYTES  ((size_t)64 * 1024)

struct command {
    const char *name, *op;
    struct span args[2];
    size_t nargs;
    bool connects;
};

struct reader {
    struct client client;
    uint64_t left; /* of the answer */
    size_t head_bytes;
};

struct candidate {
    const char *name;
    struct address_place place;
    pid_t pid; /* 0: unknown */
    struct reader *readers;
    double *rates;
    double busy_us;
    uint64_t answers;
};

struct bench {
    const struct command *command;
    const char *user;
    struct buf request, answer; /* the answer may be cut to HEAD_BYTES */
    uint64_t answer_bytes;
    int clients, epoll;
    unsigned rounds, ms;
    char *piece;
};

/* --- the echo --- */

struct echo {
    int listener;
    size_t request_bytes, answer_bytes;
    char *answer;
};

struct echoed {
    const struct echo *echo;
    int fd;
};

static void *echo_one(void *arg)
{
    struct echoed c = *(struct echoed *)arg;
    char bytes[4096];
    size_t got = 0;

    free(arg);
    for (;;) {
        ssize_t n = recv(c.fd, bytes, sizeof bytes, 0);
        if (n <= 0)
            break;
        got += (size_t)n;
        for (; got >= c.echo->request_bytes; got -= c.echo->request_bytes)
            if (send(c.fd, c.echo->answer, c.echo->answer_bytes, MSG_NOSIGNAL) < 0)
                break;
    }
    close(c.fd);
    return NULL;
}

static _Noreturn void serve_echo(const struct echo *echo)
{
    pthread_attr_t attr;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    for (;;) {
        struct echoed *c = bench_alloc(1, sizeof *c);
        pthread_t thread;

        c->echo = echo;
        /* cppcheck-suppress nullPointer ; accept4 takes NULL */
        c->fd = accept4(echo->listener, NULL, NULL, SOCK_CLOEXEC);
        if (c->fd < 0)
            bench_fail("the echo cannot accept", SPAN(""));
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        if (pthread_create(&thread, &attr, echo_one, c) != 0)
            bench_fail("the echo has no thread", SPAN(""));
    }
}

/* Starts it in a process of its own, and sets its place. */
static void start_echo(const struct bench *b, struct candidate *c)
{
    struct echo echo = {.request_bytes = b->request.n, .answer_bytes = b->answer_bytes};
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    char text[32];

    echo.answer = bench_alloc(1, echo.answer_bytes);
    memset(echo.answer, 'x', echo.answer_bytes);
    memcpy(echo.answer, b->answer.p, b->answer.n);
    echo.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(echo.listener, (struct sockaddr *)&at, size) != 0 ||
        listen(echo.listener, 1024) != 0 ||
        getsockname(echo.listener, (struct sockaddr *)&at, &size) != 0)
        bench_fail("the echo cannot listen", SPAN(""));
    c->pid = fork();
    if (c->pid < 0)
        bench_fail("no process for the echo", SPAN(""));
    if (c->pid == 0)
        serve_echo(&echo);
    close(echo.listener);
    free(echo.answer);
    snprintf(text, sizeof text, "127.0.0.1:%u", ntohs(at.sin_port));
    c->name = "echo";
    address_parse_place(span_str(text), &c->place);
}

/* --- the clients --- */

static void ask(const struct bench *b, struct reader *r)
{
    r->left = b->answer_bytes;
    r->head_bytes = 0;
    if (send(r->client.fd, b->request.p, b->request.n, MSG_NOSIGNAL) != (ssize_t)b->request.n)
        bench_fail("cannot send", SPAN(""));
}

/* Takes what has come. Its beginning must be that of the first answer. True: that was all of it. */
static bool hear(const struct bench *b, struct reader *r)
{
    ssize_t n = recv(r->client.fd, b->piece, PIECE_BYTES, 0);
    if (n <= 0 || (uint64_t)n > r->left)
        bench_fail("another answer than the first one", SPAN(""));
    for (size_t i = 0; i < (size_t)n && r->head_bytes < b->answer.n; i++)
        if (b->piece[i] != b->answer.p[r->head_bytes++])
            bench_fail("another answer than the first one", span_of(b->piece, (size_t)n));
    r->left -= (uint64_t)n;
    return r->left == 0;
}

static void watch(const struct bench *b, struct reader *r)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = r};
    epoll_ctl(b->epoll, EPOLL_CTL_ADD, r->client.fd, &event);
}

static void begin(const struct bench *b, struct candidate *c, struct reader *r)
{
    if (b->command->connects) {
        client_connect(&r->client, &c->place);
        watch(b, r);
    }
    ask(b, r);
}

static void end(const struct bench *b, struct reader *r)
{
    if (b->command->connects)
        client_close(&r->client);
}

/* The processor time of a candidate's process, in microseconds. */
static double busy_us(const struct candidate *c)
{
    char path[64], line[1024];
    uint64_t user, kernel;
    FILE *f;

    if (c->pid == 0)
        return 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)c->pid);
    f = fopen(path, "r");
    if (!f || !fgets(line, sizeof line, f))
        bench_fail("no such process", span_str(path));
    fclose(f);
    struct span rest = span_str(strrchr(line, ')') + 2);
    for (int i = 0; i < STAT_SKIPPED; i++)
        span_take(&rest, ' ');
    if (!span_number(span_take(&rest, ' '), &user) || !span_number(span_take(&rest, ' '), &kernel))
        bench_fail("cannot read", span_str(path));
    return (double)(user + kernel) * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

/* Returns the requests a second. */
static double run(const struct bench *b, struct candidate *c)
{
    struct epoll_event events[EVENTS];
    uint64_t began_ns = bench_now_ns(), until_ns = began_ns + b->ms * UINT64_C(1000000);
    uint64_t answers = 0, now_ns = began_ns;
    int busy = b->clients;
    double before_us = busy_us(c);

    for (int i = 0; i < b->clients; i++)
        begin(b, c, &c->readers[i]);
    while (busy > 0) {
        int n = epoll_wait(b->epoll, events, EVENTS, CLIENT_SILENCE_S * 1000);
        if (n <= 0)
            bench_fail("no answers any more", span_str(c->name));
        now_ns = bench_now_ns();
        for (int i = 0; i < n; i++) {
            struct reader *r = events[i].data.ptr;
            if (!hear(b, r))
                continue;
            answers++;
            end(b, r);
            if (now_ns < until_ns)
                begin(b, c, r);
            else
                busy--;
        }
    }
    c->busy_us += busy_us(c) - before_us;
    c->answers += answers;
    return (double)answers * 1e9 / (double)(now_ns - began_ns);
}

static void make_request(struct bench *b)
{
    const struct command *command = b->command;
    size_t mark;

    buf_init(&b->request, SIZE_MAX / 4);
    mark = frame_open(&b->request, client_dialect, command->op, command->nargs);
    for (size_t i = 0; i < command->nargs; i++)
        frame_arg(&b->request, client_dialect,
                  command->args[i].p ? command->args[i] : span_str(b->user));
    frame_close(&b->request, client_dialect, mark);
}

/* The answer is taken twice: the first Show all finds unread messages. */
static void learn_answer(struct bench *b, const struct address_place *place)
{
    struct client c;
    struct frame_scan scan;
    struct span payload;

    buf_init(&b->answer, SIZE_MAX / 4);
    client_log_in(&c, place, b->user);
    for (int i = 0; i < 2; i++) {
        if (send(c.fd, b->request.p, b->request.n, MSG_NOSIGNAL) != (ssize_t)b->request.n)
            bench_fail("cannot send", span_str(b->command->op));
        buf_consume(&c.in, c.used);
        c.used = 0;
        do {
            client_receive(&c);
        } while (frame_scan(buf_span(&c.in), FORM_LENGTH, SIZE_MAX, &scan) != FRAME_DONE);
        c.used = scan.total;
        payload = scan.payload;
        client_check(&payload);
    }
    b->answer_bytes = scan.total;
    buf_add(&b->answer,
            span_first(buf_span(&c.in), HEAD_BYTES < scan.total ? HEAD_BYTES : scan.total));
    client_close(&c);
}

static void connect_all(const struct bench *b, struct candidate *c, bool echo)
{
    c->readers = bench_alloc((size_t)b->clients, sizeof *c->readers);
    c->rates = bench_alloc(b->rounds, sizeof *c->rates);
    for (int i = 0; i < b->clients && !b->command->connects; i++) {
        if (echo)
            client_connect(&c->readers[i].client, &c->place);
        else
            client_log_in(&c->readers[i].client, &c->place, b->user);
        watch(b, &c->readers[i]);
    }
}

/* --- the figures --- */

static int by_rate(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static double median(double *values, unsigned n)
{
    qsort(values, n, sizeof *values, by_rate);
    return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

static void print(const struct bench *b, struct candidate *c, const double *echo)
{
    double *ratios = bench_alloc(b->rounds, sizeof *ratios);
    for (unsigned i = 0; i < b->rounds; i++)
        ratios[i] = c->rates[i] / echo[i];
    double ratio = median(ratios, b->rounds), rate = median(c->rates, b->rounds);
    printf("%-22s %9.1f (%.1f-%.1f)  %.3f of the echo, %.1f MiB/s", c->name, rate, c->rates[0],
           c->rates[b->rounds - 1], ratio, rate * (double)b->answer_bytes / 1048576);
    if (c->pid)
        printf(", %.2f us of processor time", c->busy_us / (double)c->answers);
    printf("\n");
    free(ratios);
}

static const struct command commands[] = {
    {"exact", "Show exact", {SPAN("1")}, 1, false},
    {"all", "Show all", {SPAN("")}, 0, false},
    {"list", "Show list", {SPAN("1"), SPAN("10")}, 2, false},
    {"status", "Status", {SPAN("")}, 0, false},
    {"noop", "Noop", {SPAN("")}, 0, false},
    {"login", "Login", {{NULL, 0}, SPAN(CLIENT_PASSWORD)}, 2, false},
    {"connect", "Noop", {SPAN("")}, 0, true},
};

#define COMMANDS (sizeof commands / sizeof *commands)

static void compare(struct bench *b, struct candidate *all, unsigned n)
{
    make_request(b);
    learn_answer(b, &all[0].place);
    start_echo(b, &all[n]);
    for (unsigned i = 0; i <= n; i++)
        connect_all(b, &all[i], i == n);
    for (unsigned round = 0; round < b->rounds; round++)
        for (unsigned i = 0; i <= n; i++) {
            struct candidate *c = &all[(i + round) % (n + 1)];
            c->rates[round] = run(b, c);
        }
    double *echoed = bench_alloc(b->rounds, sizeof *echoed);
    memcpy(echoed, all[n].rates, b->rounds * sizeof *echoed);
    for (unsigned i = 0; i <= n; i++)
        print(b, &all[i], echoed);
    free(echoed);
    kill(all[n].pid, SIGKILL);
}

int main(int argc, char **argv)
{
    struct bench b = {.epoll = epoll_create1(EPOLL_CLOEXEC)};
    unsigned n = argc > 6 ? (unsigned)argc - 6 : 0;
    struct candidate *all = bench_alloc(n + 1, sizeof *all);
    bool ok = n > 0;

    for (unsigned i = 0; i < n; i++) {
        struct span pid = span_str(argv[6 + i]), place = span_take(&pid, ',');
        all[i].name = argv[6 + i];
        all[i].pid = pid.n ? (pid_t)bench_number(pid.p) : 0;
        ok = ok && address_parse_place(place, &all[i].place);
    }
    for (size_t i = 0; ok && i < COMMANDS; i++)
        if (strcmp(argv[4], commands[i].name) == 0)
            b.command = &commands[i];
    if (!b.command) {
        fprintf(stderr, "usage: reads ROUNDS MS CLIENTS "
                        "exact|all|list|status|noop|login|connect USER HOST:PORT[,PID]...\n");
        free(all);
        return 64;
    }
    b.rounds = bench_number(argv[1]);
    b.ms = bench_number(argv[2]);
    b.clients = (int)bench_number(argv[3]);
    b.user = argv[5];
    b.piece = bench_alloc(1, PIECE_BYTES);
    compare(&b, all, n);
    free(all);
    return 0;
}
