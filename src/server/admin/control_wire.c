/* SPDX-License-Identifier: ISC */
#include "admin/control_wire.h"

#include "proto/escape.h"
#include "proto/frame.h"

static const struct dialect dialect = {.form = FORM_LENGTH, .version = 2};

static bool split_frame(struct buf *in, struct span payload, struct span *op, struct span *args,
                        size_t max, size_t *n)
{
    struct frame f = {.nargs = 0};
    if (frame_parse(payload, FORM_LENGTH, &f) != FRAME_OK || f.nargs > max ||
        f.nargs > FRAME_ARGS_MAX)
        return false;
    *op = f.op;
    *n = f.nargs;
    for (size_t i = 0; i < f.nargs; i++) {
        args[i] = f.arg[i]; /* unescaped in place */
        if (!escape_undo(f.arg[i], in->p + (f.arg[i].p - in->p), &args[i].n))
            return false;
    }
    return true;
}

/* How many bytes of a frame are still to come, or of its digits if they have not all come. */
static size_t missing_bytes(const struct frame_scan *scan, size_t have)
{
    size_t whole = scan->skipped + FRAME_LENGTH_DIGITS;
    return (have < whole ? whole : whole + (size_t)scan->length) - have;
}

enum io_result control_wire_read(struct io *io, struct buf *in, int64_t deadline_ms,
                                 struct span *op, struct span *args, size_t max, size_t *n)
{
    struct frame_scan scan = {.skipped = 0};
    enum frame_result found;
    buf_clear(in);
    while ((found = frame_scan(buf_span(in), FORM_LENGTH, CONTROL_LIMIT, &scan)) == FRAME_MORE) {
        size_t got = 0;
        size_t want = missing_bytes(&scan, in->n);
        char *p = buf_space(in, want);
        enum io_result result = p ? io->read(io, p, want, deadline_ms, &got) : IO_CLOSED;
        if (result != IO_OK)
            return result;
        buf_added(in, got);
    }
    return found == FRAME_DONE && split_frame(in, scan.payload, op, args, max, n) ? IO_OK
                                                                                  : IO_CLOSED;
}

enum io_result control_wire_write(struct io *io, const char *op, const struct span *args, size_t n,
                                  int64_t deadline_ms)
{
    enum io_result result = IO_CLOSED;
    struct buf out;
    buf_init(&out, CONTROL_LIMIT * ESCAPE_GROWTH);
    size_t mark = frame_open(&out, dialect, op, n);
    for (size_t i = 0; i < n; i++)
        frame_arg(&out, dialect, args[i]);
    frame_close(&out, dialect, mark);
    if (buf_ok(&out))
        result = io->write(io, out.p, out.n, deadline_ms);
    buf_free(&out);
    return result;
}
