/* SPDX-License-Identifier: ISC */
#include "mime/render.h"

#include <string.h>

#include "mime/compose.h"
#include "mime/encoding.h"
#include "mime/parts.h"

#define SUBJECT     "Subject: "
#define BEGIN_BYTES 2000 /* of an encoded text, in which a subject is looked for */
#define LINE_BYTES  57   /* that a line of base64 stands for */
#define STEP_BYTES \
    ((size_t)574 * LINE_BYTES) /* of the text in a piece: each of them may become two bytes */

_Static_assert(2 * STEP_BYTES + 2 <= RENDER_PIECE_BYTES, "a piece holds what a step becomes");

/* Skips an empty line. */
static struct span skip_empty(struct span s)
{
    return span_skip(s, span_starts(s, SPAN("\n")) ? 1 : span_starts(s, SPAN("\r\n")) ? 2 : 0);
}

/* Returns the subject of a text. A line that says nothing else is taken off the text. */
static struct span take_subject(struct span *text)
{
    struct span rest = *text, line = span_take(&rest, '\n');
    line.n -= span_ends(line, SPAN("\r"));
    if (span_starts(line, SPAN(SUBJECT))) {
        line = span_skip(line, sizeof SUBJECT - 1);
        if (line.n <= ENVELOPE_SUBJECT_BYTES && span_find(line, '\r') == line.n)
            *text = skip_empty(rest);
        return line;
    }
    for (rest = *text; rest.n > 0 && span_is_space(rest.p[0]);)
        rest = span_skip(rest, 1);
    return rest;
}

static void begin_text(struct render *r, const struct envelope *e, struct buf *head)
{
    struct envelope with_subject = *e;
    with_subject.subject = take_subject(&r->text);
    envelope_add_header(head, &with_subject, SPAN(""));
    r->form = compose_describe(head, r->text, SPAN(""), true) ? RENDER_BASE64 : RENDER_LINES;
}

/* Decodes the beginning of a text that stands first in a MIME text, and returns its subject, which
 * lies in room. */
static struct span subject_of_part(struct span body, struct buf *room)
{
    static const char *const charsets[] = {"", "us-ascii", "utf-8", "unknown-8bit"};
    struct parts p;
    struct part part;
    size_t n;
    parts_init(&p, body);
    if (parts_next(&p, &part) != PARTS_ONE || part.attachment ||
        strcmp(part.type, "text/plain") != 0)
        return SPAN("");
    for (size_t i = 0; i < sizeof charsets / sizeof charsets[0]; i++)
        if (strcmp(part.charset, charsets[i]) == 0) {
            encoding_decode(part.encoding, span_first(part.body, BEGIN_BYTES), room, &n);
            struct span text = buf_span(room);
            return take_subject(&text);
        }
    return SPAN("");
}

static void begin_mime(struct render *r, const struct envelope *e, struct buf *head)
{
    struct span whole = envelope_header(r->text), header = span_first(whole, RENDER_HEADER_BYTES);
    struct envelope with_subject = *e;
    struct span value;
    struct buf room;
    char bytes[BEGIN_BYTES + 1];
    buf_init_room(&room, bytes, sizeof bytes);
    with_subject.subject =
        envelope_field(header, "Subject", &value) ? SPAN("") : subject_of_part(r->text, &room);
    envelope_add_header(head, &with_subject, header);
    r->text = span_skip(r->text, whole.n);
    if (r->text.n == 0)
        buf_add_char(head, '\n');
    r->form = RENDER_LINES;
}

/* A mail without a header has an empty line after the mark, which the door has put there. */
static void begin_door(struct render *r)
{
    struct span text = parts_without_mark(r->text);
    if (text.n < r->text.n && envelope_header(text).n == 0)
        text = skip_empty(text);
    r->text = text;
    r->form = RENDER_AS_IS;
}

