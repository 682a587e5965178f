/* SPDX-License-Identifier: ISC */
#include "doors/pop3_lines.h"

struct pop3_lines pop3_lines_new(uint64_t most)
{
    return (struct pop3_lines){.left = most};
}

static bool is_end(struct span part)
{
    return span_eq(part, SPAN("\r\n")) || span_eq(part, SPAN("\r")) || span_eq(part, SPAN("\n"));
}

/* Appends a line, or a part of one. */
static void add_part(struct pop3_lines *l, struct span part, struct buf *out)
{
    if (!l->within && part.p[0] == '.')
        buf_add_char(out, '.');
    buf_add(out, part);
    l->blank = (!l->within || l->blank) && is_end(part);
    l->within = !span_ends(part, SPAN("\n"));
}

/* Called at the end of a line: the empty one ends the header. */
static void count_line(struct pop3_lines *l)
{
    if (l->body)
        l->left--;
    else
        l->body = l->blank;
}

bool pop3_lines_add(struct pop3_lines *l, struct span piece, struct buf *out)
{
    while (piece.n > 0 && (!l->body || l->left > 0)) {
        struct span part = span_line(piece);
        add_part(l, part, out);
        if (!l->within)
            count_line(l);
        piece = span_skip(piece, part.n);
    }
    return !l->body || l->left > 0;
}
