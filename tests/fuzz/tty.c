/* SPDX-License-Identifier: ISC */
/*
 * The client's line reader: the lines of standard input, whatever is in them, come one by one, and
 * a line that is too long is skipped, not cut.
 */
#include "os/tty.h"

#include <sys/types.h>

#include "fuzz.h"

#define LIMIT 100

static struct span input;
static size_t step;

ssize_t here_read(int fd, void *bytes, size_t size) __asm__("__wrap_read");
int here_isatty(int fd) __asm__("__wrap_isatty");

ssize_t here_read(int fd, void *bytes, size_t size)
{
    must(fd == 0);
    struct span piece = fuzz_bytes(&input, size < step ? size : step);
    memcpy(bytes, piece.n > 0 ? piece.p : "", piece.n);
    return (ssize_t)piece.n;
}

int here_isatty(int fd)
{
    must(fd == 0);
    return step & 1;
}

static void read_lines(struct span in)
{
    struct buf line;

    input = in;
    buf_init(&line, LIMIT);
    while (in.n > 0) {
        struct span want = span_first(in, span_find(in, '\n'));
        bool whole = os_tty_line(&line, true);
        must(whole == (want.n <= LIMIT));
        must(!whole || span_eq(buf_span(&line), want));
        in = span_skip(in, want.n + 1);
        must(input.n == in.n);
        if (!whole) {
            buf_free(&line);
            buf_init(&line, LIMIT);
        }
    }
    must(!os_tty_line(&line, true));
    buf_free(&line);
}

static void read_parts(struct span in)
{
    struct buf all;
    bool end = false;

    input = in;
    buf_init(&all, SIZE_MAX / 2);
    while (!end) {
        size_t left = input.n;
        must(os_tty_part(&all, &end) && (input.n < left || end));
    }
    must(span_starts(in, buf_span(&all)) && in.n - all.n == input.n);
    must(all.n == in.n || all.p[all.n - 1] != '\n');
    buf_free(&all);
}

void fuzz_one(struct span in)
{
    step = 1 + fuzz_byte(&in);
    read_lines(in);
    read_parts(in);
}
