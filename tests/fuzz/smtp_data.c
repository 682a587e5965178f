/* SPDX-License-Identifier: ISC */
/*
 * The stream after DATA: in whatever pieces it comes, it ends at the first CR LF . CR LF, which is
 * looked for here in the simplest way; and the text is refused if it has a CR or LF alone. The
 * header of the text is read, too. The first byte says which pieces.
 */
#include "doors/smtp_data.h"

#include "base/buf.h"
#include "doors/smtp_header.h"
#include "fuzz.h"

/* Where the message ends, or in.n + 1. */
static size_t end_of(struct span in)
{
    if (span_starts(in, SPAN(".\r\n")))
        return 3;
    for (size_t i = 0; i + 5 <= in.n; i++)
        if (memcmp(in.p + i, "\r\n.\r\n", 5) == 0)
            return i + 5;
    return in.n + 1;
}

static bool has_alone(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        bool after_cr = i > 0 && s.p[i - 1] == '\r', before_lf = i + 1 < s.n && s.p[i + 1] == '\n';
        if ((s.p[i] == '\n' && !after_cr) || (s.p[i] == '\r' && !before_lf))
            return true;
    }
    return false;
}

/* The text without the dots that begin its lines. */
static void unstuff(struct span s, struct buf *text)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '.' || (i > 0 && s.p[i - 1] != '\n'))
            buf_add_char(text, s.p[i]);
}

static void take(struct span in, size_t step, struct smtp_data *d, struct buf *text, size_t *taken)
{
    *d = (struct smtp_data){.alone = false};
    *taken = 0;
    while (*taken < in.n && !d->ended) {
        struct span come = exact(span_first(span_skip(in, *taken), step)), rest = come, piece;
        while (smtp_data_next(d, &rest, &piece)) {
            must(fuzz_within(piece, come) && fuzz_within(rest, come));
            buf_add(text, piece);
        }
        must(rest.n == 0 || d->ended);
        *taken += come.n - rest.n;
        exact_free(come);
    }
}

static void read_header(struct span in)
{
    struct span text = exact(in);
    struct smtp_header h;
    smtp_header_read(text, &h);
    must(h.hops <= text.n);
    must(mail_address_local(&h.from.address).n <= MAIL_ADDRESS_LOCAL_BYTES);
    exact_free(text);
}

void fuzz_one(struct span in)
{
    size_t step = 1 + fuzz_below(&in, 256), end = end_of(in), taken;
    struct smtp_data d;
    struct buf text, want;

    buf_init(&text, SIZE_MAX / 2);
    buf_init(&want, SIZE_MAX / 2);
    take(in, step, &d, &text, &taken);
    must(d.ended == (end <= in.n) && taken == (d.ended ? end : in.n));
    if (d.ended) {
        struct span whole = span_first(in, end - 3);
        must(d.alone == has_alone(whole));
        unstuff(whole, &want);
        must(d.alone || span_eq(buf_span(&text), buf_span(&want)));
        read_header(buf_span(&text));
    }
    buf_free(&text);
    buf_free(&want);
}
