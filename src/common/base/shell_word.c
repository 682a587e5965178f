/* SPDX-License-Identifier: ISC */
#include "base/shell_word.h"

#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."
#define PLAIN   LETTERS "/+,:@%-"

static bool is_printable(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' || (unsigned char)s.p[i] >= 0x7f)
            return false;
    return true;
}

/* Between single quotes, which every shell knows. */
static void add_quoted(struct buf *out, struct span s)
{
    buf_add_char(out, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\'')
            buf_add_str(out, "'\\''"); /* ends, escapes one and begins again */
        else
            buf_add_char(out, s.p[i]);
    }
    buf_add_char(out, '\'');
}

/* With escapes, so that the command is one line of ASCII: for bash, and for POSIX since 2024. */
static void add_escaped(struct buf *out, struct span s)
{
    buf_add_str(out, "$'");
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < ' ' || c >= 0x7f || c == '\'' || c == '\\')
            buf_printf(out, "\\%03o", (unsigned)c);
        else
            buf_add_char(out, (char)c);
    }
    buf_add_char(out, '\'');
}

void shell_word_add(struct buf *out, const char *path)
{
    struct span s = span_str(path);
    while (s.n > 1 && s.p[s.n - 1] == '/')
        s.n--;
    if (s.n > 0 && *path != '/' && !strchr(LETTERS, *path))
        buf_add_str(out, "./");
    if (s.n > 0 && strspn(path, PLAIN) >= s.n)
        buf_add(out, s);
    else if (is_printable(s))
        add_quoted(out, s);
    else
        add_escaped(out, s);
}
