/* SPDX-License-Identifier: ISC */
#include "mime/parts.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "mime/charset.h"
#include "mime/field.h"

bool parts_is_mime(struct span body)
{
    struct span line = span_first(body, span_find(body, '\n'));
    return span_eq(line, SPAN(PARTS_FIRST_LINE)) || span_eq(line, SPAN(PARTS_FIRST_LINE "\r"));
}

struct span parts_without_mark(struct span body)
{
    return span_starts(body, SPAN(PARTS_MARK)) ? span_skip(body, SPAN(PARTS_MARK).n) : body;
}

void parts_init(struct parts *p, struct span text)
{
    *p = (struct parts){.rest = text, .state = PARTS_AT_HEAD};
}

static struct span without_line_end(struct span s)
{
    if (span_ends(s, SPAN("\n")))
        s.n--;
    if (span_ends(s, SPAN("\r")))
        s.n--;
    return s;
}

/* Whether a line is a delimiter of this level. *last: no part of it follows. */
static bool is_delimiter(const struct parts_level *level, struct span line, bool *last)
{
    struct span boundary = span_of(level->boundary, level->bytes);
    if (!span_starts(line, SPAN("--")) || !span_starts(span_skip(line, 2), boundary))
        return false;
    struct span rest = span_skip(line, 2 + boundary.n);
    *last = span_starts(rest, SPAN("--"));
    return span_trim(span_skip(rest, *last ? 2 : 0)).n == 0;
}

/* The innermost level that a line is a delimiter of, or p->depth. */
static unsigned find_level(const struct parts *p, struct span line, bool *last)
{
    for (unsigned i = p->depth; i-- > 0;)
        if (is_delimiter(&p->levels[i], line, last))
            return i;
    return p->depth;
}

/*
 * Takes everything up to the next delimiter of an open level, and the delimiter. Closes the levels
 * that it ends. Returns what stands before it; the line end there belongs to the delimiter.
 */
static struct span take_content(struct parts *p)
{
    struct span text = p->rest;
    while (p->depth > 0 && p->rest.n > 0) {
        bool last = false;
        struct span line = span_line(p->rest), before = span_first(text, text.n - p->rest.n);
        unsigned level = find_level(p, line, &last);
        p->rest = span_skip(p->rest, line.n);
        if (level == p->depth)
            continue;
        p->depth = last ? level : level + 1;
        p->state = last ? PARTS_OUTSIDE : PARTS_AT_HEAD;
        if (p->depth == 0)
            p->state = PARTS_DONE;
        return without_line_end(before);
    }
    p->state = PARTS_DONE;
    return text;
}

/* Takes the header, and the blank line after it. A delimiter ends it, too. */
static struct span take_header(struct parts *p)
{
    struct span text = p->rest;
    while (p->rest.n > 0) {
        bool last;
        struct span line = span_line(p->rest), header = span_first(text, text.n - p->rest.n);
        if (find_level(p, line, &last) < p->depth)
            return header;
        p->rest = span_skip(p->rest, line.n);
        if (without_line_end(line).n == 0)
            return header;
    }
    return text;
}

struct span parts_header(struct span text)
{
    struct parts p;
    parts_init(&p, text);
    return take_header(&p);
}

struct header {
    struct span type, encoding, disposition;
};

static struct header parse_header(struct span text)
{
    struct header h = {{0}, {0}, {0}};
    struct field f;
    while (field_next(&text, &f)) {
        if (!h.type.p && span_eq_folded(f.name, SPAN("Content-Type")))
            h.type = f.value;
        else if (!h.encoding.p && span_eq_folded(f.name, SPAN("Content-Transfer-Encoding")))
            h.encoding = f.value;
        else if (!h.disposition.p && span_eq_folded(f.name, SPAN("Content-Disposition")))
            h.disposition = f.value;
    }
    return h;
}

/* Copies a word in lower case. Leaves out empty if it has other characters, or too many. */
static void copy_word(char out[PARTS_WORD_BYTES], struct span word, const char *more)
{
    out[0] = '\0';
    if (word.n >= PARTS_WORD_BYTES)
        return;
    for (size_t i = 0; i < word.n; i++) {
        char c = (char)(word.p[i] >= 'A' && word.p[i] <= 'Z' ? word.p[i] + 32 : word.p[i]);
        bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr(more, c));
        if (!good) {
            out[0] = '\0';
            return;
        }
        out[i] = c;
        out[i + 1] = '\0';
    }
}

