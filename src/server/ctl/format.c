/* SPDX-License-Identifier: ISC */
#include "ctl/format.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/utf8.h"
#include "ctl/connect.h"

void format_text(struct buf *out, struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < ' ' || c >= 0x7f)
            buf_printf(out, "\\x%02x", (unsigned)c);
        else
            buf_add_char(out, (char)c);
    }
}

void format_json_text(struct buf *out, struct span s)
{
    while (s.n > 0) {
        uint32_t c;
        size_t n = utf8_decode(s, &c);
        if (!utf8_is_safe(c)) /* none of these is above U+FFFF */
            buf_printf(out, "\\u%04x", c == UTF8_INVALID ? 0xfffdU : (unsigned)c);
        else if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", (char)c);
        else
            buf_add(out, span_first(s, n));
        s = span_skip(s, n);
    }
}

static void add_json_string(struct buf *out, struct span s)
{
    buf_add_char(out, '"');
    format_json_text(out, s);
    buf_add_char(out, '"');
}

/* A name may consist of digits, and is a string all the same. */
static bool holds_names(struct span column)
{
    return span_eq(column, SPAN("name")) || span_eq(column, SPAN("user")) ||
           span_eq(column, SPAN("mailbox")) || span_eq(column, SPAN("file")) ||
           span_eq(column, SPAN("code"));
}

static void add_json_value(struct buf *out, struct span column, struct span s)
{
    bool number = span_is_decimal(s) && (s.n == 1 || s.p[0] != '0') && s.n < 16;
    if (number && !holds_names(column))
        buf_add(out, s);
    else
        add_json_string(out, s);
}

static void add_json(struct format *f, struct buf *out, struct span rows)
{
    while (rows.n > 0) {
        struct span row = span_take(&rows, '\n'), names = span_str(f->columns);
        const char *before = "{";

        buf_add_str(out, f->begun ? ",\n" : "[\n");
        f->begun = true;
        while (names.n > 0) {
            buf_add_str(out, before);
            before = ", ";
            struct span column = span_take(&names, '\t');
            add_json_string(out, column);
            buf_add_str(out, ": ");
            add_json_value(out, column, span_take(&row, '\t'));
        }
        buf_add_char(out, '}');
    }
}

static void add_metric(struct buf *out, struct span name)
{
    buf_add_str(out, "pochta_");
    for (size_t i = 0; i < name.n; i++)
        buf_add_char(out, name.p[i] == '-' ? '_' : name.p[i]);
}

static void add_prometheus(struct buf *out, struct span rows)
{
    while (rows.n > 0) {
        struct span row = span_take(&rows, '\n'), name = span_take(&row, '\t');

        buf_add_str(out, "# TYPE ");
        add_metric(out, name);
        /* All others only grow (counters.h). */
        buf_add_str(out, span_eq(name, SPAN("sessions")) ? " gauge\n" : " counter\n");
        add_metric(out, name);
        buf_printf(out, " %.*s\n", SPAN_PRINTF(row));
    }
}

void format_rows(struct format *f, struct buf *out, struct span rows)
{
    if (f->form == VERB_JSON)
        add_json(f, out, rows);
    else if (f->form == VERB_PROMETHEUS)
        add_prometheus(out, rows);
    else
        buf_add(out, rows);
}

void format_end(struct format *f, struct buf *out)
{
    if (f->form == VERB_JSON)
        buf_add_str(out, f->begun ? "\n]\n" : "[\n]\n");
}

int format_print(struct format *f, const struct buf *rows, bool last)
{
    struct buf out;
    buf_init(&out, SIZE_MAX / 2);
    format_rows(f, &out, buf_span(rows));
    if (last)
        format_end(f, &out);
    int result = EX_OK;
    if (!buf_ok(rows) || !buf_ok(&out))
        result = ctl_connect_say(EX_OSERR, "out of memory", "");
    else if (out.n > 0 && (fwrite(out.p, 1, out.n, stdout) != out.n || fflush(stdout) != 0))
        result = ctl_connect_say(EX_IOERR, "cannot write standard output", strerror(errno));
    buf_free(&out);
    return result;
}
