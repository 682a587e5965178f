/* SPDX-License-Identifier: ISC */
#include "client/view.h"

#include "base/utf8.h"
#include "os/clock.h"

static bool is_kept(uint32_t c, enum view_place place)
{
    if (c == '\n' || c == '\t')
        return place == VIEW_TEXT;
    return utf8_is_safe(c);
}

size_t view_safe(struct buf *out, struct span s, enum view_place place)
{
    size_t replaced = 0;
    while (s.n > 0) {
        char spelt[UTF8_SPELT_BYTES];
        uint32_t c;
        struct span one = span_first(s, utf8_decode(s, &c));
        if (is_kept(c, place)) {
            buf_add(out, one);
        } else {
            buf_add(out, span_of(spelt, utf8_spell(one, spelt)));
            replaced++;
        }
        s = span_skip(s, one.n);
    }
    return replaced;
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

size_t view_message(struct buf *out, const struct message *m)
{
    buf_printf(out, "Message with ID = %llu\n", (unsigned long long)m->id);
    buf_printf(out, "ID: %llu\nTIME: ", (unsigned long long)m->id);
    view_date(out, m->date);
    buf_add_str(out, "\nFROM: ");
    view_safe(out, m->from, VIEW_ROW);
    buf_printf(out, "\nLEN: %llu\nSTATE: %s\nBODY: ", (unsigned long long)m->len,
               state_name(m->state));
    size_t replaced = view_safe(out, m->body, VIEW_TEXT);
    buf_add_char(out, '\n');
    return replaced;
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
