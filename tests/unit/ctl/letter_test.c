/* SPDX-License-Identifier: ISC */
#include "ctl/letter.h"

#include "tap.h"

#define COLUMNS "id\tfrom\tsubject"
#define ROW     "7\tann\tnew\n"

/* Adds the answer in pieces of this many bytes after the row. Returns what is printed. */
static const char *print(struct letter l, struct span text, size_t piece)
{
    static struct buf out;
    struct buf first;

    l.columns = COLUMNS;
    buf_free(&out);
    buf_init(&out, 1 << 20);
    buf_init(&first, 1 << 20);
    buf_add_str(&first, ROW);
    buf_add(&first, span_first(text, piece));
    text = span_skip(text, piece);
    letter_add(&l, &out, buf_span(&first), text.n == 0);
    while (text.n > 0) {
        struct span part = span_first(text, piece);
        text = span_skip(text, piece);
        letter_add(&l, &out, part, text.n == 0);
    }
    buf_free(&first);
    buf_add_char(&out, '\0');
    return buf_ok(&out) ? out.p : "out of memory";
}

static void test_forms(size_t piece)
{
    const struct span text = SPAN("a\tb\"\n\xd0\x9f\x1b[1m\r\xe2\x82\xac\xff");
    const char *head = "id: 7\nfrom: ann\nsubject: new\n\n";
    char want[200];

    snprintf(want, sizeof want, "%s%.*s", head, SPAN_PRINTF(text));
    is_str(print((struct letter){.json = false}, text, piece), want,
           "letter: the text as it is, in pieces of %zu", piece);
    snprintf(want, sizeof want, "%sa\tb\"\n\xd0\x9f\\x1b[1m\\x0d\xe2\x82\xac\\xff", head);
    is_str(print((struct letter){.terminal = true}, text, piece), want, "... on a terminal");
    is_str(print((struct letter){.json = true, .terminal = true}, text, piece),
           "[\n{\"id\": 7, \"from\": \"ann\", \"subject\": \"new\", \"text\": "
           "\"a\\u0009b\\\"\\u000a\xd0\x9f\\u001b[1m\\u000d\xe2\x82\xac\\ufffd\"}\n]\n",
           "... as JSON");
}

/* What would steer a terminal, or turn the direction of writing, is spelt out. */
static void test_json_characters(void)
{
    /* NOLINTBEGIN(misc-misleading-bidirectional): these are the characters to make harmless. */
    is_str(print((struct letter){.json = true},
                 SPAN("\x7f\xc2\x9b"
                      "31m\xe2\x80\xae \xe2\x80\xa8 \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf \"\\"),
                 1),
           "[\n{\"id\": 7, \"from\": \"ann\", \"subject\": \"new\", \"text\": "
           "\"\\u007f\\u009b31m\\u202e \\u2028 \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf \\\"\\\\\"}\n]\n",
           "letter: JSON spells out what a terminal would act on");
    /* NOLINTEND(misc-misleading-bidirectional) */
}

static void test_odd(void)
{
    struct buf none;
    struct letter l = {.columns = COLUMNS, .json = true};

    is_str(print(l, SPAN(""), 1),
           "[\n{\"id\": 7, \"from\": \"ann\", \"subject\": \"new\", \"text\": \"\"}\n]\n",
           "letter: an empty text");
    is_str(print(l, SPAN("\xe2\x82"), 1),
           "[\n{\"id\": 7, \"from\": \"ann\", \"subject\": \"new\", \"text\": "
           "\"\\ufffd\\ufffd\"}\n]\n",
           "letter: half a character at the end");
    buf_init(&none, 10);
    letter_add(&l, &none, SPAN(ROW "text"), true);
    ok(!buf_ok(&none), "letter: no room");
    buf_free(&none);
}

int main(void)
{
    for (size_t piece = 1; piece < 20; piece++)
        test_forms(piece);
    test_json_characters();
    test_odd();
    return done_testing();
}
