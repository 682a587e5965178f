/* SPDX-License-Identifier: ISC */
#include "base/domain.h"

#define LABEL_MAX 63

/* The byte in lower case, or 0 if no label may have it. */
static char fold(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ? c : '\0';
}

static bool is_label(struct span label)
{
    for (size_t i = 0; i < label.n; i++)
        if (!fold(label.p[i]))
            return false;
    return label.n > 0 && label.n <= LABEL_MAX && label.p[0] != '-' && label.p[label.n - 1] != '-';
}

bool domain_fold(struct span text, char name[DOMAIN_BYTES])
{
    struct span rest = text, label;
    if (text.n >= DOMAIN_BYTES)
        return false;
    while (span_cut(&rest, '.', &label))
        if (!is_label(label))
            return false;
    if (!is_label(rest))
        return false;
    for (size_t i = 0; i < text.n; i++)
        name[i] = text.p[i] == '.' ? '.' : fold(text.p[i]);
    name[text.n] = '\0';
    return true;
}
