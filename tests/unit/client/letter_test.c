/* SPDX-License-Identifier: ISC */
/* How a message with parts is shown. */
#include "client/letter.h"

#include "tap.h"

#define MIME        "MIME-Version: 1.0\n"
#define MIXED       MIME "Content-Type: multipart/mixed; boundary=b\n\n"
#define ALTERNATIVE MIME "Content-Type: multipart/alternative; boundary=b\n\n"

static void shows(const char *body, size_t files, const char *want, const char *name)
{
    struct buf out;
    buf_init(&out, SIZE_MAX / 2);
    is_int(letter_show_body(&out, span_str(body), 0), files, "letter_show_body: %s: the files",
           name);
    buf_add_char(&out, '\0');
    is_str(out.p, want, "letter_show_body: %s", name);
    buf_free(&out);
}

static void test_texts(void)
{
    static const struct {
        const char *name, *body, *want;
        size_t files;
    } cases[] = {
        {"a text", "one\ntwo", "one\n      two\n", 0},
        {"a MIME text", MIME "\none\n", "one\n\n", 0},
        {"in UTF-8", MIME "Content-Type: text/plain; charset=UTF-8\n\none", "one\n", 0},
        {"in ASCII", MIME "Content-Type: text/plain; charset=us-ascii\n\none", "one\n", 0},
        {"in KOI8-R", MIME "Content-Type: text/plain; charset=koi8-r\n\n\xf0\xd2\xc9\n", "При\n\n",
         0},
        {"in windows-1251, encoded",
         MIME "Content-Type: text/plain; charset=\"Windows-1251\"\n"
              "Content-Transfer-Encoding: quoted-printable\n\n=CF=F0=E8",
         "При\n", 0},
        {"in an unknown character set", MIME "Content-Type: text/plain; charset=utf-7\n\none",
         "one\nNOTE: the character set of this text is utf-7\n", 0},
        {"alternatives, the plain one first",
         ALTERNATIVE "--b\n\none\n--b\nContent-Type: text/html\n\n<b>\n--b--\n",
         "one\nFILE: 2 (text/html, 3 bytes)\n", 1},
        {"alternatives, the plain one last",
         ALTERNATIVE "--b\nContent-Type: text/html\n\n<b>\n--b\n\none\n--b--\n",
         "one\nFILE: 1 (text/html, 3 bytes)\n", 1},
        {"a plain text that is no alternative",
         MIXED "--b\nContent-Type: text/html\n\n<b>\n--b\n\none\n--b--\n",
         "<b>\nNOTE: the type of this text is text/html; save writes part 1 to a file\nFILE: 2 "
         "(text/plain, 3 bytes)\n",
         1},
        {"a plain text after the alternatives",
         MIXED "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n"
               "Content-Type: text/html\n\n<b>\n--c--\n--b\n\none\n--b--\n",
         "<b>\nNOTE: the type of this text is text/html; save writes part 1 to a file\nFILE: 2 "
         "(text/plain, 3 bytes)\n",
         1},
        {"of another type", MIME "Content-Type: text/html\n\none",
         "one\nNOTE: the type of this text is text/html; save writes part 1 to a file\n", 0},
        {"damaged", MIME "Content-Transfer-Encoding: base64\n\nb25l####",
         "one\nNOTE: this text is damaged\n", 0},
        {"mail", MIME "From: Ann <ann@example.org>\nSubject: =?utf-8?q?one?=\n\ntwo",
         "From: Ann <ann@example.org>\n      Subject: one\n\n      two\n", 0},
        {"a text that is attached",
         MIXED "--b\nContent-Disposition: attachment; filename=x\n\none\n--b\n\ntwo\n--b--\n",
         "two\nFILE: 1 x (text/plain, 3 bytes)\n", 1},
        {"no text", MIXED "--b\nContent-Type: image/png\n\n1234\n--b--\n",
         "\nNOTE: there is no text\nFILE: 1 (image/png, 4 bytes)\n", 1},
        {"a damaged file",
         MIXED "--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n####\n--b--\n",
         "\nNOTE: there is no text\nFILE: 1 (image/png, 0 bytes, damaged)\n", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        shows(cases[i].body, cases[i].files, cases[i].want, cases[i].name);
}

static void test_many_parts(void)
{
    struct buf body, out;
    buf_init(&body, SIZE_MAX / 2);
    buf_init(&out, SIZE_MAX / 2);
    buf_add_str(&body, MIXED);
    for (int i = 0; i <= PARTS_MAX; i++)
        buf_add_str(&body, "--b\n\n\n");
    is_int(letter_show_body(&out, buf_span(&body), 0), PARTS_MAX,
           "letter_show_body: more parts than PARTS_MAX: all but the text and one more are files");
    ok(span_ends(buf_span(&out), SPAN("NOTE: there are more parts, which only --raw shows\n")),
       "letter_show_body: ... and a note");
    buf_free(&body);
    buf_free(&out);
}

/* Each byte of the name becomes four. */
static void test_long_name(void)
{
    struct buf body, want;
    buf_init(&body, SIZE_MAX / 2);
    buf_init(&want, SIZE_MAX / 2);
    buf_add_str(&body, MIXED "--b\nContent-Disposition: attachment; filename=\"");
    buf_add_str(&want, "\nNOTE: there is no text\nFILE: 1 ");
    for (int i = 0; i < PARTS_NAME_BYTES; i++) {
        buf_add_char(&body, '\x01');
        buf_add_str(&want, "\\x01");
    }
    buf_add_str(&body, "\"\n\n1\n--b--\n");
    buf_add(&body, span_of("\0", 1));
    buf_add_str(&want, " (text/plain, 1 bytes)\n");
    buf_add(&want, span_of("\0", 1));
    shows(body.p, 1, want.p, "the longest name, of control characters");
    buf_free(&body);
    buf_free(&want);
}

static void test_text_alone(void)
{
    struct buf room;
    buf_init(&room, SIZE_MAX / 2);
    ok(span_eq(letter_text(&room, SPAN("one\n")), SPAN("one\n")), "letter_text: a text as it is");
    ok(span_eq(letter_text(&room, SPAN(MIME "Subject: one\n\ntwo")), SPAN("Subject: one\ntwo")),
       "letter_text: of a MIME text the subject and the text");
    ok(span_eq(letter_text(&room, SPAN(MIME "Subject: =?koi8-r?Q?=F0?=\n"
                                            "Content-Type: text/plain; charset=koi8-r\n\n\xf0")),
               SPAN("Subject: П\nП")),
       "letter_text: in UTF-8");
    ok(span_eq(letter_text(&room, SPAN(MIME "Content-Type: image/png\n\n1234")), SPAN("")),
       "letter_text: of a MIME text without either nothing");
    buf_free(&room);
}

/* Who is said to be the sender, whoever the header names. */
static void test_sender(void)
{
    static const struct {
        const char *name, *from, *reader, *header, *want;
    } rows[] = {
        {"mail from outside", "mail-outside", "bob", "Ann <ann@example.org>", "From: Ann"},
        {"mail that the reader has imported", "bob", "bob", "Ann <ann@example.org>", "From: Ann"},
        {"mail that names its sender", "ann", "bob", "Ann <ann@example.org>", "From: Ann"},
        {"mail that names another sender", "eve", "bob", "Ann <ann@example.org>",
         "Says it is from: Ann"},
        {"a display name is no address", "eve", "bob", "eve <ann@example.org>",
         "Says it is from: eve"},
        {"what is no address", "eve", "bob", "eve@@", "Says it is from: eve@@"},
        {"an unknown reader", "bob", NULL, "Ann <ann@example.org>", "Says it is from: Ann"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[200], want[200];
        struct buf out;
        buf_init(&out, SIZE_MAX / 2);
        snprintf(body, sizeof body, MIME "From: %s\n\ntext", rows[i].header);
        snprintf(want, sizeof want, "BODY: %s", rows[i].want);
        struct message m = {.from = span_str(rows[i].from), .body = span_str(body)};
        letter_show(&out, &m, rows[i].reader, 0);
        buf_add_char(&out, '\0');
        ok(strstr(out.p, want), "letter_show: %s", rows[i].name);
        buf_free(&out);
    }
}

int main(void)
{
    test_sender();
    test_texts();
    test_many_parts();
    test_long_name();
    test_text_alone();
    return done_testing();
}
