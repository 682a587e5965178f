/* SPDX-License-Identifier: ISC */
#include "base/width.h"

#include "base/utf8.h"
#include "random.h"
#include "tap.h"

static void test_characters(void)
{
    static const struct {
        uint32_t c;
        unsigned width;
        const char *what;
    } rows[] = {
        {' ', 1, "a space"},
        {'~', 1, "the last of ASCII"},
        {0xa0, 1, "a space that does not break"},
        {0xe9, 1, "e with acute"},
        {0x300, 0, "the first combining mark"},
        {0x36f, 0, "the last of the first combining marks"},
        {0x370, 1, "Greek, after the marks"},
        {0x416, 1, "a Cyrillic letter"},
        {0x483, 0, "a Cyrillic combining mark"},
        {0x5d0, 1, "a Hebrew letter"},
        {0x64b, 0, "an Arabic mark"},
        {0x903, 1, "a spacing mark"},
        {0x1100, 2, "an initial Jamo"},
        {0x1160, 0, "a medial Jamo"},
        {0x200b, 0, "a space without width"},
        {0x200d, 0, "a joiner"},
        {0x2014, 1, "a dash"},
        {0x20ac, 1, "the euro"},
        {0x231a, 2, "a watch"},
        {0x2500, 1, "a line"},
        {0x3000, 2, "an ideographic space"},
        {0x3042, 2, "Hiragana"},
        {0x3099, 0, "a mark of Hiragana"},
        {0x4e2d, 2, "a CJK ideograph"},
        {0xac00, 2, "a Hangul syllable"},
        {0xfe0f, 0, "a variation selector"},
        {0xff21, 2, "a fullwidth letter"},
        {0xff71, 1, "a halfwidth letter"},
        {0xfffd, 1, "the replacement character"},
        {0x1f600, 2, "an emoji"},
        {0x1f6d8, 2, "an emoji of Unicode 17"},
        {0x20000, 2, "an ideograph of plane 2"},
        {0x3fffd, 2, "the last of plane 3"},
        {0xe0100, 0, "a variation selector of plane 14"},
        {0x10ffff, 1, "the last character"},
        {UTF8_INVALID, 1, "an invalid byte"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        is_int(width_of(rows[i].c), rows[i].width, "width_of: %s", rows[i].what);
}

static void test_blocks(void)
{
    int wide = 0, none = 0;
    for (uint32_t c = 0x4e00; c <= 0x9fff; c++)
        wide += width_of(c) == 2;
    for (uint32_t c = 0xfe00; c <= 0xfe0f; c++)
        none += width_of(c) == 0;
    is_int(wide, 0x9fff - 0x4e00 + 1, "width_of: all CJK unified ideographs");
    is_int(none, 16, "width_of: all variation selectors");
}

static void test_text(void)
{
    static const struct {
        const char *text;
        size_t columns;
        const char *first;
        size_t taken;
    } rows[] = {
        {"", 5, "", 0},
        {"abc", 5, "abc", 3},
        {"abc", 2, "ab", 2},
        {"abc", 0, "", 0},
        {"\xd0\x96\xd0\xb0\xd0\xb1\xd0\xb0", 3, "\xd0\x96\xd0\xb0\xd0\xb1", 3},
        {"\xe4\xb8\xad\xe6\x96\x87", 4, "\xe4\xb8\xad\xe6\x96\x87", 4},
        {"\xe4\xb8\xad\xe6\x96\x87", 3, "\xe4\xb8\xad", 2},
        {"\xe4\xb8\xad", 1, "", 0},
        {"e\xcc\x81xy", 1, "e\xcc\x81", 1},
        {"a\xff\xfe", 2, "a\xff", 2},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span text = exact(span_str(rows[i].text));
        size_t columns = rows[i].columns;
        struct span got = width_first(text, &columns);
        ok(span_eq(got, span_str(rows[i].first)), "width_first: row %zu", i);
        is_int(columns, rows[i].taken, "width_first: columns of row %zu", i);
        exact_free(text);
    }
    is_int(width_text(SPAN("\xe4\xb8\xad e\xcc\x81\xff")), 5,
           "width_text: wide, combined, invalid");
    is_int(width_text(SPAN("")), 0, "width_text: nothing");
}

int main(void)
{
    test_characters();
    test_blocks();
    test_text();
    return done_testing();
}
