/* SPDX-License-Identifier: ISC */
#include "base/utf8.h"

#include "random.h"
#include "tap.h"

static size_t encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    out[0] = (char)((0xf00 >> n & 0xff) | c);
    return n;
}

/* Every number, also above the last character, whole and with one byte less. */
static void test_all(void)
{
    int wrong = 0;

    for (uint32_t c = 0; c < 0x1fffff; c++) {
        char bytes[4];
        uint32_t got;
        struct span s = span_of(bytes, encode(c, bytes));
        bool good = c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
        size_t n = utf8_decode(s, &got);
        wrong += good ? n != s.n || got != c : n != 1 || got != UTF8_INVALID;
        if (s.n > 1) {
            n = utf8_decode(span_first(s, s.n - 1), &got);
            wrong += n != 1 || got != UTF8_INVALID;
        }
    }
    is_int(wrong, 0, "utf8_decode: every character, whole and cut off");
}

static void test_invalid(void)
{
    static const char *const rows[] = {
        "\x80",         "\xbf",         "\xc0\x80",         "\xc1\xbf",         "\xe0\x80\x80",
        "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
        "\xff",         "\xc3(",        "\xe2\x82(",        "\xf0\x9f\x98(",    "\xc3",
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span s = exact(span_str(rows[i]));
        uint32_t c = 0;
        size_t n = utf8_decode(s, &c);
        ok(n == 1 && c == UTF8_INVALID, "utf8_decode: invalid bytes, row %zu", i);
        exact_free(s);
    }
}

static void spelt(struct span s, const char *want)
{
    char out[UTF8_SPELT_BYTES];
    size_t n = utf8_spell(s, out);

    is_str(out, want, "utf8_spell: %s", want);
    is_int(n, strlen(want), "utf8_spell: returns the length of the text");
}

static void test_safe(void)
{
    static const uint32_t unsafe[] = {0,      '\n',   0x1f,   0x7f,   0x80,   0x9f,  0x200e,
                                      0x2028, 0x2029, 0x202e, 0x2066, 0x2069, 0x61c, UTF8_INVALID};
    static const uint32_t safe[] = {' ', '~', 0xa0, 0x43f, 0x2027, 0x1f4ec};

    for (size_t i = 0; i < sizeof unsafe / sizeof *unsafe; i++)
        ok(!utf8_is_safe(unsafe[i]), "utf8_is_safe: U+%04x is not safe", (unsigned)unsafe[i]);
    for (size_t i = 0; i < sizeof safe / sizeof *safe; i++)
        ok(utf8_is_safe(safe[i]), "utf8_is_safe: U+%04x is safe", (unsigned)safe[i]);
    spelt(SPAN("\n"), "\\x0a");
    spelt(SPAN("\xff"), "\\xff");
    spelt(SPAN("\xc2\x9b and more"), "\\u009b");
    spelt(SPAN("\xf4\x8f\xbf\xbf"), "\\u10ffff");
}

static void test_first_line(void)
{
    static const struct {
        const char *text;
        size_t max;
        const char *want;
    } rows[] = {
        {"one\ntwo", 80, "one"},
        {"one\r\ntwo", 80, "one"},
        {"", 80, ""},
        {"\nx", 80, ""},
        {"abcdef", 3, "abc"},
        {"ab\xc3\xa4", 3, "ab"},
        {"ab\xc3\xa4", 4, "ab\xc3\xa4"},
        {"\xf0\x9f\x98\x80", 3, ""},
        {"a\x80\x80", 2, "a\x80"},
        {"ab\xc3", 3, "ab\xc3"},
        {"abc", 0, ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span s = exact(span_str(rows[i].text));
        ok(span_eq(utf8_first_line(s, rows[i].max), span_str(rows[i].want)),
           "utf8_first_line: row %zu", i);
        exact_free(s);
    }
}

/* A caller that has only max + 3 bytes of a text must get the same line. */
static void test_head_is_enough(void)
{
    int wrong = 0;

    for (int i = 0; i < 20000; i++) {
        char bytes[40];
        size_t n = 0;
        size_t max = random_below(20);
        while (n < 36)
            n += encode((uint32_t)random_below(0x10ffff), bytes + n);
        struct span head = exact(span_first(span_of(bytes, n), max + 3));
        wrong += utf8_first_line(head, max).n != utf8_first_line(span_of(bytes, n), max).n;
        exact_free(head);
    }
    is_int(wrong, 0, "utf8_first_line: max + 3 bytes of a text give the same line as all of it");
    if (wrong)
        random_diag();
}

int main(void)
{
    random_begin();
    test_all();
    test_invalid();
    test_safe();
    test_first_line();
    test_head_is_enough();
    return done_testing();
}
