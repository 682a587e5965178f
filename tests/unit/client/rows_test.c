/* SPDX-License-Identifier: ISC */
#include "client/rows.h"

#include <stdlib.h>
#include <time.h>

#include "base/width.h"
#include "client/language.h"
#include "random.h"
#include "tap.h"

static struct message message(uint64_t id, enum message_state state, const char *from,
                              const char *body)
{
    return (struct message){.id = id,
                            .from = span_str(from),
                            .date = SPAN("2026-11-28T20:14:05Z"),
                            .len = 12345,
                            .state = state,
                            .body = span_str(body)};
}

static void row_is(struct rows r, const struct message *m, const char *want, const char *name)
{
    struct buf out;
    buf_init(&out, 10000);
    rows_add(&r, &out, m);
    buf_add_char(&out, '\0');
    is_str(out.p, want, "rows_add: %s", name);
    buf_free(&out);
}

static void test_columns(void)
{
    struct rows wide = {ROWS_COLUMNS, 70, false, true}, narrow = {ROWS_COLUMNS, 40, false, true};
    struct message m = message(7, MESSAGE_UNREAD, "ann", "Subject: the plan");

    row_is(wide, &m, "    7 Unread  2026-11-28 20:14 ann            13K the plan\n", "wide");
    row_is(narrow, &m, "   7 U 2026-11-28 ann      the plan\n", "narrow");
    wide.begun = false;
    row_is(wide, &m,
           "   ID STATE   DATE             FROM          SIZE SUBJECT\n"
           "    7 Unread  2026-11-28 20:14 ann            13K the plan\n",
           "the heading is before the first row");
    wide.begun = wide.colour = true;
    row_is(wide, &m, "\033[1m    7 Unread  2026-11-28 20:14 ann            13K the plan\033[0m\n",
           "an unread message is bold");
    m.state = MESSAGE_NORMAL;
    row_is(wide, &m, "    7 Normal  2026-11-28 20:14 ann            13K the plan\n",
           "another is not");
    /* NOLINTNEXTLINE(misc-misleading-bidirectional): it is made harmless. */
    m.body = SPAN("\x1b[31m\xe2\x80\xae");
    row_is(wide, &m, "    7 Normal  2026-11-28 20:14 ann            13K \\x1b[31m\\u202e\n",
           "harmful characters are escapes");
    m.from = SPAN("a-name-of-24-characters.");
    m.body = SPAN("\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8"
                  "\xad\xe6\x96\x87");
    row_is(narrow, &m,
           "   7 N 2026-11-28 a-name-\xe2\x80\xa6 "
           "\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe2\x80\xa6\n",
           "wide characters are cut by columns");
    m.date = SPAN("Sat Nov 28 20:14:05 2026");
    m.body = SPAN("x");
    m.len = 9999;
    row_is(wide, &m, "    7 Normal  2026-11-28 20:14 a-name-of-2\xe2\x80\xa6  9999 x\n",
           "the date of a server of version 1");
    row_is((struct rows){ROWS_COLUMNS, 20, false, true}, &m,
           "   7 N 2026-11-28 a-name-\xe2\x80\xa6 x\n", "too narrow: one column is left");
    is_int(rows_form(20), ROWS_COLUMNS, "rows_form: columns for a screen");
    is_int(rows_form(0), ROWS_TABS, "... and tabs where there is no screen");
    m.date = SPAN("yesterday");
    row_is(wide, &m, "    7 Normal  yesterday        a-name-of-2\xe2\x80\xa6  9999 x\n",
           "a date that is none");
}

static void draft_is(struct rows r, const struct rows_draft *d, const char *want, const char *name)
{
    struct buf out;
    buf_init(&out, 10000);
    rows_add_draft(&r, &out, d);
    buf_add_char(&out, '\0');
    is_str(out.p, want, "rows_add_draft: %s", name);
    buf_free(&out);
}

