/* SPDX-License-Identifier: ISC */
#include "client/letter.h"

#include <string.h>

#include "client/language.h"
#include "client/view.h"
#include "mime/envelope.h"
#include "mime/field.h"
#include "mime/mail_address.h"
#include "mime/subject.h"
#include "proto/name.h"

static void add_subject(struct buf *out, struct span body)
{
    size_t begin = out->n;
    buf_add_str(out, "Subject: ");
    if (subject_find(body, out))
        buf_add_char(out, '\n');
    else
        buf_erase(out, begin, out->n - begin);
}

struct span letter_text(struct buf *room, struct span body)
{
    struct part part;
    bool known;
    if (!parts_is_mime(body))
        return body;
    buf_clear(room);
    add_subject(room, body);
    if (parts_find_text(body, &part))
        parts_add_text(&part, room, &known); /* what is damaged is shown, too */
    return buf_span(room);
}

void letter_files_init(struct letter_files *f, struct span body)
{
    struct part part;
    f->text = parts_find_text(body, &part) ? part.number : 0;
    parts_init(&f->parts, body);
}

enum parts_result letter_files_next(struct letter_files *f, struct part *part)
{
    enum parts_result result = parts_next(&f->parts, part);
    if (result == PARTS_ONE && part->number == f->text)
        result = parts_next(&f->parts, part);
    return result;
}

/* Adds a text. If it could not be made, out fails, too. */
static void add_text(struct buf *out, const struct buf *text, unsigned columns)
{
    if (buf_ok(text))
        view_text(out, buf_span(text), VIEW_LABEL_COLUMNS, columns);
    else
        buf_fail(out);
    buf_add_char(out, '\n');
}

/* Adds a line with a label of VIEW_LABEL_COLUMNS. */
static void add_line(struct buf *out, const char *label, const struct buf *text, unsigned columns)
{
    buf_add_str(out, label);
    add_text(out, text, columns);
}

__attribute__((format(__printf__, 3, 4))) static void add_note(struct buf *out, unsigned columns,
                                                               const char *format, ...)
{
    struct buf line;
    va_list args;
    buf_init(&line, SIZE_MAX / 2);
    va_start(args, format);
    buf_vprintf(&line, format, args);
    va_end(args);
    add_line(out, "NOTE: ", &line, columns);
    buf_free(&line);
}

static void add_text_part(struct buf *out, const struct part *part, unsigned columns)
{
    struct buf text;
    bool known;
    buf_init(&text, SIZE_MAX / 2);
    bool whole = parts_add_text(part, &text, &known);
    add_text(out, &text, columns);
    buf_free(&text);
    if (strcmp(part->type, "text/plain") != 0)
        add_note(out, columns, _("the type of this text is %s; save writes part %u to a file"),
                 part->type, part->number);
    if (!known)
        add_note(out, columns, _("the character set of this text is %s"), part->charset);
    if (!whole)
        add_note(out, columns, _("this text is damaged"));
}

static void add_file(struct buf *out, const struct part *part, unsigned columns)
{
    struct buf line;
    size_t bytes;
    bool whole = encoding_decode(part->encoding, part->body, NULL, &bytes);
    buf_init(&line, SIZE_MAX / 2);
    buf_printf(&line, "%u ", part->number);
    /* Control characters become escapes later, but a name must not begin a line. */
    view_safe(&line, span_of(part->name, part->name_bytes), VIEW_ROW);
    buf_printf(&line, _("%s(%s, %zu bytes%s)"), part->name_bytes > 0 ? " " : "", part->type, bytes,
               whole ? "" : _(", damaged"));
    add_line(out, "FILE: ", &line, columns);
    buf_free(&line);
}

bool letter_is_outside(const struct message *m)
{
    return span_eq(m->from, SPAN(NAME_OUTSIDE));
}

/* Whether the sender whom the header names may be shown without doubt: see letter_show. */
static bool is_believed(const struct message *m, const char *reader, struct span value)
{
    struct mail_address a;
    return letter_is_outside(m) || (reader && span_eq_folded(m->from, span_str(reader))) ||
           (mail_address_next(&value, &a) == MAIL_ADDRESS_ONE &&
            span_eq_folded(mail_address_local(&a), m->from));
}

/* The fields of mail, which say who wrote it: a part of the text. */
static bool add_fields(struct buf *out, struct span body, bool believed, unsigned columns)
{
    static const char *const names[] = {"From", "To", "Cc", "Date", "Subject"};
    struct span header = envelope_header(body), value;
    struct buf text;
    if (!envelope_field(header, "From", &value))
        return false;
    buf_init(&text, SIZE_MAX / 2);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (envelope_field(header, names[i], &value)) {
            if (i == 0 && !believed)
                buf_add_str(&text, _("Says it is from: "));
            else
                buf_printf(&text, "%s: ", names[i]);
            field_text(value, &text);
            buf_add_char(&text, '\n');
        }
    add_text(out, &text, columns);
    buf_free(&text);
    return true;
}

static size_t add_mime(struct buf *out, struct span body, bool believed, unsigned columns)
{
    struct letter_files f;
    struct part part;
    enum parts_result result;
    size_t files = 0;
    if (add_fields(out, body, believed, columns))
        buf_printf(out, "%*s", VIEW_LABEL_COLUMNS, "");
    if (parts_find_text(body, &part)) {
        add_text_part(out, &part, columns);
    } else {
        buf_add_char(out, '\n');
        add_note(out, columns, _("there is no text"));
    }
    letter_files_init(&f, body);
    for (; (result = letter_files_next(&f, &part)) == PARTS_ONE; files++)
        add_file(out, &part, columns);
    if (result == PARTS_TOO_MANY)
        add_note(out, columns, _("there are more parts, which only --raw shows"));
    return files + (result == PARTS_TOO_MANY);
}

static size_t add_body(struct buf *out, struct span body, bool believed, unsigned columns)
{
    if (parts_is_mime(body))
        return add_mime(out, body, believed, columns);
    view_text(out, body, VIEW_LABEL_COLUMNS, columns);
    buf_add_char(out, '\n');
    return 0;
}

size_t letter_show_body(struct buf *out, struct span body, unsigned columns)
{
    return add_body(out, body, true, columns);
}

size_t letter_show(struct buf *out, const struct message *m, const char *reader, unsigned columns)
{
    struct span value;
    view_head(out, m);
    bool believed =
        !envelope_field(envelope_header(m->body), "From", &value) || is_believed(m, reader, value);
    return add_body(out, m->body, believed, columns);
}
