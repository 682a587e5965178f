/* SPDX-License-Identifier: ISC */
/* What pochtactl and a server say to each other: the same when it is written and read again. */
#include "admin/control_wire.h"

#include "fuzz.h"
#include "proto/frame.h"

struct pipe {
    struct io io;
    struct buf bytes;
    size_t at, step;
};

static enum io_result pipe_read(struct io *io, void *bytes, size_t size, int64_t deadline_ms,
                                size_t *n)
{
    struct pipe *p = (struct pipe *)io;
    struct span s = span_skip(buf_span(&p->bytes), p->at);

    (void)deadline_ms;
    if (s.n == 0)
        return IO_TIMEOUT;
    s = span_first(s, size < p->step ? size : p->step);
    memcpy(bytes, s.p, s.n);
    p->at += s.n;
    *n = s.n;
    return IO_OK;
}

static enum io_result pipe_write(struct io *io, const void *bytes, size_t size, int64_t deadline_ms)
{
    (void)deadline_ms;
    buf_add(&((struct pipe *)io)->bytes, span_of(bytes, size));
    return IO_OK;
}

static void begin(struct pipe *p, size_t step)
{
    *p = (struct pipe){{pipe_read, pipe_write}, .step = step};
    buf_init(&p->bytes, SIZE_MAX / 2);
}

static void test_again(struct span op, const struct span *args, size_t n, size_t step)
{
    struct span again[FRAME_ARGS_MAX], op_again;
    char word[64];
    struct pipe p;
    struct buf in;
    size_t m;

    snprintf(word, sizeof word, "%.*s", SPAN_PRINTF(op));
    begin(&p, step);
    buf_init(&in, CONTROL_LIMIT);
    must(control_wire_write(&p.io, word, args, n, 0) == IO_OK);
    must(control_wire_read(&p.io, &in, 0, &op_again, again, FRAME_ARGS_MAX, &m) == IO_OK);
    must(m == n && span_eq(op, op_again));
    for (size_t i = 0; i < n; i++)
        must(span_eq(args[i], again[i]));
    buf_free(&in);
    buf_free(&p.bytes);
}

void fuzz_one(struct span in)
{
    size_t step = 1 + fuzz_byte(&in), max = fuzz_below(&in, FRAME_ARGS_MAX + 1), n;
    struct span args[FRAME_ARGS_MAX], op;
    struct pipe p;
    struct buf room;

    begin(&p, step);
    buf_add(&p.bytes, in);
    buf_init(&room, CONTROL_LIMIT);
    if (control_wire_read(&p.io, &room, 0, &op, args, max, &n) == IO_OK) {
        must(n <= max && fuzz_within(op, buf_span(&room)));
        for (size_t i = 0; i < n; i++)
            must(fuzz_within(args[i], buf_span(&room)));
        if (op.n < 64 && span_find(op, '\0') == op.n && !span_starts(op, SPAN("<")))
            test_again(op, args, n, step);
    }
    buf_free(&room);
    buf_free(&p.bytes);
}