static void set_type(const struct parts *p, struct part *part, struct span value)
{
    copy_word(part->type, field_word(value), "/+-._");
    const char *slash = strchr(part->type, '/');
    if (slash && slash > part->type && slash[1])
        return;
    bool digest = p->depth > 0 && p->levels[p->depth - 1].digest;
    strcpy(part->type, digest        ? "message/rfc822"
                       : value.n > 0 ? "application/octet-stream"
                                     : "text/plain");
}

/* Cut between characters. */
static void set_name(struct part *part, struct span name)
{
    while (name.n > 0) {
        uint32_t c;
        struct span one = span_first(name, utf8_decode(name, &c));
        if (part->name_bytes + one.n > PARTS_NAME_BYTES)
            return;
        memcpy(part->name + part->name_bytes, one.p, one.n);
        part->name_bytes += one.n;
        name = span_skip(name, one.n);
    }
}

/* Allocates nothing: without memory a part would be taken for another one. */
static void describe(const struct parts *p, struct part *part, const struct header *h)
{
    struct buf text;
    char room[FIELD_TEXT_BYTES];
    buf_init_room(&text, room, sizeof room);
    *part = (struct part){.encoding = encoding_find(field_word(h->encoding))};
    set_type(p, part, h->type);
    part->attachment = span_eq_folded(field_word(h->disposition), SPAN("attachment"));
    if (field_param(h->type, "charset", &text))
        copy_word(part->charset, buf_span(&text), "-._:+");
    buf_clear(&text);
    if (field_param(h->disposition, "filename", &text) || field_param(h->type, "name", &text))
        set_name(part, buf_span(&text));
}

/* Opens a multipart. Returns false if it has no proper boundary, or lies too deep. */
static bool open_level(struct parts *p, const struct part *part, struct span type)
{
    struct buf boundary;
    char room[PARTS_BOUNDARY_BYTES];
    if (p->depth == PARTS_DEPTH || strncmp(part->type, "multipart/", 10) != 0)
        return false;
    buf_init_room(&boundary, room, sizeof room);
    if (!field_param(type, "boundary", &boundary) || boundary.n == 0)
        return false;
    struct parts_level *level = &p->levels[p->depth++];
    memcpy(level->boundary, boundary.p, boundary.n);
    level->bytes = boundary.n;
    level->digest = strcmp(part->type, "multipart/digest") == 0;
    level->alternative = strcmp(part->type, "multipart/alternative") == 0;
    p->state = PARTS_OUTSIDE;
    return true;
}

enum parts_result parts_next(struct parts *p, struct part *part)
{
    while (p->state != PARTS_DONE) {
        if (p->state == PARTS_OUTSIDE) {
            take_content(p);
            continue;
        }
        if (p->number == PARTS_MAX)
            return PARTS_TOO_MANY;
        struct header h = parse_header(take_header(p));
        describe(p, part, &h);
        if (open_level(p, part, h.type))
            continue;
        part->number = ++p->number;
        for (unsigned i = 0; i < p->depth; i++)
            part->alternative = part->alternative || p->levels[i].alternative;
        part->body = take_content(p);
        return PARTS_ONE;
    }
    return PARTS_END;
}

bool parts_find_text(struct span text, struct part *part)
{
    struct parts p;
    struct part other;
    bool found = false;
    parts_init(&p, text);
    while (!found && parts_next(&p, part) == PARTS_ONE)
        found = strncmp(part->type, "text/", 5) == 0 && !part->attachment;
    bool choice = found && part->alternative && strcmp(part->type, "text/plain") != 0;
    while (choice && parts_next(&p, &other) == PARTS_ONE && other.alternative)
        if (strcmp(other.type, "text/plain") == 0 && !other.attachment) {
            *part = other;
            choice = false;
        }
    return found;
}

bool parts_add_text(const struct part *part, struct buf *out, bool *known)
{
    struct buf bytes;
    size_t n;
    buf_init(&bytes, SIZE_MAX / 2);
    bool whole = encoding_decode(part->encoding, part->body, &bytes, &n);
    *known = charset_add(out, span_str(part->charset), buf_span(&bytes));
    if (!buf_ok(&bytes))
        buf_fail(out);
    buf_free(&bytes);
    return whole && buf_ok(out);
}
