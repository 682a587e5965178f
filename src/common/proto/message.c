/* SPDX-License-Identifier: ISC */
#include "proto/message.h"

#include <string.h>

#include "base/digits.h"

static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char weekdays[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

bool message_parse(struct span arg, struct message *m)
{
    struct span field[MESSAGE_FIELDS];
    struct message r;
    uint64_t state;
    if (!span_ends(arg, SPAN("^")) || span_count(arg, '^') != MESSAGE_FIELDS)
        return false;
    for (size_t i = 0; i < MESSAGE_FIELDS; i++)
        span_cut(&arg, '^', &field[i]);
    if (!span_number(field[0], &r.id) || !span_number(field[3], &r.len) ||
        !span_number(field[4], &state))
        return false;
    r.from = field[1];
    r.date = field[2];
    r.state = state <= MESSAGE_UNREAD ? (enum message_state)state : MESSAGE_NORMAL;
    r.body = field[5];
    *m = r;
    return true;
}

bool message_add_head(struct buf *out, const struct message *m)
{
    buf_add_u64(out, m->id, 0);
    buf_add_char(out, '^');
    buf_add(out, m->from);
    buf_add_char(out, '^');
    buf_add(out, m->date);
    buf_add_char(out, '^');
    buf_add_u64(out, m->len, 0);
    buf_add_char(out, '^');
    buf_add_u64(out, m->state, 0);
    return buf_add_char(out, '^');
}

size_t message_head_bytes(const struct message *m)
{
    return buf_u64_bytes(m->id) + m->from.n + m->date.n + buf_u64_bytes(m->len) +
           buf_u64_bytes(m->state) + MESSAGE_FIELDS - 1;
}

/* Two digits at least; a number that is out of range, from an invalid struct tm, loses its others.
 */
static char *put_part(char *to, int v, char after)
{
    digits_put(to, (unsigned)v % 100, 2);
    to[2] = after;
    return to + 3;
}

static char *put_word(char *to, const char (*words)[4], int count, int v)
{
    memcpy(to, words[(unsigned)v % (unsigned)count], 3);
    to[3] = ' ';
    return to + 4;
}

static char *put_time(char *to, const struct tm *tm, char after)
{
    to = put_part(to, tm->tm_hour, ':');
    to = put_part(to, tm->tm_min, ':');
    return put_part(to, tm->tm_sec, after);
}

static char *put_year(char *to, const struct tm *tm, char after)
{
    digits_put(to, (unsigned)tm->tm_year + 1900, 4);
    to[4] = after;
    return to + 5;
}

void message_date_format(unsigned version, const struct tm *tm, char out[MESSAGE_DATE_BYTES])
{
    if (version < 2) {
        out = put_word(out, weekdays, 7, tm->tm_wday);
        out = put_word(out, months, 12, tm->tm_mon);
        char *day = out;
        out = put_part(out, tm->tm_mday, ' ');
        if (*day == '0')
            *day = ' ';
        out = put_time(out, tm, ' ');
        put_year(out, tm, '\0');
    } else {
        out = put_year(out, tm, '-');
        out = put_part(out, (int)((unsigned)tm->tm_mon % 12 + 1), '-');
        out = put_part(out, tm->tm_mday, 'T');
        out = put_time(out, tm, 'Z');
        *out = '\0';
    }
}

/* Whether a date matches the pattern, in which . stands for any byte. */
static bool matches(struct span date, const char *pattern)
{
    if (date.n != strlen(pattern))
        return false;
    for (size_t i = 0; i < date.n; i++) {
        if (pattern[i] != '.' && pattern[i] != date.p[i])
            return false;
    }
    return true;
}

/* Reads a number of n digits at an offset of the date. */
static bool parse_number(struct span date, size_t at, size_t n, int min, int max, int *value)
{
    uint64_t v;
    if (!span_u64(span_of(date.p + at, n), (uint64_t)max, &v) || (int)v < min)
        return false;
    *value = (int)v;
    return true;
}

/* Finds which of count words of three letters stands at an offset of the date. */
static bool parse_word(struct span date, size_t at, const char (*words)[4], int count, int *value)
{
    for (int i = 0; i < count; i++) {
        if (memcmp(date.p + at, words[i], 3) == 0) {
            *value = i;
            return true;
        }
    }
    return false;
}

static bool parse_time(struct span date, struct tm *tm)
{
    return parse_number(date, 11, 2, 0, 23, &tm->tm_hour) &&
           parse_number(date, 14, 2, 0, 59, &tm->tm_min) &&
           parse_number(date, 17, 2, 0, 60, &tm->tm_sec);
}

/* Here tm_year is the year itself. */
static bool day_exists(const struct tm *tm)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = tm->tm_year;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return tm->tm_mday <= days[tm->tm_mon] + (leap && tm->tm_mon == 1);
}

static bool parse_asctime(struct span date, struct tm *tm)
{
    int weekday;
    if (!matches(date, "... ... .. ..:..:.. ...."))
        return false;
    size_t pad = date.p[8] == ' ';
    return parse_word(date, 0, weekdays, 7, &weekday) &&
           parse_word(date, 4, months, 12, &tm->tm_mon) &&
           parse_number(date, 8 + pad, 2 - pad, 1, 31, &tm->tm_mday) && parse_time(date, tm) &&
           parse_number(date, 20, 4, 0, 9999, &tm->tm_year);
}

static bool parse_rfc3339(struct span date, struct tm *tm)
{
    if (!matches(date, "....-..-..T..:..:..Z"))
        return false;
    if (!parse_number(date, 0, 4, 0, 9999, &tm->tm_year) ||
        !parse_number(date, 5, 2, 1, 12, &tm->tm_mon) ||
        !parse_number(date, 8, 2, 1, 31, &tm->tm_mday) || !parse_time(date, tm))
        return false;
    tm->tm_mon -= 1;
    return true;
}

bool message_date_parse(struct span date, struct tm *tm, bool *utc)
{
    struct tm t = {0};
    bool is_utc = parse_rfc3339(date, &t);
    if ((!is_utc && !parse_asctime(date, &t)) || !day_exists(&t))
        return false;
    t.tm_year -= 1900;
    t.tm_isdst = is_utc ? 0 : -1;
    *tm = t;
    *utc = is_utc;
    return true;
}
