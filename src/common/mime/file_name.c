/* SPDX-License-Identifier: ISC */
#include "mime/file_name.h"

#include <string.h>

#include "base/utf8.h"

static struct span last_part(struct span path)
{
    size_t begin = 0;
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] == '/' || path.p[i] == '\\')
            begin = i + 1;
    return span_skip(path, begin);
}

void file_name_safe(struct span name, char out[FILE_NAME_BYTES])
{
    size_t n = 0;
    for (name = last_part(name); name.n > 0;) {
        uint32_t c;
        struct span one = span_first(name, utf8_decode(name, &c));
        name = span_skip(name, one.n);
        if (!utf8_is_safe(c) || (n == 0 && (c == '.' || c == '-')))
            one = SPAN("_");
        if (n + one.n >= FILE_NAME_BYTES)
            break;
        memcpy(out + n, one.p, one.n);
        n += one.n;
    }
    out[n] = '\0';
    if (n == 0)
        strcpy(out, "unnamed");
}
