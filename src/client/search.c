/* SPDX-License-Identifier: ISC */
#include "client/search.h"

#include <string.h>

#include "base/utf8.h"
#include "mime/envelope.h"
#include "mime/field.h"
#include "mime/parts.h"

/* A small letter has as many bytes as its capital here, so a folded text is as long as before. */
static uint32_t small_letter(uint32_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c + ('a' - 'A');
    if (c >= 0x0410 && c <= 0x042f) /* А to Я */
        return c + 0x20;
    return c >= 0x0400 && c <= 0x040f ? c + 0x50 : c; /* Ѐ to Џ, Ё among them */
}

/* Replaces *folded by s in small letters. On failure it has failed. */
static void fold(struct buf *folded, struct span s)
{
    uint32_t c;
    buf_clear(folded);
    buf_add(folded, s);
    for (size_t at = 0, n; at < s.n && buf_ok(folded); at += n) {
        n = utf8_decode(span_skip(s, at), &c);
        uint32_t small = small_letter(c);
        if (small == c)
            continue;
        if (n == 1) {
            folded->p[at] = (char)small;
        } else {
            folded->p[at] = (char)(0xc0 | small >> 6);
            folded->p[at + 1] = (char)(0x80 | (small & 0x3f));
        }
    }
}

/* A buffer that failed has only a part of what was to be looked at. */
static void take_failure(struct search *s, const struct buf *from)
{
    if (!buf_ok(from))
        buf_fail(&s->text);
}

void search_begin(struct search *s, struct span pattern)
{
    buf_init(&s->pattern, SIZE_MAX / 2);
    buf_init(&s->text, SIZE_MAX / 2);
    fold(&s->pattern, pattern);
    take_failure(s, &s->pattern);
}

void search_end(struct search *s)
{
    buf_free(&s->pattern);
    buf_free(&s->text);
}

/* Whether one is in the other. The first byte is looked for first: memchr is fast. */
static bool contains(struct span text, struct span pattern)
{
    while (text.n >= pattern.n) {
        if (span_starts(text, pattern))
            return true;
        size_t at = span_find(span_skip(text, 1), pattern.p[0]);
        text = span_skip(text, 1 + at);
    }
    return false;
}

/* After a failure nothing is found any more, and the failure stays. */
static bool is_in(struct search *s, struct span text)
{
    if (!buf_ok(&s->text))
        return false;
    fold(&s->text, text);
    return buf_ok(&s->text) && contains(buf_span(&s->text), buf_span(&s->pattern));
}

static bool is_in_part(struct search *s, const struct part *part)
{
    struct buf text;
    bool known;
    buf_init(&text, SIZE_MAX / 2);
    parts_add_text(part, &text, &known); /* what is damaged is searched, too */
    bool found = is_in(s, buf_span(&text));
    take_failure(s, &text);
    buf_free(&text);
    return found;
}

static bool is_in_parts(struct search *s, struct span body)
{
    struct parts parts;
    struct part part;
    bool found = false;
    parts_init(&parts, body);
    while (!found && parts_next(&parts, &part) == PARTS_ONE)
        found = strncmp(part.type, "text/", 5) == 0 && is_in_part(s, &part);
    return found;
}

/* Whether it is in what the header says of people and of the subject, decoded. */
static bool is_in_header(struct search *s, struct span body)
{
    static const char *const names[] = {"From", "To", "Cc", "Subject"};
    struct span header = envelope_header(body), value;
    bool found = false;
    for (size_t i = 0; !found && i < sizeof names / sizeof names[0]; i++) {
        struct buf text;
        if (!envelope_field(header, names[i], &value))
            continue;
        buf_init(&text, FIELD_TEXT_BYTES);
        field_text(value, &text);
        found = is_in(s, buf_span(&text));
        take_failure(s, &text);
        buf_free(&text);
    }
    return found;
}

bool search_finds(struct search *s, const struct message *m)
{
    return is_in(s, m->from) || is_in(s, m->body) ||
           (parts_is_mime(m->body) && (is_in_header(s, m->body) || is_in_parts(s, m->body)));
}
