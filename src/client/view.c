/* SPDX-License-Identifier: ISC */
#include "client/view.h"

#include "base/utf8.h"
#include "os/clock.h"

#define TAB_COLUMNS 8u
#define COLUMNS_MIN 20u    /* in fewer columns lines are not broken */
#define IDEOGRAPHS  0x2e80 /* from here on, what is wide needs no space between words */

/* A text on its way to the screen. */
struct text {
    struct buf *out;
    enum view_place place;
    unsigned indent, columns;
    unsigned at;   /* the column where the next character stands */
    bool at_left;  /* the line's indentation is missing: a blank line gets none */
    bool has_word; /* the line has more than spaces */
    bool in_word;  /* and ends with a word, which the next character may go on with */
};

/* The first character of a text, or its first line end, as it is shown. */
struct piece {
    uint32_t c;
    size_t taken; /* bytes of the text */
    struct span shown;
    unsigned width; /* at most: programs and their versions of Unicode disagree */
    char spelt[UTF8_SPELT_BYTES];
};

static bool is_kept(uint32_t c, enum view_place place)
{
    /* Within one line the marks only place the characters beside them. */
    bool mark = c == 0x061c || c == 0x200e || c == 0x200f;
    return utf8_is_safe(c) || (mark && place == VIEW_TEXT);
}

static void first_piece(struct piece *p, enum view_place place, struct span s)
{
    p->taken = utf8_decode(s, &p->c);
    p->shown = span_first(s, p->taken);
    p->width = p->c < 0x1100 ? 1 : 2;
    if (place == VIEW_TEXT && span_starts(s, SPAN("\r\n"))) {
        p->taken = 2;
        p->c = '\n';
    } else if (!is_kept(p->c, place) && (place != VIEW_TEXT || (p->c != '\n' && p->c != '\t'))) {
        p->width = (unsigned)utf8_spell(p->shown, p->spelt);
        p->shown = span_of(p->spelt, p->width);
    }
}

/* Whether a line may be broken before and after it. */
static bool is_apart(const struct piece *p)
{
    return p->c == ' ' || p->c == '\t' || p->c == '\n' || (p->c >= IDEOGRAPHS && p->width == 2);
}

/* Whether the word that s begins with fits a line, but not what is left of this one. */
static bool goes_below(const struct text *t, struct span s)
{
    unsigned width = 0;
    struct piece p;
    for (; s.n > 0 && width <= t->columns - t->indent; s = span_skip(s, p.taken)) {
        first_piece(&p, t->place, s);
        if (is_apart(&p)) {
            width = width > 0 ? width : p.width;
            break;
        }
        width += p.width;
    }
    return t->at + width > t->columns && width <= t->columns - t->indent;
}

static void end_line(struct text *t)
{
    buf_add_char(t->out, '\n');
    t->at = t->indent;
    t->at_left = true;
    t->has_word = t->in_word = false;
}

static unsigned width_here(const struct text *t, const struct piece *p)
{
    bool tab = p->c == '\t' && t->place == VIEW_TEXT;
    return tab ? TAB_COLUMNS - t->at % TAB_COLUMNS : p->width;
}

/* A line that is broken too early is harmless, one that the terminal breaks is not. */
static void add_piece(struct text *t, const struct piece *p)
{
    if (t->columns > 0 && t->at > t->indent && t->at + width_here(t, p) > t->columns)
        end_line(t);
    if (t->at_left)
        buf_printf(t->out, "%*s", (int)t->indent, "");
    t->at_left = false;
    buf_add(t->out, p->shown);
    t->at += width_here(t, p);
}

/* Adds what s begins with. Returns how many bytes of s that is. */
static size_t add_first(struct text *t, struct span s)
{
    struct piece p;
    first_piece(&p, t->place, s);
    bool word = p.c != ' ' && p.c != '\t';
    if (t->place == VIEW_TEXT && p.c == '\n') {
        end_line(t);
        return p.taken;
    }
    if (t->columns > 0 && word && t->has_word && !t->in_word && goes_below(t, s))
        end_line(t);
    /* The end of a full line stands for the spaces there. */
    bool vanishes = p.c == ' ' && t->columns > 0 && t->has_word && t->at >= t->columns;
    if (!vanishes)
        add_piece(t, &p);
    t->has_word = t->has_word || word;
    t->in_word = word && !is_apart(&p);
    return p.taken;
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
    message_date_format(1, &local, text);
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
