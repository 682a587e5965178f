/* SPDX-License-Identifier: ISC */
#include "base/digits.h"

#define HEX_DIGITS_MAX 16 /* of a uint64_t */

void digits_put(char *out, uint64_t v, size_t n)
{
    for (; n > 0; n--, v /= 10)
        out[n - 1] = (char)('0' + v % 10);
}

void digits_put_hex(char *out, uint64_t v, size_t n)
{
    for (; n > 0; n--, v >>= 4)
        out[n - 1] = "0123456789abcdef"[v & 15];
}

/* The value of a hex digit, or -1. */
static int value_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool digits_is_hex(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (value_of(s.p[i]) < 0)
            return false;
    return s.n > 0;
}

bool digits_get_hex(struct span s, uint64_t *v)
{
    uint64_t sum = 0;
    if (s.n > HEX_DIGITS_MAX || !digits_is_hex(s))
        return false;
    for (size_t i = 0; i < s.n; i++)
        sum = sum << 4 | (uint64_t)value_of(s.p[i]);
    *v = sum;
    return true;
}

bool digits_get_hex_folded(struct span s, uint64_t *v)
{
    char small[HEX_DIGITS_MAX];
    for (size_t i = 0; i < s.n && i < sizeof small; i++)
        small[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'F' ? s.p[i] - 'A' + 'a' : s.p[i]);
    return s.n <= sizeof small && digits_get_hex(span_of(small, s.n), v);
}
