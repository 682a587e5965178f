/* SPDX-License-Identifier: ISC */
#include "mime/render.h"

#include "mime/compose.h"
#include "mime/parts.h"
#include "random.h"
#include "tap.h"

static const char *const bob = "bob";
static const struct tm day = {.tm_year = 117, .tm_mon = 11, .tm_mday = 3};
static const unsigned char dice[COMPOSE_CHANCE_BYTES] = "0123456789abcde";

static const struct envelope from_ann = {.to = &bob,
                                         .nto = 1,
                                         .from = {"ann", 3},
                                         .host = {"x.org", 5},
                                         .subject = {"ignored", 7},
                                         .id = {"7.g", 3},
                                         .utc = &day,
                                         .own = true};

/* Appends the mail, and says whether its size was told before. */
static bool render_all(struct buf *out, const struct envelope *e, enum render_origin origin,
                       struct span body)
{
    struct render r;
    bool good = render_begin(&r, e, origin, body);
    uint64_t bytes = render_bytes(&r);
    size_t begin = out->n, at = begin;
    while (render_more(&r, out)) {
        good = good && out->n > at && out->n - at <= RENDER_PIECE_BYTES;
        at = out->n;
    }
    render_end(&r);
    return good && buf_ok(out) && out->n - begin == bytes;
}

static void rendered_is(enum render_origin origin, struct span body, const char *want,
                        const char *name)
{
    struct buf out;
    buf_init(&out, 100000);
    ok(render_all(&out, &from_ann, origin, body), "render_bytes: %s", name);
    buf_add_char(&out, '\0');
    is_str(out.p, want, "render_more: %s", name);
    buf_free(&out);
}

#define FROM "From: ann@x.org\r\n"
#define TO   "To: bob@x.org\r\n"
#define DATE "Date: Sun, 03 Dec 2017 00:00:00 +0000\r\n"
#define ID   "Message-ID: <7.g@x.org>\r\n"
#define MARK "MIME-Version: 1.0\n"
#define MIME "MIME-Version: 1.0\r\n"
#define TYPE(charset, encoding)                         \
    "Content-Type: text/plain; charset=" charset "\r\n" \
    "Content-Transfer-Encoding: " encoding "\r\n\r\n"
#define HEAD          FROM TO DATE
#define SUBJECT(text) HEAD "Subject: " text "\r\n" ID MIME
#define PLAIN         TYPE("utf-8", "7bit")

static void text_is(struct span body, const char *want, const char *name)
{
    rendered_is(RENDER_OTHER, body, want, name);
}

static void test_subjects(void)
{
    text_is(SPAN("Subject: Hi\n\nHow are you?\n"), SUBJECT("Hi") PLAIN "How are you?\r\n",
            "a line with a subject becomes the field, without the empty line after it");
    text_is(SPAN("Subject: Hi\nThere\n"), SUBJECT("Hi") PLAIN "There\r\n",
            "a subject without an empty line after it");
    text_is(SPAN("Subject: Hi\n\n\n"), SUBJECT("Hi") PLAIN "\r\n", "one empty line is taken off");
    text_is(SPAN("Subject: Hi\r\n\r\nThere\r\n"), SUBJECT("Hi") PLAIN "There\r\n",
            "a subject of a Windows client");
    text_is(SPAN("Subject: Hi"), SUBJECT("Hi") PLAIN, "a subject alone");
    text_is(SPAN("Subject: \n\nHi\n"), HEAD ID MIME PLAIN "Hi\r\n", "an empty subject");
    text_is(SPAN("Subject: a\rb\n\nHi\n"),
            SUBJECT("a") TYPE("utf-8", "base64") "U3ViamVjdDogYQ1iCgpIaQo=\r\n",
            "a subject with a CR in it stays in the text, too");
    text_is(SPAN("subject: Hi\n\nThere"),
            SUBJECT("subject: Hi") PLAIN "subject: Hi\r\n\r\nThere\r\n",
            "only the clients' line is a subject");
    text_is(SPAN("\n \t\r\n  How are you?\nFine.\n"),
            SUBJECT("How are you?") PLAIN "\r\n \t\r\n  How are you?\r\nFine.\r\n",
            "the first line that is not blank, and the text stays whole");
    text_is(SPAN("\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82\n"),
            SUBJECT("=?utf-8?B?0J/RgNC40LLQtdGC?=")
                TYPE("utf-8", "8bit") "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82\r\n",
            "Russian");
    text_is(SPAN("Subject: =?utf-8?B?QQ==?=\n\nHi\n"),
            SUBJECT("=?utf-8?B?PT91dGYtOD9CP1FRPT0/PQ==?=") PLAIN "Hi\r\n",
            "a subject that looks encoded");
}

