/* SPDX-License-Identifier: ISC */
#include "client/quote.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/language.h"
#include "client/letter.h"
#include "random.h"
#include "tap.h"

#define NOTE "Forwarded message from ann, Sat Nov 28 20:14:05 2026:"

static struct message message(struct span body)
{
    return (struct message){.id = 7,
                            .from = SPAN("ann"),
                            .date = SPAN("2026-11-28T20:14:05Z"),
                            .len = body.n,
                            .state = MESSAGE_UNREAD,
                            .body = body};
}

typedef void quote_function(struct buf *out, const struct message *m);

static void make_is(quote_function *make, const char *body, const char *want, const char *name)
{
    struct message m = message(span_str(body));
    struct buf out;
    buf_init(&out, 100000);
    make(&out, &m);
    buf_add_char(&out, '\0');
    is_str(out.p, want, "%s", name);
    buf_free(&out);
}

static void test_reply(void)
{
    make_is(quote_reply, "", "On Sat Nov 28 20:14:05 2026, ann wrote:\n",
            "quote_reply: an empty message has no subject");
    make_is(quote_reply, "Hi\nthe plan\r\n\r\n> ok",
            "Subject: Re: the plan\n\nOn Sat Nov 28 20:14:05 2026, ann wrote:\n> Hi\n> the "
            "plan\n>\n> > ok\n",
            "quote_reply: the lines end with LF");
    make_is(quote_reply, "Subject: the plan\n\n\ntext\n\n",
            "Subject: Re: the plan\n\nOn Sat Nov 28 20:14:05 2026, ann wrote:\n> text\n",
            "quote_reply: the subject and blank lines around the text are not quoted");
    make_is(quote_reply, "Subject: RE: the plan",
            "Subject: RE: the plan\n\nOn Sat Nov 28 20:14:05 2026, ann wrote:\n",
            "quote_reply: Re: in any case stands there once");
    make_is(quote_reply,
            "MIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\nSGVsbG8sCnRoZSBwbGFu\n",
            "Subject: Re: the plan\n\nOn Sat Nov 28 20:14:05 2026, ann wrote:\n> Hello,\n> the "
            "plan\n",
            "quote_reply: a MIME text is decoded");
    make_is(quote_reply, "MIME-Version: 1.0\nSubject: =?utf-8?q?the_plan?=\n\ntext",
            "Subject: Re: the plan\n\nOn Sat Nov 28 20:14:05 2026, ann wrote:\n> text\n",
            "quote_reply: the subject in the header of a MIME text");
}

/* In Russian a date is written in numbers; one that is none stays as it is. */
static void test_russian(void)
{
    struct message m = message(SPAN("text"));
    struct buf out;
    language_set(LANGUAGE_RUSSIAN);
    make_is(quote_reply, "text", "Subject: Re: text\n\n28.11.2026 20:14, ann пишет:\n> text\n",
            "quote_reply: in Russian");
    make_is(quote_copy, "text",
            "Subject: Fwd: text\n\nПересланное письмо от ann, 28.11.2026 20:14:\n\ntext",
            "quote_copy: in Russian");
    m.date = SPAN("Sat Nov 28 20:14:05 2026");
    buf_init(&out, 1000);
    quote_reply(&out, &m);
    buf_add_char(&out, '\0');
    is_str(out.p, "Subject: Re: text\n\n28.11.2026 20:14, ann пишет:\n> text\n",
           "quote_reply: in Russian, of a server of the report");
    buf_clear(&out);
    m.date = SPAN("yesterday");
    quote_reply(&out, &m);
    buf_add_char(&out, '\0');
    is_str(out.p, "Subject: Re: text\n\nyesterday, ann пишет:\n> text\n",
           "quote_reply: in Russian, and a date that is none");
    buf_free(&out);
    language_set(LANGUAGE_ENGLISH);
}

/* What a person reads of the copy of a MIME text, after the header. */
static void copy_shows(const char *body, const char *want, const char *name)
{
    struct message m = message(span_str(body));
    struct buf out, shown;
    buf_init(&out, 100000);
    buf_init(&shown, 100000);
    quote_copy(&out, &m);
    m.body = buf_span(&out);
    letter_show(&shown, &m, NULL, 0);
    buf_add_char(&shown, '\0');
    const char *text = strstr(shown.p, "BODY: ");
    is_str(text ? text : "", want, "quote_copy: %s", name);
    buf_free(&out);
    buf_free(&shown);
}

#define OUTSIDE "MIME-Version: 1.0\nFrom: =?koi8-r?B?4c7OwQ==?= <a@example.org>\n\ntext"

