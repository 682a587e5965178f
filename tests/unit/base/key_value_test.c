/* SPDX-License-Identifier: ISC */
#include "base/key_value.h"

#include "tap.h"

static void test_lines(void)
{
    static const struct {
        struct span line;
        enum key_value result;
        const char *key, *value;
    } rows[] = {
        {SPAN("idle = 5m"), KEY_VALUE_GIVEN, "idle", "5m"},
        {SPAN("\tidle=5m \r"), KEY_VALUE_GIVEN, "idle", "5m"},
        {SPAN("a = b = c"), KEY_VALUE_GIVEN, "a", "b = c"},
        {SPAN("user ="), KEY_VALUE_GIVEN, "user", ""},
        {SPAN("= x"), KEY_VALUE_GIVEN, "", "x"},
        {SPAN(""), KEY_VALUE_NONE, "", ""},
        {SPAN(" \r"), KEY_VALUE_NONE, "", ""},
        {SPAN("  # a = b"), KEY_VALUE_NONE, "", ""},
        {SPAN("idle 5m"), KEY_VALUE_WRONG, "", ""},
        {SPAN("# a\0b"), KEY_VALUE_WRONG, "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span key = SPAN(""), value = SPAN("");
        const char *why = NULL;
        struct key_value_file file = {.rest = rows[i].line};
        ok(key_value_next(&file, &key, &value, &why) == rows[i].result, "key_value_next: \"%s\"",
           rows[i].line.p);
        ok(span_eq(key, span_str(rows[i].key)) && span_eq(value, span_str(rows[i].value)),
           "... its key and its value");
        ok(!why == (rows[i].result != KEY_VALUE_WRONG), "... a reason if it is wrong");
    }
}

static void test_file(void)
{
    struct key_value_file file = {.rest = SPAN("# a\n\nidle = 5m\r\nuser=\nidle\n\n  #")};
    struct span key, value;
    const char *why;
    ok(key_value_next(&file, &key, &value, &why) == KEY_VALUE_GIVEN && span_eq(value, SPAN("5m")) &&
           file.line == 3,
       "key_value_next: comments and blank lines are passed over, and counted");
    ok(key_value_next(&file, &key, &value, &why) == KEY_VALUE_GIVEN && span_eq(key, SPAN("user")) &&
           value.n == 0 && file.line == 4,
       "... an empty value does not end with the next line");
    ok(key_value_next(&file, &key, &value, &why) == KEY_VALUE_WRONG && file.line == 5,
       "... a wrong line has its number");
    ok(key_value_next(&file, &key, &value, &why) == KEY_VALUE_NONE,
       "... the last line may be a comment without LF");
}

static void test_names(void)
{
    ok(key_value_is(SPAN("log-level"), "log-level"), "key_value_is: a key");
    ok(key_value_is(SPAN("log_level"), "log-level"), "... with _ in place of -");
    ok(!key_value_is(SPAN("log"), "log-level"), "... not its beginning");
    ok(!key_value_is(SPAN("log-levels"), "log-level"), "... not a longer one");
    ok(!key_value_is(SPAN(""), "log-level"), "... not an empty one");
}

static void test_comments(void)
{
    ok(key_value_has_comment(SPAN("5m # five")), "key_value_has_comment: after a blank");
    ok(key_value_has_comment(SPAN("5m\t#")), "... after a tab");
    ok(key_value_has_comment(SPAN("# five")), "... in place of a value");
    ok(!key_value_has_comment(SPAN("a#b")), "... not within a word");
}

int main(void)
{
    test_lines();
    test_file();
    test_names();
    test_comments();
    return done_testing();
}
