/* SPDX-License-Identifier: ISC */
#include "log/event.h"

#include "event_line.h"
#include "random.h"
#include "tap.h"

#define LINE_BYTES 1024

static const char *line_of(const struct event *e)
{
    static char line[LINE_BYTES];

    event_write(e, line, sizeof line);
    return line;
}

/* How a value looks in a line. */
static void value_is(struct span value, const char *want, const char *name)
{
    struct event e;
    char line[LINE_BYTES];
    struct span copy = exact(value);

    event_begin(&e, "x", EVENT_INFO);
    event_text(&e, "v", copy);
    snprintf(line, sizeof line, "event=x v=%s level=info", want);
    is_str(line_of(&e), line, "%s", name);
    exact_free(copy);
}

static void test_line(void)
{
    struct event e;

    event_begin(&e, "login", EVENT_WARNING);
    is_str(line_of(&e), "event=login level=warning", "an event without fields");
    event_text(&e, "result", SPAN("fail"));
    event_text(&e, "user", SPAN("ann"));
    event_text(&e, "addr", SPAN("127.0.0.1"));
    event_number(&e, "session", 17);
    e.ms = 231;
    is_str(line_of(&e),
           "event=login result=fail user=ann addr=127.0.0.1 session=17 ms=231 level=warning",
           "with some");
    event_begin(&e, "x", EVENT_DEBUG);
    event_number(&e, "least", 0);
    event_number(&e, "most", UINT64_MAX);
    event_text(&e, "none", span_of(NULL, 0));
    e.ms = 0;
    is_str(line_of(&e), "event=x least=0 most=18446744073709551615 none=\"\" ms=0 level=debug",
           "numbers");
}

static void test_values(void)
{
    value_is(SPAN("a-b_c.d@e:f/g,h|i'j"), "a-b_c.d@e:f/g,h|i'j", "what stands bare");
    value_is(SPAN(""), "\"\"", "nothing");
    value_is(SPAN("a b"), "\"a b\"", "a space");
    value_is(SPAN("ann addr=10.0.0.1"), "\"ann addr=10.0.0.1\"", "what looks like a field");
    value_is(SPAN("a=b"), "\"a=b\"", "an equal sign");
    value_is(SPAN("a\" addr=10.0.0.1 x=\"b"), "\"a\\\" addr=10.0.0.1 x=\\\"b\"", "quotes");
    value_is(SPAN("a\\"), "\"a\\\\\"", "a backslash at the end");
    value_is(SPAN("a\nevent=login\r\n"), "\"a\\x0aevent=login\\x0d\\x0a\"", "ends of lines");
    value_is(SPAN("\x1b[2J\x07\x7f\t"), "\"\\x1b[2J\\x07\\x7f\\x09\"", "ESC, BEL, DEL, TAB");
    value_is(SPAN("a\0b"), "\"a\\x00b\"", "NUL");
    value_is(SPAN("\xd0\xb0\xd0\xbd\xd0\xbd\xd0\xb0"), "\"\xd0\xb0\xd0\xbd\xd0\xbd\xd0\xb0\"",
             "other letters");
    value_is(SPAN("\xff\xc3(\xe2\x82"), "\"\\xff\\xc3(\\xe2\\x82\"", "what is no UTF-8");
    value_is(SPAN("\xc2\x9b"), "\"\\u009b\"", "a control character of two bytes");
    /* NOLINTNEXTLINE(misc-misleading-bidirectional): this is what is to be made harmless. */
    value_is(SPAN("a\xe2\x80\xae"
                  "b"),
             "\"a\\u202eb\"", "one that turns the direction");
}

static void test_long(void)
{
    static char bytes[10000];
    char line[LINE_BYTES];
    struct event e;
    size_t n;

    memset(bytes, 'a', sizeof bytes);
    event_begin(&e, "x", EVENT_INFO);
    event_text(&e, "v", span_of(bytes, sizeof bytes));
    event_text(&e, "addr", SPAN("127.0.0.1"));
    n = event_write(&e, line, sizeof line);
    is_int(n, strlen("event=x v=\"...\" addr=127.0.0.1 level=info") + EVENT_VALUE_BYTES,
           "of 10,000 bytes some are told");
    ok(strstr(line, "a...\" addr=127.0.0.1 level=info"), "which can be seen, and what follows");
    ok(!strstr(line, "cut=yes"), "nothing is left out");
    event_begin(&e, "x", EVENT_INFO);
    for (int i = 0; i < 3; i++)
        event_text(&e, "v", span_of(bytes, sizeof bytes));
    event_number(&e, "session", 17);
    e.ms = INT64_MAX;
    ok(event_write(&e, line, sizeof line) < sizeof line, "a line has a limit");
    ok(strstr(line, "...\" session=17 ms=9223372036854775807 cut=yes level=info"),
       "a field that is too long for it is left out, and only that");
    value_is(span_of(bytes, 0), "\"\"", "an empty part");
    memset(bytes, '\n', sizeof bytes);
    event_begin(&e, "x", EVENT_INFO);
    event_text(&e, "v", span_of(bytes, sizeof bytes));
    ok(strstr(line_of(&e), "\\x0a\\x0a...\" level=info"), "escapes are not cut in two");
}

static void add_random_fields(struct event *e, char *bytes, size_t size)
{
    for (size_t n = random_below(EVENT_FIELDS + 1); n > 0; n--) {
        struct span s = random_bytes(bytes, random_below(4) ? 20 : size);
        if (random_below(4))
            event_text(e, "k", s);
        else
            event_number(e, "n", random_below(1000));
    }
}

static void test_random(void)
{
    static char bytes[3000];
    char line[LINE_BYTES];
    int wrong = 0;

    for (int round = 0; round < 20000; round++) {
        struct event e;
        size_t size = EVENT_LEAST_BYTES + random_below(LINE_BYTES - EVENT_LEAST_BYTES + 1);
        event_begin(&e, "x", (enum event_level)random_below(EVENT_DEBUG + 1));
        add_random_fields(&e, bytes, sizeof bytes);
        e.ms = (int64_t)random_below(1000) - 1;
        struct span room = exact(span_of(bytes, size));
        size_t n = event_write(&e, exact_bytes(room), size);
        snprintf(line, sizeof line, "%s", room.p);
        wrong += n >= size || n != strlen(room.p) || !event_line_ok(line);
        exact_free(room);
    }
    is_int(wrong, 0, "whatever comes, a line is well-formed and within its limit");
    if (wrong)
        random_diag();
    ok(!event_line_ok("event=x v=a b level=info") && !event_line_ok("event=x v=\"a level=info") &&
           !event_line_ok("event=x level=info v=\n") && !event_line_ok("event=x"),
       "control: the test knows what is not");
}

static void test_levels(void)
{
    is_str(event_level_name(EVENT_ERROR), "error", "the first level");
    is_str(event_level_name(EVENT_DEBUG), "debug", "the last");
    ok(!event_level_name(EVENT_DEBUG + 1), "no more");
}

int main(void)
{
    random_begin();
    test_line();
    test_values();
    test_long();
    test_random();
    test_levels();
    return done_testing();
}