/* A letter that begins with a line of this many bytes, the word Subject included. */
static void subject_of_bytes(size_t n, bool stays)
{
    struct buf body, out;
    buf_init(&body, 10000);
    buf_init(&out, 10000);
    buf_add_str(&body, "Subject: ");
    while (body.n < n)
        buf_add_char(&body, 'a');
    buf_add_str(&body, "\n\nHi\n");
    ok(render_all(&out, &from_ann, RENDER_OTHER, buf_span(&body)), "render_bytes: %zu bytes", n);
    buf_add_char(&out, '\0');
    ok((strstr(out.p, "\r\n\r\nSubject: aaa") != NULL) == stays &&
           strstr(out.p, "\r\nSubject: aaa"),
       "render_more: a subject line of %zu bytes %s in the text", n,
       stays ? "stays" : "is not left");
    buf_free(&body);
    buf_free(&out);
}

static void test_texts(void)
{
    text_is(SPAN(""), HEAD ID MIME PLAIN, "an empty text");
    text_is(SPAN("a"), SUBJECT("a") PLAIN "a\r\n", "one byte");
    text_is(SPAN("\n"), HEAD ID MIME PLAIN "\r\n", "one line end");
    text_is(SPAN("a\n.\n..b\n.c"), SUBJECT("a") PLAIN "a\r\n.\r\n..b\r\n.c\r\n",
            "dots stay as they are");
    text_is(SPAN("a\r\nb\nc\r\n"), SUBJECT("a") PLAIN "a\r\nb\r\nc\r\n",
            "CR LF and LF: CR LF each");
    text_is(SPAN("a\rb\n"), SUBJECT("a") TYPE("utf-8", "base64") "YQ1iCg==\r\n",
            "a CR without an LF makes base64 of it");
    text_is(SPAN("a\r"), SUBJECT("a") TYPE("utf-8", "base64") "YQ0=\r\n", "a CR at the end");
    text_is(SPAN("a\0b"), SUBJECT("=?utf-8?B?YQBi?=") TYPE("utf-8", "base64") "YQBi\r\n", "a NUL");
    text_is(SPAN("\xff"),
            SUBJECT("=?unknown-8bit?B?/w==?=") TYPE("unknown-8bit", "base64") "/w==\r\n",
            "a subject that is not UTF-8");
    text_is(SPAN("a\n\xff\n"), SUBJECT("a") TYPE("unknown-8bit", "base64") "YQr/Cg==\r\n",
            "what is not UTF-8");
    subject_of_bytes(9 + ENVELOPE_SUBJECT_BYTES, false);
    subject_of_bytes(9 + ENVELOPE_SUBJECT_BYTES + 1, true);
}

/* A second line of n bytes, and its end. */
static bool is_encoded(size_t n, const char *end)
{
    struct buf body, out;
    buf_init(&body, 10000);
    buf_init(&out, 10000);
    buf_add_str(&body, "Subject: a\n\n");
    for (size_t i = 0; i < n; i++)
        buf_add_char(&body, 'x');
    buf_add_str(&body, end);
    ok(render_all(&out, &from_ann, RENDER_OTHER, buf_span(&body)), "render_bytes: %zu bytes", n);
    buf_add_char(&out, '\0');
    bool encoded = strstr(out.p, "base64") != NULL;
    buf_free(&body);
    buf_free(&out);
    return encoded;
}

static void test_long_lines(void)
{
    ok(!is_encoded(998, "\n") && !is_encoded(998, "\r\n") && !is_encoded(998, ""),
       "render_begin: a line of 998 bytes passes");
    ok(is_encoded(999, "\n") && is_encoded(999, "\r\n") && is_encoded(999, ""),
       "render_begin: a longer one makes base64 of the text");
}

