/* SPDX-License-Identifier: ISC */
#include "client/proxy.h"

#include <assert.h>
#include <string.h>

bool proxy_text_ok(const char *text)
{
    for (const char *p = strchr(text, '%'); p; p = strchr(p + 2, '%'))
        if (p[1] != 'h' && p[1] != 'p' && p[1] != '%')
            return false;
    return true;
}

static bool is_plain(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789._:-";
    return word[0] != '-' && word[strspn(word, plain)] == '\0';
}

bool proxy_place_ok(const struct address_place *place)
{
    return is_plain(place->host) && is_plain(place->port);
}

bool proxy_expand(struct buf *out, const char *text, const struct address_place *place)
{
    assert(proxy_text_ok(text) && proxy_place_ok(place));
    for (const char *p = text; *p; p++) {
        if (*p != '%')
            buf_add_char(out, *p);
        else if (*++p == '%')
            buf_add_char(out, '%');
        else
            buf_add_str(out, *p == 'h' ? place->host : place->port);
    }
    return buf_ok(out);
}
