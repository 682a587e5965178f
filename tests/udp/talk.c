/* SPDX-License-Identifier: ISC */
/*
 * talk VERSION HOST:PORT [FROM]: netcat for mail over UDP, version 1 or 2, optionally from this
 * IPv4 address. In version 1 it sends datagrams of 1024 bytes from the beginning, as the text of
 * the report has them, without asking whether the server can take them, and fills short ones up
 * after their end, so that before a login words in an answer need not be left out (docs/udp.md).
 * Standard input is a stream of frames in length form; what the server sends goes to standard
 * output. UDP has no end of input: when the input has ended, and every whole frame of it has been
 * answered, talk sends Exit, and does not show its answer. So, as with netcat, the end of the
 * output means that the server has finished. Exit code 0; 1 if the session broke; 2 after 30 s of
 * silence.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/udp_connect.h"
#include "os/clock.h"
#include "os/udp.h"
#include "os/wait.h"
#include "proto/frame.h"
#include "transport/udp_io.h"
#include "udp/frame_bounds.h"

#define IDLE_MS    30000
#define BLOCKED_MS 1 /* before sending is tried again */

#define FILLED_BYTES 512 /* of a datagram in version 1 */

#define EXIT         "0000000007Exit|0|"
#define EXIT_ANSWER  "0000000013Answer|1|Yes|"
#define ANSWER_BYTES (sizeof EXIT_ANSWER - 1)
#define PIECE_BYTES  65536

/* Filled from standard input by a thread of its own, which wakes main for each piece. */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t taken;
    pthread_t main;
    char bytes[PIECE_BYTES];
    size_t n;
    bool end;
} input = {.mutex = PTHREAD_MUTEX_INITIALIZER, .taken = PTHREAD_COND_INITIALIZER};

static void *read_input(void *arg)
{
    char bytes[sizeof input.bytes];
    ssize_t n;

    (void)arg;
    do {
        n = TEMP_FAILURE_RETRY(read(0, bytes, sizeof bytes));
        pthread_mutex_lock(&input.mutex);
        while (input.n > 0)
            pthread_cond_wait(&input.taken, &input.mutex);
        input.end = n <= 0;
        if (n > 0) {
            memcpy(input.bytes, bytes, (size_t)n);
            input.n = (size_t)n;
        }
        pthread_mutex_unlock(&input.mutex);
        pthread_kill(input.main, OS_WAKE);
    } while (n > 0);
    return NULL;
}

static bool never(void *ctx)
{
    (void)ctx;
    return false;
}

/* The frames in one direction. */
struct way {
    const char *last; /* how the last frame begins */
    struct frame_bounds bounds;
    char head[FRAME_LENGTH_DIGITS + 6]; /* of the current frame */
    size_t head_n;
    uint64_t frames; /* complete frames; from the server, only answers */
    bool exit;       /* the last one was one of them */
};

/* Ignores case: EXIT is Exit, too. */
static bool is_head(const struct way *w, const char *text)
{
    return w->head_n >= FRAME_LENGTH_DIGITS + strlen(text) &&
           strncasecmp(w->head + FRAME_LENGTH_DIGITS, text, strlen(text)) == 0;
}

static void follow(struct way *w, struct span s)
{
    while (s.n > 0) {
        bool end;
        size_t n = frame_bounds_take(&w->bounds, s, &end);
        struct span head = span_first(span_first(s, n), sizeof w->head - w->head_n);
        memcpy(w->head + w->head_n, head.p, head.n);
        w->head_n += head.n;
        s = span_skip(s, n);
        if (!end)
            continue;
        w->frames += !w->exit && !is_head(w, "Mail|");
        w->exit = w->exit || is_head(w, w->last);
        w->head_n = 0;
    }
}

struct talk {
    struct udp_io u;
    char piece[sizeof input.bytes];
    struct span left;                      /* the part of it that has not been written yet */
    bool end;                              /* of the input */
    int64_t since_ms;                      /* when something was last sent or received */
    bool leaving;                          /* Exit was sent on behalf of the input */
    char held[ANSWER_BYTES + PIECE_BYTES]; /* while leaving: what may be the answer to Exit */
    size_t held_n;
    struct way out, in;
};

/* Returns false if there is none now. */
static bool take_input(struct talk *t)
{
    if (t->left.n > 0 || t->end)
        return false;
    pthread_mutex_lock(&input.mutex);
    t->end = input.end;
    t->left = span_of(t->piece, input.n);
    memcpy(t->piece, input.bytes, input.n);
    input.n = 0;
    pthread_cond_signal(&input.taken);
    pthread_mutex_unlock(&input.mutex);
    t->since_ms = os_clock_ms();
    follow(&t->out, t->left);
    return t->left.n > 0;
}

/* Sends what it can without waiting, so that earlier answers are read meanwhile. */
static bool write_some(struct talk *t)
{
    struct span s = t->left;

    if (t->u.version == 2) {
        t->left = span_skip(s, udp2_write(&t->u.two, s));
        return true;
    }
    t->left = span_of(NULL, 0);
    return t->u.net.io.write(&t->u.net.io, s.p, s.n, os_clock_ms() + IDLE_MS) == IO_OK;
}

/* A wake may stand for more than one piece. Returns false if sending fails. */
static bool put_out(struct talk *t)
{
    bool sent = true;

    do
        sent = write_some(t);
    while (sent && take_input(t));
    return sent;
}