static void test_copy(void)
{
    make_is(quote_copy, "Subject: the plan\n\ntext\r\n\n",
            "Subject: Fwd: the plan\n\n" NOTE "\n\nSubject: the plan\n\ntext\r\n\n",
            "quote_copy: the body as it is");
    make_is(quote_copy, "", NOTE "\n\n", "quote_copy: an empty message");
    copy_shows("MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\ntext\r\n",
               "BODY: " NOTE "\n\n      text\n\n", "a MIME text with CR LF");
    copy_shows("MIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\nSGVsbG8=\n",
               "BODY: " NOTE "\n\n\n\n      Hello\n", "a text in base64");
    copy_shows("MIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable\n\na=3Db\n",
               "BODY: " NOTE "\n\n      a=b\n\n", "a text in quoted-printable");
    copy_shows("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
               "Content-Type: image/png\n\npicture\n--b\n\ntext\n--b--\n",
               "BODY: " NOTE "\n\n      text\nFILE: 1 (image/png, 7 bytes)\n",
               "a file before the text");
    copy_shows("MIME-Version: 1.0\nContent-Type: image/png\n\npicture",
               "BODY: " NOTE "\n\n\nFILE: 2 (image/png, 7 bytes)\n", "no text");
    struct message outside = message(SPAN(OUTSIDE));
    struct buf out;
    outside.from = SPAN("mail-outside");
    buf_init(&out, 100000);
    quote_copy(&out, &outside);
    ok(span_ends(buf_span(&out), SPAN("\n\nForwarded message from Анна <a@example.org>, Sat Nov 28 "
                                      "20:14:05 2026:\n\ntext")),
       "quote_copy: of mail from outside, the sender is in its header");
    buf_free(&out);
    copy_shows("MIME-Version: 1.0\nContent-Type: text/plain; charset=koi8-r\n\n\xf0\xd2\xc9\n",
               "BODY: " NOTE "\n\n      При\n\n", "a text in KOI8-R");
    language_set(LANGUAGE_RUSSIAN);
    copy_shows(
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=koi8-r\n\n\xf0\xd2\xc9\n",
        "BODY: Пересланное письмо от ann, 28.11.2026 20:14:\n\n\nFILE: 2 (text/plain, байтов: 4)\n",
        "a text in KOI8-R, which a note in Russian does not get into");
    language_set(LANGUAGE_ENGLISH);
    copy_shows("MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-16le\n\na",
               "BODY: " NOTE "\n\n\nFILE: 2 (text/plain, 1 bytes)\n",
               "a text that cannot take ASCII");
    copy_shows("MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-32le\n\na",
               "BODY: " NOTE "\n\n\nFILE: 2 (text/plain, 1 bytes)\n", "... in UTF-32");
    copy_shows("MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-7\n\na",
               "BODY: " NOTE "\n\n\nFILE: 2 (text/plain, 1 bytes)\n", "... in UTF-7");
    copy_shows("MIME-Version: 1.0\nContent-Transfer-Encoding: odd\n\na",
               "BODY: " NOTE "\n\n\nFILE: 2 (text/plain, 1 bytes, damaged)\n",
               "... in an unknown form");
    copy_shows("MIME-Version: 1.0\n", "BODY: " NOTE "\n\n\nFILE: 2 (text/plain, 0 bytes)\n",
               "a header without its end");
}

/* Bodies of pieces that mean something in a MIME text: the copy names the author in its text. */
static void test_any_body(void)
{
    static const char *const pieces[] = {"MIME-Version: 1.0",
                                         "\n",
                                         "\r\n",
                                         "--b",
                                         "--",
                                         "Content-Type: ",
                                         "text",
                                         "/",
                                         "plain",
                                         ";",
                                         "multipart/mixed; boundary=b",
                                         "\nSubject: ",
                                         "x"};
    struct buf body;
    bool found = true;
    buf_init(&body, 100000);
    for (int i = 0; i < 2000 && found; i++) {
        buf_clear(&body);
        buf_add_str(&body, i % 2 ? "MIME-Version: 1.0\nContent-Type: " : "");
        for (unsigned n = random_below(30); n > 0; n--)
            buf_add_str(&body, pieces[random_below(sizeof pieces / sizeof pieces[0])]);
        struct message m = message(buf_span(&body));
        struct buf out, shown;
        buf_init(&out, 100000);
        buf_init(&shown, 100000);
        quote_copy(&out, &m);
        m.body = buf_span(&out);
        letter_show(&shown, &m, NULL, 0);
        buf_add_char(&shown, '\0');
        found = strstr(shown.p, NOTE) != NULL;
        buf_free(&out);
        buf_free(&shown);
    }
    ok(found, "quote_copy: the text of every copy names the author");
    if (!found) {
        diag("%.*s", SPAN_PRINTF(buf_span(&body)));
        random_diag();
    }
    buf_free(&body);
}

int main(void)
{
    static char zone[] = "TZ=UTC";
    random_begin();
    putenv(zone); /* setenv is not everywhere */
    tzset();
    test_reply();
    test_russian();
    test_copy();
    test_any_body();
    return done_testing();
}
