/* SPDX-License-Identifier: ISC */
#include "store/key_line.h"

#include <string.h>

bool key_line_take(struct span *s, struct span key, struct span *value)
{
    struct span rest = *s, line;
    if (!span_cut(&rest, '\n', &line) || !span_starts(line, key))
        return false;
    *value = span_skip(line, key.n);
    *s = rest;
    return true;
}

bool key_line_take_number(struct span *s, struct span key, uint64_t max, uint64_t *value)
{
    struct span rest = *s, digits;
    if (!key_line_take(&rest, key, &digits) || !span_u64(digits, max, value))
        return false;
    *s = rest;
    return true;
}

bool key_line_take_text(struct span *s, struct span key, char *value, size_t size)
{
    struct span rest = *s, text;
    if (!key_line_take(&rest, key, &text) || text.n >= size || span_find(text, '\0') < text.n)
        return false;
    memcpy(value, text.p, text.n);
    value[text.n] = '\0';
    *s = rest;
    return true;
}
