/* SPDX-License-Identifier: ISC */
#include "mime/subject.h"

#include <string.h>

#include "base/utf8.h"
#include "mime/envelope.h"
#include "mime/field.h"
#include "mime/parts.h"

#define LABEL       "Subject: "
#define VALUE_BYTES 1024 /* of a subject as it is written: far more than a line has room for */

/*
 * Some programs write a subject as it is, in the character set of the text below it. Returns the
 * value in UTF-8; in room, without what it has beyond VALUE_BYTES, if it was not.
 */
static struct span convert_raw(struct span header, struct span value, struct buf *room)
{
    struct span type;
    char bytes[PARTS_WORD_BYTES];
    struct buf charset;
    buf_init_room(&charset, bytes, sizeof bytes);
    if (utf8_is_valid(value) || !envelope_field(header, "Content-Type", &type) ||
        !field_param(type, "charset", &charset))
        return value;
    charset_add(room, buf_span(&charset), span_first(value, VALUE_BYTES));
    return buf_span(room);
}

/* Appends the text of a value, if it is more than spaces. Returns whether it is. */
static bool add_value(struct span header, struct span value, struct buf *out)
{
    size_t begin = out->n;
    char bytes[CHARSET_GROWTH * VALUE_BYTES];
    struct buf room;
    buf_init_room(&room, bytes, sizeof bytes);
    field_text(convert_raw(header, value, &room), out);
    if (span_trim(span_skip(buf_span(out), begin)).n > 0)
        return buf_ok(out);
    buf_erase(out, begin, out->n - begin);
    return false;
}

bool subject_find(struct span text, struct buf *out)
{
    struct span header = parts_header(text), value;
    return envelope_field(header, "Subject", &value) && add_value(header, value, out);
}

struct span subject_line(struct span body, char *room, size_t size)
{
    struct span header, value;
    if (!parts_is_mime(body))
        return utf8_first_line(body, size);
    header = parts_header(span_first(body, SUBJECT_LOOK_BYTES));
    if (!envelope_field(header, "Subject", &value))
        return utf8_first_line(body, size);
    char bytes[sizeof LABEL + CHARSET_GROWTH * VALUE_BYTES];
    struct buf line;
    buf_init_room(&line, bytes, sizeof bytes);
    buf_add_str(&line, LABEL);
    if (!add_value(header, span_first(value, VALUE_BYTES), &line))
        return utf8_first_line(body, size);
    struct span cut = utf8_first_line(buf_span(&line), size);
    memcpy(room, cut.p, cut.n);
    return span_of(room, cut.n);
}