static void test_drafts(void)
{
    struct rows wide = {ROWS_COLUMNS, 70, false, false}, narrow = {ROWS_COLUMNS, 40, false, false};
    struct rows_draft d = {
        3, "unfinished", true, 1795896845, SPAN("ann,bob"), 12345, SPAN("Subject: the plan\n\nIs"),
    };
    draft_is(wide, &d,
             "   ID STATE      DATE             TO            SIZE SUBJECT\n"
             "    3 unfinished 2026-11-28 20:14 ann,bob        13K the plan\n",
             "the heading, and a row");
    draft_is(narrow, &d,
             "  ID STATE      TO       SUBJECT\n"
             "   3 unfinished ann,bob  the plan\n",
             "narrow");
    wide.begun = narrow.begun = true;
    d.state = "ready";
    d.to = SPAN("ann,bob,carol,dan");
    d.text = SPAN("Is it on for the day after tomorrow, or another one?");
    draft_is(wide, &d,
             "    3 ready      2026-11-28 20:14 ann,bob,car\xe2\x80\xa6   13K Is it on for the"
             "\xe2\x80\xa6\n",
             "cut to the screen");
    draft_is(narrow, &d, "   3 ready      ann,bob\xe2\x80\xa6 Is it on for t\xe2\x80\xa6\n",
             "cut to a narrow one");
    draft_is(wide, &(struct rows_draft){.number = 4, .state = "damaged"}, "    4 damaged\n",
             "one that cannot be read");
    language_set(LANGUAGE_RUSSIAN);
    draft_is(narrow, &d, "   3 готов      ann,bob\xe2\x80\xa6 Is it on for t\xe2\x80\xa6\n",
             "the state is in the user's language");
    wide.begun = false;
    draft_is(wide, &(struct rows_draft){.number = 4, .state = "damaged"},
             "   ID СТАТУС     ДАТА             КОМУ          БАЙТ ТЕМА\n    4 повреждён\n",
             "so is the heading");
    language_set(LANGUAGE_ENGLISH);
}

/* No row is wider than the screen. */
static void test_width(void)
{
    int wrong = 0;
    for (int i = 0; i < 2000; i++) {
        char body[60], from[20];
        struct buf out;
        unsigned columns = 40 + (unsigned)random_below(80);
        struct rows r = {ROWS_COLUMNS, columns, false, true};
        for (size_t k = 0; k < sizeof body; k++)
            body[k] = (char)(random_below(3) ? 0x80 + random_below(128) : random_below(256));
        for (size_t k = 0; k < sizeof from; k++)
            from[k] = (char)random_below(256);
        struct message m = message(random_below(10000), MESSAGE_NORMAL, "", "");
        m.from = span_of(from, sizeof from);
        m.body = span_of(body, sizeof body);
        buf_init(&out, 10000);
        rows_add(&r, &out, &m);
        wrong += width_text(span_first(buf_span(&out), out.n - 1)) > columns ||
                 span_find(buf_span(&out), '\n') != out.n - 1;
        buf_free(&out);
    }
    is_int(wrong, 0, "rows_add: one line, no wider than the screen");
}

static void test_json(void)
{
    struct rows r = {ROWS_JSON, 0, false, false};
    struct message m =
        message(7, MESSAGE_DELETED, "ann", "Subject: a \"b\" \\ \x01\xff\x7f \xd0\x96");

    row_is(r, &m,
           "{\"id\":7,\"state\":\"Deleted\",\"date\":\"2026-11-28T20:14:05Z\",\"from\":\"ann\","
           "\"bytes\":12345,\"subject\":\"a \\\"b\\\" \\\\ \\u0001\\ufffd\\u007f \xd0\x96\"}\n",
           "JSON");
}

static void test_subject(void)
{
    static const struct {
        const char *body, *want;
    } rows[] = {
        {"one\ntwo", "one"},
        {"", ""},
        {"\n \n\r\nthree", "three"},
        {"Subject: lunch\n\nHi", "lunch"},
        {"Subject: ", "Subject: "},
        {"Hi\nlunch?", "lunch?"},
        {"Hello Bob!\r\n\r\nlunch?\r\n", "lunch?"},
        {"DEAR ANN,\nlunch?", "lunch?"},
        {"Здравствуйте, Анна!\nобед?", "обед?"},
        {"привет!\nобед?", "обед?"},
        {"ДОРОГАЯ Анна,\nобед?", "обед?"},
        {"Дорога займёт час.\nобед?", "Дорога займёт час."},
        {"High tide at five.\nlunch?", "High tide at five."},
        {"Hi", "Hi"},
        {"H\nlunch?", "H"},
        {"Good\nlunch?", "Good"},
        {"Hello.\nlunch?", "lunch?"},
        {"Hi\xe2\x80\x94\nlunch?", "Hi\xe2\x80\x94"},
        {"Hi\xe2\x80\x94you!\nlunch?", "lunch?"},
        {"Hi\n\n", "Hi"},
        {"Hi, are you there?\nlunch?", "Hi, are you there?"},
        {"History\nlunch?", "History"},
        {"Hi!\nHello!\nlunch?", "Hello!"},
        {"MIME-Version: 1.0", "MIME-Version: 1.0"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span body = exact(span_str(rows[i].body)), got = rows_subject(body);
        ok(span_eq(got, span_str(rows[i].want)), "rows_subject: row %zu: %.*s", i,
           SPAN_PRINTF(got));
        exact_free(body);
    }
}

int main(void)
{
    static char zone[] = "TZ=UTC";
    random_begin();
    putenv(zone); /* setenv is not everywhere */
    tzset();
    test_columns();
    test_drafts();
    test_width();
    test_json();
    test_subject();
    return done_testing();
}
