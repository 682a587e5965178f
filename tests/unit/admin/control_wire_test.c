/* SPDX-License-Identifier: ISC */
#include "admin/control_wire.h"

#include "proto/frame.h"
#include "tap.h"

/* A connection with bytes that have come, each read getting few of them. */
struct wire {
    struct io io;
    struct span input;
    size_t most;        /* bytes for one read */
    enum io_result end; /* of a read after the last byte */
    struct buf output;
};

static enum io_result wire_read(struct io *io, void *bytes, size_t size, int64_t deadline_ms,
                                size_t *n)
{
    struct wire *w = (struct wire *)(void *)io;
    struct span piece = span_first(w->input, size < w->most ? size : w->most);

    (void)deadline_ms;
    if (piece.n == 0)
        return w->end;
    memcpy(bytes, piece.p, piece.n);
    w->input = span_skip(w->input, piece.n);
    *n = piece.n;
    return IO_OK;
}

static enum io_result wire_write(struct io *io, const void *bytes, size_t size, int64_t deadline_ms)
{
    (void)deadline_ms;
    buf_add(&((struct wire *)(void *)io)->output, span_of(bytes, size));
    return IO_OK;
}

static struct wire wire_of(const char *input, size_t most, enum io_result end)
{
    struct wire w = {
        .io = {wire_read, wire_write}, .input = span_str(input), .most = most, .end = end};

    buf_init(&w.output, CONTROL_LIMIT);
    return w;
}

static void test_bad(void)
{
    static const struct {
        const char *bytes, *what;
    } rows[] = {
        {"", "nothing"},
        {"0000000", "half of the digits"},
        {"0000000006who|0", "a part of a frame"},
        {"who|0|\n", "a line"},
        {"0099999999who|0|", "a frame that is too long"},
        {"0000000003who", "no bar"},
        {"0000000006who|1|", "fewer arguments than it says"},
        {"0000000008who|0|a|", "... and more"},
        {"0000000013kick|3|a|b|c|", "more than the reader takes"},
        {"0000000010kick|1|\\x|", "a backslash that stands for nothing"},
    };
    struct span op, args[2];
    struct buf in;
    size_t n;

    buf_init(&in, CONTROL_LIMIT);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wire w = wire_of(rows[i].bytes, 5, IO_CLOSED);

        is_int(control_wire_read(&w.io, &in, 0, &op, args, 2, &n), IO_CLOSED, "%s", rows[i].what);
    }
    buf_free(&in);
}

/* A frame never has more arguments than frame.h has room for, whatever the reader takes. */
static void test_many(void)
{
    struct wire w = wire_of("0000000025kick|9|1|2|3|4|5|6|7|8|9|", 100, IO_CLOSED);
    struct span op, args[FRAME_ARGS_MAX + 1];
    struct buf in;
    size_t n;

    buf_init(&in, CONTROL_LIMIT);
    is_int(control_wire_read(&w.io, &in, 0, &op, args, FRAME_ARGS_MAX + 1, &n), IO_CLOSED,
           "more arguments than any frame has");
    buf_free(&in);
}

static void test_good(void)
{
    struct span op, args[2];
    struct buf in;
    size_t n = 9;

    buf_init(&in, CONTROL_LIMIT);
    for (size_t most = 1; most < 40; most++) {
        struct wire w = wire_of("0000000015kick|2|a\\pb|\\n|0000000006who|0|", most, IO_CLOSED);

        ok(control_wire_read(&w.io, &in, 0, &op, args, 2, &n) == IO_OK && n == 2 &&
               span_eq(op, SPAN("kick")) && span_eq(args[0], SPAN("a|b")) &&
               span_eq(args[1], SPAN("\n")),
           "a request that comes in pieces of %zu", most);
        ok(control_wire_read(&w.io, &in, 0, &op, args, 2, &n) == IO_OK && n == 0 &&
               span_eq(op, SPAN("who")),
           "... and the next one, of which nothing was read before");
    }
    buf_free(&in);
}

static void test_results(void)
{
    static const enum io_result ends[] = {IO_CLOSED, IO_TIMEOUT, IO_INTERRUPT, IO_LOST};
    struct span op, args[2];
    struct buf in;
    size_t n;

    buf_init(&in, CONTROL_LIMIT);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct wire w = wire_of("0000000006wh", 100, ends[i]);

        is_int(control_wire_read(&w.io, &in, 0, &op, args, 2, &n), ends[i],
               "the result of a read in the midst of a frame");
    }
    buf_free(&in);
}

static void test_write(void)
{
    const struct span args[2] = {SPAN("Yes"), SPAN("a|b\n")};
    struct wire w = wire_of("", 1, IO_CLOSED);

    is_int(control_wire_write(&w.io, "Answer", args, 2, 0), IO_OK, "an answer is written");
    ok(span_eq(buf_span(&w.output), SPAN("0000000019Answer|2|Yes|a\\pb\n|")), "... with escapes");
    buf_free(&w.output);
}

/* Nothing of it is written. */
static void test_too_long(void)
{
    size_t size = CONTROL_LIMIT * 2 + 1;
    char *bytes = calloc(1, size);
    struct wire w = wire_of("", 1, IO_CLOSED);

    if (!bytes)
        exit(1);
    const struct span arg = span_of(bytes, size);
    is_int(control_wire_write(&w.io, "Answer", &arg, 1, 0), IO_CLOSED, "an answer too long");
    is_int(w.output.n, 0, "... is not written");
    free(bytes);
    buf_free(&w.output);
}

int main(void)
{
    test_bad();
    test_many();
    test_good();
    test_results();
    test_write();
    test_too_long();
    return done_testing();
}
