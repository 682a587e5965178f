/* SPDX-License-Identifier: ISC */
#include "mime/encoding.h"

#include "random.h"
#include "tap.h"

static void decodes(enum encoding e, struct span in, const char *want, bool whole, const char *name)
{
    struct buf out;
    size_t n, counted;
    struct span s = exact(in);
    buf_init(&out, 1000);
    ok(encoding_decode(e, s, &out, &n) == whole, "encoding_decode: %s: %s", name,
       whole ? "is whole" : "is damaged");
    ok(span_eq(buf_span(&out), span_str(want)) && n == out.n, "encoding_decode: %s", name);
    ok(encoding_decode(e, s, NULL, &counted) == whole && counted == n,
       "encoding_decode: %s: counts the same", name);
    exact_free(s);
    buf_free(&out);
}

static void test_base64(void)
{
    decodes(ENCODING_BASE64, SPAN(""), "", true, "nothing");
    decodes(ENCODING_BASE64, SPAN("TQ=="), "M", true, "one byte");
    decodes(ENCODING_BASE64, SPAN("TWE="), "Ma", true, "two bytes");
    decodes(ENCODING_BASE64, SPAN("TWFu\r\n TWFu\n"), "ManMan", true, "lines");
    decodes(ENCODING_BASE64, SPAN("TW*Fu"), "Man", false, "another character");
    decodes(ENCODING_BASE64, SPAN("TWE"), "Ma", false, "no padding");
    decodes(ENCODING_BASE64, SPAN("TWFuT"), "Man", false, "one character too many");
    decodes(ENCODING_BASE64, SPAN("TQ==TWFu"), "M", false, "more after the padding");
}

static void test_quoted(void)
{
    decodes(ENCODING_QUOTED, SPAN("a=3D=c3=A4\nb"), "a=\xc3\xa4\nb", true, "quoted characters");
    decodes(ENCODING_QUOTED, SPAN("a=\nb=\r\nc \t\r\nd"), "abc\r\nd", true,
            "joined lines, and spaces at their ends");
    decodes(ENCODING_QUOTED, SPAN("a=4\n=4"), "a=4\n=4", false, "half a character");
    decodes(ENCODING_QUOTED, SPAN("=zz"), "=zz", false, "no digits");
}

static void test_others(void)
{
    decodes(ENCODING_NONE, SPAN("a=3D"), "a=3D", true, "no encoding");
    decodes(ENCODING_UNKNOWN, SPAN("a=3D"), "a=3D", false, "an unknown encoding");
    is_int(encoding_find(SPAN("")), ENCODING_NONE, "encoding_find: no name");
    is_int(encoding_find(SPAN("8BIT")), ENCODING_NONE, "encoding_find: 8bit");
    is_int(encoding_find(SPAN("Binary")), ENCODING_NONE, "encoding_find: binary");
    is_int(encoding_find(SPAN("Base64")), ENCODING_BASE64, "encoding_find: base64");
    is_int(encoding_find(SPAN("quoted-printable")), ENCODING_QUOTED, "encoding_find: quoted");
    is_int(encoding_find(SPAN("x-uuencode")), ENCODING_UNKNOWN, "encoding_find: another one");
}

/* What is encoded comes back, and takes as many bytes as was said. */
static void test_random(void)
{
    size_t wrong = 0, n;
    struct buf out, back;
    buf_init(&out, 10000);
    buf_init(&back, 10000);
    for (int round = 0; round < 3000; round++) {
        char bytes[300];
        struct span s = exact(random_bytes(bytes, sizeof bytes));
        buf_clear(&out);
        buf_clear(&back);
        encoding_base64_add(&out, s);
        wrong += out.n != encoding_base64_bytes(s.n);
        wrong += !encoding_decode(ENCODING_BASE64, buf_span(&out), &back, &n);
        wrong += !span_eq(buf_span(&back), s);
        for (struct span rest = buf_span(&out), line; span_cut(&rest, '\n', &line);)
            wrong += line.n == 0 || line.n > 76;
        exact_free(s);
    }
    is_int(wrong, 0, "encoding_base64_add: random bytes come back, in lines of 76 characters");
    if (wrong)
        random_diag();
    buf_free(&out);
    buf_free(&back);
}

int main(void)
{
    random_begin();
    test_base64();
    test_quoted();
    test_others();
    test_random();
    return done_testing();
}
