/* SPDX-License-Identifier: ISC */
#include "transport/socket_io.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "pair.h"
#include "random.h"

static void test_reading(void)
{
    struct pair p;
    struct socket_io io;
    char bytes[8];
    size_t n = 0;

    if (!pair_open(&p))
        return ok(false, "two sockets meet"), (void)0;
    socket_io_init(&io, p.server);
    is_int(io.io.read(&io.io, bytes, 8, in_ms(SOON_MS), &n), IO_TIMEOUT,
           "socket_io: reading times out if the peer is silent");
    is_int(io.io.read(&io.io, bytes, 8, INT64_MIN, &n), IO_TIMEOUT,
           "socket_io: reading with a past deadline times out at once");
    send(p.client, "abc", 3, 0);
    is_int(io.io.read(&io.io, bytes, 8, IO_FOREVER, &n), IO_OK, "socket_io: reads bytes");
    ok(n == 3 && memcmp(bytes, "abc", 3) == 0, "socket_io: the bytes that were sent");
    send(p.client, "def", 3, 0);
    os_net_close(p.client);
    is_int(io.io.read(&io.io, bytes, 2, IO_FOREVER, &n), IO_OK,
           "socket_io: reads a part of what has come");
    is_int(io.io.read(&io.io, bytes, 8, INT64_MIN, &n), IO_OK,
           "socket_io: a past deadline still takes the rest");
    is_int(n, 1, "socket_io: the rest is one byte");
    is_int(io.io.read(&io.io, bytes, 8, IO_FOREVER, &n), IO_CLOSED,
           "socket_io: reading shows that the peer has closed");
    p.client = -1;
    pair_close(&p);
}

static bool is_second(void *ctx)
{
    int *asked = ctx;

    return ++*asked > 1;
}

/* A wake ends no read of an owner who is never wanted; a want without a wake is noticed late. */
static void test_owners(void)
{
    struct pair p;
    struct socket_io io;
    char byte;
    size_t n = 0;
    int asked = 0;

    if (!pair_open(&p))
        return ok(false, "two sockets meet"), (void)0;
    socket_io_init(&io, p.server);
    pthread_kill(pthread_self(), OS_WAKE);
    is_int(io.io.read(&io.io, &byte, 1, in_ms(SOON_MS), &n), IO_TIMEOUT,
           "socket_io: a wake does not end a read of an owner who is never wanted");
    io.interrupted = is_second;
    io.ctx = &asked;
    is_int(io.io.read(&io.io, &byte, 1, in_ms(SOON_MS), &n), IO_INTERRUPT,
           "socket_io: at the deadline a read tells that its owner is wanted");
    pair_close(&p);
}

/* A thread that uses one end of a connection. */
struct worker {
    struct socket_io io;
    atomic_bool wanted;
    char *bytes;
    size_t size;
    enum io_result result;
    pthread_t thread;
};

static bool is_wanted(void *ctx)
{
    struct worker *w = ctx;
    return atomic_load(&w->wanted);
}

static void worker_init(struct worker *w, int fd)
{
    memset(w, 0, sizeof *w);
    socket_io_init(&w->io, fd);
    w->io.interrupted = is_wanted;
    w->io.ctx = w;
}

static void *read_once(void *arg)
{
    struct worker *w = arg;
    char byte;
    size_t n;
    w->result = w->io.io.read(&w->io.io, &byte, 1, in_ms(PATIENT_MS), &n);
    return NULL;
}

static void *write_and_read(void *arg)
{
    struct worker *w = arg;

    w->result = w->io.io.write(&w->io.io, w->bytes, w->size, in_ms(PATIENT_MS));
    return w->result == IO_OK ? read_once(w) : NULL;
}

static void *pause_and_read(void *arg)
{
    struct worker *w = arg;

    socket_io_pause(&w->io, SOON_MS);
    return read_once(w);
}

static void *write_all(void *arg)
{
    struct worker *w = arg;
    w->result = w->io.io.write(&w->io.io, w->bytes, w->size, in_ms(PATIENT_MS));
    return NULL;
}

