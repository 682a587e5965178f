/*
 * limit: what the file system allows. Threads that each, again and again, make a file, write it,
 * sync it, rename it and sync the directory: the least that a durable delivery can cost, with no
 * server around it.
 *
 *     limit DIR THREADS DIRECTORIES SECONDS BYTES
 *
 * Thread i works in directory i % DIRECTORIES of DIR. Prints deliveries a second.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct worker {
    pthread_t thread;
    int dir, number;
    size_t bytes;
    char *body;
    atomic_bool *stop;
    unsigned long done;
};

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void deliver(struct worker *w)
{
    char temporary[64], name[64];
    int fd;

    snprintf(temporary, sizeof temporary, "new-%d", w->number);
    snprintf(name, sizeof name, "%d-%lu", w->number, w->done);
    fd = openat(w->dir, temporary, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0 || write(fd, w->body, w->bytes) != (ssize_t)w->bytes || fsync(fd) != 0)
        fail(temporary);
    close(fd);
    if (renameat(w->dir, temporary, w->dir, name) != 0 || fsync(w->dir) != 0)
        fail(name);
    w->done++;
}

static void *run(void *arg)
{
    struct worker *w = arg;

    while (!atomic_load(w->stop))
        deliver(w);
    return NULL;
}

static int open_directory(const char *parent, int number)
{
    char path[4096];
    int fd;

    snprintf(path, sizeof path, "%s/%d", parent, number);
    mkdir(path, 0700);
    fd = open(path, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        fail(path);
    return fd;
}

int main(int argc, char **argv)
{
    atomic_bool stop = false;
    unsigned long total = 0;

    if (argc != 6) {
        fprintf(stderr, "usage: limit DIR THREADS DIRECTORIES SECONDS BYTES\n");
        return 64;
    }
    int threads = atoi(argv[2]), directories = atoi(argv[3]), seconds = atoi(argv[4]);
    struct worker *workers = calloc((size_t)threads, sizeof *workers);
    if (!workers)
        fail("memory");
    for (int i = 0; i < threads; i++) {
        struct worker *w = &workers[i];
        *w = (struct worker){.number = i, .bytes = (size_t)atol(argv[5]), .stop = &stop};
        w->dir = open_directory(argv[1], i % directories);
        w->body = calloc(1, w->bytes);
        if (!w->body || pthread_create(&w->thread, NULL, run, w) != 0)
            fail("thread");
    }
    nanosleep(&(struct timespec){seconds, 0}, NULL);
    atomic_store(&stop, true);
    for (int i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        total += workers[i].done;
        free(workers[i].body);
        close(workers[i].dir);
    }
    free(workers);
    printf("%lu\n", total / (unsigned long)seconds);
    return 0;
}