static void test_door(void)
{
#define COMPLETE "Message-ID: <1@y>\r\nfrom: Bob <bob@y>\r\nDATE : x\r\n"
    static const char mail[] = COMPLETE "Subject: a\r\n b\r\n\r\n.Hi\r\n--\r\n";
    struct buf out;
    rendered_is(RENDER_DOOR, SPAN(MARK COMPLETE "Subject: a\r\n b\r\n\r\n.Hi\r\n--\r\n"), mail,
                "a door's mail leaves byte for byte");
    rendered_is(RENDER_DOOR, SPAN(MIME COMPLETE "\r\nHi\r\n"), MIME COMPLETE "\r\nHi\r\n",
                "a door's mail that began with MIME-Version keeps it");
    rendered_is(RENDER_DOOR, SPAN(MARK COMPLETE MIME "\r\nHi\r\n"), COMPLETE MIME "\r\nHi\r\n",
                "a door's mail with MIME-Version elsewhere");
    rendered_is(RENDER_DOOR, SPAN(MARK COMPLETE), COMPLETE, "a door's mail without a text");
    rendered_is(RENDER_DOOR, SPAN(MARK COMPLETE "\r\nHi"), COMPLETE "\r\nHi\r\n",
                "a door's mail gets a last line end");
    buf_init(&out, 1000);
    ok(render_all(&out, &from_ann, RENDER_DOOR, SPAN(MARK COMPLETE "\r\na\0\r\xff\n\r\n")) &&
           span_eq(buf_span(&out), SPAN(COMPLETE "\r\na\0\r\xff\n\r\n")),
       "render_more: any bytes of a door's mail stay");
    buf_free(&out);
    rendered_is(RENDER_DOOR, SPAN(MARK "Subject: x\r\n\r\nHi\r\n"), "Subject: x\r\n\r\nHi\r\n",
                "a door's mail without From gets none");
    rendered_is(RENDER_DOOR, SPAN(MARK "\r\nHi there\r\nBob\r\n"), "Hi there\r\nBob\r\n",
                "a door's mail without a header");
    rendered_is(RENDER_DOOR, SPAN(MARK "\r\n\r\nHi there\r\n"), "\r\nHi there\r\n",
                "a door's mail with an empty header");
    rendered_is(RENDER_DOOR, SPAN(MARK "\r\n"), "", "a door's mail without anything");
    rendered_is(RENDER_DOOR, SPAN("From: x\r\n\r\nHi\r\n"),
                SUBJECT("From: x") PLAIN "From: x\r\n\r\nHi\r\n",
                "what has no mark is a text, whoever brought it");
}

static void test_own(void)
{
    rendered_is(RENDER_OWN, SPAN(MARK "From: a\nTo: b\r\n\nHi\r\n.\n"),
                MIME "From: a\r\nTo: b\r\n\r\nHi\r\n.\r\n", "the owner's mail leaves as it is");
    rendered_is(RENDER_OWN, SPAN(MARK "From: a\nmime-version: 1.0\n\nHi"),
                "From: a\r\nmime-version: 1.0\r\n\r\nHi\r\n", "MIME-Version is not shown twice");
    rendered_is(RENDER_OWN, SPAN(MIME "From: a\r\nMIME-Version: 1.0\r\n\r\nHi\r\n"),
                MIME "From: a\r\nMIME-Version: 1.0\r\n\r\nHi\r\n",
                "a first line that is no mark stays");
    rendered_is(RENDER_OWN, SPAN(MARK "From: a\n\nMIME-Version: 1.0\n"),
                MIME "From: a\r\n\r\nMIME-Version: 1.0\r\n",
                "MIME-Version in the text is no field");
    rendered_is(RENDER_OWN, SPAN(MARK "X: a\n\nFrom: b\n"),
                SUBJECT("From: b") "X: a\r\n\r\nFrom: b\r\n", "the owner's MIME text without From");
    rendered_is(RENDER_OWN, SPAN("From: a\n\nHi\n"),
                SUBJECT("From: a") PLAIN "From: a\r\n\r\nHi\r\n", "what has no mark is a text");
}

