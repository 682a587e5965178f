/* SPDX-License-Identifier: ISC */
#include "proto/message.h"

#include "proto/escape.h"
#include "random.h"
#include "tap.h"

static const struct tm report_day = {.tm_year = 117,
                                     .tm_mon = 11,
                                     .tm_mday = 3,
                                     .tm_hour = 15,
                                     .tm_min = 51,
                                     .tm_sec = 33,
                                     .tm_wday = 0};

static void test_report(void)
{
    struct span in = exact(SPAN("1^qwe^Sun Dec  3 15:51:33 2017^21^0^jklaskldhakjshdkajdsh^"));
    struct message m;

    ok(message_parse(in, &m), "message_parse: the message of the report");
    ok(m.id == 1 && m.len == 21 && m.state == MESSAGE_NORMAL,
       "message_parse: its id, length and state");
    ok(span_eq(m.from, SPAN("qwe")), "message_parse: its sender");
    ok(span_eq(m.date, SPAN("Sun Dec  3 15:51:33 2017")), "message_parse: its date");
    ok(span_eq(m.body, SPAN("jklaskldhakjshdkajdsh")), "message_parse: its body");
    exact_free(in);
}

static void test_parse(void)
{
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        {"0^^^0^0^body^", true},   {"0^^^0^0^^", true},
        {"7^a^b^9^2^x^", true},    {"", false},
        {"body", false},           {"0^^^0^0^body", false},
        {"0^^^0^0^body^x", false}, {"0^^^0^0^bo^dy^", false},
        {"^^^0^0^body^", false},   {"0^^^^0^body^", false},
        {"0^^^0^^body^", false},   {"x^^^0^0^body^", false},
        {"0^^^x^0^body^", false},  {"0^^^0^x^body^", false},
        {"0^^^0^3^body^", true},   {"^^^^^^", false},
        {"0^0^0^", false},         {"99999999999999999999^^^0^0^body^", true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span in = exact(span_str(rows[i].text));
        struct message m;
        is_int(message_parse(in, &m), rows[i].good, "message_parse: \"%s\"", rows[i].text);
        exact_free(in);
    }

    struct message m = {.state = MESSAGE_UNREAD};
    ok(message_parse(SPAN("0^^^0^3^body^"), &m) && m.state == MESSAGE_NORMAL,
       "message_parse: an unknown state reads as Normal");
}

static uint64_t random_number(void)
{
    return random_below(SIZE_MAX) >> random_below(64);
}

static bool round_trip(struct span body)
{
    struct dialect d = {FORM_LENGTH, 2, false};
    struct message m = {random_number(), SPAN("ann"),    SPAN("2017-12-03T12:51:33Z"),
                        random_number(), MESSAGE_UNREAD, body};
    struct message r;
    struct buf b;
    char out[300];
    size_t n = 0;

    buf_init(&b, SIZE_MAX);
    bool good = message_add_head(&b, &m) && b.n == message_head_bytes(&m);
    escape_add(&b, body, d, ESCAPE_FIELD);
    buf_add_char(&b, '^');
    struct span arg = exact(buf_span(&b));
    buf_free(&b);
    good = good && message_parse(arg, &r) && r.id == m.id && r.len == m.len && r.state == m.state &&
           span_eq(r.from, m.from) && span_eq(r.date, m.date) && escape_undo(r.body, out, &n) &&
           span_eq(span_of(out, n), body);
    exact_free(arg);
    return good;
}

static void test_round_trips(void)
{
    char bytes[150];
    int trips = 0;

    while (trips < 20000 && round_trip(random_bytes(bytes, sizeof bytes)))
        trips++;
    is_int(trips, 20000, "message_parse: reads random messages that message_add_head has written");
    if (trips < 20000)
        random_diag();
}

