/* SPDX-License-Identifier: ISC */
#include "mime/field.h"

#include <string.h>

#include "mime/charset.h"
#include "mime/encoding.h"

#define SECTIONS   64  /* of a parameter that is written in sections */
#define WORD_BYTES 512 /* of an encoded word; the RFC allows 75 */

/* Takes a line with its continuation lines. */
static struct span take_folded(struct span *s)
{
    size_t n = 0;
    do {
        n += span_find(span_skip(*s, n), '\n');
        n += n < s->n;
    } while (n < s->n && (s->p[n] == ' ' || s->p[n] == '\t'));
    struct span line = span_first(*s, n);
    *s = span_skip(*s, n);
    return line;
}

bool field_next(struct span *header, struct field *f)
{
    while (header->n > 0) {
        struct span line = take_folded(header);
        if (!span_cut(&line, ':', &f->name) || f->name.n == 0 || span_is_space(f->name.p[0]))
            continue;
        /* A line end stays: mail programs differ on what such a field is. */
        while (f->name.p[f->name.n - 1] == ' ' || f->name.p[f->name.n - 1] == '\t')
            f->name.n--;
        f->value = line;
        return true;
    }
    return false;
}

bool field_may_be(struct span name, struct span known)
{
    name = span_trim(name);
    return name.n > 0 && span_eq_folded(name, span_first(known, name.n));
}

/* Skips spaces, line ends and comments, which may be nested. */
static struct span skip_space(struct span s)
{
    unsigned depth = 0;
    size_t i = 0;
    for (; i < s.n; i++) {
        char c = s.p[i];
        if (depth > 0 && c == '\\')
            i++;
        else if (c == '(')
            depth++;
        else if (depth > 0 && c == ')')
            depth--;
        else if (depth == 0 && !span_is_space(c))
            break;
    }
    return span_skip(s, i);
}

static struct span take_until(struct span *s, const char *ends)
{
    size_t n = 0;
    while (n < s->n && !span_is_space(s->p[n]) && (s->p[n] == 0 || !strchr(ends, s->p[n])))
        n++;
    struct span word = span_first(*s, n);
    *s = span_skip(*s, n);
    return word;
}

struct span field_word(struct span value)
{
    value = skip_space(value);
    return take_until(&value, ";(");
}

/* A value as it is written: between quotes, where a backslash makes the next character one. */
struct value {
    struct span raw;
    bool quoted;
};

static struct value take_value(struct span *s)
{
    if (s->n == 0 || s->p[0] != '"')
        return (struct value){take_until(s, ";("), false};
    size_t n = 1;
    while (n < s->n && s->p[n] != '"')
        n += s->p[n] == '\\' ? 2 : 1;
    struct span raw = span_skip(span_first(*s, n), 1);
    *s = span_skip(*s, n + 1);
    return (struct value){raw, true};
}

/* Takes the next "; name=value". *s begins after the word, or after a value. */
static bool next_param(struct span *s, struct span *name, struct value *v)
{
    for (;;) {
        size_t junk = span_find(*s, ';');
        if (junk == s->n)
            return false;
        *s = skip_space(span_skip(*s, junk + 1));
        *name = take_until(s, "=;(");
        *s = skip_space(*s);
        if (s->n == 0 || s->p[0] != '=')
            continue;
        *s = skip_space(span_skip(*s, 1));
        *v = take_value(s);
        return true;
    }
}

static void add_value(struct buf *out, struct value v)
{
    for (size_t i = 0; i < v.raw.n; i++) {
        char c = v.raw.p[i];
        if (v.quoted && c == '\\' && i + 1 < v.raw.n)
            c = v.raw.p[++i];
        if (c != '\r' && c != '\n')
            buf_add_char(out, c);
    }
}

static void add_percent(struct buf *out, struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        int byte = s.p[i] == '%' ? encoding_hex_pair(span_skip(s, i + 1)) : -1;
        buf_add_char(out, byte >= 0 ? (char)byte : s.p[i]);
        if (byte >= 0)
            i += 2;
    }
}

/* The name of a parameter: filename (PLAIN), filename* (WHOLE), filename*1 or filename*1*. */
enum { WHOLE = SECTIONS, PLAIN, FORMS };

/* What stands under each form of the name. */
struct forms {
    struct value values[FORMS];
    bool there[FORMS];
    bool extended[FORMS]; /* percent signs, and in the first one a character set and a language */
};

/* Returns the form, or FORMS if this is another name. */
static size_t parse_form(struct span name, struct span wanted, bool *extended)
{
    uint64_t number;
    if (!span_eq_folded(span_first(name, wanted.n), wanted))
        return FORMS;
    struct span rest = span_skip(name, wanted.n);
    *extended = span_ends(rest, SPAN("*"));
    if (rest.n == 0)
        return PLAIN;
    if (span_eq(rest, SPAN("*")))
        return WHOLE;
    rest.n -= *extended;
    if (rest.p[0] != '*' || !span_u64(span_skip(rest, 1), SECTIONS - 1, &number))
        return FORMS;
    return (size_t)number;
}

