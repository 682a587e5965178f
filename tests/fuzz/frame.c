/* SPDX-License-Identifier: ISC */
/* Frames: found alike in any pieces, taken apart within what was given, and the same when written.
 */
#include "proto/frame.h"

#include "fuzz.h"
#include "proto/escape.h"
#include "udp/frame_bounds.h"

/* As the bytes come, in copies that end where they end. */
static enum frame_result scan(struct span in, enum form form, size_t limit, size_t step,
                              struct frame_scan *found)
{
    size_t come = step < in.n ? step : in.n;

    *found = (struct frame_scan){.skipped = 0};
    for (;;) {
        struct span seen = exact(span_first(in, come));
        enum frame_result r = frame_scan(seen, form, limit, found);
        must(found->skipped <= come && found->searched <= come - found->skipped);
        must((found->payload.n == 0 || fuzz_within(found->payload, seen)) && found->total <= come);
        if (found->payload.n > 0)
            found->payload.p = in.p + (found->payload.p - seen.p);
        exact_free(seen);
        if (r != FRAME_MORE || come == in.n)
            return r;
        come = in.n - come > step ? come + step : in.n;
    }
}

static bool write_again(struct buf *out, struct dialect d, const struct frame *f)
{
    char op[64], bytes[4096];
    size_t n;

    snprintf(op, sizeof op, "%.*s", SPAN_PRINTF(f->op));
    size_t mark = frame_open(out, d, op, f->nargs);
    for (size_t i = 0; i < f->nargs; i++) {
        if (f->arg[i].n > sizeof bytes || !escape_undo(f->arg[i], bytes, &n))
            return false;
        must(n <= f->arg[i].n);
        frame_arg(out, d, span_of(bytes, n));
    }
    return frame_close(out, d, mark);
}

static bool same_frame(const struct frame *a, const struct frame *b)
{
    char one[4096], other[4096];
    size_t n, m;

    if (!span_eq(a->op, b->op) || a->nargs != b->nargs || a->brackets != b->brackets)
        return false;
    for (size_t i = 0; i < a->nargs; i++)
        if (!escape_undo(a->arg[i], one, &n) || !escape_undo(b->arg[i], other, &m) ||
            !span_eq(span_of(one, n), span_of(other, m)))
            return false;
    return true;
}

static void test_again(const struct frame *f, enum form form)
{
    struct dialect d = {form, 2, f->brackets};
    struct frame_scan found = {.skipped = 0};
    struct frame again;
    struct buf out;

    buf_init(&out, SIZE_MAX / 2);
    if (write_again(&out, d, f)) {
        must(frame_scan(buf_span(&out), form, SIZE_MAX, &found) == FRAME_DONE);
        must(found.total == out.n);
        must(frame_parse(found.payload, form, &again) == FRAME_OK && same_frame(f, &again));
    }
    buf_free(&out);
}

static void test_parse(struct span payload, enum form form)
{
    struct span s = exact(payload), rest = s, op;
    struct frame f;
    uint64_t nargs;
    enum frame_error e = frame_parse(s, form, &f);

    must(fuzz_within(f.op, s) && frame_error_text(e)[0]);
    for (size_t i = 0; e == FRAME_OK && i < f.nargs && i < FRAME_ARGS_MAX; i++)
        must(fuzz_within(f.arg[i], s));
    bool plain = f.op.n > 0 && f.op.n < 64 && !memchr("\r\n0123456789", f.op.p[0], 12) &&
                 span_find(f.op, '\0') == f.op.n;
    if (e == FRAME_OK && f.nargs <= FRAME_ARGS_MAX && plain)
        test_again(&f, form);
    if (frame_head(&rest, &op, &nargs))
        must(fuzz_within(op, s) && fuzz_within(rest, s) && op.n + rest.n + 3 <= s.n);
    else
        must(rest.n == s.n && (e != FRAME_OK || form == FORM_LINE || f.brackets));
    exact_free(s);
}

/* Where frames end in a stream does not depend on the pieces it comes in. */
static void test_cutter(struct span in, size_t step)
{
    struct frame_bounds one = {0}, other = {0};
    size_t end_one = 0, end_other = 0;
    bool end;

    for (size_t at = 0; at < in.n && !one.lost;) {
        size_t n = frame_bounds_take(&one, span_skip(in, at), &end);
        must(n > 0 && n <= in.n - at);
        at += n;
        end_one = end && !one.lost ? at : end_one;
    }
    for (size_t at = 0; at < in.n && !other.lost;) {
        size_t n = frame_bounds_take(&other, span_first(span_skip(in, at), step), &end);
        must(n > 0 && n <= step);
        at += n;
        end_other = end && !other.lost ? at : end_other;
    }
    must(end_one == end_other && one.lost == other.lost);
    must(one.lost || (one.left == other.left && one.digits == other.digits));
}

void fuzz_one(struct span in)
{
    size_t limit = fuzz_below(&in, 200), step = 1 + fuzz_below(&in, 256);
    enum form form = frame_form(in);
    struct frame_scan whole, pieces;

    enum frame_result r = scan(in, form, limit, SIZE_MAX, &whole);
    must(scan(in, form, limit, step, &pieces) == r && pieces.skipped == whole.skipped);
    must(r != FRAME_DONE || (whole.total == pieces.total && whole.payload.n <= limit &&
                             span_eq(whole.payload, pieces.payload)));
    if (form == FORM_LENGTH)
        test_cutter(in, step);
    if (r == FRAME_DONE)
        test_parse(whole.payload, form);
    else if (r == FRAME_NO_LENGTH || form == FORM_LINE)
        test_parse(in, FORM_LENGTH);
}
