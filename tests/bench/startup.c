/* SPDX-License-Identifier: ISC */
/*
 * startup: how long a server takes to start.
 *
 *     startup PORT_FILE PROGRAM [ARGUMENT...]
 *
 * Runs the server, which is given --port-file PORT_FILE, waits until it listens, asks for Start and
 * ends it. Prints the milliseconds from the start of the process until it listened, and until the
 * answer was there.
 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "client.h"

#define WAIT_NS    100000 /* between two looks */
#define LONGEST_MS 60000

static pid_t start(char **argv, int argc)
{
    static char option[] = "--port-file";
    char **args = bench_alloc((size_t)argc + 2, sizeof *args);
    int n = 0;

    for (int i = 2; i < argc; i++)
        args[n++] = argv[i];
    args[n++] = option;
    args[n++] = argv[1];
    unlink(argv[1]);
    pid_t pid = fork();
    if (pid == 0) {
        execv(args[0], args);
        _exit(127);
    }
    free(args);
    return pid;
}

/* Whether the file has a line "tcp ADDR PORT". */
static bool read_place(const char *file, struct address_place *place)
{
    char addr[100], port[16], text[sizeof addr + sizeof port + 1];
    FILE *f = fopen(file, "r");
    if (!f)
        return false;
    bool ok = fscanf(f, "tcp %99s %15[0-9]\n", addr, port) == 2;
    fclose(f);
    snprintf(text, sizeof text, "%s:%s", addr, port);
    return ok && address_parse_place(span_str(text), place);
}

static void await_place(const char *file, struct address_place *place, pid_t pid)
{
    int64_t until_ms = os_clock_ms() + LONGEST_MS;
    while (!read_place(file, place)) {
        if (waitpid(pid, NULL, WNOHANG) != 0 || os_clock_ms() > until_ms)
            bench_fail("the server does not listen", SPAN(""));
        nanosleep(&(struct timespec){0, WAIT_NS}, NULL);
    }
}

int main(int argc, char **argv)
{
    struct address_place place;
    struct client c;
    int status;

    if (argc < 3) {
        fprintf(stderr, "usage: startup PORT_FILE PROGRAM [ARGUMENT...]\n");
        return 64;
    }
    uint64_t began_ns = bench_now_ns();
    pid_t pid = start(argv, argc);
    await_place(argv[1], &place, pid);
    uint64_t listened_ns = bench_now_ns();
    client_start(&c, &place);
    uint64_t answered_ns = bench_now_ns();
    client_close(&c);
    if (kill(pid, SIGTERM) != 0 || waitpid(pid, &status, 0) != pid || status != 0)
        bench_fail("the server did not end in order", SPAN(""));
    printf("%.2f %.2f\n", (double)(listened_ns - began_ns) / 1e6,
           (double)(answered_ns - began_ns) / 1e6);
    return 0;
}
