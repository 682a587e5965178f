/* SPDX-License-Identifier: ISC */
#include "base/utf8.h"

#include <stdio.h>

/* How many bytes a character takes that begins with this one, or 0 when none does. */
static size_t length_of(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 2;
    if (lead >= 0xe0 && lead <= 0xef)
        return 3;
    return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

static bool valid(uint32_t c, size_t n)
{
    static const uint32_t least[] = {[1] = 0, [2] = 0x80, [3] = 0x800, [4] = 0x10000};
    return c >= least[n] && c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
}

size_t utf8_decode(struct span s, uint32_t *c)
{
    unsigned char lead = (unsigned char)s.p[0];
    size_t n = length_of(lead);
    uint32_t v = n > 1 ? lead & (0x7fu >> n) : lead;
    *c = UTF8_INVALID;
    if (n == 0 || n > s.n)
        return 1;
    for (size_t i = 1; i < n; i++) {
        unsigned char next = (unsigned char)s.p[i];
        if ((next & 0xc0) != 0x80)
            return 1;
        v = v << 6 | (next & 0x3f);
    }
    if (!valid(v, n))
        return 1;
    *c = v;
    return n;
}

bool utf8_is_valid(struct span s)
{
    uint32_t c = 0;
    while (s.n > 0 && c != UTF8_INVALID)
        s = span_skip(s, utf8_decode(s, &c));
    return c != UTF8_INVALID;
}

bool utf8_is_safe(uint32_t c)
{
    bool control = c < 0x20 || (c >= 0x7f && c <= 0x9f);
    bool turns = c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
                 (c >= 0x2066 && c <= 0x2069);
    bool ends_line = c == 0x2028 || c == 0x2029;
    return c != UTF8_INVALID && !control && !turns && !ends_line;
}

size_t utf8_spell(struct span s, char out[UTF8_SPELT_BYTES])
{
    uint32_t c;
    if (utf8_decode(s, &c) == 1)
        return (size_t)snprintf(out, UTF8_SPELT_BYTES, "\\x%02x", (unsigned char)s.p[0]);
    return (size_t)snprintf(out, UTF8_SPELT_BYTES, "\\u%04x", (unsigned)c);
}

struct span utf8_first_line(struct span s, size_t max)
{
    size_t n = 0;
    while (n < s.n && n < max && s.p[n] != '\r' && s.p[n] != '\n') {
        uint32_t c;
        size_t width = utf8_decode(span_skip(s, n), &c);
        if (width > max - n)
            break;
        n += width;
    }
    return span_first(s, n);
}
