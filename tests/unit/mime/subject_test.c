/* SPDX-License-Identifier: ISC */
#include "mime/subject.h"

#include "random.h"
#include "tap.h"

#define LINE 80
#define MIME "MIME-Version: 1.0\n"

static void test_lines(void)
{
    static const struct {
        const char *name, *body, *want;
    } rows[] = {
        {"a text", "one\ntwo", "one"},
        {"a text with a subject", "Subject: one\n\ntwo", "Subject: one"},
        {"nothing", "", ""},
        {"a MIME text", MIME "Subject: one\n\ntwo", "Subject: one"},
        {"with line ends of mail", "MIME-Version: 1.0\r\nSubject: one\r\n\r\ntwo", "Subject: one"},
        {"after other fields", MIME "From: a\r\nX-Subject: no\r\nSUBJECT : one\r\n\r\n",
         "Subject: one"},
        {"the first of two", MIME "Subject: one\nSubject: two\n\n", "Subject: one"},
        {"a subject in the text", MIME "\nSubject: one\n", "MIME-Version: 1.0"},
        {"no subject", MIME "From: a\n\ntext", "MIME-Version: 1.0"},
        {"an empty subject", MIME "Subject:\n\ntext", "MIME-Version: 1.0"},
        {"a subject of spaces", MIME "Subject: =?utf-8?Q?_=0A?=\n\ntext", "MIME-Version: 1.0"},
        {"a folded subject", MIME "Subject: one\r\n two\r\n\r\n", "Subject: one two"},
        {"KOI8-R", MIME "Subject: =?koi8-r?B?8NLJ18XULCDNydI=?=\r\n\r\n", "Subject: Привет, мир"},
        {"windows-1251", MIME "Subject: =?windows-1251?Q?=CF=F0=E8=E2=E5=F2?=\r\n\r\n",
         "Subject: Привет"},
        {"UTF-8, a character in two words",
         MIME "Subject: =?utf-8?B?0J/RgNC40LLQ?=\r\n =?utf-8?B?tdGC?=\r\n\r\n", "Subject: Привет"},
        {"KOI8-R as it is",
         MIME "Subject: \xf0\xd2\xc9\xd7\xc5\xd4, =?utf-8?Q?=D0=BC?=\xc9\xd2\nContent-Type: "
              "text/plain;\n charset=\"koi8-r\"\n\n",
         "Subject: Привет, мир"},
        {"UTF-8 over a text in KOI8-R",
         MIME "Content-Type: text/plain; charset=koi8-r\nSubject: Привет\n\n", "Subject: Привет"},
        {"bytes of no known set", MIME "Content-Type: text/plain; charset=x\nSubject: \xf0\n\n",
         "Subject: \xf0"},
        {"bytes without a set", MIME "Content-Type: text/html\nSubject: \xf0\n\n", "Subject: \xf0"},
        {"a line end in a word", MIME "Subject: =?utf-8?Q?a=0D=0AFrom:_b?=\n\n",
         "Subject: a  From: b"},
        {"a header without an end", MIME "Subject: one", "Subject: one"},
        {"cut between characters",
         MIME "Subject: =?koi8-r?Q?12345678901234567890123456789012345678901234567890123456789012"
              "34567890=F0=F0?=\n\n",
         "Subject: 1234567890123456789012345678901234567890123456789012345678901234567890"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char room[LINE];
        struct span body = exact(span_str(rows[i].body));
        struct span line = subject_line(body, room, sizeof room);
        ok(span_eq(line, span_str(rows[i].want)), "subject_line: %s", rows[i].name);
        exact_free(body);
    }
}

/* Of a body with so many bytes before the subject. */
static bool is_found(size_t before)
{
    struct buf body;
    char room[LINE];
    buf_init(&body, SIZE_MAX / 2);
    buf_add_str(&body, MIME "X: ");
    while (body.n + 1 < before)
        buf_add_char(&body, 'x');
    buf_add_str(&body, "\nSubject: one\n\ntext");
    bool found = span_eq(subject_line(buf_span(&body), room, sizeof room), SPAN("Subject: one"));
    buf_free(&body);
    return found;
}

static void test_look(void)
{
    size_t subject = sizeof "Subject: one" - 1;
    ok(is_found(SUBJECT_LOOK_BYTES - subject), "subject_line: at the end of SUBJECT_LOOK_BYTES");
    ok(!is_found(SUBJECT_LOOK_BYTES), "subject_line: not after them");
}

/* A body, and one that has only its first SUBJECT_LOOK_BYTES, have the same line. */
static void test_random(void)
{
    static const char *const pieces[] = {"Subject:", "=?utf-8?q?", "=?koi8-r?B?", "?=",  "\n",
                                         "\r\n",     " ",          "0J/R",        "=D0", "\xd0",
                                         "\x9f",     "x",          "\t",          ":",   "\xf0"};
    size_t wrong = 0, long_value = 0;
    for (int round = 0; round < 3000; round++) {
        struct buf body;
        char room[2][LINE];
        buf_init(&body, SIZE_MAX / 2);
        buf_add_str(&body, MIME);
        size_t n = random_below(10) == 0 ? 6000 : 60;
        for (size_t i = random_below(n); i > 0; i--)
            buf_add_str(&body, pieces[random_below(sizeof pieces / sizeof pieces[0])]);
        struct span head = exact(span_first(buf_span(&body), SUBJECT_LOOK_BYTES));
        struct span line = subject_line(buf_span(&body), room[0], LINE);
        wrong += !span_eq(line, subject_line(head, room[1], LINE));
        wrong += line.n > LINE || span_find(line, '\n') < line.n || span_find(line, '\r') < line.n;
        long_value += line.n >= LINE - 3;
        exact_free(head);
        buf_free(&body);
    }
    is_int(wrong, 0, "subject_line: one line of what it looks at");
    ok(long_value > 0, "subject_line: some were cut");
    if (wrong)
        random_diag();
}

static void test_find(void)
{
    struct buf out;
    char room[4];
    buf_init(&out, 1000);
    ok(subject_find(SPAN("A: b\nSubject: =?utf-8?Q?o?= ne\n\n"), &out) &&
           span_eq(buf_span(&out), SPAN("o ne")),
       "subject_find: decoded");
    ok(!subject_find(SPAN("A: b\n\nSubject: one"), &out), "subject_find: only in the header");
    buf_free(&out);
    buf_init_room(&out, room, sizeof room);
    ok(!subject_find(SPAN("Subject: longer\n"), &out) && !buf_ok(&out),
       "subject_find: there is no room");
}

int main(void)
{
    random_begin();
    test_lines();
    test_look();
    test_random();
    test_find();
    return done_testing();
}
