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
    is_int(io.io.read(&io.io, bytes, 8, in_ms(SOON_MS), &n), IO_TIMEOUT, "silence");
    is_int(io.io.read(&io.io, bytes, 8, INT64_MIN, &n), IO_TIMEOUT, "silence, long ago");
    send(p.client, "abc", 3, 0);
    is_int(io.io.read(&io.io, bytes, 8, IO_FOREVER, &n), IO_OK, "bytes come");
    ok(n == 3 && memcmp(bytes, "abc", 3) == 0, "these");
    send(p.client, "def", 3, 0);
    os_net_close(p.client);
    is_int(io.io.read(&io.io, bytes, 2, IO_FOREVER, &n), IO_OK, "a part of them");
    is_int(io.io.read(&io.io, bytes, 8, INT64_MIN, &n), IO_OK, "a past deadline takes the rest");
    is_int(n, 1, "which is one byte");
    is_int(io.io.read(&io.io, bytes, 8, IO_FOREVER, &n), IO_CLOSED, "the end");
    p.client = -1;
    pair_close(&p);
}

/* Another thread on a connection, with what it is told and what it found. */
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

/* The wake comes before, in or after each point of the way into the wait: none may be missed. */
static void test_wake(void)
{
    struct pair p;
    struct worker w;
    int64_t begin = os_clock_ms();
    int woken = 0;

    if (!pair_open(&p))
        return ok(false, "two sockets meet"), (void)0;
    for (int i = 0; i < 2000; i++) {
        worker_init(&w, p.server);
        pthread_create(&w.thread, NULL, read_once, &w);
        for (size_t spin = random_below(100000); spin > 0; spin--)
            atomic_load(&w.wanted);
        atomic_store(&w.wanted, true);
        pthread_kill(w.thread, OS_WAKE);
        pthread_join(w.thread, NULL);
        woken += w.result == IO_INTERRUPT;
    }
    is_int(woken, 2000, "every reader is woken");
    ok(os_clock_ms() - begin < PATIENT_MS, "without waiting for its deadline");

    size_t n;
    char byte;
    send(p.client, "x", 1, 0);
    is_int(w.io.io.read(&w.io.io, &byte, 1, 0, &n), IO_INTERRUPT, "an interrupt goes before bytes");
    pair_close(&p);
}

/* A thread that is woken without being wanted looks up from a read; a write goes on. */
static void test_news(void)
{
    char bytes[65536];
    struct pair p;
    struct worker w;
    struct socket_io io;
    int woken = 0;

    if (!pair_open(&p))
        return ok(false, "two sockets meet"), (void)0;
    for (int i = 0; i < 200; i++) {
        worker_init(&w, p.server);
        pthread_create(&w.thread, NULL, read_once, &w);
        for (size_t spin = random_below(100000); spin > 0; spin--)
            atomic_load(&w.wanted);
        pthread_kill(w.thread, OS_WAKE);
        pthread_join(w.thread, NULL);
        woken += w.result == IO_INTERRUPT;
    }
    is_int(woken, 200, "a wake alone ends a read");

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
    is_int(w.result, IO_OK, "... and hurries no write");
    free(w.bytes);
    pair_close(&p);
}

/* A write that waits, or a pause, takes the signal; the read behind it must not wait for another.
 */
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
    os_wait_input(NULL, 0, in_ms(SOON_MS)); /* until it has written what the network holds */
    socket_io_init(&io, p.client);
    for (size_t total = 0, n = 0; total < w.size; total += n)
        if (io.io.read(&io.io, bytes, sizeof bytes, in_ms(PATIENT_MS), &n) != IO_OK)
            break;
    pthread_join(w.thread, NULL);
    is_int(w.result, IO_INTERRUPT, "a wake during a write ends the read behind it");
    free(w.bytes);

    pthread_create(&w.thread, NULL, pause_and_read, &w);
    pthread_kill(w.thread, OS_WAKE);
    pthread_join(w.thread, NULL);
    is_int(w.result, IO_INTERRUPT, "... and so does one during a pause");
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
    atomic_store(&w.wanted, true); /* with hurry_ms as it was: writing goes on */
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
    ok(total == w.size && sum == 0, "many bytes arrive");
    is_int(w.result, IO_OK, "and are known to");

    is_int(w.io.io.write(&w.io.io, w.bytes, w.size, in_ms(SOON_MS)), IO_TIMEOUT,
           "a peer that does not read");
    os_net_close(p.client);
    p.client = -1;
    is_int(w.io.io.write(&w.io.io, w.bytes, w.size, IO_FOREVER), IO_CLOSED, "a peer that is gone");
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
    is_int(w.result, IO_TIMEOUT, "a write that waits hurries");
    ok(spent_ms >= SOON_MS && spent_ms < PATIENT_MS, "as long as allowed");

    begin = os_clock_ms();
    for (int i = 0; i < 200; i++)
        w.io.io.write(&w.io.io, w.bytes, w.size, IO_FOREVER);
    ok(os_clock_ms() - begin < 200 * SOON_MS, "all writes together");
    while (recv(p.client, w.bytes, w.size, MSG_DONTWAIT) > 0)
        continue;
    is_int(w.io.io.write(&w.io.io, w.bytes, 1, IO_FOREVER), IO_TIMEOUT,
           "nor is there time for a peer that reads again");
    free(w.bytes);
    pair_close(&p);
}

int main(void)
{
    random_begin();
    os_wake_setup();
    test_reading();
    test_wake();
    test_news();
    test_kept_news();
    test_writing();
    test_hurry();
    return done_testing();
}
