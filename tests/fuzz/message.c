/* SPDX-License-Identifier: ISC */
/* Messages and their dates: what is read is the same when it is written and read again. */
#include "proto/message.h"

#include "fuzz.h"

static bool same_message(const struct message *a, const struct message *b)
{
    return a->id == b->id && a->len == b->len && a->state == b->state &&
           span_eq(a->from, b->from) && span_eq(a->date, b->date) && span_eq(a->body, b->body);
}

static void test_message(struct span in)
{
    struct message m = {.id = 77}, again;
    struct buf out;

    if (!message_parse(in, &m)) {
        must(m.id == 77);
        return;
    }
    must(fuzz_within(m.from, in) && fuzz_within(m.date, in) && fuzz_within(m.body, in));
    must(span_ends(in, SPAN("^")) && span_count(m.body, '^') == 0);
    buf_init(&out, SIZE_MAX / 2);
    must(message_add_head(&out, &m) && out.n == message_head_bytes(&m));
    buf_add(&out, m.body);
    must(buf_add_char(&out, '^') && message_parse(buf_span(&out), &again));
    must(same_message(&m, &again));
    buf_free(&out);
}

static void test_date(struct span in)
{
    struct tm tm = {0}, again;
    char text[MESSAGE_DATE_BYTES];
    bool utc, utc_again;

    if (!message_date_parse(in, &tm, &utc))
        return;
    must(tm.tm_mon >= 0 && tm.tm_mon < 12 && tm.tm_mday >= 1 && tm.tm_mday <= 31);
    must(tm.tm_hour < 24 && tm.tm_min < 60 && tm.tm_sec <= 60);
    message_date_format(utc ? 2 : 1, &tm, text);
    if (!utc && tm.tm_year < 1000 - 1900)
        return; /* asctime does not pad the year */
    must(message_date_parse(span_str(text), &again, &utc_again) && utc == utc_again);
    must(tm.tm_year == again.tm_year && tm.tm_mon == again.tm_mon && tm.tm_mday == again.tm_mday &&
         tm.tm_hour == again.tm_hour && tm.tm_min == again.tm_min && tm.tm_sec == again.tm_sec);
    must(!utc || span_eq(span_str(text), in));
}

void fuzz_one(struct span in)
{
    test_message(in);
    test_date(in);
}
