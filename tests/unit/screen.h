/* SPDX-License-Identifier: ISC */
/* screen: the little of a terminal that line_screen uses, to see what its bytes show. */
#ifndef SCREEN_H
#define SCREEN_H

#include <string.h>

#include "base/utf8.h"
#include "base/width.h"

#define SCREEN_ROWS    30
#define SCREEN_COLUMNS 120
#define SCREEN_CELL    80 /* bytes of a character with its marks */

struct screen {
    size_t columns, rows, row, column;
    bool unknown; /* bytes have come that it does not know */
    char cell[SCREEN_ROWS][SCREEN_COLUMNS][SCREEN_CELL];
};

static inline void screen_begin(struct screen *s, size_t columns, size_t rows)
{
    memset(s, 0, sizeof *s);
    s->columns = columns;
    s->rows = rows;
}

static inline void screen_down(struct screen *s)
{
    if (++s->row < s->rows)
        return;
    s->row--;
    memmove(s->cell[0], s->cell[1], (s->rows - 1) * sizeof s->cell[0]);
    memset(s->cell[s->rows - 1], 0, sizeof s->cell[0]);
}

/* A character at the cursor; a mark goes to the one before. At the end of a row it wraps. */
static inline void screen_put(struct screen *s, struct span one, unsigned wide)
{
    if (wide == 0) {
        char *cell = s->cell[s->row][s->column > 0 ? s->column - 1 : 0];
        if (strlen(cell) + one.n < SCREEN_CELL)
            strncat(cell, one.p, one.n);
        return;
    }
    if (s->column + wide > s->columns) {
        s->column = 0;
        screen_down(s);
    }
    char *cell = s->cell[s->row][s->column];
    memset(cell, 0, wide * (size_t)SCREEN_CELL);
    memcpy(cell, one.p, one.n);
    if (wide == 2)
        s->cell[s->row][s->column + 1][0] = '\001'; /* the other half */
    s->column += wide;
}

static inline void screen_erase(struct screen *s, bool below)
{
    size_t rest = s->columns - s->column;
    if (s->column < s->columns)
        memset(s->cell[s->row][s->column], 0, rest * SCREEN_CELL);
    for (size_t row = s->row + 1; below && row < s->rows; row++)
        memset(s->cell[row], 0, sizeof s->cell[0]);
}

/* Takes ESC [ number letter. Returns its bytes. */
static inline size_t screen_sequence(struct screen *s, struct span in)
{
    size_t i = 2, number = 0;
    while (i < in.n && in.p[i] >= '0' && in.p[i] <= '9')
        number = number * 10 + (size_t)(in.p[i++] - '0');
    char what = i < in.n && in.p[1] == '[' ? in.p[i] : '?';
    if (what == 'C')
        s->column = s->column + number < s->columns ? s->column + number : s->columns - 1;
    else if (what == 'A')
        s->row -= number < s->row ? number : s->row;
    else if (what == 'K')
        screen_erase(s, false);
    else if (what == 'J' && number != 2)
        screen_erase(s, true);
    else if (what == 'J')
        memset(s->cell, 0, sizeof s->cell);
    else if (what == 'H')
        s->row = s->column = 0;
    else
        s->unknown = true;
    return i < in.n ? i + 1 : in.n;
}

static inline void screen_show(struct screen *s, struct span in)
{
    while (in.n > 0) {
        uint32_t c;
        size_t n = utf8_decode(in, &c);
        if (c == '\r')
            s->column = 0;
        else if (c == '\n')
            screen_down(s), s->column = 0; /* as with onlcr */
        else if (c == '\033')
            n = screen_sequence(s, in);
        else if (utf8_is_safe(c))
            screen_put(s, span_first(in, n), width_of(c));
        else
            s->unknown = true;
        in = span_skip(in, n);
    }
}

/* A row as text, with | where the cursor is, without spaces at the end. */
static inline const char *screen_row(const struct screen *s, size_t row)
{
    static char text[SCREEN_COLUMNS * SCREEN_CELL];
    size_t n = 0, end = 0;
    for (size_t i = 0; i <= s->columns; i++) {
        if (row == s->row && i == s->column)
            text[n++] = '|', end = n;
        const char *cell = i < s->columns ? s->cell[row][i] : "";
        if (i == s->columns || *cell == '\001')
            continue;
        n += (size_t)snprintf(text + n, SCREEN_CELL, "%s", *cell ? cell : " ");
        if (*cell)
            end = n;
    }
    text[end] = '\0';
    return text;
}

#endif
