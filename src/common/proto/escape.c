/* SPDX-License-Identifier: ISC */
#include "proto/escape.h"

#include <string.h>

#define BLOCK 64 /* bytes; the count of its escapes fits a byte */

static const char escaped[] = "\\|^\n\r", letters[] = "\\pcnr";

/* The letter that stands for a byte after a backslash in version 2, or 0. */
static const char letter_of[256] = {
    ['\\'] = '\\', ['|'] = 'p', ['^'] = 'c', ['\n'] = 'n', ['\r'] = 'r'};

/* The same in this form, which may send CR and LF as they are. */
static char letter(char c, enum form form)
{
    return form != FORM_LINE && (c == '\n' || c == '\r') ? 0 : letter_of[(unsigned char)c];
}

/* Whether version 1 cannot send c there. */
static bool unsendable(char c, enum form form, enum escape_place place)
{
    return letter(c, form) && c != '\\' && (c != '^' || place == ESCAPE_FIELD);
}

/* With the length known, the compiler looks at many bytes at a time. */
static unsigned count_in_block(const char p[BLOCK])
{
    unsigned char count = 0;
    for (size_t i = 0; i < BLOCK; i++)
        /* cppcheck-suppress bitwiseOnBoolean ; || would make branches */
        count = (unsigned char)(count + ((p[i] == '\\') | (p[i] == '|') | (p[i] == '^')));
    return count;
}

size_t escape_count(struct span s)
{
    size_t count = 0, i = 0;
    for (; s.n - i >= BLOCK; i += BLOCK)
        count += count_in_block(s.p + i);
    for (; i < s.n; i++)
        count += s.p[i] == '\\' || s.p[i] == '|' || s.p[i] == '^';
    return count;
}

/* Writes byte after byte; returns how many. */
static size_t write_bytes(char *out, struct span s, struct dialect d, enum escape_place place)
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

/* In most bodies hardly any block has a byte that cannot be sent as it is. */
size_t escape_write(char *out, struct span s, struct dialect d, enum escape_place place)
{
    char *to = out;
    for (size_t i = 0; i < s.n; i += BLOCK) {
        struct span block = span_of(s.p + i, s.n - i < BLOCK ? s.n - i : BLOCK);
        if (block.n < BLOCK || d.form == FORM_LINE || count_in_block(block.p) > 0) {
            to += write_bytes(to, block, d, place);
            continue;
        }
        memcpy(to, block.p, BLOCK);
        to += BLOCK;
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

bool escape_undo(struct span s, char *out, size_t *n)
{
    char *to = out;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\\') {
            const char *at = ++i < s.n ? memchr(letters, s.p[i], sizeof letters - 1) : NULL;
            if (!at)
                return false;
            c = escaped[at - letters];
        }
        *to++ = c;
    }
    *n = (size_t)(to - out);
    return true;
}
