/* SPDX-License-Identifier: ISC */
/* Mail of other programs that is imported, and messages of anyone that are exported. */
#include "mime/envelope.h"
#include "fuzz.h"
#include "mime/date.h"
#include "mime/field.h"
#include "mime/parts.h"

static void read_fields(struct span header)
{
    struct field f;
    int64_t seconds;
    while (field_next(&header, &f)) {
        struct buf text;
        buf_init(&text, SIZE_MAX / 2);
        date_parse(f.value, &seconds);
        field_text(f.value, &text);
        must(text.n <= FIELD_TEXT_BYTES);
        buf_free(&text);
    }
}

/* What was imported stays as it is when it is exported and imported again. */
static void take(struct span in)
{
    const struct envelope e = {.own = true};
    struct span from;
    struct buf once, twice, mail;
    buf_init(&once, SIZE_MAX / 2);
    buf_init(&twice, SIZE_MAX / 2);
    buf_init(&mail, SIZE_MAX / 2);
    must(fuzz_within(envelope_header(in), in));
    must(envelope_take(&once, in) && parts_is_mime(buf_span(&once)));
    must(envelope_take(&twice, buf_span(&once)));
    must(span_eq(buf_span(&twice), buf_span(&once)));
    read_fields(envelope_header(buf_span(&once)));
    must(envelope_add(&mail, &e, buf_span(&once)));
    if (envelope_field(envelope_header(buf_span(&once)), "From", &from))
        must(span_eq(buf_span(&mail), buf_span(&once)));
    buf_free(&once);
    buf_free(&twice);
    buf_free(&mail);
}

/* A text comes back, and no sender, host or subject adds a field. */
static void add(struct span in)
{
    static const char *const bob = "bob";
    struct span from = fuzz_bytes(&in, fuzz_below(&in, 40));
    struct span host = fuzz_bytes(&in, fuzz_below(&in, 40));
    struct span subject = fuzz_bytes(&in, fuzz_below(&in, 300));
    const struct envelope e = {
        .to = &bob, .nto = 1, .from = from, .host = host, .subject = subject, .id = SPAN("7")};
    struct buf mail, text;
    struct parts p;
    struct part part;
    struct field f;
    size_t n, fields = 0;
    if (parts_is_mime(in))
        return;
    buf_init(&mail, SIZE_MAX / 2);
    buf_init(&text, SIZE_MAX / 2);
    must(envelope_add(&mail, &e, in));
    struct span header = envelope_header(buf_span(&mail));
    while (field_next(&header, &f))
        fields++;
    must(fields == 6 || fields == 7);
    parts_init(&p, buf_span(&mail));
    must(parts_next(&p, &part) == PARTS_ONE);
    must(encoding_decode(part.encoding, part.body, &text, &n) && span_eq(buf_span(&text), in));
    buf_free(&mail);
    buf_free(&text);
}

void fuzz_one(struct span in)
{
    take(in);
    add(in);
}