static void begin_own(struct render *r)
{
    struct span text = parts_without_mark(r->text), value;
    if (envelope_field(envelope_header(text), "MIME-Version", &value))
        r->text = text;
    r->form = RENDER_LINES;
}

/* Whether the LF at this offset has no CR before it. */
static bool is_bare(struct span text, size_t at)
{
    return at == 0 || text.p[at - 1] != '\r';
}

static void add_lines(struct buf *out, struct span text, size_t at, size_t end)
{
    while (at < end) {
        struct span line = span_line(span_of(text.p + at, end - at));
        at += line.n;
        if (!span_ends(line, SPAN("\n"))) {
            buf_add(out, line);
        } else {
            buf_add(out, span_first(line, line.n - 1));
            buf_add_str(out, is_bare(text, at - 1) ? "\r\n" : "\n");
        }
    }
}

/*
 * Adds fields with CR LF. A CR elsewhere, which some programs take for a line end, would begin a
 * field that has not been looked at.
 */
static void add_head(struct buf *out, struct buf *head)
{
    for (size_t i = 0; i < head->n; i++)
        if (head->p[i] == '\r' && (i + 1 == head->n || head->p[i + 1] != '\n'))
            head->p[i] = ' ';
    add_lines(out, buf_span(head), 0, head->n);
    if (!buf_ok(head))
        buf_fail(out);
}

bool render_begin(struct render *r, const struct envelope *e, enum render_origin origin,
                  struct span body)
{
    struct span value;
    struct buf head;
    buf_init(&head, SIZE_MAX / 2);
    *r = (struct render){.text = body};
    buf_init(&r->head, SIZE_MAX / 2);
    if (!parts_is_mime(body))
        begin_text(r, e, &head);
    else if (origin == RENDER_DOOR)
        begin_door(r);
    else if (origin == RENDER_OWN && envelope_field(envelope_header(body), "From", &value))
        begin_own(r);
    else
        begin_mime(r, e, &head);
    add_head(&r->head, &head);
    buf_free(&head);
    return buf_ok(&r->head);
}

/* Whether the last line has no end. */
static bool lacks_end(const struct render *r)
{
    return r->form != RENDER_BASE64 && r->text.n > 0 && r->text.p[r->text.n - 1] != '\n';
}

uint64_t render_bytes(const struct render *r)
{
    uint64_t n = r->head.n + (uint64_t)2 * lacks_end(r);
    if (r->form == RENDER_BASE64)
        return n + encoding_base64_bytes(r->text.n) + (r->text.n + LINE_BYTES - 1) / LINE_BYTES;
    n += r->text.n;
    for (size_t at = 0; r->form == RENDER_LINES; at++) {
        at += span_find(span_skip(r->text, at), '\n');
        if (at >= r->text.n)
            break;
        n += is_bare(r->text, at);
    }
    return n;
}

static void add_base64(struct buf *out, struct span s)
{
    for (; s.n > 0; s = span_skip(s, LINE_BYTES)) {
        encoding_base64_add(out, span_first(s, LINE_BYTES));
        out->n -= buf_ok(out); /* its line end */
        buf_add_str(out, "\r\n");
    }
}

bool render_more(struct render *r, struct buf *out)
{
    struct span head = span_first(span_skip(buf_span(&r->head), r->head_done), RENDER_PIECE_BYTES);
    struct span step = span_first(span_skip(r->text, r->text_done), STEP_BYTES);
    if (head.n > 0) {
        r->head_done += head.n;
        return buf_add(out, head);
    }
    if (step.n == 0)
        return false;
    size_t end = r->text_done + step.n;
    if (r->form == RENDER_BASE64)
        add_base64(out, step);
    else if (r->form == RENDER_LINES)
        add_lines(out, r->text, r->text_done, end);
    else
        buf_add(out, step);
    if (end == r->text.n && lacks_end(r))
        buf_add_str(out, "\r\n");
    r->text_done = end;
    return buf_ok(out);
}

void render_end(struct render *r)
{
    buf_free(&r->head);
}
