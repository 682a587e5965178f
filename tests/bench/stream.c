/* SPDX-License-Identifier: ISC */
/*
 * stream: Show all, not kept, and what it costs the server in memory.
 *
 *     stream HOST:PORT USER PID
 *
 * Logs in and asks for the Status, so that the mailbox's index is loaded and the password's hashing
 * over; then asks for all messages. Prints the seconds until the answer's last byte was there, and
 * by how many KiB the resident memory of the process PID was greater at its greatest than before.
 */
#include <inttypes.h>
#include <string.h>

#include "client.h"

/* Opens a file of the server's in /proc. */
static FILE *open_proc(const char *pid, const char *name, const char *mode)
{
    char path[100];
    FILE *f;

    snprintf(path, sizeof path, "/proc/%s/%s", pid, name);
    f = fopen(path, mode);
    if (!f)
        bench_fail("cannot open", span_str(path));
    return f;
}

/* A line of the process's status, in KiB. */
static long memory_kib(const char *pid, const char *key)
{
    FILE *f = open_proc(pid, "status", "r");
    char line[200];
    long kib = -1;

    while (kib < 0 && fgets(line, sizeof line, f))
        if (strncmp(line, key, strlen(key)) == 0)
            kib = strtol(line + strlen(key), NULL, 10);
    fclose(f);
    return kib;
}

/* Resets VmHWM. */
static void forget_peak(const char *pid)
{
    FILE *f = open_proc(pid, "clear_refs", "w");

    if (fputs("5", f) < 0 || fclose(f) != 0)
        bench_fail("cannot reset VmHWM of process", span_str(pid));
}

/* The head of an answer that is too large to be kept. Leaves in the buffer what came behind it. */
static uint64_t begin_answer(struct client *c, uint64_t *nargs)
{
    struct span in, op, digits;
    uint64_t length;

    buf_consume(&c->in, c->used);
    c->used = 0;
    do {
        client_receive(c);
        in = span_skip(buf_span(&c->in), FRAME_LENGTH_DIGITS);
    } while (!frame_head(&in, &op, nargs));
    digits = span_first(buf_span(&c->in), FRAME_LENGTH_DIGITS);
    if (!span_u64(digits, FRAME_LENGTH_MAX, &length) || !span_eq(op, SPAN("Answer")))
        bench_fail("wrong answer", buf_span(&c->in));
    length -= (uint64_t)(in.p - c->in.p) - FRAME_LENGTH_DIGITS;
    buf_consume(&c->in, (size_t)(in.p - c->in.p));
    return length;
}

static void show_all(struct client *c, uint64_t messages)
{
    uint64_t nargs, left, bars = 0;

    client_ask(c, "Show all", NULL, 0);
    left = begin_answer(c, &nargs);
    while (c->in.n <= left) {
        bars += span_count(buf_span(&c->in), '|');
        left -= c->in.n;
        buf_clear(&c->in);
        if (left == 0)
            break;
        client_receive(c);
    }
    if (left > 0)
        bench_fail("the answer is longer than it said", SPAN(""));
    if (bars != nargs || nargs != messages + 1)
        bench_fail("Show all gives another number of messages than Status", SPAN(""));
}

int main(int argc, char **argv)
{
    struct address_place place;
    struct client c;
    uint64_t messages, began_ns;
    long before_kib;
    double seconds;

    if (argc != 4 || !address_parse_place(span_str(argv[1]), &place)) {
        fprintf(stderr, "usage: stream HOST:PORT USER PID\n");
        return 64;
    }
    client_log_in(&c, &place, argv[2]);
    messages = client_messages(&c);
    forget_peak(argv[3]);
    before_kib = memory_kib(argv[3], "VmRSS:");
    began_ns = bench_now_ns();
    show_all(&c, messages);
    seconds = (double)(bench_now_ns() - began_ns) / 1e9;
    client_messages(&c); /* answered when all have been marked as read, too */
    printf("%.3f %ld\n", seconds, memory_kib(argv[3], "VmHWM:") - before_kib);
    client_close(&c);
    return 0;
}
