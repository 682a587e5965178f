/* SPDX-License-Identifier: ISC */
#include "mime/field.h"

#include "random.h"
#include "tap.h"

static void test_next(void)
{
    struct span s = exact(SPAN("A: one\n two\nno field\n: empty\nB \t:\r\n\tx\r\nD\n\t:y\nC:last"));
    struct span rest = s;
    struct field f;
    ok(field_next(&rest, &f) && span_eq(f.name, SPAN("A")) &&
           span_eq(f.value, SPAN(" one\n two\n")),
       "field_next: a field of two lines");
    ok(field_next(&rest, &f) && span_eq(f.name, SPAN("B")) && span_eq(f.value, SPAN("\r\n\tx\r\n")),
       "field_next: skips what is no field; spaces before the colon");
    ok(field_next(&rest, &f) && span_eq(f.name, SPAN("D\n")) && span_eq(f.value, SPAN("y\n")),
       "field_next: a line end before the colon is part of the name");
    ok(field_next(&rest, &f) && span_eq(f.name, SPAN("C")) && span_eq(f.value, SPAN("last")),
       "field_next: the last line has no line end");
    ok(!field_next(&rest, &f), "field_next: there are no more");
    exact_free(s);
}

static void test_may_be(void)
{
    ok(field_may_be(SPAN("from"), SPAN("From")) && field_may_be(SPAN("From\r\n"), SPAN("From")),
       "field_may_be: the name, also with a line end");
    ok(field_may_be(SPAN("Fro"), SPAN("From")), "field_may_be: the beginning of the name");
    ok(!field_may_be(SPAN("Frox"), SPAN("From")) && !field_may_be(SPAN("Fromm"), SPAN("From")) &&
           !field_may_be(SPAN("rom"), SPAN("From")) && !field_may_be(SPAN(""), SPAN("From")),
       "field_may_be: other names");
}

static void test_word(void)
{
    ok(span_eq(field_word(SPAN(" text/plain; charset=x")), SPAN("text/plain")),
       "field_word: before a parameter");
    ok(span_eq(field_word(SPAN("\n (a (b\\)) c) base64(x)")), SPAN("base64")),
       "field_word: between comments");
    ok(field_word(SPAN("(((")).n == 0, "field_word: a comment without an end");
}

static void text_is(struct span value, const char *want, const char *name)
{
    struct buf out;
    struct span s = exact(value);
    buf_init(&out, 1000);
    field_text(s, &out);
    ok(span_eq(buf_span(&out), span_str(want)), "field_text: %s", name);
    exact_free(s);
    buf_free(&out);
}

static void test_text(void)
{
    text_is(SPAN(" a; (b) \"c\\d\" \r\n"), "a; (b) \"c\\d\"", "a text is taken as it is");
    text_is(SPAN(" one\r\n two\n\tthree\n"), "one two three", "a folded line");
    text_is(SPAN("=?utf-8?B?0J/RgA==?=\n =?utf-8?Q?_=31?= x"), "\xd0\x9f\xd1\x80 1 x",
            "encoded words");
    text_is(SPAN(" \n"), "", "an empty one");
    text_is(SPAN(""), "", "none");
}

#define GREETING "Привет, мир"

