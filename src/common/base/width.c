/* SPDX-License-Identifier: ISC */
#include "base/width.h"

#include "base/utf8.h"
#include "width_table.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static bool is_in(const struct width_range *table, size_t n, uint32_t c)
{
    while (n > 0) {
        size_t middle = n / 2;
        if (c < table[middle].first) {
            n = middle;
        } else if (c > table[middle].last) {
            table += middle + 1;
            n -= middle + 1;
        } else {
            return true;
        }
    }
    return false;
}

unsigned width_of(uint32_t c)
{
    if (c < width_zero[0].first)
        return 1;
    if (is_in(width_zero, COUNT(width_zero), c))
        return 0;
    return is_in(width_wide, COUNT(width_wide), c) ? 2 : 1;
}

size_t width_text(struct span s)
{
    size_t columns = SIZE_MAX;
    width_first(s, &columns);
    return columns;
}

struct span width_first(struct span s, size_t *columns)
{
    size_t n = 0, taken = 0;
    while (n < s.n) {
        uint32_t c;
        size_t bytes = utf8_decode(span_skip(s, n), &c);
        unsigned width = width_of(c);
        if (width > *columns - taken)
            break;
        taken += width;
        n += bytes;
    }
    *columns = taken;
    return span_first(s, n);
}
