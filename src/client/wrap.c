/* SPDX-License-Identifier: ISC */
#include "client/wrap.h"

#include "base/width.h"

/* What stands before the next space or LF. */
static struct span first_word(struct span s)
{
    size_t n = 0;
    while (n < s.n && s.p[n] != ' ' && s.p[n] != '\n')
        n++;
    return span_first(s, n);
}

/* A space at the end of a text has its column, too: what is typed comes after it. */
void wrap_text(struct buf *out, struct span text, unsigned columns, size_t *at)
{
    for (;;) {
        struct span word = first_word(text);
        buf_add(out, word);
        *at += width_text(word);
        if (columns > 0 && *at > columns)
            *at = (*at - 1) % columns + 1; /* the terminal has broken it */
        text = span_skip(text, word.n);
        if (text.n == 0)
            return;
        size_t next = width_text(first_word(span_skip(text, 1)));
        bool full = columns > 0 && *at + 1 + next > columns;
        char c = full ? '\n' : text.p[0];
        buf_add_char(out, c);
        *at = c == '\n' ? 0 : *at + 1;
        text = span_skip(text, 1);
    }
}
