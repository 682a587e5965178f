/* SPDX-License-Identifier: ISC */
#include "mime/envelope.h"

#include <string.h>

#include "base/address.h"
#include "base/utf8.h"
#include "mime/compose.h"
#include "mime/date.h"
#include "mime/encoding.h"
#include "mime/field.h"
#include "mime/parts.h"

#define WORD_BYTES 36 /* in an encoded word: RFC 2047 allows a line with one 76 characters */

/* A line of a header that is its end: it is empty. */
static bool is_end(struct span line)
{
    return line.n == 0 || span_eq(line, SPAN("\r"));
}

static bool is_name(struct span name)
{
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] <= ' ' || (unsigned char)name.p[i] >= 0x7f)
            return false;
    return name.n > 0;
}

/* Whether mail begins with a header. */
static bool has_header(struct span mail)
{
    struct span line = span_first(mail, span_find(mail, '\n')), name;
    return span_cut(&line, ':', &name) && is_name(name);
}

/* Some programs leave the separator of an mbox at the beginning. */
static struct span without_separator(struct span mail)
{
    struct span rest = mail, line;
    return span_starts(mail, SPAN("From ")) && span_cut(&rest, '\n', &line) ? rest : mail;
}

struct span envelope_header(struct span mail)
{
    struct span rest = mail, line;
    size_t n = 0;
    if (!has_header(mail))
        return span_first(mail, 0);
    while (span_cut(&rest, '\n', &line)) {
        if (is_end(line))
            return span_first(mail, n);
        n += line.n + 1;
    }
    return mail;
}

bool envelope_field(struct span header, const char *name, struct span *value)
{
    struct field f;
    while (field_next(&header, &f))
        if (span_eq_folded(f.name, span_str(name))) {
            *value = f.value;
            return true;
        }
    return false;
}

static void add_field(struct buf *out, const struct field *f)
{
    struct span all = span_of(f->name.p, (size_t)(f->value.p + f->value.n - f->name.p));
    buf_add(out, all);
    if (!span_ends(all, SPAN("\n")))
        buf_add_char(out, '\n');
}

bool envelope_add_fields(struct buf *out, struct span header, bool with_mime)
{
    static const char *const places[] = {ENVELOPE_MARK, "Status", "X-Status", "Content-Length",
                                         "MIME-Version"};
    size_t n = sizeof places / sizeof places[0] - with_mime;
    struct field f;
    while (field_next(&header, &f)) {
        bool of_place = false;
        for (size_t i = 0; i < n; i++)
            of_place = of_place || span_eq_folded(f.name, span_str(places[i]));
        if (!of_place)
            add_field(out, &f);
    }
    return buf_ok(out);
}

bool envelope_take(struct buf *out, struct span mail)
{
    mail = without_separator(mail);
    struct span header = envelope_header(mail), rest = span_skip(mail, header.n), line;
    buf_add_str(out, PARTS_FIRST_LINE "\n");
    envelope_add_fields(out, header, false);
    buf_add_char(out, '\n');
    if (header.n > 0)
        span_cut(&rest, '\n', &line); /* the empty line, if the mail has more than a header */
    return buf_add(out, rest);
}

static bool is_atom(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

/* Whether a name may stand in an address without quotes. */
static bool is_dot_atom(struct span name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!is_atom(name.p[i]) &&
            (name.p[i] != '.' || i == 0 || i + 1 == name.n || name.p[i - 1] == '.'))
            return false;
    return name.n > 0;
}

static void add_quoted(struct buf *out, struct span name)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (c == '"' || c == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, (unsigned char)c < ' ' || c == 0x7f ? '_' : c);
    }
    buf_add_char(out, '"');
}

bool envelope_add_address(struct buf *out, struct span name, struct span host)
{
    struct address address;
    if (is_dot_atom(name))
        buf_add(out, name);
    else
        add_quoted(out, name);
    if (host.n == 0)
        return buf_ok(out);
    if (address_parse(host, &address))
        return buf_printf(out, "@[%s%.*s]",
                          address_is_v4(&address) ? "" : "IPv6:", SPAN_PRINTF(host));
    return buf_add_char(out, '@') && buf_add(out, is_dot_atom(host) ? host : SPAN("unknown"));
}

