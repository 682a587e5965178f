/* SPDX-License-Identifier: ISC */
#include "client/wrap.h"

#include "random.h"
#include "tap.h"

static void test_rows(void)
{
    static const struct {
        const char *text, *shown;
        unsigned columns;
        size_t from, to;
        const char *name;
    } rows[] = {
        {"", "", 10, 0, 0, "nothing"},
        {"one two", "one two", 10, 0, 7, "what fits stays"},
        {"one two three", "one two\nthree", 10, 0, 5, "a break takes the place of a space"},
        {"one two ten", "one two\nten", 10, 0, 3, "... as late as it can"},
        {"one twenty", "one twenty", 10, 0, 10, "a row may be full"},
        {"one twenty two", "one twenty\ntwo", 10, 0, 3, "... and the next one begins after it"},
        {"one twenty ", "one twenty\n", 10, 0, 0, "so does a line that is typed"},
        {"one: ", "one: ", 10, 0, 5, "a space at the end stays"},
        {"one two three", "one two three", 0, 0, 13, "no columns: nothing is broken"},
        {"one\ntwo three\n\nfour", "one\ntwo three\n\nfour", 10, 0, 4, "lines stay lines"},
        {"one two\nthree four five", "one two\nthree four\nfive", 10, 0, 4, "each is broken"},
        {"one abcdefghijklm no", "one\nabcdefghijklm no", 10, 0, 6,
         "a word that is too wide is left to the terminal"},
        {"abcdefghijklmnopqrst u", "abcdefghijklmnopqrst\nu", 10, 0, 1, "... which fills rows"},
        {" Press a", "\nPress a", 10, 5, 7, "a text goes on in a row"},
        {" Press", " Press", 10, 4, 10, "... if it has room"},
        {"\nPress a key", "\nPress a\nkey", 10, 9, 3, "... or begins another one"},
        {"  one two three", "  one two\nthree", 10, 0, 5, "spaces at the left stay"},
        {"      abcdefghij", "     \nabcdefghij", 10, 0, 10, "... but for the one that is a break"},
        {"\xd0\x9f\xd0\xb8\xd1\x81\xd1\x8c\xd0\xbc\xd0\xbe \xd0\xb4\xd0\xb0 \xd0\xb4\xd0\xb0",
         "\xd0\x9f\xd0\xb8\xd1\x81\xd1\x8c\xd0\xbc\xd0\xbe \xd0\xb4\xd0\xb0\n\xd0\xb4\xd0\xb0", 10,
         0, 2, "letters count, not bytes"},
        {"\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad a b c",
         "\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad a b\nc", 10, 0, 1, "wide ones twice"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf out;
        size_t at = rows[i].from;
        buf_init(&out, 1000);
        struct span text = exact(span_str(rows[i].text));
        wrap_text(&out, text, rows[i].columns, &at);
        buf_add_char(&out, '\0');
        is_str(out.p, rows[i].shown, "%s", rows[i].name);
        is_int(at, rows[i].to, "%s: the column after it", rows[i].name);
        exact_free(text);
        buf_free(&out);
    }
}

/* No row is wider than the screen, and nothing but spaces is replaced. */
static void test_random(void)
{
    bool narrow = true, same = true;
    for (int round = 0; round < 2000; round++) {
        char text[200];
        struct buf out;
        size_t n = random_below(sizeof text), at = 0, column = 0;
        unsigned columns = 8 + (unsigned)random_below(30), word = 0;
        for (size_t i = 0; i < n; i++) {
            bool space = word == 8 || random_below(5) == 0;
            text[i] = space ? (random_below(10) == 0 ? '\n' : ' ') : 'x';
            word = space ? 0 : word + 1;
        }
        buf_init(&out, sizeof text);
        wrap_text(&out, span_of(text, n), columns, &at);
        same = same && out.n == n;
        for (size_t i = 0; i < out.n; i++) {
            column = out.p[i] == '\n' ? 0 : column + 1;
            narrow = narrow && column <= columns;
            same = same && (out.p[i] == text[i] || (out.p[i] == '\n' && text[i] == ' '));
        }
        narrow = narrow && column == at;
        buf_free(&out);
    }
    ok(narrow, "no row is wider than the screen, and its end is known");
    ok(same, "only spaces become breaks");
}

int main(void)
{
    random_begin();
    test_rows();
    test_random();
    return done_testing();
}
