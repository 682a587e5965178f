/* SPDX-License-Identifier: ISC */
#include "base/span.h"

#include <string.h>

struct span span_str(const char *z)
{
    return span_of(z, strlen(z));
}

struct span span_skip(struct span s, size_t n)
{
    if (n > s.n)
        n = s.n;
    return n ? span_of(s.p + n, s.n - n) : s;
}

struct span span_first(struct span s, size_t n)
{
    return span_of(s.p, n < s.n ? n : s.n);
}

bool span_eq(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static char fold(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

bool span_eq_folded(struct span a, struct span b)
{
    size_t same = 0;
    while (same < a.n && same < b.n && fold(a.p[same]) == fold(b.p[same]))
        same++;
    return same == a.n && same == b.n;
}

bool span_starts(struct span s, struct span prefix)
{
    return span_eq(span_first(s, prefix.n), prefix);
}

bool span_ends(struct span s, struct span suffix)
{
    return s.n >= suffix.n && span_eq(span_skip(s, s.n - suffix.n), suffix);
}

size_t span_count(struct span s, char c)
{
    size_t count = 0;
    for (size_t i = 0; i < s.n; i++)
        count += s.p[i] == c;
    return count;
}

size_t span_find(struct span s, char c)
{
    const char *found = s.n ? memchr(s.p, c, s.n) : NULL;
    return found ? (size_t)(found - s.p) : s.n;
}

bool span_cut(struct span *s, char sep, struct span *head)
{
    size_t at = span_find(*s, sep);
    if (at == s->n)
        return false;
    *head = span_first(*s, at);
    *s = span_skip(*s, at + 1);
    return true;
}

struct span span_take(struct span *s, char sep)
{
    struct span head = span_first(*s, span_find(*s, sep));
    *s = span_skip(*s, head.n + 1);
    return head;
}

struct span span_line(struct span s)
{
    return span_first(s, span_find(s, '\n') + 1);
}

bool span_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span span_trim(struct span s)
{
    while (s.n > 0 && span_is_space(s.p[0]))
        s = span_skip(s, 1);
    while (s.n > 0 && span_is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool span_is_decimal(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0;
}

bool span_number(struct span s, uint64_t *value)
{
    if (!span_is_decimal(s))
        return false;
    *value = UINT64_MAX;
    span_u64(s, UINT64_MAX, value);
    return true;
}

bool span_u64(struct span s, uint64_t max, uint64_t *value)
{
    uint64_t v = 0;
    if (!span_is_decimal(s))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        uint64_t digit = (uint64_t)(s.p[i] - '0');
        if (digit > max || v > (max - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *value = v;
    return true;
}