static void test_forged(void)
{
    text_is(SPAN(MARK "From: boss@y\r\nTo: you\r\nDate: x\nSubject: S\n b\nX: y\n\nHi\n"),
            HEAD ID MIME "X-Original-From: boss@y\r\nX-Original-To: you\r\nX-Original-Date: x\r\n"
                         "Subject: S\r\n b\r\nX: y\r\n\r\nHi\r\n",
            "what another says of himself is renamed");
    text_is(SPAN(MARK "from : boss@y\nSENDER:boss@y\nno field\nFrom:\n boss@y\n\n"),
            HEAD ID MIME "X-Original-from : boss@y\r\nX-Original-SENDER:boss@y\r\n"
                         "X-Original-From:\r\n boss@y\r\n\r\n",
            "however it is written");
    text_is(SPAN(MARK "Fro: boss@y\n\n"), HEAD ID MIME "X-Original-Fro: boss@y\r\n\r\n",
            "also by the beginning of the name");
    text_is(SPAN(MARK "X: y\rFrom: boss@y\r\r\n\rFrom: boss@y\n\nHi\n"),
            SUBJECT("Hi") "X: y From: boss@y \r\n\r\nHi\r\n", "a CR alone begins no field");
    text_is(SPAN(MARK "X: y"), HEAD ID MIME "X: y\r\n\r\n", "a header without an end");
    text_is(SPAN("MIME-Version: 1.0"), HEAD ID MIME "\r\n", "the mark alone");
    text_is(SPAN(MIME "Message-ID: <a>\r\nSubject: \r\n\r\nHi"),
            HEAD MIME "Message-ID: <a>\r\nSubject: \r\n\r\nHi\r\n",
            "a Message-ID, and an empty subject, stay");
}

/* Of a header of many short fields, each of which grows, only the beginning is kept. */
static void test_long_header(void)
{
    struct render r;
    struct buf body;
    const struct envelope e = {.from = SPAN("ann")};
    buf_init(&body, SIZE_MAX / 2);
    buf_add_str(&body, MARK);
    while (body.n < 4 * RENDER_HEADER_BYTES)
        buf_add_str(&body, "To:\n");
    buf_add_str(&body, "\nHi\n");
    ok(render_begin(&r, &e, RENDER_OTHER, buf_span(&body)), "render_begin: a long header");
    ok(r.head.n > RENDER_HEADER_BYTES && r.head.cap <= 8 * RENDER_HEADER_BYTES,
       "... takes no more memory than one of RENDER_HEADER_BYTES");
    ok(span_eq(r.text, SPAN("\nHi\n")), "... and the text stays");
    render_end(&r);
    buf_free(&body);
}

/* A MIME text of one part with this type and encoding has this subject. */
static void part_has(const char *type, const char *encoding, const char *text, const char *want)
{
    struct buf body, out;
    char subject[100] = "none";
    buf_init(&body, 10000);
    buf_init(&out, 10000);
    buf_printf(&body, MARK "Content-Type: %s\nContent-Transfer-Encoding: %s\n\n%s", type, encoding,
               text);
    ok(render_all(&out, &from_ann, RENDER_OTHER, buf_span(&body)), "render_bytes: %s", type);
    buf_add_char(&out, '\0');
    const char *found = strstr(out.p, "Subject: ");
    if (found)
        sscanf(found, "Subject: %99[^\r]", subject);
    is_str(subject, want, "render_begin: the subject of %s is %s", type, want);
    buf_free(&body);
    buf_free(&out);
}

static void test_subject_of_part(void)
{
    part_has("text/plain; charset=utf-8", "7bit", "Subject: a b\n\nHi", "a b");
    part_has("text/plain", "quoted-printable", "=61\nHi", "a");
    part_has("text/plain; charset=unknown-8bit", "base64", "U3ViamVj\ndDogYQoK/w==", "a");
    part_has("text/plain; charset=koi8-r", "7bit", "a", "none");
    part_has("text/plain", "7bit\nContent-Disposition: attachment", "a", "none");
    part_has("text/html", "7bit", "a", "none");
    part_has("multipart/mixed; boundary=b", "7bit", "a", "none");
}

#define BOUNDARY "=_30313233343536373839616263646500"

static void test_files(void)
{
    struct buf body;
    struct compose c;
    buf_init(&body, 10000);
    compose_begin(&c, &body, SPAN("Subject: Hi\n\nSee:\n"), dice);
    compose_file(&c, SPAN("a.bin"), SPAN("x\0y"));
    compose_end(&c);
    text_is(
        buf_span(&body),
        SUBJECT("Hi") "Content-Type: multipart/mixed;\r\n boundary=\"" BOUNDARY "\"\r\n\r\n"
                      "--" BOUNDARY "\r\n" PLAIN "Subject: Hi\r\n\r\nSee:\r\n"
                      "\r\n--" BOUNDARY "\r\nContent-Type: application/octet-stream\r\n"
                      "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment;\r\n"
                      " filename=\"a.bin\"\r\n\r\neAB5\r\n\r\n--" BOUNDARY "--\r\n",
        "a letter with a file");
    buf_free(&body);
}