/* The wake comes at a random moment before or during the wait; it must never be missed. */
static void test_wake(void)
{
    struct pair p;
    struct worker w;
    int64_t longest_ms = 0;
    int woken = 0;

    if (!pair_open(&p))
        return ok(false, "two sockets meet"), (void)0;
    for (int i = 0; i < 2000; i++) {
        int64_t begin = os_clock_ms();
        worker_init(&w, p.server);
        pthread_create(&w.thread, NULL, read_once, &w);
        for (size_t spin = random_below(100000); spin > 0; spin--)
            atomic_load(&w.wanted);
        atomic_store(&w.wanted, true);
        pthread_kill(w.thread, OS_WAKE);
        pthread_join(w.thread, NULL);
        woken += w.result == IO_INTERRUPT;
        if (os_clock_ms() - begin > longest_ms)
            longest_ms = os_clock_ms() - begin;
    }
    is_int(woken, 2000, "socket_io: a wake interrupts a read, whenever it comes");
    ok(longest_ms < PATIENT_MS, "socket_io: no read waits for its deadline");

    size_t n;
    char byte;
    send(p.client, "x", 1, 0);
    is_int(w.io.io.read(&w.io.io, &byte, 1, 0, &n), IO_INTERRUPT,
           "socket_io: a read is interrupted even if bytes have come");
    pair_close(&p);
}

/* Begins a number of reads and wakes each. Returns how many the wake has ended. */
static int wake_reads(struct pair *p, int reads, bool prompt)
{
    struct worker w;
    int woken = 0;

    for (int i = 0; i < reads; i++) {
        worker_init(&w, p->server);
        w.io.prompt = prompt;
        pthread_create(&w.thread, NULL, read_once, &w);
        for (size_t spin = random_below(100000); spin > 0; spin--)
            atomic_load(&w.wanted);
        pthread_kill(w.thread, OS_WAKE);
        pthread_join(w.thread, NULL);
        woken += w.result == IO_INTERRUPT;
    }
    return woken;
}

/* A socket whose recv waits. */
static void test_waiting_recv(void)
{
    struct pair p;
    struct socket_io io;
    char bytes[8];
    size_t n = 0;

    if (!pair_open_waiting(&p, 20))
        return ok(false, "two sockets meet"), (void)0;
    is_int(wake_reads(&p, 100, false), 100, "socket_io: a wake ends a read whose recv waits");
    socket_io_init(&io, p.server);
    is_int(io.io.read(&io.io, bytes, 8, in_ms(SOON_MS), &n), IO_TIMEOUT,
           "socket_io: ... and so does its deadline");
    send(p.client, "abc", 3, 0);
    is_int(io.io.read(&io.io, bytes, 8, IO_FOREVER, &n), IO_OK, "socket_io: ... and so do bytes");
    char *many = calloc(1, 20 << 20);
    is_int(io.io.write(&io.io, many, 20 << 20, in_ms(SOON_MS)), IO_TIMEOUT,
           "socket_io: a write has its deadline although a recv waits");
    free(many);
    pair_close(&p);
}

/* With prompt, nothing waits for a recv; nor do threads that serve others while they close. */
static void test_prompt(void)
{
    struct pair p;
    int64_t begin = os_clock_ms();

    if (!pair_open_waiting(&p, PATIENT_MS))
        return ok(false, "two sockets meet"), (void)0;
    is_int(wake_reads(&p, 5, true), 5, "socket_io: a wake ends a prompt read");
    os_net_linger_close(p.server, 100, begin);
    p.server = -1;
    ok(os_clock_ms() - begin < PATIENT_MS,
       "socket_io: ... at once, and so does a deadline in the past "
       "end os_net_linger_close");
    pair_close(&p);
}

/* A wake without the owner being wanted ends a read, but not a write. */
static void test_news(void)
{
    char bytes[65536];
    struct pair p;
    struct worker w;
    struct socket_io io;

    if (!pair_open(&p))
        return ok(false, "two sockets meet"), (void)0;
    is_int(wake_reads(&p, 200, false), 200,
           "socket_io: a wake ends a read even if the owner is not wanted");

    worker_init(&w, p.server);
    w.io.hurry_ms = 0;
    w.size = 20 << 20;
    w.bytes = calloc(1, w.size);
    pthread_create(&w.thread, NULL, write_all, &w);
    socket_io_init(&io, p.client);
    for (size_t total = 0, n = 0; total < w.size; total += n) {
        pthread_kill(w.thread, OS_WAKE);
        if (io.io.read(&io.io, bytes, sizeof bytes, in_ms(PATIENT_MS), &n) != IO_OK)
            break;
    }
    pthread_join(w.thread, NULL);
    is_int(w.result, IO_OK, "socket_io: a wake does not cut a write short");
    free(w.bytes);
    pair_close(&p);
}

