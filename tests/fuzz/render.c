/* SPDX-License-Identifier: ISC */
/* Messages of anyone that leave as mail, and what a mail program finds in them. */
#include "mime/render.h"

#include "fuzz.h"
#include "mime/parts.h"

static const char *const bob = "bob";
static const struct tm day = {.tm_year = 117, .tm_mon = 11, .tm_mday = 3};

static void make(struct buf *out, const struct envelope *e, enum render_origin origin,
                 struct span body)
{
    struct render r;
    buf_init(out, SIZE_MAX / 2);
    must(render_begin(&r, e, origin, body));
    uint64_t bytes = render_bytes(&r);
    for (size_t at = 0; render_more(&r, out); at = out->n)
        must(out->n > at && out->n - at <= RENDER_PIECE_BYTES);
    must(buf_ok(out) && out->n == bytes);
    render_end(&r);
}

static void check_lines(struct span mail)
{
    must(span_ends(mail, SPAN("\r\n")));
    for (size_t i = 0; i < mail.n; i++)
        must(mail.p[i] != '\n' || (i > 0 && mail.p[i - 1] == '\r'));
}

/* Takes a line as the most generous program would: up to LF, CR, or both. */
static struct span take_line(struct span *s)
{
    size_t n = 0;
    while (n < s->n && s->p[n] != '\r' && s->p[n] != '\n')
        n++;
    struct span line = span_first(*s, n);
    bool both = span_starts(span_skip(*s, n), SPAN("\r\n"));
    *s = span_skip(*s, n + 1 + both);
    return line;
}

/* Nothing in the header can be taken for something else than a field. */
static void check_header(struct span mail)
{
    for (struct span line; (line = take_line(&mail)).n > 0;) {
        struct span name = span_trim(span_first(line, span_find(line, ':')));
        must(span_is_space(line.p[0]) || (name.n > 0 && span_find(line, ':') < line.n));
        for (size_t i = 0; i < name.n && !span_is_space(line.p[0]); i++)
            must(name.p[i] > ' ' && name.p[i] < 0x7f);
    }
}

/* How many lines of the header a generous program takes for this field. */
static size_t count_fields(struct span mail, const char *name)
{
    size_t n = 0;
    while (mail.n > 0) {
        struct span line = take_line(&mail);
        if (line.n == 0)
            break;
        struct span begin = span_first(line, span_find(line, ':'));
        while (begin.n > 0 && span_is_space(begin.p[begin.n - 1]))
            begin.n--;
        n += begin.n < line.n && span_eq_folded(begin, span_str(name));
    }
    return n;
}

/* The fields of the envelope come first, and nothing else is believed. */
static void check_fields(struct span mail)
{
    static const char *const once[] = {"From", "To", "Date", "MIME-Version"};
    static const char *const never[] = {"Sender", "Cc", "Bcc"};
    for (size_t i = 0; i < sizeof once / sizeof once[0]; i++)
        must(count_fields(mail, once[i]) == 1);
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        must(count_fields(mail, never[i]) == 0);
    check_header(mail);
    must(span_starts(mail, SPAN("From: ")) && count_fields(mail, "Message-ID") >= 1);
}

/* Appends a text as a mail program shows it: with LF at the end of each line. */
static void add_shown(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != '\r' || i + 1 == text.n || text.p[i + 1] != '\n')
            buf_add_char(out, text.p[i]);
    if (text.n > 0 && text.p[text.n - 1] != '\n')
        buf_add_char(out, '\n');
}

/* Whether the end of whole is part; what stands before it is a subject. */
static void check_text(struct span part, struct span whole)
{
    must(span_ends(whole, part));
    struct span before = span_first(whole, whole.n - part.n), line;
    if (before.n == 0)
        return;
    must(span_starts(before, SPAN("Subject: ")));
    line = span_take(&before, '\n');
    must(line.n <= 10 + ENVELOPE_SUBJECT_BYTES && span_trim(before).n == 0);
}

/* A text comes back, all but its subject; and then it is one part. */
static void text(const struct envelope *e, struct span in)
{
    struct buf mail, back, shown, want;
    struct parts p;
    struct part part;
    size_t n;
    if (parts_is_mime(in))
        return;
    make(&mail, e, RENDER_OTHER, in);
    check_lines(buf_span(&mail));
    check_fields(buf_span(&mail));
    buf_init(&back, SIZE_MAX / 2);
    buf_init(&shown, SIZE_MAX / 2);
    buf_init(&want, SIZE_MAX / 2);
    parts_init(&p, buf_span(&mail));
    must(parts_next(&p, &part) == PARTS_ONE);
    must(encoding_decode(part.encoding, part.body, &back, &n));
    if (part.encoding == ENCODING_BASE64) {
        check_text(buf_span(&back), in);
    } else {
        add_shown(&shown, buf_span(&back));
        add_shown(&want, in);
        check_text(buf_span(&shown), buf_span(&want));
    }
    must(parts_next(&p, &part) == PARTS_END);
    buf_free(&mail);
    buf_free(&back);
    buf_free(&shown);
    buf_free(&want);
}

static void mime(const struct envelope *e, struct span body)
{
    struct buf mail;
    struct span value;
    make(&mail, e, RENDER_OTHER, body);
    check_lines(buf_span(&mail));
    check_fields(buf_span(&mail));
    buf_free(&mail);
    make(&mail, e, RENDER_OWN, body);
    check_lines(buf_span(&mail));
    if (envelope_field(envelope_header(body), "From", &value))
        must(mail.n + sizeof PARTS_FIRST_LINE >= body.n);
    else
        check_fields(buf_span(&mail));
    buf_free(&mail);
}

/* Mail of a door leaves as it came. text: with CR LF. */
static void door(const struct envelope *e, struct span body, struct span text)
{
    struct buf mail;
    struct span end = text.n == 0 || span_ends(text, SPAN("\n")) ? SPAN("") : SPAN("\r\n");
    make(&mail, e, RENDER_DOOR, body);
    must(mail.n == text.n + end.n && span_starts(buf_span(&mail), text) &&
         span_ends(buf_span(&mail), end));
    buf_free(&mail);
}

void fuzz_one(struct span in)
{
    struct span rest = in;
    struct span from = fuzz_bytes(&rest, fuzz_below(&rest, 40));
    struct span host = fuzz_bytes(&rest, fuzz_below(&rest, 40));
    const struct envelope e = {
        .to = &bob, .nto = 1, .from = from, .host = host, .id = SPAN("7"), .utc = &day};
    struct buf body;
    text(&e, rest);
    buf_init(&body, SIZE_MAX / 2);
    buf_add_str(&body, PARTS_FIRST_LINE "\n");
    buf_add(&body, rest);
    mime(&e, buf_span(&body));
    if (envelope_header(rest).n > 0)
        door(&e, buf_span(&body), rest);
    if (span_starts(rest, SPAN(PARTS_FIRST_LINE "\r\n")))
        door(&e, rest, rest);
    buf_free(&body);
}
