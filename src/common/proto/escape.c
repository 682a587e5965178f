#include "proto/escape.h"

/* The letter that stands for c after a backslash in version 2, or 0 if c is sent as it is. */
static char letter(char c, enum form form)
{
    switch (c) {
    case '\\':
        return '\\';
    case '|':
        return 'p';
    case '^':
        return 'c';
    case '\n':
        return form == FORM_LINE ? 'n' : 0;
    case '\r':
        return form == FORM_LINE ? 'r' : 0;
    default:
        return 0;
    }
}

/* Whether version 1 cannot send c there. */
static bool unsendable(char c, enum form form, enum escape_place place)
{
    switch (c) {
    case '|':
        return true;
    case '^':
        return place == ESCAPE_FIELD;
    case '\n':
    case '\r':
        return form == FORM_LINE;
    default:
        return false;
    }
}

size_t escape_count(struct span s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.n; i++)
        count += s.p[i] == '\\' || s.p[i] == '|' || s.p[i] == '^';
    return count;
}

size_t escape_write(char *out, struct span s, struct dialect d, enum escape_place place)
{
    char *to = out;

    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (d.version < 2) {
            *to++ = unsendable(c, d.form, place) ? ' ' : c;
            continue;
        }
        char l = letter(c, d.form);
        if (l)
            *to++ = '\\';
        *to++ = l ? l : c;
    }
    return (size_t)(to - out);
}

bool escape_add(struct buf *b, struct span s, struct dialect d, enum escape_place place)
{
    /* In pieces, so that a body with few escapes does not need twice its size for a moment. */
    while (s.n > 0) {
        struct span piece = span_first(s, 4096);
        char *out = buf_space(b, piece.n * ESCAPE_GROWTH);
        if (!out)
            return false;
        buf_added(b, escape_write(out, piece, d, place));
        s = span_skip(s, piece.n);
    }
    return buf_ok(b);
}

/* The byte that the letter of an escape stands for, or -1. */
static int meaning(char l)
{
    switch (l) {
    case '\\':
        return '\\';
    case 'p':
        return '|';
    case 'c':
        return '^';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    default:
        return -1;
    }
}

bool escape_undo(struct span s, char *out, size_t *n)
{
    char *to = out;

    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\\') {
            int m = ++i < s.n ? meaning(s.p[i]) : -1;
            if (m < 0)
                return false;
            c = (char)m;
        }
        *to++ = c;
    }
    *n = (size_t)(to - out);
    return true;
}
