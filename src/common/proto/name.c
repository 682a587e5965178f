/* SPDX-License-Identifier: ISC */
#include "proto/name.h"

#include <string.h>

#include "base/digits.h"

/* c in lower case, or 0 if names cannot contain it. Not <ctype.h>, which follows the locale. */
static char fold(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
        return c;
    return c == '.' || c == '_' || c == '-' ? c : 0;
}

bool name_fold(struct span s, char out[NAME_BYTES + 1])
{
    char name[NAME_BYTES + 1];
    if (s.n == 0 || s.n > NAME_BYTES)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        name[i] = fold(s.p[i]);
        if (name[i] == 0)
            return false;
    }
    if (strchr("._-", name[0]) || name[s.n - 1] == '.')
        return false;
    memcpy(out, name, s.n);
    out[s.n] = 0;
    return true;
}

bool name_is_reserved(const char *name)
{
    return strcmp(name, NAME_SERVER) == 0 || strcmp(name, NAME_OUTSIDE) == 0;
}

bool name_password_ok(struct span s)
{
    if (s.n == 0 || s.n > PASSWORD_BYTES)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == 0 || c == '\r' || c == '\n' || c == '|')
            return false;
    }
    return true;
}

bool name_invite_ok(struct span s)
{
    return s.n == INVITE_DIGITS && digits_is_hex(s);
}
