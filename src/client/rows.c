/* SPDX-License-Identifier: ISC */
#include "client/rows.h"

#include "base/utf8.h"
#include "base/width.h"
#include "client/language.h"
#include "client/view.h"
#include "os/clock.h"

#define SUBJECT        "Subject: "
#define GREETING_BYTES 60 /* a longer line says more than a greeting */
#define NARROW         64 /* with fewer columns, less is shown of each message */

static bool is_blank(struct span line)
{
    return span_count(line, ' ') + span_count(line, '\t') + span_count(line, '\r') == line.n;
}

/* A letter of English or Russian as a small one. */
static uint32_t small(uint32_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 0x410 && c <= 0x42f) ? c + 0x20 : c;
}

/* Whether a line begins with this word, in any case, and not with a longer one. */
static bool begins_with(struct span line, struct span word)
{
    uint32_t in_line = ' ', in_word;
    while (word.n > 0) {
        word = span_skip(word, utf8_decode(word, &in_word));
        if (line.n == 0)
            return false;
        line = span_skip(line, utf8_decode(line, &in_line));
        if (small(in_line) != small(in_word))
            return false;
    }
    if (line.n > 0)
        utf8_decode(line, &in_line);
    else
        in_line = ' ';
    bool ascii = small(in_line) >= 'a' && small(in_line) <= 'z';
    return !ascii && (in_line < 0x80 || in_line >= 0x2000);
}

/* Whether a line begins with a greeting, in any case, and ends as one does. */
static bool is_greeting(struct span line)
{
    static const char *const words[] = {
        "hi",           "hello",     "hey",        "dear",         "good morning", "good afternoon",
        "good evening", "привет",    "здравствуй", "здравствуйте", "добрый день",  "добрый вечер",
        "доброе утро",  "уважаемый", "уважаемая",  "уважаемые",    "дорогой",      "дорогая",
        "дорогие"};
    while (line.n > 0 && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == ' '))
        line.n--;
    if (line.n == 0 || line.n > GREETING_BYTES)
        return false;
    char end = line.p[line.n - 1];
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct span word = span_str(words[i]);
        if (begins_with(line, word))
            return word.n == line.n || end == ',' || end == '!' || end == '.';
    }
    return false;
}

struct span rows_subject(struct span body)
{
    struct span first = {body.p, 0}, rest = body, line;
    while (rest.n > 0) {
        if (!span_cut(&rest, '\n', &line)) {
            line = rest;
            rest.n = 0;
        }
        if (is_blank(line))
            continue;
        if (first.n > 0 || !is_greeting(line)) {
            first = line;
            break;
        }
        first = line; /* for want of a better one */
    }
    if (span_starts(first, SPAN(SUBJECT)) && first.n > sizeof SUBJECT - 1)
        first = span_skip(first, sizeof SUBJECT - 1);
    return utf8_first_line(first, MESSAGE_LINE_BYTES);
}

/* Adds text cut to some columns, and filled up with spaces unless it is the last one. */
static void add_column(struct buf *out, struct span text, size_t columns, bool last)
{
    struct buf safe;
    buf_init(&safe, SIZE_MAX / 2);
    view_safe(&safe, text, VIEW_ROW);
    size_t wide = columns;
    struct span shown = width_first(buf_span(&safe), &wide);
    bool cut = shown.n < safe.n && columns > 1;
    if (cut) {
        wide = columns - 1;
        shown = width_first(buf_span(&safe), &wide);
        wide++;
    }
    buf_add(out, shown);
    if (cut)
        buf_add_str(out, "\xe2\x80\xa6"); /* three dots in one column */
    if (!last)
        buf_printf(out, "%*s", (int)(columns - wide) + 1, "");
    buf_free(&safe);
}

static void add_time(struct buf *out, const struct tm *local, bool narrow)
{
    buf_printf(out, "%04d-%02d-%02d ", local->tm_year + 1900, local->tm_mon + 1, local->tm_mday);
    if (!narrow)
        buf_printf(out, "%02d:%02d ", local->tm_hour, local->tm_min);
}

/* The local date in a form that sorts; one without a known zone as it came. */
static void add_date(struct buf *out, struct span date, bool narrow)
{
    struct tm tm, local;
    bool utc;
    size_t wide = narrow ? 10 : 16;
    if (!message_date_parse(date, &tm, &utc)) {
        add_column(out, date, wide, false);
        return;
    }
    if (utc)
        os_clock_local(os_clock_from_utc(&tm), &local);
    else
        local = tm;
    add_time(out, &local, narrow);
}