/* A wake that comes during a write or a pause must end the next read. */
static void test_kept_news(void)
{
    char bytes[65536];
    struct pair p;
    struct worker w;
    struct socket_io io;

    if (!pair_open(&p))
        return ok(false, "two sockets meet"), (void)0;
    worker_init(&w, p.server);
    w.size = 20 << 20;
    w.bytes = calloc(1, w.size);
    pthread_create(&w.thread, NULL, write_and_read, &w);
    pthread_kill(w.thread, OS_WAKE);
    os_wait_input(NULL, 0, in_ms(SOON_MS)); /* until it has filled the socket's buffers */
    socket_io_init(&io, p.client);
    for (size_t total = 0, n = 0; total < w.size; total += n)
        if (io.io.read(&io.io, bytes, sizeof bytes, in_ms(PATIENT_MS), &n) != IO_OK)
            break;
    pthread_join(w.thread, NULL);
    is_int(w.result, IO_INTERRUPT, "socket_io: a wake during a write ends the next read");
    free(w.bytes);

    pthread_create(&w.thread, NULL, pause_and_read, &w);
    pthread_kill(w.thread, OS_WAKE);
    pthread_join(w.thread, NULL);
    is_int(w.result, IO_INTERRUPT, "socket_io_pause: a wake during a pause ends the next read");
    pair_close(&p);
}

static void test_writing(void)
{
    struct pair p;
    struct worker w;
    struct socket_io io;
    uint64_t sum = 0;
    size_t total = 0;

    if (!pair_open(&p))
        return ok(false, "two sockets meet"), (void)0;
    worker_init(&w, p.server);
    w.size = 20 << 20;
    w.bytes = malloc(w.size);
    for (size_t i = 0; i < w.size; i++)
        sum += (unsigned char)(w.bytes[i] = (char)random_below(256));
    atomic_store(&w.wanted, true); /* hurry_ms is IO_FOREVER: writing goes on */
    pthread_create(&w.thread, NULL, write_all, &w);

    socket_io_init(&io, p.client);
    while (total < w.size) {
        unsigned char bytes[65536];
        size_t n = 0;
        if (io.io.read(&io.io, bytes, sizeof bytes, in_ms(PATIENT_MS), &n) != IO_OK)
            break;
        total += n;
        while (n > 0)
            sum -= bytes[--n];
    }
    pthread_join(w.thread, NULL);
    ok(total == w.size && sum == 0, "socket_io: a large write arrives");
    is_int(w.result, IO_OK, "socket_io: a large write succeeds");

    is_int(w.io.io.write(&w.io.io, w.bytes, w.size, in_ms(SOON_MS)), IO_TIMEOUT,
           "socket_io: writing times out if the peer does not read");
    os_net_close(p.client);
    p.client = -1;
    is_int(w.io.io.write(&w.io.io, w.bytes, w.size, IO_FOREVER), IO_CLOSED,
           "socket_io: writing fails if the peer is gone");
    free(w.bytes);
    pair_close(&p);
}

static void test_hurry(void)
{
    struct pair p;
    struct worker w;

    if (!pair_open(&p))
        return ok(false, "two sockets meet"), (void)0;
    worker_init(&w, p.server);
    w.io.hurry_ms = SOON_MS;
    w.size = 20 << 20;
    w.bytes = calloc(1, w.size);
    int64_t begin = os_clock_ms();
    pthread_create(&w.thread, NULL, write_all, &w);
    atomic_store(&w.wanted, true);
    pthread_kill(w.thread, OS_WAKE);
    pthread_join(w.thread, NULL);
    int64_t spent_ms = os_clock_ms() - begin;
    is_int(w.result, IO_TIMEOUT, "socket_io: a waiting write ends when the owner is wanted");
    ok(spent_ms >= SOON_MS && spent_ms < PATIENT_MS, "socket_io: it gets hurry_ms first");

    begin = os_clock_ms();
    for (int i = 0; i < 200; i++)
        w.io.io.write(&w.io.io, w.bytes, w.size, IO_FOREVER);
    ok(os_clock_ms() - begin < 200 * SOON_MS, "socket_io: later writes get no more time");
    while (recv(p.client, w.bytes, w.size, MSG_DONTWAIT) > 0)
        ;
    is_int(w.io.io.write(&w.io.io, w.bytes, 1, IO_FOREVER), IO_TIMEOUT,
           "socket_io: not even if the peer reads again");
    free(w.bytes);
    pair_close(&p);
}

int main(void)
{
    random_begin();
    os_wake_setup();
    test_reading();
    test_owners();
    test_wake();
    test_waiting_recv();
    test_prompt();
    test_news();
    test_kept_news();
    test_writing();
    test_hurry();
    return done_testing();
}
