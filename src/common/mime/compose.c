/* SPDX-License-Identifier: ISC */
#include "mime/compose.h"

#include <string.h>

#include "base/digits.h"
#include "base/utf8.h"
#include "mime/encoding.h"
#include "mime/parts.h"

#define LINE_BYTES    998 /* of a line that any mail system lets pass (RFC 5322) */
#define SECTION_BYTES 60  /* of a name, written by RFC 2231, in one line */
#define HEAD_BYTES    300 /* more than what stands around a name and a content */

static bool is_plain(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != 0 && strchr("._-+", c) != NULL);
}

static bool contains(struct span s, struct span part)
{
    for (;; s = span_skip(s, 1)) {
        s = span_skip(s, span_find(s, part.p[0]));
        if (s.n < part.n || span_starts(s, part))
            return s.n >= part.n;
    }
}

static bool has_long_line(struct span s)
{
    while (s.n > 0) {
        struct span line = span_take(&s, '\n');
        if (line.n - span_ends(line, SPAN("\r")) > LINE_BYTES)
            return true;
    }
    return false;
}

/* What a text is made of. */
struct kind {
    bool ascii, utf8;
    bool nul, cr; /* which other systems change */
    bool crlf;    /* each CR stands before an LF */
};

static struct kind kind_of(struct span s)
{
    struct kind k = {.ascii = true, .utf8 = true, .crlf = true};
    while (s.n > 0) {
        uint32_t c;
        s = span_skip(s, utf8_decode(s, &c));
        k.ascii = k.ascii && c < 0x80;
        k.utf8 = k.utf8 && c != UTF8_INVALID;
        k.nul = k.nul || c == 0;
        k.cr = k.cr || c == '\r';
        k.crlf = k.crlf && (c != '\r' || span_starts(s, SPAN("\n")));
    }
    return k;
}

static void add_delimiter(struct compose *c, const char *end)
{
    buf_printf(c->out, "\n--%s%s\n", c->boundary, end);
}

bool compose_describe(struct buf *out, struct span text, struct span boundary, bool with_crlf)
{
    struct kind kind = kind_of(text);
    bool encoded = !kind.utf8 || kind.nul || (with_crlf ? !kind.crlf : kind.cr) ||
                   has_long_line(text) || (boundary.n > 0 && contains(text, boundary));
    buf_printf(out, "Content-Type: text/plain; charset=%s\nContent-Transfer-Encoding: %s\n\n",
               kind.utf8 ? "utf-8" : "unknown-8bit",
               encoded      ? "base64"
               : kind.ascii ? "7bit"
                            : "8bit");
    return encoded;
}

void compose_text(struct buf *out, struct span text, struct span boundary)
{
    if (compose_describe(out, text, boundary, false))
        encoding_base64_add(out, text);
    else
        buf_add(out, text);
}

void compose_begin(struct compose *c, struct buf *out, struct span text,
                   const unsigned char chance[COMPOSE_CHANCE_BYTES])
{
    c->out = out;
    /* "=_" stands in no base64. */
    memcpy(c->boundary, "=_", 2);
    for (size_t i = 0; i < COMPOSE_CHANCE_BYTES; i++)
        digits_put_hex(c->boundary + 2 + 2 * i, chance[i], 2);
    c->boundary[COMPOSE_BOUNDARY] = '\0';
    buf_printf(out, PARTS_FIRST_LINE "\nContent-Type: multipart/mixed;\n boundary=\"%s\"\n",
               c->boundary);
    add_delimiter(c, "");
    compose_text(out, text, span_str(c->boundary));
}

/* Adds as much of the name as one line takes, and returns how much that was. */
static size_t add_percent(struct buf *out, struct span name)
{
    size_t from = out->n, i = 0;
    for (; i < name.n && buf_ok(out) && out->n - from < SECTION_BYTES; i++) {
        unsigned char c = (unsigned char)name.p[i];
        if (is_plain(c))
            buf_add_char(out, (char)c);
        else
            buf_printf(out, "%%%02X", c);
    }
    return buf_ok(out) ? i : name.n;
}

/* A name of more than one line is written in sections. */
static void add_extended(struct buf *out, struct span name)
{
    const char *charset = kind_of(name).utf8 ? "utf-8''" : "unknown-8bit''";
    bool sections = 3 * name.n > SECTION_BYTES;
    for (unsigned section = 0; name.n > 0; section++, charset = "") {
        if (sections)
            buf_printf(out, ";\n filename*%u*=%s", section, charset);
        else
            buf_printf(out, ";\n filename*=%s", charset);
        name = span_skip(name, add_percent(out, name));
    }
}

/* Whether a name may stand between quotes as it is. */
static bool is_quotable(struct span name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!is_plain((unsigned char)name.p[i]) && name.p[i] != ' ')
            return false;
    return name.n <= SECTION_BYTES;
}

void compose_file(struct compose *c, struct span name, struct span content)
{
    add_delimiter(c, "");
    buf_add_str(c->out, "Content-Type: application/octet-stream\n"
                        "Content-Transfer-Encoding: base64\n"
                        "Content-Disposition: attachment");
    if (is_quotable(name))
        buf_printf(c->out, ";\n filename=\"%.*s\"", SPAN_PRINTF(name));
    else
        add_extended(c->out, name);
    buf_add_str(c->out, "\n\n");
    encoding_base64_add(c->out, content);
}

void compose_part(struct compose *c, struct span part)
{
    add_delimiter(c, "");
    buf_add(c->out, part);
}

void compose_end(struct compose *c)
{
    add_delimiter(c, "--");
}

uint64_t compose_file_bytes(size_t name_bytes, uint64_t content_bytes)
{
    /* Each section of a name holds at least SECTION_BYTES / 3 of its bytes. */
    return HEAD_BYTES + 5 * (uint64_t)name_bytes + encoding_base64_bytes(content_bytes);
}
