/* SPDX-License-Identifier: ISC */
/*
 * generate PROTOCOL HOST:PORT send|show|all|check NAME=VALUE...
 *
 *     user=NAME       users are NAME0, NAME1, ...
 *     connections=N   1
 *     mailboxes=N     send: connection i sends to user i % N; 1
 *     threads=N       of this program, at most one a connection; 1
 *     seconds=N       how long; 1
 *     times=N         so many operations of each connection instead
 *     bytes=N         of a message; of the echo's answer; 1024
 *     count=N         messages in a mailbox; 1
 *     request=N       bytes of a request of the echo; 32
 *
 * Prints: operations answered a second; the median, the 99th and the 99.9th percentile of the time
 * that one took, in microseconds; how many cores this program used of the machine's; the bytes of
 * a request and of its answer; operations answered.
 */
#include <pthread.h>
#include <string.h>

#include "generator.h"

struct worker {
    pthread_t thread;
    const struct work *work;
    struct start *start;
    unsigned number;
    struct tally tally;
};

static const struct protocol *const protocols[] = {
    &protocol_pochta, &protocol_lmtp, &protocol_smtp, &protocol_pop3,
    &protocol_redis,  &protocol_echo, NULL,
};

static const char *const operation_names[OPERATIONS] = {"send", "show", "all", "check"};

const struct protocol *protocol_find(const char *name)
{
    const struct protocol *const *p = protocols;

    while (*p && strcmp(name, (*p)->name) != 0)
        p++;
    return *p;
}

static bool find_operation(const char *name, enum operation *operation)
{
    for (unsigned i = 0; i < OPERATIONS; i++) {
        if (strcmp(name, operation_names[i]) != 0)
            continue;
        *operation = (enum operation)i;
        return true;
    }
    return false;
}

/* NAME=VALUE. False: there is no such name. */
static bool set(struct work *w, const char *text)
{
    const struct {
        const char *name;
        unsigned *value;
    } numbers[] = {
        {"connections=", &w->connections},
        {"mailboxes=", &w->mailboxes},
        {"threads=", &w->threads},
        {"seconds=", &w->seconds},
        {"times=", &w->times},
        {"bytes=", &w->bytes},
        {"count=", &w->count},
        {"request=", &w->request},
    };

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        size_t n = strlen(numbers[i].name);
        if (strncmp(text, numbers[i].name, n) != 0)
            continue;
        *numbers[i].value = bench_number(text + n);
        return true;
    }
    if (strncmp(text, "user=", 5) != 0)
        return false;
    w->user = text + 5;
    return true;
}

static bool read_arguments(struct work *w, int argc, char **argv)
{
    if (argc < 4 || !(w->protocol = protocol_find(argv[1])) ||
        !address_parse_place(span_str(argv[2]), &w->place) ||
        !find_operation(argv[3], &w->operation))
        return false;
    for (int i = 4; i < argc; i++)
        if (!set(w, argv[i]))
            return false;
    if (w->threads > w->connections)
        w->threads = w->connections;
    return w->connections > 0 && w->mailboxes > 0 && w->threads > 0 && w->count > 0 &&
           w->protocol->stages[w->operation] > 0;
}

static void *run(void *arg)
{
    struct worker *w = arg;

    load_run(w->work, w->number, w->start, &w->tally);
    return NULL;
}

/* The value that so many thousandths of n sorted values do not exceed, in microseconds. */
static double at(const struct tally *t, unsigned thousandths)
{
    size_t last = (t->n - 1) * thousandths / 1000;

    return t->took[last] / 10.0;
}

static void print(struct tally *all, uint64_t began_ns, double cores)
{
    double seconds = (double)(all->last_ns - began_ns) / 1e9;

    if (all->n == 0)
        bench_fail("nothing was measured", SPAN(""));
    qsort(all->took, all->n, sizeof *all->took, bench_by_value);
    printf("%.1f %.1f %.1f %.1f %.2f %zu %zu %zu\n", (double)all->n / seconds, at(all, 500),
           at(all, 990), at(all, 999), cores, all->request_bytes, all->answer_bytes, all->n);
}

/* Adds a thread's count to that of all. */
static void add(struct tally *all, const struct tally *t)
{
    all->took = realloc(all->took, (all->n + t->n) * sizeof *all->took);
    if (!all->took)
        bench_fail("out of memory", SPAN(""));
    memcpy(all->took + all->n, t->took, t->n * sizeof *t->took);
    all->n += t->n;
    all->request_bytes = t->request_bytes;
    all->answer_bytes = t->answer_bytes;
    if (t->last_ns > all->last_ns)
        all->last_ns = t->last_ns;
}

static void generate(const struct work *w)
{
    struct worker *workers = bench_alloc(w->threads, sizeof *workers);
    struct start *start = start_new(w->threads);
    struct tally all = {0};
    double cores;

    for (unsigned i = 0; i < w->threads; i++) {
        workers[i] = (struct worker){.work = w, .start = start, .number = i};
        if (pthread_create(&workers[i].thread, NULL, run, &workers[i]) != 0)
            bench_fail("cannot make a thread", SPAN(""));
    }
    for (unsigned i = 0; i < w->threads; i++)
        pthread_join(workers[i].thread, NULL);
    cores = start_cores(start);
    for (unsigned i = 0; i < w->threads; i++) {
        add(&all, &workers[i].tally);
        free(workers[i].tally.took);
    }
    print(&all, start_ns(start), cores);
    free(all.took);
    free(workers);
    free(start);
}

int main(int argc, char **argv)
{
    struct work w = {.user = "user",
                     .connections = 1,
                     .mailboxes = 1,
                     .threads = 1,
                     .seconds = 1,
                     .bytes = 1024,
                     .count = 1,
                     .request = 32};
    char *body;

    if (!read_arguments(&w, argc, argv)) {
        fprintf(stderr, "usage: generate pochta|lmtp|smtp|pop3|redis|echo HOST:PORT "
                        "send|show|all|check NAME=VALUE...\n");
        return 64;
    }
    body = bench_alloc(1, w.bytes > w.request ? w.bytes : w.request);
    w.protocol->compose(&w, body);
    generate(&w);
    free(body);
    return 0;
}
