/* SPDX-License-Identifier: ISC */
#include "doors/line.h"

#include "session/input.h"
#include "session/reply.h"

/* Drops what has arrived of a line that is too long. True: that was all of it. */
static bool drop_some(struct session *s)
{
    struct span in = input_waiting(s);
    size_t end = span_find(in, '\n');
    input_drop(s, end < in.n ? end + 1 : in.n);
    return end < in.n;
}

enum line_result line_more(struct session *s)
{
    switch (input_more(s, 0)) {
    case INPUT_MORE:
        return LINE_READY;
    case INPUT_WOKEN:
        return LINE_WOKEN;
    case INPUT_NO_MEMORY:
        reply_exit(s, status_text(ST_NO_MEMORY));
        break;
    case INPUT_CLOSED:
        reply_break(s, "closed by the client");
        break;
    case INPUT_ENDED:
        break;
    }
    return LINE_ENDED;
}

static enum line_result take_line(struct session *s, size_t end, struct span *line)
{
    *line = span_first(input_waiting(s), end);
    s->request_bytes = end + 1;
    if (!span_ends(*line, SPAN("\r")))
        return LINE_LF_ALONE;
    line->n--;
    return LINE_READY;
}

enum line_result line_next(struct session *s, size_t most, struct span *line)
{
    enum line_result result = LINE_READY;
    while (result == LINE_READY) {
        size_t n = input_waiting(s).n, end = span_find(input_waiting(s), '\n');
        if (s->dropped > 0 || end >= most) {
            if (drop_some(s))
                return LINE_TOO_LONG;
        } else if (end < n) {
            return take_line(s, end, line);
        }
        result = line_more(s);
    }
    return result;
}

void line_done(struct session *s)
{
    input_done(s);
}
