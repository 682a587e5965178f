/* SPDX-License-Identifier: ISC */
/* Which message a mail was made from, and how it is named. */
#include "client/mail.h"

#include "tap.h"

static const struct address_place place = {.host = "example.org"};

static void make(struct mail *m, const struct message *message)
{
    buf_init(&m->text, SIZE_MAX / 2);
    mail_make(m, message, "Ann", &place);
    ok(buf_ok(&m->text), "mail_make: there is memory");
}

static void test_made(void)
{
    struct message message = {.id = 7,
                              .from = SPAN("bob"),
                              .date = SPAN("2017-12-03T12:51:33Z"),
                              .body = SPAN("hello\n"),
                              .len = 6};
    struct mail m, other;
    uint64_t id = 0;
    make(&m, &message);
    ok(m.dated && m.date == 1512305493, "mail_make: the date");
    ok(strncmp(m.name, "1512305493.P7H", 14) == 0 && strcmp(m.name + 30, ".ann") == 0,
       "mail_make: the name has date, id, hash and user");
    ok(mail_origin(buf_span(&m.text), "ANN", &id) && id == 7, "mail_origin: the id");
    ok(!mail_origin(buf_span(&m.text), "bob", &id), "mail_origin: not for another user");
    ok(mail_is_made(&m, buf_span(&m.text)), "mail_is_made: by itself");
    ok(mail_is_made(&m, span_first(buf_span(&m.text), m.text.n - 1)),
       "mail_is_made: without its last line end");
    ok(!mail_is_made(&m, span_first(buf_span(&m.text), m.text.n - 2)),
       "mail_is_made: not without more");
    message.body = SPAN("hallo\n");
    make(&other, &message);
    ok(strcmp(other.name, m.name) != 0 && !mail_is_made(&m, buf_span(&other.text)),
       "mail_is_made: not by another text");
    buf_free(&other.text);
    message.date = SPAN("Sun Dec  3 15:51:33 2017");
    make(&other, &message);
    ok(!other.dated && other.date == 0, "mail_make: a date in local time is not taken");
    buf_free(&other.text);
    message.date = SPAN("yesterday");
    make(&other, &message);
    ok(!other.dated && strncmp(other.name, "0.P7H", 5) == 0,
       "mail_make: without a date it is that of the first second");
    buf_free(&other.text);
    buf_free(&m.text);
}

static void test_origin(void)
{
    static const struct {
        const char *header;
        const char *user;
        uint64_t id; /* 0: none */
    } cases[] = {
        {"Message-ID: <1.P7H0.ann@x>\n\n", "ann", 7},
        {"Message-ID:   <1.P7H0.ann@x>  \n\n", "ann", 7},
        {"Message-ID: <1.P7H0.ann@x>\n\n", "an", 0},
        {"Message-ID: <1.P7H0.ann@x>\n\n", "no name", 0},
        {"Message-ID: 1.P7H0.ann@x\n\n", "ann", 0},
        {"Message-ID: <ann@x>\n\n", "ann", 0},
        {"Message-ID: <.ann@x>\n\n", "ann", 0},
        {"Message-ID: <1.Q7H0.ann@x>\n\n", "ann", 0},
        {"Message-ID: <1.PxH0.ann@x>\n\n", "ann", 0},
        {"Message-ID: <1.P7H0.ann\n\n", "ann", 7},
        {"Message-ID: <\n\n", "ann", 0},
        {"Subject: 1.P7H0.ann\n\n", "ann", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t id = 0;
        bool found = mail_origin(span_str(cases[i].header), cases[i].user, &id);
        ok(found == (cases[i].id > 0) && (!found || id == cases[i].id), "mail_origin: %.*s of %s",
           (int)strcspn(cases[i].header, "\n"), cases[i].header, cases[i].user);
    }
}

int main(void)
{
    test_made();
    test_origin();
    return done_testing();
}
