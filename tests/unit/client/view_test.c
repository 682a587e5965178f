/* SPDX-License-Identifier: ISC */
#include "client/view.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "random.h"
#include "tap.h"

static void safe_is(struct span in, enum view_place place, const char *want, const char *name)
{
    struct buf out;
    buf_init(&out, 10000);
    view_safe(&out, in, place);
    buf_add_char(&out, '\0');
    is_str(out.p, want, "view_safe: %s", name);
    buf_free(&out);
}

#define SAFE(in, place, want, name) safe_is(SPAN(in), place, want, name)

static void test_examples(void)
{
    SAFE("", VIEW_TEXT, "", "an empty text");
    SAFE("a\tb\nc", VIEW_TEXT, "a\tb\nc", "text keeps LF and TAB");
    SAFE("a\tb\nc", VIEW_ROW, "a\\x09b\\x0ac", "a row keeps neither");
    SAFE("a\r\nb\r\n", VIEW_TEXT, "a\nb\n", "CR LF ends a line of a text");
    SAFE("a\r\nb", VIEW_ROW, "a\\x0d\\x0ab", "a row keeps no CR LF");
    SAFE("a\r\r\nb\rc\r", VIEW_TEXT, "a\\x0d\nb\\x0dc\\x0d", "any other CR is an escape");
    SAFE("\x1b[2J\r\x7f", VIEW_TEXT, "\\x1b[2J\\x0d\\x7f", "ESC, CR and DEL");
    SAFE("a\0b", VIEW_TEXT, "a\\x00b", "NUL");
    SAFE("\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", VIEW_TEXT, "\\u0080\\u009b\\u009f\xc2\xa0",
         "C1 controls as UTF-8, and what follows them");
    SAFE("\x9b\xff", VIEW_TEXT, "\\x9b\\xff", "invalid UTF-8");
    SAFE("\xe2\x80", VIEW_TEXT, "\\xe2\\x80", "a character cut off");
    SAFE("\xc0\x9b", VIEW_TEXT, "\\xc0\\x9b", "an overlong control character");
    SAFE("\xd0\x9f\xd0\xbe\xf0\x9f\x93\xac", VIEW_ROW, "\xd0\x9f\xd0\xbe\xf0\x9f\x93\xac",
         "other characters are kept");
    SAFE("\xe2\x80\xa8\xe2\x80\xa9", VIEW_TEXT, "\\u2028\\u2029",
         "separators of lines and paragraphs");
    /* NOLINTBEGIN(misc-misleading-bidirectional): these are the characters to make harmless. */
    SAFE("\xd7\x90\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f", VIEW_TEXT,
         "\xd7\x90\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f", "a text keeps the marks of direction");
    SAFE("\xd7\x90\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f", VIEW_ROW, "\xd7\x90\\u061c\\u200e\\u200f",
         "a row keeps letters from right to left, but no marks");
    SAFE("\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad\xe2\x80\xae", VIEW_TEXT,
         "\\u202a\\u202b\\u202c\\u202d\\u202e", "embeddings and overrides of direction");
    SAFE("\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9\xe2\x81\xaa", VIEW_TEXT,
         "\xe2\x81\xa5\\u2066\\u2067\\u2068\\u2069\xe2\x81\xaa", "directional isolates");
    /* NOLINTEND(misc-misleading-bidirectional) */
    SAFE("\\x1b", VIEW_TEXT, "\\x1b", "a backslash is kept");
}

static void text_is(struct span in, unsigned columns, const char *want, const char *name)
{
    struct buf out;
    buf_init(&out, 10000);
    view_text(&out, in, 6, columns);
    buf_add_char(&out, '\0');
    is_str(out.p, want, "view_text: %s", name);
    buf_free(&out);
}

static void test_text(void)
{
    text_is(SPAN("a\nID: 2\r\nFROM: b\n\n\nc\n"), 0, "a\n      ID: 2\n      FROM: b\n\n\n      c\n",
            "lines after the first are indented, blank ones stay blank");
    text_is(SPAN("\nFROM: b"), 0, "\n      FROM: b", "the first line is blank");
    text_is(SPAN("123456789012345FROM: b"), 0, "123456789012345FROM: b",
            "without a width no line is broken");
    text_is(SPAN("12345678901234FROM: b\n12345678901234"), 20,
            "12345678901234\n      FROM: b\n      12345678901234",
            "a line is broken before the terminal breaks it");
    text_is(SPAN("1234567890123\xe4\xb8\x80\xe4\xb8\x80"), 20,
            "1234567890123\n      \xe4\xb8\x80\xe4\xb8\x80", "a wide character takes two columns");
    text_is(SPAN("123456789012\x1b"), 20, "123456789012\n      \\x1b", "an escape stays whole");
    text_is(SPAN("a b\tc"), 20, "a b\tc", "a tab ends a word");
    text_is(SPAN("\t\tFROM: b"), 20, "\t\tFROM\n      : b", "a tab goes to a multiple of 8");
    text_is(SPAN("123456789\n\t1234567890123"), 20, "123456789\n      \t123456789012\n      3",
            "... of its own line");
    text_is(SPAN("12345678901234567\t1234567890123456"), 23,
            "12345678901234567\n      \t123456789012345\n      6", "... and of the next one");
    text_is(SPAN("12345678901234\nb"), 20, "12345678901234\n      b", "a line that just fits");
}

