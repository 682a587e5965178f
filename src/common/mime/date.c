/* SPDX-License-Identifier: ISC */
#include "mime/date.h"

#include <string.h>

#define DAY_S     86400
#define WORDS_MAX 8

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970 began on a Thursday */

/* Days from 1970-01-01 to a day of the Gregorian calendar. month: 1 to 12. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2; /* years that begin in March: the leap day is their last one */
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

bool date_add(struct buf *out, const struct tm *utc)
{
    int64_t day = days_of((int64_t)utc->tm_year + 1900, utc->tm_mon + 1, utc->tm_mday);
    return buf_printf(out, "%.3s, %02d %.3s %04d %02d:%02d:%02d +0000",
                      days + 3 * (((day % 7) + 7) % 7), utc->tm_mday, months + 3 * utc->tm_mon,
                      utc->tm_year + 1900, utc->tm_hour, utc->tm_min, utc->tm_sec);
}

/* The words of a date, without commas and comments. */
struct words {
    struct span word[WORDS_MAX];
    size_t n;
};

static bool ends_word(char c)
{
    return c == 0 || strchr(" \t\r\n,(", c) != NULL;
}

static struct words split(struct span s)
{
    struct words w = {.n = 0};
    unsigned depth = 0;
    for (size_t i = 0; i < s.n && w.n < WORDS_MAX;) {
        size_t n = 0;
        while (depth == 0 && i + n < s.n && !ends_word(s.p[i + n]))
            n++;
        if (n > 0)
            w.word[w.n++] = span_of(s.p + i, n);
        else if (s.p[i] == '(')
            depth++;
        else if (s.p[i] == ')' && depth > 0)
            depth--;
        i += n > 0 ? n : 1;
    }
    return w;
}

static bool number(struct span s, int most, int *value)
{
    uint64_t n;
    if (!span_u64(s, (uint64_t)most, &n))
        return false;
    *value = (int)n;
    return true;
}

/* 1 to 12, or 0. */
static int month_of(struct span word)
{
    for (int i = 0; i < 12; i++)
        if (span_eq_folded(span_first(word, 3), span_of(months + 3 * i, 3)))
            return i + 1;
    return 0;
}

/* A year of two or three digits as in RFC 5322, section 4.3. */
static bool year_of(struct span word, int *year)
{
    if (!number(word, 9999, year))
        return false;
    if (word.n == 2)
        *year += *year < 50 ? 2000 : 1900;
    else if (word.n == 3)
        *year += 1900;
    return true;
}

static int days_in(int year, int month)
{
    return (int)(days_of(year + (month == 12), month % 12 + 1, 1) - days_of(year, month, 1));
}

/* HH:MM or HH:MM:SS. A leap second is the second before it. */
static bool time_of(struct span word, int64_t *seconds)
{
    struct span part;
    int h, m, s = 0;
    if (!span_cut(&word, ':', &part) || !number(part, 23, &h))
        return false;
    if (span_cut(&word, ':', &part)) {
        if (!number(word, 60, &s))
            return false;
    } else {
        part = word;
    }
    if (!number(part, 59, &m))
        return false;
    *seconds = h * 3600 + m * 60 + (s == 60 ? 59 : s);
    return true;
}

/* How far a zone is ahead of UTC, in seconds. */
static int64_t zone_of(struct span word)
{
    static const struct {
        const char *name;
        int hours;
    } zones[] = {{"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5},
                 {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};
    int digits;
    if (word.n == 5 && (word.p[0] == '+' || word.p[0] == '-') &&
        number(span_skip(word, 1), 9999, &digits))
        return (digits / 100 * 3600 + digits % 100 * 60) * (word.p[0] == '-' ? -1 : 1);
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++)
        if (span_eq_folded(word, span_str(zones[i].name)))
            return zones[i].hours * 3600;
    return 0;
}

bool date_parse(struct span value, int64_t *seconds)
{
    struct words w = split(value);
    size_t at = w.n > 0 && !span_is_decimal(w.word[0]); /* the day of the week */
    int day, year;
    int64_t time;
    if (w.n < at + 4 || !number(w.word[at], 31, &day) || !year_of(w.word[at + 2], &year) ||
        !time_of(w.word[at + 3], &time))
        return false;
    int month = month_of(w.word[at + 1]);
    if (month == 0 || day == 0 || day > days_in(year, month))
        return false;
    *seconds =
        days_of(year, month, day) * DAY_S + time - (w.n > at + 4 ? zone_of(w.word[at + 4]) : 0);
    return true;
}
