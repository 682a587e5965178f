/* SPDX-License-Identifier: ISC */
/* The stream after DATA, whole and split at each byte: only CR LF . CR LF ends a message. */
#include "doors/smtp_data.h"

#include "base/buf.h"
#include "tap.h"

/* Takes the stream in pieces of so many bytes. Returns how many belonged to the message. */
static size_t take(struct span stream, size_t first, struct smtp_data *d, struct buf *text)
{
    struct span rest = stream, piece;
    *d = (struct smtp_data){.alone = false};
    buf_clear(text);
    for (size_t n = first; rest.n > 0 && !d->ended; n = rest.n) {
        struct span part = span_first(rest, n), now = part;
        while (smtp_data_next(d, &now, &piece))
            buf_add(text, piece);
        rest = span_skip(rest, part.n - now.n);
        if (now.n > 0 && !d->ended)
            ok(false, "a byte is left that is not of the next message");
    }
    return stream.n - rest.n;
}

/* The text of a stream that ends, in all pairs of pieces. after: bytes that follow the message. */
static void ends(struct span stream, size_t after, struct span want, const char *name)
{
    struct smtp_data d;
    struct buf text;
    size_t bad = 0;
    buf_init(&text, SIZE_MAX / 2);
    for (size_t n = 1; n <= stream.n; n++)
        bad += take(stream, n, &d, &text) != stream.n - after || !d.ended || d.alone ||
               !span_eq(buf_span(&text), want);
    is_int(bad, 0, "%s", name);
    buf_free(&text);
}

/* The stream does not end before its last line, which is CR LF . CR LF; and its text is refused. */
static void smuggles(struct span stream, const char *name)
{
    struct smtp_data d;
    struct buf text;
    size_t bad = 0;
    buf_init(&text, SIZE_MAX / 2);
    for (size_t n = 1; n <= stream.n; n++)
        bad += take(stream, n, &d, &text) != stream.n || !d.ended || !d.alone;
    is_int(bad, 0, "%s", name);
    buf_free(&text);
}

static void test_end(void)
{
    ends(SPAN(".\r\n"), 0, SPAN(""), "an empty text");
    ends(SPAN("\r\n.\r\n"), 0, SPAN("\r\n"), "an empty line");
    ends(SPAN("a\r\nb\r\n.\r\nQUIT\r\n"), 6, SPAN("a\r\nb\r\n"), "a command follows");
    ends(SPAN("..\r\n...\r\n.a\r\na.\r\n.\r\n"), 0, SPAN(".\r\n..\r\na\r\na.\r\n"),
         "a dot at the beginning of a line is taken away");
    ends(SPAN("a\0b\xff\r\n.\r\n"), 0, SPAN("a\0b\xff\r\n"), "any other byte stays");
}

static void test_smuggling(void)
{
    smuggles(SPAN("a\n.\nb\r\n.\r\n"), "LF . LF");
    smuggles(SPAN("a\n.\r\nb\r\n.\r\n"), "LF . CR LF");
    smuggles(SPAN("a\r\n.\nb\r\n.\r\n"), "CR LF . LF");
    smuggles(SPAN("a\r.\rb\r\n.\r\n"), "CR . CR");
    smuggles(SPAN("a\r.\r\nb\r\n.\r\n"), "CR . CR LF");
    smuggles(SPAN("a\r\n.\rb\r\n.\r\n"), "CR LF . CR");
    smuggles(SPAN("a\r\n.\r\r\nb\r\n.\r\n"), "CR LF . CR CR LF");
    smuggles(SPAN("a\r\r\n.\r\n"), "CR CR LF . CR LF");
    smuggles(SPAN(".\n.\r\nb\r\n.\r\n"), "dot LF . CR LF");
    smuggles(SPAN("\n.\r\nb\r\n.\r\n"), "LF at the beginning");
    smuggles(SPAN("a\r\n.\r.\r\nb\r\n.\r\n"), "CR LF . CR . CR LF");
}

static void test_not_ended(void)
{
    static const char *const streams[] = {"",      "a\r\n.\r", "a\r\n.",
                                          "a\r\n", "a.\r\n",   "a\r\n. \r\n"};
    struct smtp_data d;
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        take(span_str(streams[i]), 1, &d, &text);
        ok(!d.ended, "not the end: stream %zu", i);
    }
    buf_free(&text);
}

int main(void)
{
    test_end();
    test_smuggling();
    test_not_ended();
    return done_testing();
}
