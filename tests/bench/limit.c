/* SPDX-License-Identifier: ISC */
/*
 * limit: what the file system allows. Threads that each, again and again, make a file, write it,
 * sync it, rename it and sync the directory: the least that a durable delivery can cost, with no
 * server around it. Nobody waits for another's sync; what the kernel shares among them it shares.
 *
 *     limit DIR THREADS DIRECTORIES SECONDS BYTES
 *
 * Thread i works in directory i % DIRECTORIES of DIR, which is made. Prints deliveries a second.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

struct worker {
    pthread_t thread;
    int dir;
    unsigned number;
    size_t bytes;
    char *body;
    pthread_barrier_t *start;
    atomic_bool *stop;
    unsigned long done;
};

static _Noreturn void fail(const char *what)
{
    bench_fail(what, span_str(strerror(errno)));
}

static void deliver(struct worker *w)
{
    char temporary[64], name[64];
    int fd;

    snprintf(temporary, sizeof temporary, "new-%u-%lu", w->number, w->done);
    snprintf(name, sizeof name, "%010lu-%u", w->done, w->number);
    fd = openat(w->dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, w->body, w->bytes) != (ssize_t)w->bytes || fsync(fd) != 0)
        fail(temporary);
    /* cppcheck-suppress invalidFunctionArg ; fail ends the program */
    close(fd);
    if (renameat(w->dir, temporary, w->dir, name) != 0 || fsync(w->dir) != 0)
        fail(name);
    w->done++;
}

static void *run(void *arg)
{
    struct worker *w = arg;

    pthread_barrier_wait(w->start);
    while (!atomic_load(w->stop))
        deliver(w);
    return NULL;
}

static int open_directory(const char *parent, unsigned number)
{
    char path[4096];
    int fd;

    snprintf(path, sizeof path, "%s/%u", parent, number);
    mkdir(path, 0700);
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        fail(path);
    return fd;
}

int main(int argc, char **argv)
{
    atomic_bool stop = false;
    pthread_barrier_t start;
    unsigned long total = 0;
    uint64_t began_ns;

    if (argc != 6) {
        fprintf(stderr, "usage: limit DIR THREADS DIRECTORIES SECONDS BYTES\n");
        return 64;
    }
    unsigned threads = bench_number(argv[2]), directories = bench_number(argv[3]);
    struct worker *workers = bench_alloc(threads, sizeof *workers);
    mkdir(argv[1], 0700);
    pthread_barrier_init(&start, NULL, threads + 1);
    for (unsigned i = 0; i < threads; i++) {
        struct worker *w = &workers[i];
        *w = (struct worker){
            .number = i, .bytes = bench_number(argv[5]), .start = &start, .stop = &stop};
        w->dir = open_directory(argv[1], i % directories);
        w->body = bench_alloc(1, w->bytes);
        if (pthread_create(&w->thread, NULL, run, w) != 0)
            fail("thread");
    }
    pthread_barrier_wait(&start);
    began_ns = bench_now_ns();
    nanosleep(&(struct timespec){bench_number(argv[4]), 0}, NULL);
    atomic_store(&stop, true);
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        total += workers[i].done;
    }
    printf("%.0f\n", (double)total * 1e9 / (double)(bench_now_ns() - began_ns));
    for (unsigned i = 0; i < threads; i++) {
        free(workers[i].body);
        close(workers[i].dir);
    }
    free(workers);
    pthread_barrier_destroy(&start);
    return 0;
}
