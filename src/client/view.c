/* SPDX-License-Identifier: ISC */
#include "client/view.h"

#include "base/utf8.h"
#include "os/clock.h"

#define TAB_COLUMNS 8u
#define COLUMNS_MIN 20u /* in fewer columns lines are not broken */

/* A text on its way to the screen. */
struct text {
    struct buf *out;
    enum view_place place;
    unsigned indent, columns;
    unsigned at;  /* the column where the next character stands */
    bool at_left; /* the line's indentation is missing: a blank line gets none */
};

static void end_line(struct text *t)
{
    buf_add_char(t->out, '\n');
    t->at_left = true;
}

/*
 * Adds a piece that is at most this wide. Programs and their versions of Unicode disagree on
 * widths: a line that is broken too early is harmless, one that the terminal breaks is not.
 */
static void add_piece(struct text *t, struct span piece, unsigned width)
{
    if (t->columns > 0 && !t->at_left && t->at > t->indent && t->at + width > t->columns)
        end_line(t);
    if (t->at_left) {
        buf_printf(t->out, "%*s", (int)t->indent, "");
        t->at = t->indent;
        t->at_left = false;
    }
    buf_add(t->out, piece);
    t->at += width;
}

static bool is_kept(uint32_t c, enum view_place place)
{
    /* Within one line the marks only place the characters beside them. */
    bool mark = c == 0x061c || c == 0x200e || c == 0x200f;
    return utf8_is_safe(c) || (mark && place == VIEW_TEXT);
}

/* Adds the first character of s, or its first line end. Returns how many bytes of s that is. */
static size_t add_first(struct text *t, struct span s)
{
    char spelt[UTF8_SPELT_BYTES];
    uint32_t c;
    struct span one = span_first(s, utf8_decode(s, &c));
    if (t->place == VIEW_TEXT && span_starts(s, SPAN("\r\n"))) {
        one = span_first(s, 2);
        c = '\n';
    }
    if (t->place == VIEW_TEXT && c == '\n') {
        end_line(t);
    } else if (t->place == VIEW_TEXT && c == '\t') {
        add_piece(t, one, TAB_COLUMNS - t->at % TAB_COLUMNS);
    } else if (is_kept(c, t->place)) {
        add_piece(t, one, c < 0x1100 ? 1 : 2);
    } else {
        size_t n = utf8_spell(one, spelt);
        add_piece(t, span_of(spelt, n), (unsigned)n);
    }
    return one.n;
}

static void add_text(struct text *t, struct span s)
{
    while (s.n > 0)
        s = span_skip(s, add_first(t, s));
}

void view_safe(struct buf *out, struct span s, enum view_place place)
{
    add_text(&(struct text){.out = out, .place = place}, s);
}

void view_text(struct buf *out, struct span s, unsigned indent, unsigned columns)
{
    add_text(&(struct text){.out = out,
                            .place = VIEW_TEXT,
                            .indent = indent,
                            .columns = columns < COLUMNS_MIN ? 0 : columns,
                            .at = indent},
             s);
}

void view_date(struct buf *out, struct span date)
{
    struct tm tm;
    bool utc;
    if (!message_date_parse(date, &tm, &utc) || !utc) {
        /* A date of version 1 is in the server's time zone, which is unknown: show it unchanged. */
        view_safe(out, date, VIEW_ROW);
        return;
    }
    char text[MESSAGE_DATE_BYTES];
    struct tm local;
    os_clock_local(os_clock_from_utc(&tm), &local);
    message_date_format(1, &local, &tm, text);
    buf_add_str(out, text);
}

static const char *state_name(enum message_state state)
{
    switch (state) {
    case MESSAGE_NORMAL:
        return "Normal";
    case MESSAGE_DELETED:
        return "Deleted";
    case MESSAGE_UNREAD:
        return "Unread";
    }
    return "?";
}

void view_head(struct buf *out, const struct message *m)
{
    buf_printf(out, "Message with ID = %llu\n", (unsigned long long)m->id);
    buf_printf(out, "ID: %llu\nTIME: ", (unsigned long long)m->id);
    view_date(out, m->date);
    buf_add_str(out, "\nFROM: ");
    view_safe(out, m->from, VIEW_ROW);
    buf_printf(out, "\nLEN: %llu\nSTATE: %s\nBODY: ", (unsigned long long)m->len,
               state_name(m->state));
}

void view_row(struct buf *out, const struct message *m)
{
    buf_printf(out, "%llu\t%s\t%llu\t", (unsigned long long)m->id, state_name(m->state),
               (unsigned long long)m->len);
    view_date(out, m->date);
    buf_add_char(out, '\t');
    view_safe(out, m->from, VIEW_ROW);
    buf_add_char(out, '\t');
    view_safe(out, utf8_first_line(m->body, MESSAGE_LINE_BYTES), VIEW_ROW);
    buf_add_char(out, '\n');
}