/* Subjects in Russian, as mail programs of the last thirty years write them. */
static void test_charsets(void)
{
    static const struct {
        const char *name, *value, *want;
    } rows[] = {
        {"KOI8-R in B", "=?koi8-r?B?8NLJ18XULCDNydI=?=", GREETING},
        {"KOI8-R in Q", "=?KOI8-R?Q?=F0=D2=C9=D7=C5=D4,_=CD=C9=D2?=", GREETING},
        {"windows-1251 in B", "=?windows-1251?B?z/Do4uXyLCDs6PA=?=", GREETING},
        {"windows-1251 in Q", "=?cp1251?q?=CF=F0=E8=E2=E5=F2,_=EC=E8=F0?=", GREETING},
        {"ISO 8859-5 in B", "=?ISO-8859-5?B?v+DY0tXiLCDc2OA=?=", GREETING},
        {"UTF-8 in B", "=?utf-8?B?0J/RgNC40LLQtdGCLCDQvNC40YA=?=", GREETING},
        {"UTF-8 in Q",
         "=?UTF-8?Q?=D0=9F=D1=80=D0=B8=D0=B2=D0=B5=D1=82,_=D0=BC=D0=B8=D1=80?=", GREETING},
        {"a language after the character set", "=?koi8-r*ru?B?8NLJ18XULCDNydI=?=", GREETING},
        {"a character in two words",
         "=?utf-8?B?0J/RgNC40LLQ?=\r\n =?utf-8?B?tdGCLCDQvNC40YA=?=", GREETING},
        {"a character in two words, in B and Q",
         "=?utf-8?B?0J/RgNC40LLQ?= =?UTF-8?Q?=B5=D1=82?=", "Привет"},
        {"words of two character sets",
         "=?koi8-r?B?8NLJ18XU?= =?windows-1251?B?LCDs6PA=?=", GREETING},
        {"a text between two words", "=?utf-8?B?0J8=?= x =?utf-8?B?0J8=?=", "П x П"},
        {"half a character before a text", "=?utf-8?B?0A==?= x", "\xd0 x"},
        {"an unknown character set", "=?x-none?Q?a=F0b?=",
         "a\xf0"
         "b"},
        {"no character set", "=??Q?a=F0?=", "a\xf0"},
        {"line ends", "=?utf-8?Q?a=0D=0AFrom:_b=09c=1B?=", "a  From: b c\x1b"},
        {"what is no word", "=?koi8-r?X?8NLJ18XU?=", "=?koi8-r?X?8NLJ18XU?="},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        text_is(span_str(rows[i].value), rows[i].want, rows[i].name);
}

/* Each byte becomes as many as it can. */
static void test_longest(void)
{
    char value[FIELD_BYTES + 100], room[FIELD_TEXT_BYTES];
    struct buf out;
    memset(value, '\x80', sizeof value);
    for (size_t at = 0; at + 512 <= sizeof value; at += 512) {
        memcpy(value + at, "=?koi8-r?q?", 11);
        memcpy(value + at + 510, "?=", 2);
    }
    buf_init_room(&out, room, sizeof room);
    field_text(span_of(value, sizeof value), &out);
    ok(buf_ok(&out) && out.n > 2 * FIELD_BYTES, "field_text: of the longest value, in KOI8-R");
}

/* want NULL: there is none. */
static void param_is(struct span value, const char *want, const char *name)
{
    struct buf out;
    struct span s = exact(value);
    buf_init(&out, 1000);
    bool found = field_param(s, "filename", &out);
    ok(found == (want != NULL), "field_param: %s: %s", name, want ? "is there" : "is not there");
    if (want)
        ok(span_eq(buf_span(&out), span_str(want)), "field_param: %s", name);
    exact_free(s);
    buf_free(&out);
}

static void test_param(void)
{
    param_is(SPAN("attachment; filename=a.txt"), "a.txt", "a token");
    param_is(SPAN("attachment; FileName = \"a; \\\"b\\\".txt\" ; size=3"), "a; \"b\".txt",
             "a quoted text");
    param_is(SPAN("attachment; x=\"filename=no\"; filename=yes"), "yes", "after another one");
    param_is(SPAN("attachment; filename; filename=yes"), "yes", "after a name without a value");
    param_is(SPAN("attachment;\n filename=\"a\r\n b\""), "a b", "a folded line");
    param_is(SPAN("attachment; (x;filename=no) filename=(c)yes(d)"), "yes", "among comments");
    param_is(SPAN("attachment; filename=\"cut off"), "cut off", "a quote that is not closed");
    param_is(SPAN("attachment; filenames=a; name=b"), NULL, "only names that are alike");
    param_is(SPAN("attachment"), NULL, "nothing");
    param_is(SPAN("attachment; filename="), "", "an empty value");
}

static void test_rfc2231(void)
{
    param_is(SPAN("a; filename*=utf-8''%C3%a4%20b%2.txt"), "\xc3\xa4 b%2.txt", "percent signs");
    param_is(SPAN("a; filename*=utf-8'de'a'b"), "a'b", "a language");
    param_is(SPAN("a; filename*=a"), "a", "no character set");
    param_is(SPAN("a; filename=no; filename*=utf-8''yes"), "yes", "before a plain one");
    param_is(SPAN("a; filename*1=\"c d\"; filename*0*=utf-8''a%20b; filename*2*=%2e"), "a bc d.",
             "sections, in any order");
    param_is(SPAN("a; filename*0=a; filename*2=c"), "a", "a section is missing");
    param_is(SPAN("a; filename*=koi8-r'ru'%F0%D2%C9%D7%C5%D4"), "Привет", "in KOI8-R");
    param_is(SPAN("a; filename*0*=utf-8''%D0%9F%D1; filename*1*=%80"), "Пр",
             "a character in two sections");
    param_is(SPAN("a; filename*0*=windows-1251''%CF; filename*1=x; filename*2*='%f0'"), "Пx'р'",
             "a character set holds for all sections");
    param_is(SPAN("a; filename*=x-none''%F0"), "\xf0", "an unknown character set");
    param_is(SPAN("a; filename*x=a; filename*99999999999=b; filename**=c"), NULL, "no sections");
}

static void test_rfc2047(void)
{
    param_is(SPAN("a; filename=\"=?UTF-8?B?w6Q=?= =?utf-8?q?_=C3=A4?=.txt\""),
             "\xc3\xa4 \xc3\xa4.txt", "encoded words");
    param_is(SPAN("a; filename=\"=?koi8-r?B?8NLJ18XU?=.txt\""), "Привет.txt", "in KOI8-R");
    param_is(SPAN("a; filename=\"a =?utf-8?q?b?= c\""), "a b c", "an encoded word among others");
    param_is(SPAN("a; filename=\"=?utf-8?x?b?= =? =?a?b\""), "=?utf-8?x?b?= =? =?a?b",
             "no encoded words");
}

/* No random value is read beyond its end, and none makes the output larger than promised. */
static void test_random(void)
{
    static const char *const pieces[] = {
        ";",  "filename", "*",  "0",  "=", "\"", "\\", "(",     ")",  "=?",   "?B?",    "?q?",
        "?=", "''",       "%4", "\n", " ", "x",  "1",  "utf-8", "=4", "TWFu", "koi8-r", "\x80"};
    size_t larger = 0;
    for (int round = 0; round < 30000; round++) {
        struct buf in, out;
        buf_init(&in, 1000);
        buf_init(&out, 3000);
        for (size_t i = random_below(25); i > 0; i--)
            buf_add_str(&in, pieces[random_below(sizeof pieces / sizeof pieces[0])]);
        struct span s = exact(buf_span(&in));
        field_param(s, "filename", &out);
        larger += out.n > CHARSET_GROWTH * s.n;
        exact_free(s);
        buf_free(&in);
        buf_free(&out);
    }
    is_int(larger, 0, "field_param: never makes more than CHARSET_GROWTH of a byte");
    if (larger)
        random_diag();
}

int main(void)
{
    random_begin();
    test_next();
    test_may_be();
    test_word();
    test_text();
    test_charsets();
    test_longest();
    test_param();
    test_rfc2231();
    test_rfc2047();
    test_random();
    return done_testing();
}
