/* SPDX-License-Identifier: ISC */
#include "client/line_screen.h"

#include "base/utf8.h"
#include "base/width.h"
#include "client/language.h"
#include "client/wrap.h"

#define ROOM_COLUMNS 12 /* with less room after a prompt, the line begins on the next row */
#define TAB_COLUMNS  4
#define MARKS_BYTES  64 /* of marks at one character that are shown */

/* The character before at, without its marks. */
static size_t one_left(struct span line, size_t at)
{
    for (size_t n = at < 4 ? at : 4; n > 1; n--) {
        uint32_t c;
        if (utf8_decode(span_of(line.p + at - n, n), &c) == n)
            return at - n;
    }
    return at > 0 ? at - 1 : 0;
}

static bool is_mark(struct span line, size_t at)
{
    uint32_t c;
    utf8_decode(span_skip(line, at), &c);
    return utf8_is_safe(c) && width_of(c) == 0;
}

size_t line_screen_left(struct span line, size_t at)
{
    size_t to = one_left(line, at);
    while (to > 0 && at - to < MARKS_BYTES && is_mark(line, to))
        to = one_left(line, to);
    return to;
}

size_t line_screen_right(struct span line, size_t at)
{
    uint32_t c;
    size_t to = at;
    if (to < line.n)
        to += utf8_decode(span_skip(line, to), &c);
    while (to < line.n && to - at < MARKS_BYTES && is_mark(line, to))
        to += utf8_decode(span_skip(line, to), &c);
    return to;
}

/* Adds a character with its marks as it is shown. out may be NULL. Returns its columns. */
static size_t show(struct buf *out, struct span one)
{
    static const char spaces[TAB_COLUMNS + 1] = "    ";
    char spelt[UTF8_SPELT_BYTES];
    size_t columns = 0;
    while (one.n > 0) {
        uint32_t c;
        size_t n = utf8_decode(one, &c);
        struct span shown = span_first(one, n);
        if (c == '\t')
            shown = span_of(spaces, TAB_COLUMNS);
        else if (!utf8_is_safe(c))
            shown = span_of(spelt, utf8_spell(one, spelt));
        columns += width_text(shown);
        if (out)
            buf_add(out, shown);
        one = span_skip(one, n);
    }
    return columns;
}

/* The character at a place in the line, with its marks. */
static struct span one_at(struct span line, size_t at)
{
    return span_of(line.p + at, line_screen_right(line, at) - at);
}

static void right_by(struct buf *out, size_t columns)
{
    if (columns > 0)
        buf_printf(out, "\033[%zuC", columns);
}

/* Finds out where the prompt, as it is shown, puts the line. */
static void place(struct line_screen *s, struct span rest)
{
    struct span row;
    s->above = 0;
    while (span_cut(&rest, '\n', &row)) {
        size_t columns = width_text(row);
        s->above += columns == 0 ? 1 : (unsigned)((columns - 1) / s->columns + 1);
    }
    size_t columns = width_text(rest);
    s->above += (unsigned)(columns / s->columns);
    s->start = (unsigned)(columns % s->columns);
    s->broken = s->start > 0 && s->columns - s->start < ROOM_COLUMNS;
    if (s->broken) {
        s->above++;
        s->start = 0;
    } else {
        s->broken = columns > 0 && s->start == 0;
    }
}

void line_screen_prompt(struct line_screen *s)
{
    size_t before = s->out.n, column = 0;
    s->first = 0;
    wrap_text(&s->out, span_str(s->prompt), s->columns, &column);
    place(s, span_skip(buf_span(&s->out), before));
    if (s->broken)
        buf_add_str(&s->out, "\r\n");
}

void line_screen_next(struct line_screen *s)
{
    s->prompt = "";
    s->first = 0;
    place(s, SPAN(""));
}

void line_screen_again(struct line_screen *s, bool clear)
{
    buf_add_str(&s->out, clear ? "\033[H\033[2J" : "\r\033[J");
    size_t first = s->first;
    line_screen_prompt(s);
    s->first = first;
}

void line_screen_above(struct line_screen *s, struct span lines)
{
    buf_add_char(&s->out, '\r');
    if (s->above > 0)
        buf_printf(&s->out, "\033[%uA", s->above);
    buf_add_str(&s->out, "\033[J");
    buf_add(&s->out, lines);
    size_t first = s->first;
    line_screen_prompt(s);
    s->first = first;
}

/*
 * Sets s->first so that the cursor can be shown in that many columns, and returns the cursor's
 * column. If it has left what was shown, a third of the room is given to what comes after it.
 */
static size_t scroll(struct line_screen *s, struct span line, size_t cursor, size_t room)
{
    size_t at = cursor, columns = 0, near = cursor, near_columns = 0;
    if (s->first > line.n)
        s->first = line.n;
    while (at > 0 && at != s->first) {
        size_t to = line_screen_left(line, at), wide = show(NULL, span_of(line.p + to, at - to));
        if (columns + wide > room)
            break;
        columns += wide;
        at = to;
        if (columns <= room - room / 3) {
            near = at;
            near_columns = columns;
        }
    }
    if (at == s->first || at == 0) {
        s->first = at;
        return columns;
    }
    s->first = near;
    return near_columns;
}

void line_screen_draw(struct line_screen *s, struct span line, size_t cursor)
{
    size_t room = s->columns - s->start - 1, shown = 0, at;
    buf_add_char(&s->out, '\r');
    right_by(&s->out, s->start);
    if (s->hidden) {
        buf_add_str(&s->out, "\033[K");
        return;
    }
    size_t column = scroll(s, line, cursor, room);
    for (at = s->first; at < line.n; at += one_at(line, at).n) {
        size_t wide = show(NULL, one_at(line, at));
        if (shown + wide > room)
            break;
        shown += show(&s->out, one_at(line, at));
    }
    buf_add_str(&s->out, "\033[K");
    if (at == cursor && shown == column)
        return;
    buf_add_char(&s->out, '\r');
    right_by(&s->out, s->start + column);
}

void line_screen_done(struct line_screen *s, struct span line, const char *sign)
{
    size_t most = (size_t)s->columns * s->rows / 2, shown = 0, at = 0;
    s->first = 0;
    buf_add_char(&s->out, '\r');
    right_by(&s->out, s->start);
    while (!s->hidden && at < line.n && shown < most) {
        shown += show(&s->out, one_at(line, at));
        at += one_at(line, at).n;
    }
    if (!s->hidden && at < line.n)
        buf_printf(&s->out, _("... (%zu bytes)"), line.n);
    buf_printf(&s->out, "\033[K%s\r\n", sign);
}
