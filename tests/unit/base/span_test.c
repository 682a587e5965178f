/* SPDX-License-Identifier: ISC */
#include "base/span.h"

#include "random.h"
#include "tap.h"

static bool is(struct span s, const char *want)
{
    return span_eq(s, span_str(want));
}

static void test_parts(void)
{
    struct span s = exact(SPAN("abcabc"));

    ok(is(span_skip(s, 2), "cabc"), "span_skip: some bytes");
    ok(is(span_skip(s, 7), ""), "span_skip: past the end");
    ok(is(span_first(s, 2), "ab"), "span_first: some bytes");
    ok(is(span_first(s, 7), "abcabc"), "span_first: past the end");
    ok(span_starts(s, SPAN("abc")) && !span_starts(s, SPAN("abcabcd")),
       "span_starts: a prefix, and a text that is too long");
    ok(span_ends(s, SPAN("bc")) && !span_ends(s, SPAN("aabcabc")),
       "span_ends: a suffix, and a text that is too long");
    ok(!span_eq(s, SPAN("abcabd")) && !span_eq(s, SPAN("abc")),
       "span_eq: another byte, and another length");
    ok(span_eq_folded(s, SPAN("aBCabC")) && !span_eq_folded(s, SPAN("ABCABD")) &&
           !span_eq_folded(s, SPAN("ABC")) && !span_eq_folded(SPAN("@["), SPAN("`{")),
       "span_eq_folded: letters in capitals, another byte, and another length");
    is_int(span_count(s, 'b'), 2, "span_count: every occurrence");
    is_int(span_find(s, 'c'), 2, "span_find: the first occurrence");
    is_int(span_find(s, 'x'), 6, "span_find: the length if there is none");
    exact_free(s);
}

static void test_empty(void)
{
    struct span none = {0};

    ok(span_eq(none, SPAN("")), "span_eq: an empty span equals an empty text");
    ok(span_starts(none, none) && span_ends(none, none),
       "span_starts, span_ends: an empty span starts and ends with one");
    is_int(span_find(none, 'a'), 0, "span_find: in an empty span");
    is_int(span_skip(none, 3).n, 0, "span_skip: in an empty span");
}

static void test_cut(void)
{
    struct span s = exact(SPAN("one||two"));
    struct span rest = s;
    struct span head = SPAN("untouched");

    ok(span_cut(&rest, '|', &head) && is(head, "one"), "span_cut: a part");
    ok(span_cut(&rest, '|', &head) && is(head, "") && is(rest, "two"), "span_cut: an empty part");
    ok(!span_cut(&rest, '|', &head) && is(head, "") && is(rest, "two"),
       "span_cut: without a separator nothing changes");
    exact_free(s);
    rest = SPAN("one||two");
    ok(is(span_take(&rest, '|'), "one") && is(span_take(&rest, '|'), "") && is(rest, "two"),
       "span_take: a part, and an empty one");
    ok(is(span_take(&rest, '|'), "two") && rest.n == 0 && span_take(&rest, '|').n == 0,
       "span_take: the rest, and nothing");
    ok(is(span_line(SPAN("one\ntwo")), "one\n") && is(span_line(SPAN("\n")), "\n"),
       "span_line: with its end");
    ok(is(span_line(SPAN("one")), "one") && span_line(SPAN("")).n == 0,
       "span_line: the last one, and none");
}

static void test_u64(void)
{
    static const struct {
        const char *text;
        uint64_t max, want;
        bool good;
    } rows[] = {
        {"0", 0, 0, true},
        {"007", 7, 7, true},
        {"8", 7, 0, false},
        {"10", 9, 0, false},
        {"18446744073709551615", UINT64_MAX, UINT64_MAX, true},
        {"18446744073709551616", UINT64_MAX, 0, false},
        {"99999999999999999999999", UINT64_MAX, 0, false},
        {"9999999999", UINT64_C(9999999999), UINT64_C(9999999999), true},
        {"10000000000", UINT64_C(9999999999), 0, false},
        {"", 9, 0, false},
        {"-1", 9, 0, false},
        {"+1", 9, 0, false},
        {" 1", 9, 0, false},
        {"1 ", 9, 0, false},
        {"0x1", 9, 0, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span text = exact(span_str(rows[i].text));
        uint64_t value = 12345;
        bool good = span_u64(text, rows[i].max, &value);
        ok(good == rows[i].good && value == (good ? rows[i].want : 12345), "span_u64: \"%s\"",
           rows[i].text);
        exact_free(text);
    }
}

static void test_trim(void)
{
    ok(is(span_trim(SPAN(" \t\r\na b\r\n")), "a b"), "span_trim: white space at both ends goes");
    ok(span_trim(SPAN(" \t")).n == 0 && span_trim(SPAN("")).n == 0, "... all of it, or nothing");
    ok(is(span_trim(SPAN("\va\f")), "\va\f") && !span_is_space('\0'), "... and no other bytes");
}

static void test_number(void)
{
    uint64_t value = 7;
    ok(span_number(SPAN("0012"), &value) && value == 12, "span_number: a number");
    ok(span_number(SPAN("18446744073709551616"), &value) && value == UINT64_MAX,
       "... one that is too large");
    value = 7;
    ok(!span_number(SPAN("12x"), &value) && !span_number(SPAN(""), &value) && value == 7,
       "... anything else leaves the value unchanged");
}

int main(void)
{
    test_parts();
    test_empty();
    test_cut();
    test_u64();
    test_trim();
    test_number();
    return done_testing();
}