static void test_words(void)
{
    text_is(SPAN("one two three four"), 20, "one two three \n      four",
            "a word that does not fit begins a line");
    text_is(SPAN("one two threes four"), 20, "one two threes\n      four",
            "the end of a full line stands for a space");
    text_is(SPAN("one two threes   \n  four"), 20, "one two threes\n        four",
            "... and for several, but those that begin a line stay");
    text_is(SPAN("one two \x1b[31m"), 20, "one two \n      \\x1b[31m", "a word with an escape");
    text_is(SPAN("a 1234567890123456 b"), 20, "a 123456789012\n      3456 b",
            "a word that no line has room for is broken where the line is full");
    text_is(SPAN("        12345678"), 20, "        123456\n      78",
            "a word with only spaces before it stays there");
    text_is(SPAN("123456789 \xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80"), 20,
            "123456789 \xe4\xb8\x80\xe4\xb8\x80\n      \xe4\xb8\x80",
            "ideographs are words of their own");
}

static bool is_harmful(uint32_t c)
{
    static const uint32_t bidi[] = {0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066,
                                    0x2067, 0x2068, 0x2069, 0x2028, 0x2029};
    for (size_t i = 0; i < sizeof bidi / sizeof bidi[0]; i++)
        if (c == bidi[i])
            return true;
    return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c <= 0x9f) || c == UTF8_INVALID;
}

/* Whatever goes in, nothing harmful comes out. */
static void test_random(void)
{
    size_t harmful = 0;
    struct buf out;
    buf_init(&out, 10000);
    for (int round = 0; round < 20000; round++) {
        char in[24];
        size_t n = random_below(sizeof in + 1);
        /* Bytes that begin and continue the characters in question are most of what comes. */
        static const char heads[] = "\xc2\xd8\xe2\x80\x81\x9c\xa8\xaa\xa6\x1b\n\t";
        for (size_t i = 0; i < n; i++)
            in[i] = random_below(3) ? heads[random_below(sizeof heads)] : (char)random_below(256);
        struct span s = exact(span_of(in, n));
        buf_clear(&out);
        view_safe(&out, s, VIEW_TEXT);
        for (struct span rest = buf_span(&out); rest.n > 0;) {
            uint32_t c;
            rest = span_skip(rest, utf8_decode(rest, &c));
            harmful += is_harmful(c);
        }
        exact_free(s);
    }
    is_int(harmful, 0, "view_safe: of random bytes nothing harmful remains");
    if (harmful)
        random_diag();
    buf_free(&out);
}

static const struct message letter = {.id = 1,
                                      .from = SPAN("1\n23"),
                                      .date = SPAN("2017-12-03T12:51:33Z"),
                                      .len = 21,
                                      .state = MESSAGE_UNREAD,
                                      .body = SPAN("jklaskl\ndhak\x1b")};

static void test_message(void)
{
    struct buf out;
    buf_init(&out, 10000);
    view_head(&out, &letter);
    buf_add_char(&out, '\0');
    is_str(out.p,
           "Message with ID = 1\nID: 1\nTIME: Sun Dec  3 15:51:33 2017\nFROM: 1\\x0a23\nLEN: 21\n"
           "STATE: Unread\nBODY: ",
           "view_head: as the listing shows it, in local time");
    buf_clear(&out);
    view_row(&out, &letter);
    buf_add_char(&out, '\0');
    is_str(out.p, "1\tUnread\t21\tSun Dec  3 15:51:33 2017\t1\\x0a23\tjklaskl\n",
           "view_row: a message as one line");
    buf_free(&out);
}

static void date_is(struct span date, const char *want, const char *name)
{
    struct buf out;
    buf_init(&out, 100);
    view_date(&out, date);
    buf_add_char(&out, '\0');
    is_str(out.p, want, "view_date: %s", name);
    buf_free(&out);
}

int main(void)
{
    random_begin();
    setenv("TZ", "MSK-3", 1);
    tzset();
    test_examples();
    test_text();
    test_words();
    test_random();
    test_message();
    date_is(SPAN("Sun Dec  3 15:51:33 2017"), "Sun Dec  3 15:51:33 2017",
            "a date of version 1 is unchanged");
    date_is(SPAN("2018-01-01T00:00:00Z"), "Mon Jan  1 03:00:00 2018", "a date of version 2");
    date_is(SPAN("\x1b[2J\n"), "\\x1b[2J\\x0a", "not a date");
    return done_testing();
}
