/* SPDX-License-Identifier: ISC */
#include "client/search.h"

#include "base/utf8.h"
#include "random.h"
#include "tap.h"

static bool finds(struct span pattern, struct span from, struct span body)
{
    const struct message m = {.from = from, .body = body};
    struct search s;

    search_begin(&s, pattern);
    bool found = search_finds(&s, &m);
    search_end(&s);
    return found;
}

#define FINDS(pattern, body) ok(finds(SPAN(pattern), SPAN("ann"), SPAN(body)), "finds %s", pattern)
#define FINDS_NOT(pattern, body) \
    ok(!finds(SPAN(pattern), SPAN("ann"), SPAN(body)), "does not find %s", pattern)

static void test_texts(void)
{
    FINDS("b", "abc");
    FINDS("abc", "abc");
    FINDS("aab", "aaab");
    FINDS("c", "abc");
    FINDS("", "abc");
    FINDS("ANN", "abc");
    FINDS("HeLLo, w", "say hEllO, World");
    FINDS("a|b^\\", "x A|b^\\ y");
    FINDS("\n", "a\nb");
    FINDS_NOT("abcd", "abc");
    FINDS_NOT("a.c", "abc");
    FINDS_NOT("ac", "abc");
    FINDS_NOT("[", "{");
    FINDS_NOT("@", "`");
    FINDS_NOT("x", "");
    ok(finds(SPAN("b\0c"), SPAN(""), SPAN("ab\0cd")), "finds a NUL");
}

static void test_russian(void)
{
    FINDS("ПРИВЕТ", "Ну, привет!");
    FINDS("ёж", "ЁЖ");
    FINDS("Яя", "яЯ");
    FINDS("рП", "Рп");
    FINDS("Ѓ", "ѓ");
    FINDS_NOT("е", "ё");
    FINDS_NOT("Ж", "щ");
    FINDS("é", "café");
    FINDS("\xff", "a\xff");
    FINDS("\xd0", "\xd0");
}

static void test_mime(void)
{
#define HEAD                                                                    \
    "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"x\"\n\n--x\n" \
    "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
#define FILE_PART                                                                        \
    "--x\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n" \
    "aGlkZGVuIHRyZWFzdXJl\n--x--\n"

    FINDS("Secret words", HEAD "base64\n\nYSBzZWNyZXQgd29yZHMgZW5k\n" FILE_PART);
    FINDS("naïve", HEAD "quoted-printable\n\na na=C3=AFve te=\nxt\n" FILE_PART);
    FINDS("VE TEXT", HEAD "quoted-printable\n\na na=C3=AFve te=\nxt\n" FILE_PART);
    FINDS("привет", "MIME-Version: 1.0\nContent-Type: text/plain; charset=koi8-r\n\n\xf0\xd2\xc9"
                    "\xd7\xc5\xd4");
    FINDS("привет", "MIME-Version: 1.0\nSubject: =?windows-1251?B?z/Do4uXy?=\n\nx");
    FINDS("андрей", "MIME-Version: 1.0\nFrom: =?koi8-r?B?4c7E0sXK?= <andrej@example.org>\n\nx");
    FINDS_NOT("привет", "MIME-Version: 1.0\nX: =?windows-1251?B?z/Do4uXy?=\n\nx");
    FINDS_NOT("hidden treasure", HEAD "8bit\n\nnothing\n" FILE_PART);
    FINDS_NOT("secret words", "YSBzZWNyZXQgd29yZHMgZW5k\n");
}

/* A piece of any text is found in it, and folding never leaves the text. */
static void test_pieces(void)
{
    char bytes[200];
    int found = 0;

    for (int i = 0; i < 2000; i++) {
        struct span text = exact(random_bytes(bytes, sizeof bytes));
        size_t at = text.n ? random_below(text.n) : 0;
        struct span piece = exact(span_first(span_skip(text, at), random_below(20)));
        /* A piece that begins or ends within a letter is read as other characters. */
        uint32_t c;
        bool whole = true;
        for (struct span s = piece; s.n > 0; s = span_skip(s, utf8_decode(s, &c)))
            whole = whole && (unsigned char)s.p[0] < 0x80;
        found += finds(piece, SPAN(""), text) || !whole;
        exact_free(piece);
        exact_free(text);
    }
    is_int(found, 2000, "finds any piece of a text");
}

int main(void)
{
    random_begin();
    test_texts();
    test_russian();
    test_mime();
    test_pieces();
    return done_testing();
}
