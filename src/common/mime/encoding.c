/* SPDX-License-Identifier: ISC */
#include "mime/encoding.h"

#include <string.h>

#include "base/digits.h"

#define LINE_CHARACTERS 76
#define LINE_BYTES      57 /* of content, in a line of that many characters */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum encoding encoding_find(struct span name)
{
    if (name.n == 0 || span_eq_folded(name, SPAN("7bit")) || span_eq_folded(name, SPAN("8bit")) ||
        span_eq_folded(name, SPAN("binary")))
        return ENCODING_NONE;
    if (span_eq_folded(name, SPAN("base64")))
        return ENCODING_BASE64;
    return span_eq_folded(name, SPAN("quoted-printable")) ? ENCODING_QUOTED : ENCODING_UNKNOWN;
}

uint64_t encoding_base64_bytes(uint64_t n)
{
    return (n + 2) / 3 * 4 + (n + LINE_BYTES - 1) / LINE_BYTES;
}

/* Writes up to three bytes as four characters. */
static void put_group(char out[4], struct span s)
{
    uint32_t v = 0;
    for (size_t i = 0; i < 3; i++)
        v = v << 8 | (i < s.n ? (unsigned char)s.p[i] : 0);
    for (size_t i = 0; i < 4; i++)
        out[i] = i > s.n ? '=' : digits[v >> (18 - 6 * i) & 63];
}

bool encoding_base64_add(struct buf *out, struct span s)
{
    while (s.n > 0) {
        char line[LINE_CHARACTERS + 1];
        struct span bytes = span_first(s, LINE_BYTES);
        size_t n = 0;
        for (size_t at = 0; at < bytes.n; at += 3, n += 4)
            put_group(line + n, span_first(span_skip(bytes, at), 3));
        line[n++] = '\n';
        if (!buf_add(out, span_of(line, n)))
            return false;
        s = span_skip(s, bytes.n);
    }
    return buf_ok(out);
}

/* What a character stands for, or -1. */
static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Where decoded bytes go: p is NULL when they are only counted. */
struct sink {
    char *p;
    size_t n;
};

static void put(struct sink *to, uint32_t byte)
{
    if (to->p)
        to->p[to->n] = (char)(unsigned char)byte;
    to->n++;
}

/* Other characters are ignored (RFC 2045), but only line breaks and spaces are no damage. */
static bool decode_base64(struct span s, struct sink *to)
{
    uint32_t v = 0;
    unsigned bits = 0, pad = 0;
    bool whole = true;
    for (size_t i = 0; i < s.n; i++) {
        int digit = base64_digit(s.p[i]);
        if (s.p[i] == '=') {
            pad++;
        } else if (digit < 0 || pad > 0) {
            whole = whole && digit < 0 && span_is_space(s.p[i]);
        } else {
            v = v << 6 | (uint32_t)digit;
            bits += 6;
        }
        if (bits >= 8) {
            bits -= 8;
            put(to, v >> bits & 0xff);
        }
    }
    /* Of two characters 4 bits are left, and = stands for two more; of three 2. */
    return whole && pad == bits / 2 && bits < 6;
}

int encoding_hex_pair(struct span s)
{
    uint64_t byte;
    return s.n >= 2 && digits_get_hex_folded(span_first(s, 2), &byte) ? (int)byte : -1;
}

/* Decodes one line without its line end. *joined: the next line continues it. */
static bool decode_quoted_line(struct span line, struct sink *to, bool *joined)
{
    bool whole = true;
    while (line.n > 0 && span_is_space(line.p[line.n - 1]))
        line.n--; /* spaces at the end of a line were added on the way */
    *joined = line.n > 0 && line.p[line.n - 1] == '=';
    line.n -= *joined;
    for (size_t i = 0; i < line.n; i++) {
        int byte = encoding_hex_pair(span_skip(line, i + 1));
        if (line.p[i] != '=') {
            put(to, (unsigned char)line.p[i]);
        } else if (byte < 0) {
            put(to, '=');
            whole = false;
        } else {
            put(to, (uint32_t)byte);
            i += 2;
        }
    }
    return whole;
}

static bool decode_quoted(struct span s, struct sink *to)
{
    bool whole = true, joined = false;
    while (s.n > 0) {
        struct span line = span_first(s, span_find(s, '\n'));
        bool ended = line.n<s.n, crlf = line.n> 0 && line.p[line.n - 1] == '\r';
        s = span_skip(s, line.n + ended);
        whole = decode_quoted_line(line, to, &joined) && whole;
        if (ended && !joined) {
            if (crlf)
                put(to, '\r');
            put(to, '\n');
        }
    }
    return whole;
}

bool encoding_decode(enum encoding e, struct span s, struct buf *out, size_t *n)
{
    struct sink to = {out ? buf_space(out, s.n + 1) : NULL, 0};
    bool whole = e != ENCODING_UNKNOWN;
    *n = 0;
    if (out && !to.p)
        return false;
    if (e == ENCODING_BASE64) {
        whole = decode_base64(s, &to);
    } else if (e == ENCODING_QUOTED) {
        whole = decode_quoted(s, &to);
    } else {
        if (to.p && s.n > 0)
            memcpy(to.p, s.p, s.n);
        to.n = s.n;
    }
    if (out)
        buf_added(out, to.n);
    *n = to.n;
    return whole;
}