static void test_envelopes(void)
{
    static const char *const both[] = {"bob", "carl"};
    const struct envelope e = {.to = both, .nto = 2, .from = SPAN("a\nb"), .id = SPAN("7")};
    struct buf out;
    buf_init(&out, 10000);
    ok(render_all(&out, &e, RENDER_OTHER, SPAN("Hi")), "render_bytes: another envelope");
    buf_add_char(&out, '\0');
    is_str(out.p,
           "From: \"a_b\"\r\nTo: bob,\r\n carl\r\nSubject: Hi\r\nMessage-ID: <7@unknown>\r\n" MIME
               PLAIN "Hi\r\n",
           "render_more: two recipients, a sender who means harm, no host and no date");
    buf_free(&out);
}

/* Removes each CR before an LF. */
static void to_lf(struct buf *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++)
        if (b->p[i] != '\r' || i + 1 == b->n || b->p[i + 1] != '\n')
            b->p[n++] = b->p[i];
    b->n = n;
}

/* The text of the first part. */
static bool decode(struct span mail, struct buf *out, struct part *part)
{
    struct parts p;
    size_t n;
    parts_init(&p, mail);
    return parts_next(&p, part) == PARTS_ONE &&
           encoding_decode(part->encoding, part->body, out, &n);
}

static bool comes_back(struct span text)
{
    struct buf mail, back, want;
    struct part part;
    buf_init(&mail, SIZE_MAX / 2);
    buf_init(&back, SIZE_MAX / 2);
    buf_init(&want, SIZE_MAX / 2);
    buf_add(&want, text);
    bool good =
        render_all(&mail, &from_ann, RENDER_OTHER, text) && decode(buf_span(&mail), &back, &part);
    if (good && part.encoding == ENCODING_NONE) {
        if (want.n > 0 && want.p[want.n - 1] != '\n')
            buf_add_char(&want, '\n');
        to_lf(&want);
        to_lf(&back);
    }
    good = good && span_eq(buf_span(&back), buf_span(&want));
    buf_free(&mail);
    buf_free(&back);
    buf_free(&want);
    return good;
}

static void test_there_and_back(void)
{
    char room[400];
    size_t good = 0;
    random_begin();
    for (size_t i = 0; i < 2000; i++) {
        struct span text = exact(random_bytes(room, sizeof room));
        good += span_starts(text, SPAN("MIME")) || comes_back(text);
        exact_free(text);
    }
    is_int(good, 2000, "render_more: texts come back when the mail is decoded");
    if (good < 2000)
        random_diag();
}

/* More than a piece, with a CR LF at each place. */
static void test_pieces(void)
{
    static const char *const ends[] = {"\n", "\r\n", "\xff\n"};
    struct buf body;
    size_t good = 0;
    buf_init(&body, SIZE_MAX / 2);
    for (size_t begin = 0; begin < 8; begin++)
        for (size_t end = 0; end < 3; end++) {
            buf_clear(&body);
            for (size_t i = 0; i < begin; i++)
                buf_add_char(&body, 'x');
            while (body.n < (size_t)2 * RENDER_PIECE_BYTES)
                buf_printf(&body, "abc%s", ends[end]);
            good += comes_back(buf_span(&body));
        }
    is_int(good, 24, "render_more: texts of several pieces come back");
    buf_clear(&body);
    buf_add_str(&body, MARK "X: ");
    while (body.n < (size_t)2 * RENDER_PIECE_BYTES)
        buf_add_str(&body, "y\n z");
    struct buf out;
    buf_init(&out, SIZE_MAX / 2);
    ok(render_all(&out, &from_ann, RENDER_OTHER, buf_span(&body)),
       "render_more: a header of several pieces");
    buf_free(&out);
    buf_init(&out, 100);
    struct render r;
    ok(render_begin(&r, &from_ann, RENDER_OTHER, buf_span(&body)) && !render_more(&r, &out) &&
           !buf_ok(&out),
       "render_more: no room");
    render_end(&r);
    buf_free(&out);
    buf_free(&body);
}

int main(void)
{
    test_subjects();
    test_texts();
    test_long_lines();
    test_door();
    test_own();
    test_forged();
    test_long_header();
    test_subject_of_part();
    test_files();
    test_envelopes();
    test_there_and_back();
    test_pieces();
    return done_testing();
}