/* As many bytes as an encoded word takes, not cut inside a character. */
static size_t word_bytes(struct span s)
{
    size_t n = 0;
    while (n < s.n) {
        uint32_t c;
        size_t more = utf8_decode(span_skip(s, n), &c);
        if (n + more > WORD_BYTES)
            break;
        n += more;
    }
    return n;
}

static void add_subject(struct buf *out, struct span s)
{
    bool plain = true;
    s = utf8_first_line(s, ENVELOPE_SUBJECT_BYTES);
    const char *charset = utf8_is_valid(s) ? "utf-8" : "unknown-8bit";
    for (size_t i = 0; i < s.n; i++)
        plain =
            plain && s.p[i] >= ' ' && s.p[i] < 0x7f && !span_starts(span_skip(s, i), SPAN("=?"));
    if (s.n == 0)
        return;
    buf_add_str(out, "Subject: ");
    if (plain)
        buf_add(out, s);
    for (size_t n; !plain && s.n > 0; s = span_skip(s, n)) {
        n = word_bytes(s);
        buf_printf(out, "=?%s?B?", charset);
        encoding_base64_add(out, span_first(s, n));
        out->n -= buf_ok(out); /* its line end */
        buf_add_str(out, n < s.n ? "?=\n " : "?=");
    }
    buf_add_char(out, '\n');
}

static void add_from(struct buf *out, const struct envelope *e)
{
    buf_add_str(out, "From: ");
    envelope_add_address(out, e->from, e->host);
    buf_add_char(out, '\n');
}

static void add_to(struct buf *out, const struct envelope *e)
{
    for (size_t i = 0; i < e->nto; i++) {
        buf_add_str(out, i == 0 ? "To: " : " ");
        envelope_add_address(out, span_str(e->to[i]), e->host);
        buf_add_str(out, i + 1 < e->nto ? ",\n" : "\n");
    }
}

static void add_date(struct buf *out, const struct envelope *e)
{
    if (!e->utc)
        return;
    buf_add_str(out, "Date: ");
    date_add(out, e->utc);
    buf_add_char(out, '\n');
}

static void add_id(struct buf *out, const struct envelope *e)
{
    if (e->id.n == 0)
        return;
    buf_add_str(out, "Message-ID: <");
    envelope_add_address(out, e->id, e->host.n > 0 ? e->host : SPAN("unknown"));
    buf_add_str(out, ">\n");
}

/*
 * What another sender says of himself is kept under names that nobody believes. Programs may take a
 * line that is no field for the end of the header, or for a separator: it is left out.
 */
static void add_doubted(struct buf *out, struct span header)
{
    static const char *const claims[] = {"From", "Sender", "To", "Cc", "Bcc", "Date"};
    struct field f;
    buf_add_str(out, PARTS_FIRST_LINE "\n");
    while (field_next(&header, &f)) {
        if (span_eq_folded(f.name, SPAN("MIME-Version")) || !is_name(f.name))
            continue;
        for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++)
            if (field_may_be(f.name, span_str(claims[i])))
                buf_add_str(out, "X-Original-");
        add_field(out, &f);
    }
}

bool envelope_add_header(struct buf *out, const struct envelope *e, struct span header)
{
    struct span value;
    add_from(out, e);
    add_to(out, e);
    add_date(out, e);
    if (!envelope_field(header, "Subject", &value))
        add_subject(out, e->subject);
    if (!envelope_field(header, "Message-ID", &value))
        add_id(out, e);
    add_doubted(out, header);
    return buf_ok(out);
}

bool envelope_add(struct buf *out, const struct envelope *e, struct span body)
{
    bool is_mime = parts_is_mime(body);
    struct span header = is_mime ? envelope_header(body) : SPAN(""), value;
    if (e->own && envelope_field(header, "From", &value))
        return buf_add(out, body);
    envelope_add_header(out, e, header);
    if (is_mime)
        return buf_add(out, span_skip(body, header.n));
    compose_text(out, body, SPAN(""));
    return buf_ok(out);
}
