/* SPDX-License-Identifier: ISC */
/*
 * event_line: a log's line as whoever reads logs takes it apart.
 */
#ifndef EVENT_LINE_H
#define EVENT_LINE_H

#include "base/span.h"
#include "base/utf8.h"

/* Takes one field off the line as a reader of logs would. False: it is none. */
static inline bool event_line_take(struct span *line, struct span *key, struct span *value)
{
    size_t n = 0;

    if (!span_cut(line, '=', key) || key->n == 0 || span_find(*key, ' ') < key->n)
        return false;
    if (span_starts(*line, SPAN("\""))) {
        for (n = 1; n < line->n && line->p[n] != '"'; n++)
            n += line->p[n] == '\\';
        if (n++ >= line->n)
            return false;
    } else {
        n = span_find(*line, ' ');
    }
    *value = span_first(*line, n);
    *line = span_skip(*line, n);
    if (line->n == 0)
        return true;
    *line = span_skip(*line, 1);
    return line->p[-1] == ' ' && line->n > 0;
}

static inline bool event_line_clean(struct span s)
{
    while (s.n > 0) {
        uint32_t c;
        size_t n = utf8_decode(s, &c);
        if (!utf8_is_safe(c))
            return false;
        s = span_skip(s, n);
    }
    return true;
}

/* Whether a line reads as fields, the first of which is event and the last level. */
static inline bool event_line_ok(const char *text)
{
    struct span line = span_str(text), key = SPAN(""), value;
    unsigned n = 0;

    if (!event_line_clean(line) || !span_starts(line, SPAN("event=")))
        return false;
    for (; line.n > 0; n++)
        if (!event_line_take(&line, &key, &value) || value.n == 0)
            return false;
    return n >= 2 && span_eq(key, SPAN("level"));
}

#endif
