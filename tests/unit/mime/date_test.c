/* SPDX-License-Identifier: ISC */
#include "mime/date.h"

#include "tap.h"

static void date_is(const char *text, int64_t want)
{
    int64_t got = -1;
    ok(date_parse(span_str(text), &got) && got == want, "date_parse: %s", text);
}

static void no_date(const char *text)
{
    int64_t got = 42;
    ok(!date_parse(span_str(text), &got) && got == 42, "date_parse: not a date: %s", text);
}

static void test_parse(void)
{
    date_is("Sun, 03 Dec 2017 12:51:33 +0000", 1512305493);
    date_is(" Sun, 3 Dec 2017 15:51:33 +0300 (MSK)", 1512305493);
    date_is("3 Dec 2017 07:51:33 EST\r\n", 1512305493);
    date_is("03 dec 17 12:51:33 GMT", 1512305493);
    date_is("Sunday,\r\n 03 December 117 12:51:33", 1512305493);
    date_is("Tue, 29 Feb 2000 23:59 -0030", 951870540);
    date_is("Thu, 01 Jan 1970 00:00:00 (a (nested) comment) Z", 0);
    date_is("31 Dec 1969 23:59:60 +0000", -1);
    date_is("31 Dec 9999 23:59:59 +0000", 253402300799);
    date_is("3 Dec 99 12:51:33 -0000", 944225493);
    date_is("1 Jan 0000 00:00:00 Z", -62167219200);
    date_is("3 Dec 2017 12:51:33 ) +00x0 and much more than any date has", 1512305493);
    date_is("3 Dec 2017 12:51:33 ABCDE", 1512305493);
    int64_t got;
    ok(date_parse(SPAN("3 Dec 2017\0 12:51:33"), &got) && got == 1512305493,
       "date_parse: a NUL ends a word");
    no_date("32 Dec 2017 12:51:33 +0000");
    no_date("3 Dec year 12:51:33 +0000");
    no_date("3 Dec 2017 12:51:61 +0000");
    no_date("");
    no_date("yesterday");
    no_date("Sun, 03 Dec 2017");
    no_date("Wed, 29 Feb 2017 12:51:33 +0000");
    no_date("Sun, 00 Dec 2017 12:51:33 +0000");
    no_date("Sun, 03 Foo 2017 12:51:33 +0000");
    no_date("Sun, 03 Dec 2017 24:51:33 +0000");
    no_date("Sun, 03 Dec 2017 12:60 +0000");
    no_date("Sun, 03 Dec 2017 12 +0000");
    no_date("((((");
}

static void add_is(struct tm utc, const char *want)
{
    struct buf out;
    buf_init(&out, 100);
    date_add(&out, &utc);
    buf_add_char(&out, '\0');
    is_str(out.p, want, "date_add: %s", want);
    buf_free(&out);
}

static void test_add(void)
{
    add_is(
        (struct tm){
            .tm_year = 117, .tm_mon = 11, .tm_mday = 3, .tm_hour = 12, .tm_min = 51, .tm_sec = 33},
        "Sun, 03 Dec 2017 12:51:33 +0000");
    add_is((struct tm){.tm_year = 70, .tm_mday = 1}, "Thu, 01 Jan 1970 00:00:00 +0000");
    add_is((struct tm){.tm_year = 69, .tm_mon = 11, .tm_mday = 31},
           "Wed, 31 Dec 1969 00:00:00 +0000");
    add_is((struct tm){.tm_year = 100, .tm_mon = 1, .tm_mday = 29},
           "Tue, 29 Feb 2000 00:00:00 +0000");
}

int main(void)
{
    test_parse();
    test_add();
    return done_testing();
}