/* Finds all forms of a parameter. The first of two that are alike counts. */
static void find_forms(struct span value, struct span wanted, struct forms *f)
{
    struct span name;
    struct value v;
    bool extended;
    *f = (struct forms){.there = {false}};
    while (next_param(&value, &name, &v)) {
        size_t form = parse_form(name, wanted, &extended);
        if (form == FORMS || f->there[form])
            continue;
        f->there[form] = true;
        f->values[form] = v;
        f->extended[form] = extended;
    }
}

/* Takes charset'language' off the front of a value. Without them it is empty. */
static struct span take_charset(struct span *s)
{
    struct span rest = *s, charset, language;
    if (!span_cut(&rest, '\'', &charset) || !span_cut(&rest, '\'', &language))
        return SPAN("");
    *s = rest;
    return charset;
}

/* The character set that the first section names is that of all. */
static bool add_sections(const struct forms *f, struct buf *out)
{
    struct span charset = SPAN("");
    struct buf bytes;
    char room[FIELD_BYTES];
    size_t first = f->there[WHOLE] ? WHOLE : 0, i;
    buf_init_room(&bytes, room, sizeof room);
    for (i = first; i <= WHOLE && f->there[i]; i++) {
        struct value v = f->values[i];
        if (f->extended[i] && i == first)
            charset = take_charset(&v.raw);
        if (f->extended[i])
            add_percent(&bytes, v.raw);
        else
            add_value(&bytes, v);
    }
    charset_add(out, charset, buf_span(&bytes));
    return i > first;
}

/* Adds the text of an encoded word in Q: an underscore is a space. */
static void add_quoted_word(struct buf *out, struct span text)
{
    while (text.n > 0) {
        size_t n = text.p[0] == '=' && text.n >= 3 ? 3 : 1, decoded;
        if (n == 3)
            encoding_decode(ENCODING_QUOTED, span_first(text, n), out, &decoded);
        else
            buf_add_char(out, text.p[0] == '_' ? ' ' : text.p[0]);
        text = span_skip(text, n);
    }
}

/*
 * Decodes =?charset?Q?text?= or B at the beginning of s; a language may follow the charset, after
 * an asterisk. Returns its size, or 0 if s does not begin with an encoded word. If two words divide
 * a character of UTF-8, it is whole again in out: RFC 2047 forbids it, but some programs do it.
 */
static size_t add_word(struct buf *out, struct span s)
{
    struct span rest = span_skip(span_first(s, WORD_BYTES), 2), charset, encoding, text;
    struct buf bytes;
    char room[WORD_BYTES];
    size_t n;
    if (!span_starts(s, SPAN("=?")) || !span_cut(&rest, '?', &charset) ||
        !span_cut(&rest, '?', &encoding) || !span_cut(&rest, '?', &text) ||
        !span_starts(rest, SPAN("=")))
        return 0;
    buf_init_room(&bytes, room, sizeof room);
    if (span_eq_folded(encoding, SPAN("B")))
        encoding_decode(ENCODING_BASE64, text, &bytes, &n);
    else if (span_eq_folded(encoding, SPAN("Q")))
        add_quoted_word(&bytes, text);
    else
        return 0;
    charset_add(out, span_first(charset, span_find(charset, '*')), buf_span(&bytes));
    return (size_t)(rest.p - s.p) + 1;
}

/* Adds a text with encoded words. Spaces between two of them do not count. */
static void add_words(struct buf *out, struct span s)
{
    bool after_word = false;
    while (s.n > 0) {
        size_t spaces = 0;
        while (after_word && spaces < s.n && span_is_space(s.p[spaces]))
            spaces++;
        size_t n = add_word(out, span_skip(s, spaces));
        after_word = n > 0;
        if (n == 0)
            buf_add_char(out, s.p[0]);
        s = span_skip(s, n == 0 ? 1 : spaces + n);
    }
}

void field_text(struct span value, struct buf *out)
{
    struct buf line;
    char room[FIELD_BYTES];
    size_t begin = out->n;
    buf_init_room(&line, room, sizeof room);
    value = span_trim(span_first(value, FIELD_BYTES));
    add_value(&line, (struct value){value, false});
    add_words(out, buf_span(&line));
    for (size_t i = begin; i < out->n; i++)
        if (span_is_space(out->p[i]))
            out->p[i] = ' ';
}

bool field_param(struct span value, const char *name, struct buf *out)
{
    struct forms forms;
    find_forms(span_first(value, FIELD_BYTES), span_str(name), &forms);
    if (add_sections(&forms, out))
        return buf_ok(out);
    if (!forms.there[PLAIN])
        return false;
    struct buf text;
    char room[FIELD_BYTES];
    buf_init_room(&text, room, sizeof room);
    add_value(&text, forms.values[PLAIN]);
    add_words(out, buf_span(&text));
    return buf_ok(out);
}