static void test_date_format(void)
{
    struct tm utc = report_day;
    struct tm late = report_day;
    struct tm spoilt = {.tm_year = INT32_MAX, .tm_mon = -1, .tm_mday = INT32_MIN, .tm_wday = 99};
    char out[MESSAGE_DATE_BYTES];

    utc.tm_hour = 12;
    message_date_format(1, &report_day, out);
    is_str(out, "Sun Dec  3 15:51:33 2017",
           "message_date_format: version 1 pads the day with a space");
    message_date_format(2, &utc, out);
    is_str(out, "2017-12-03T12:51:33Z", "message_date_format: version 2 is RFC 3339 in UTC");
    late.tm_mday = 31;
    late.tm_wday = 7;
    message_date_format(1, &late, out);
    is_str(out, "Sun Dec 31 15:51:33 2017", "message_date_format: version 1, a day of two digits");
    message_date_format(1, &spoilt, out);
    ok(strlen(out) < sizeof out,
       "message_date_format: version 1, an invalid time fits into the text");
    message_date_format(2, &spoilt, out);
    ok(strlen(out) < sizeof out,
       "message_date_format: version 2, an invalid time fits into the text");
}

static bool same_time(const struct tm *a, const struct tm *b)
{
    return a->tm_year == b->tm_year && a->tm_mon == b->tm_mon && a->tm_mday == b->tm_mday &&
           a->tm_hour == b->tm_hour && a->tm_min == b->tm_min && a->tm_sec == b->tm_sec;
}

static void test_date_parse(void)
{
    static const struct {
        const char *text;
        bool good, utc;
    } rows[] = {
        {"Sun Dec  3 15:51:33 2017", true, false},  {"Sun Dec 03 15:51:33 2017", true, false},
        {"2017-12-03T15:51:33Z", true, true},       {"", false, false},
        {"Sun Dec  3 15:51:33 201", false, false},  {"Sun Dec  3 15:51:33 2017\n", false, false},
        {"Sun Dex  3 15:51:33 2017", false, false}, {"Sux Dec  3 15:51:33 2017", false, false},
        {"Sun Dec  0 15:51:33 2017", false, false}, {"Sun Dec 32 15:51:33 2017", false, false},
        {"Sun Dec  3 24:51:33 2017", false, false}, {"Sun Dec  3 15:60:33 2017", false, false},
        {"Sun Dec  3 15-51:33 2017", false, false}, {"2017-13-03T15:51:33Z", false, false},
        {"2017-00-03T15:51:33Z", false, false},     {"2017-12-03T15:51:61Z", false, false},
        {"2017-12-03 15:51:33Z", false, false},     {"2017-12-03T15:51:33+", false, false},
        {"Sun Feb 29 15:51:33 2017", false, false}, {"2017-02-29T15:51:33Z", false, false},
        {"2000-02-30T15:51:33Z", false, false},     {"1900-02-29T15:51:33Z", false, false},
        {"2017-11-31T15:51:33Z", false, false},     {"2017-04-31T15:51:33Z", false, false},
        {"2017-12-03T15:51:33", false, false},      {"2017-12- 3T15:51:33Z", false, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span in = exact(span_str(rows[i].text));
        struct tm tm = {0};
        bool utc = false;
        bool good = message_date_parse(in, &tm, &utc);
        ok(good == rows[i].good && utc == rows[i].utc && (!good || same_time(&tm, &report_day)),
           "message_date_parse: \"%s\"", rows[i].text);
        exact_free(in);
    }
}

/* Each day of a leap year, a year that is not, and the two kinds of centuries. */
static void test_days(void)
{
    static const int years[] = {1900, 2000, 2016, 2017};
    char text[MESSAGE_DATE_BYTES];
    int days = 0;

    for (size_t i = 0; i < sizeof years / sizeof *years; i++) {
        for (int at = 0; at < 12 * 31; at++) {
            struct tm tm;
            bool utc;
            snprintf(text, sizeof text, "%04d-%02d-%02dT00:00:00Z", years[i], at / 31 + 1,
                     at % 31 + 1);
            days += message_date_parse(span_str(text), &tm, &utc);
        }
    }
    is_int(days, 365 + 366 + 366 + 365, "message_date_parse: the days of four years");
}

int main(void)
{
    random_begin();
    test_report();
    test_parse();
    test_round_trips();
    test_date_format();
    test_date_parse();
    test_days();
    return done_testing();
}