/* At most five columns. */
static void add_size(struct buf *out, uint64_t bytes)
{
    static const char units[] = " KMGTPE";
    size_t unit = 0;
    for (; bytes >= 10000; bytes = (bytes + 1023) / 1024)
        unit++;
    buf_printf(out, unit == 0 ? "%5llu " : "%4llu%c ", (unsigned long long)bytes, units[unit]);
}

static const char *state_word(enum message_state state)
{
    return state == MESSAGE_UNREAD    ? N_("Unread")
           : state == MESSAGE_DELETED ? N_("Deleted")
                                      : N_("Normal");
}

/* Adds the subject in what is left of a row that began at this byte of out. */
static void add_subject(struct buf *out, size_t begin, struct span body, unsigned columns)
{
    size_t taken = width_text(span_of(out->p + begin, out->n - begin));
    add_column(out, rows_subject(body), taken + 1 < columns ? columns - taken : 1, true);
}

/* Columns: id, state, date, sender, size, subject. A narrow screen has no size, and short states.
 */
static void add_columns(struct rows *r, struct buf *out, const struct message *m)
{
    bool narrow = r->columns < NARROW, bold = r->colour && m->state == MESSAGE_UNREAD;
    if (!r->begun)
        buf_add_str(out, narrow ? _("  ID S DATE       FROM     SUBJECT\n")
                                : _("   ID STATE   DATE             FROM          SIZE SUBJECT\n"));
    if (bold)
        buf_add_str(out, "\033[1m");
    size_t text = out->n;
    buf_printf(out, narrow ? "%4llu " : "%5llu ", (unsigned long long)m->id);
    add_column(out, span_str(_(state_word(m->state))), narrow ? 1 : 7, false);
    add_date(out, m->date, narrow);
    add_column(out, m->from, narrow ? 8 : 12, false);
    if (!narrow)
        add_size(out, m->len);
    add_subject(out, text, m->body, r->columns);
    if (bold)
        buf_add_str(out, "\033[0m");
    buf_add_char(out, '\n');
}

/* A string of JSON. What is not valid UTF-8 becomes U+FFFD. */
static void add_string(struct buf *out, struct span s)
{
    buf_add_char(out, '"');
    while (s.n > 0) {
        uint32_t c;
        struct span one = span_first(s, utf8_decode(s, &c));
        if (c == UTF8_INVALID)
            buf_add_str(out, "\\ufffd");
        else if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", (int)c);
        else if (c < ' ' || c == 0x7f)
            buf_printf(out, "\\u%04x", (unsigned)c);
        else
            buf_add(out, one);
        s = span_skip(s, one.n);
    }
    buf_add_char(out, '"');
}

static void add_json(struct buf *out, const struct message *m)
{
    buf_printf(out, "{\"id\":%llu,\"state\":\"%s\",\"date\":", (unsigned long long)m->id,
               state_word(m->state));
    add_string(out, m->date);
    buf_add_str(out, ",\"from\":");
    add_string(out, m->from);
    buf_printf(out, ",\"bytes\":%llu,\"subject\":", (unsigned long long)m->len);
    add_string(out, rows_subject(m->body));
    buf_add_str(out, "}\n");
}

enum rows_form rows_form(unsigned columns)
{
    return columns > 0 ? ROWS_COLUMNS : ROWS_TABS;
}

void rows_add(struct rows *r, struct buf *out, const struct message *m)
{
    switch (r->form) {
    case ROWS_TABS:
        view_row(out, m);
        break;
    case ROWS_COLUMNS:
        add_columns(r, out, m);
        break;
    case ROWS_JSON:
        add_json(out, m);
        break;
    }
    r->begun = true;
}

/* Columns: number, state, date, recipients, size, subject. A narrow screen has no date and size. */
void rows_add_draft(struct rows *r, struct buf *out, const struct rows_draft *d)
{
    bool narrow = r->columns < NARROW;
    struct tm local;
    if (!r->begun)
        buf_add_str(out, narrow
                             ? _("  ID STATE      TO       SUBJECT\n")
                             : _("   ID STATE      DATE             TO            SIZE SUBJECT\n"));
    r->begun = true;
    size_t begin = out->n;
    buf_printf(out, narrow ? "%4u " : "%5u ", d->number);
    add_column(out, span_str(_(d->state)), 10, !d->is_known);
    if (d->is_known && !narrow) {
        os_clock_local(d->changed, &local);
        add_time(out, &local, narrow);
    }
    if (d->is_known) {
        add_column(out, d->to, narrow ? 8 : 12, false);
        if (!narrow)
            add_size(out, d->bytes);
        add_subject(out, begin, d->text, r->columns);
    }
    buf_add_char(out, '\n');
}
