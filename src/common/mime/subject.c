/* SPDX-License-Identifier: ISC */
#include "mime/subject.h"

#include <string.h>

#include "base/utf8.h"
#include "mime/envelope.h"
#include "mime/field.h"
#include "mime/parts.h"

#define LABEL       "Subject: "
#define VALUE_BYTES 1024 /* of a subject as it is written: far more than a line has room for */

/* Whether a value, which may be empty, was found. */
static bool find_value(struct span text, struct span *value)
{
    return envelope_field(parts_header(text), "Subject", value);
}

/* Appends the text of a value, if it is more than spaces. Returns whether it is. */
static bool add_value(struct span value, struct buf *out)
{
    size_t begin = out->n;
    field_text(value, out);
    if (span_trim(span_skip(buf_span(out), begin)).n > 0)
        return buf_ok(out);
    buf_erase(out, begin, out->n - begin);
    return false;
}

bool subject_find(struct span text, struct buf *out)
{
    struct span value;
    return find_value(text, &value) && add_value(value, out);
}

struct span subject_line(struct span body, char *room, size_t size)
{
    struct span value;
    if (!parts_is_mime(body) || !find_value(span_first(body, SUBJECT_LOOK_BYTES), &value))
        return utf8_first_line(body, size);
    char bytes[sizeof LABEL + CHARSET_GROWTH * VALUE_BYTES];
    struct buf line;
    buf_init_room(&line, bytes, sizeof bytes);
    buf_add_str(&line, LABEL);
    if (!add_value(span_first(value, VALUE_BYTES), &line))
        return utf8_first_line(body, size);
    struct span cut = utf8_first_line(buf_span(&line), size);
    memcpy(room, cut.p, cut.n);
    return span_of(room, cut.n);
}
