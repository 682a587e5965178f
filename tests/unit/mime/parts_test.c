/* SPDX-License-Identifier: ISC */
#include "mime/parts.h"

#include <stdio.h>

#include "base/buf.h"
#include "random.h"
#include "tap.h"

#define FIRST PARTS_FIRST_LINE "\n"

/* Says what the parts are, each as "type|name|body;", and how it ended. */
static void parts_are(struct span in, const char *want, const char *name)
{
    struct parts p;
    struct part part;
    struct buf out;
    struct span s = exact(in);
    enum parts_result result;
    buf_init(&out, 100000);
    parts_init(&p, s);
    while ((result = parts_next(&p, &part)) == PARTS_ONE) {
        size_t n;
        buf_printf(&out, "%u%s %s", part.number, part.attachment ? "!" : "", part.type);
        if (part.charset[0])
            buf_printf(&out, ",%s", part.charset);
        buf_printf(&out, "|%.*s|", (int)part.name_bytes, part.name);
        encoding_decode(part.encoding, part.body, &out, &n);
        buf_add_char(&out, ';');
    }
    if (result == PARTS_TOO_MANY)
        buf_add_str(&out, "too many");
    buf_add_char(&out, '\0');
    is_str(out.p, want, "parts_next: %s", name);
    buf_free(&out);
    exact_free(s);
}

static void test_is_mime(void)
{
    ok(parts_is_mime(SPAN("MIME-Version: 1.0")) && parts_is_mime(SPAN("MIME-Version: 1.0\r\nx")),
       "parts_is_mime: by its first line");
    ok(!parts_is_mime(SPAN("")) && !parts_is_mime(SPAN("MIME-Version: 1.0 \n")) &&
           !parts_is_mime(SPAN("Mime-version: 1.0\n")) &&
           !parts_is_mime(SPAN("\nMIME-Version: 1.0\n")),
       "parts_is_mime: by nothing else");
}

static void test_one(void)
{
    parts_are(SPAN(FIRST), "1 text/plain||;", "a header alone");
    parts_are(SPAN(FIRST "\nhello\n"), "1 text/plain||hello\n;", "a text without a type");
    parts_are(SPAN(FIRST "Content-Type: TEXT/Html; charset=\"KOI8-R\"\n"
                         "Content-Transfer-Encoding: base64\n\nTWFu\n"),
              "1 text/html,koi8-r||Man;", "a type, a character set and an encoding");
    parts_are(SPAN(FIRST "Content-Type: ; name=x\n\nhello"), "1 application/octet-stream|x|hello;",
              "a type that is none");
    parts_are(SPAN(FIRST "Content-Type: multipart/mixed\n\nhello"), "1 multipart/mixed||hello;",
              "a multipart without a boundary");
}

static void test_many(void)
{
    parts_are(SPAN(FIRST
                   "Content-Type: multipart/mixed; boundary=b\n\npreamble\n--b\n\none\n"
                   "\n--bb\n--b \t\nContent-Disposition: attachment; filename=f\n\ntwo\n--b--\n"
                   "epilogue\n--b\n\nno"),
              "1 text/plain||one\n\n--bb;2! text/plain|f|two;", "parts, and nothing outside them");
    parts_are(SPAN(FIRST "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n\r\n"
                         "--b--\r\n"),
              "1 text/plain||one\r\n;", "lines that end with CR LF");
    parts_are(
        SPAN(FIRST "Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n\n--b\nX: y\n--b--"),
        "1 text/plain||;2 text/plain||;3 text/plain||;", "parts without a body or a header");
    parts_are(SPAN(FIRST "Content-Type: multipart/mixed; boundary=b\n\n--b\n\ncut"),
              "1 text/plain||cut;", "a part that is cut off");
    parts_are(SPAN(FIRST "Content-Type: multipart/digest; boundary=b\n\n--b\n\none\n--b--"),
              "1 message/rfc822||one;", "a digest");
}

static void test_nested(void)
{
    parts_are(SPAN(FIRST
                   "Content-Type: multipart/mixed; boundary=a\n\n--a\n"
                   "Content-Type: multipart/alternative; boundary=b\n\n--b\n\none\n--b\n\ntwo\n"
                   "--b--\nepilogue\n--a\n\nthree\n--a--\n"),
              "1 text/plain||one;2 text/plain||two;3 text/plain||three;", "parts of parts");
    parts_are(SPAN(FIRST
                   "Content-Type: multipart/mixed; boundary=a\n\n--a\n"
                   "Content-Type: multipart/alternative; boundary=b\n\n--b\n\none\n--a\n\ntwo\n"
                   "--b\n\nthree"),
              "1 text/plain||one;2 text/plain||two\n--b\n\nthree;",
              "the outer delimiter ends the inner multipart");
}

static void test_limits(void)
{
    struct buf in, want;
    buf_init(&in, 100000);
    buf_init(&want, 100000);
    buf_add_str(&in, FIRST);
    for (int i = 0; i <= PARTS_DEPTH; i++)
        buf_printf(&in, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
    buf_add_str(&in, "\nbody");
    buf_printf(&want, "1 multipart/mixed||--b%d\n\nbody;", PARTS_DEPTH);
    buf_add_char(&want, '\0');
    parts_are(buf_span(&in), want.p, "what lies too deep is handed out whole");
    buf_clear(&in);
    buf_clear(&want);
    buf_add_str(&in, FIRST "Content-Type: multipart/mixed; boundary=b\n\n");
    for (int i = 1; i <= PARTS_MAX + 1; i++)
        buf_add_str(&in, "--b\n\nx\n");
    for (int i = 1; i <= PARTS_MAX; i++)
        buf_printf(&want, "%d text/plain||x;", i);
    buf_add_str(&want, "too many");
    buf_add_char(&want, '\0');
    parts_are(buf_span(&in), want.p, "too many parts");
    buf_clear(&in);
    buf_add_str(&in, FIRST "Content-Type: multipart/mixed; boundary=");
    for (int i = 0; i <= PARTS_BOUNDARY_BYTES; i++)
        buf_add_char(&in, 'b');
    buf_add_str(&in, "; name=");
    for (int i = 0; i < PARTS_NAME_BYTES / 2 + 1; i++)
        buf_add_str(&in, "\xc3\xa4");
    struct parts p;
    struct part part;
    parts_init(&p, buf_span(&in));
    ok(parts_next(&p, &part) == PARTS_ONE && strcmp(part.type, "multipart/mixed") == 0,
       "parts_next: a boundary that is too long");
    is_int(part.name_bytes, PARTS_NAME_BYTES - 1,
           "parts_next: a long name is cut between characters");
    buf_free(&in);
    buf_free(&want);
}

int main(void)
{
    test_is_mime();
    test_one();
    test_many();
    test_nested();
    test_limits();
    return done_testing();
}