/* Whether everything is answered. In version 1 only Exit ends a session. */
static bool is_done(const struct talk *t)
{
    bool answered = t->left.n == 0 && t->in.frames >= t->out.frames;

    return (answered && t->end) || (t->u.version == 1 && (t->in.exit || (answered && t->out.exit)));
}

/* Returns false if the input or the server has sent Exit, or a frame is incomplete. */
static bool say_exit(struct talk *t)
{
    if (!t->end || t->out.exit || t->in.exit || t->out.head_n > 0 || t->out.bounds.lost)
        return false;
    t->leaving = true;
    t->left = SPAN(EXIT);
    follow(&t->out, t->left);
    return true;
}

static bool write_out(const char *p, size_t n)
{
    return fwrite(p, 1, n, stdout) == n && fflush(stdout) == 0;
}

static bool show(struct talk *t, const char *bytes, size_t n)
{
    size_t sure;

    if (!t->leaving)
        return write_out(bytes, n);
    memcpy(t->held + t->held_n, bytes, n);
    t->held_n += n;
    sure = t->held_n > ANSWER_BYTES ? t->held_n - ANSWER_BYTES : 0;
    if (!write_out(t->held, sure))
        return false;
    memmove(t->held, t->held + sure, t->held_n -= sure);
    return true;
}

static bool show_rest(const struct talk *t)
{
    bool is_answer = t->held_n == ANSWER_BYTES && memcmp(t->held, EXIT_ANSWER, ANSWER_BYTES) == 0;

    return is_answer || write_out(t->held, t->held_n);
}

static int run(struct talk *t)
{
    while (!is_done(t) || say_exit(t)) {
        char bytes[PIECE_BYTES];
        size_t n;
        if (!put_out(t))
            return 1;
        if (is_done(t))
            continue;
        int64_t deadline_ms = t->end ? t->since_ms + IDLE_MS : IO_FOREVER;
        if (t->left.n > 0)
            deadline_ms = os_clock_ms() + BLOCKED_MS;
        switch (t->u.net.io.read(&t->u.net.io, bytes, sizeof bytes, deadline_ms, &n)) {
        case IO_OK:
            t->since_ms = os_clock_ms();
            follow(&t->in, span_of(bytes, n));
            if (!show(t, bytes, n))
                return 1;
            break;
        case IO_LOST:
        case IO_CLOSED:
            return t->u.version == 2 && t->u.two.state == UDP2_ENDED ? 0 : 1;
        case IO_TIMEOUT:
            if (t->end && os_clock_ms() >= t->since_ms + IDLE_MS)
                return 2;
            break;
        case IO_INTERRUPT:
            break;
        }
    }
    udp_connect_leave(&t->u);
    return 0;
}

/* Linked in place of connect, because the client's own code cannot choose its address. */
static struct sockaddr_in from = {.sin_family = AF_INET};
int plain_connect(int fd, const struct sockaddr *to, socklen_t size) __asm__("__real_connect");
int bound_connect(int fd, const struct sockaddr *to, socklen_t size) __asm__("__wrap_connect");

int bound_connect(int fd, const struct sockaddr *to, socklen_t size)
{
    if (from.sin_addr.s_addr != 0 && bind(fd, (const struct sockaddr *)&from, sizeof from) != 0)
        return -1;
    return plain_connect(fd, to, size);
}

/* Linked in place of send, which version 1 uses. */
ssize_t plain_send(int fd, const void *bytes, size_t n, int flags) __asm__("__real_send");
ssize_t filled_send(int fd, const void *bytes, size_t n, int flags) __asm__("__wrap_send");

ssize_t filled_send(int fd, const void *bytes, size_t n, int flags)
{
    char filled[FILLED_BYTES] = "";

    if (n == 0 || n >= sizeof filled || ((const char *)bytes)[n - 1] != DATAGRAM_END_MARK)
        return plain_send(fd, bytes, n, flags);
    memcpy(filled, bytes, n);
    return plain_send(fd, filled, sizeof filled, flags);
}

static bool begin(struct talk *t, unsigned version, const struct address_place *place,
                  const char **why)
{
    int fd;

    if (version == 2) {
        *why = "it only knows version 1";
        return udp_connect(&t->u, place, DATAGRAM_SIZE_DEFAULT, NULL, why) && t->u.version == 2;
    }
    if (os_udp_connect(place, &fd, 1, NULL, why) != 1)
        return false;
    udp_io_init_1(&t->u, fd, DATAGRAM_SIZE_DEFAULT);
    t->u.one.size = DATAGRAM_SIZE_DEFAULT;
    return true;
}

int main(int argc, char **argv)
{
    static struct talk t = {.out.last = "Exit|0", .in.last = "Exit|1"};
    struct address_place place;
    const char *why = "";
    pthread_t thread;
    int code;

    if (argc < 3 || argc > 4 || !address_parse_place(span_str(argv[2]), &place) ||
        (argc == 4 && inet_pton(AF_INET, argv[3], &from.sin_addr) != 1)) {
        fprintf(stderr, "usage: talk 1|2 HOST:PORT [FROM]\n");
        return 64;
    }
    os_wake_setup();
    if (!begin(&t, argv[1][0] == '2' ? 2 : 1, &place, &why)) {
        fprintf(stderr, "talk: %s: %s\n", argv[2], why);
        return 69;
    }
    input.main = pthread_self();
    t.u.net.interrupted = never;
    if (pthread_create(&thread, NULL, read_input, NULL) != 0)
        return 70;
    pthread_detach(thread); /* it may wait for input forever */
    code = run(&t);
    return show_rest(&t) ? code : 1;
}
