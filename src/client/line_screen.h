/* SPDX-License-Identifier: ISC */
/*
 * line_screen: shows a prompt and the line that is being edited after it, of which it shows the
 * part around the cursor. Pure.
 */
#ifndef CLIENT_LINE_SCREEN_H
#define CLIENT_LINE_SCREEN_H

#include "base/buf.h"

struct line_screen {
    const char *prompt; /* shown with its rows broken at spaces */
    bool hidden;        /* nothing of the line is shown */
    unsigned columns, rows;
    unsigned above; /* rows of the prompt above the one with the line */
    unsigned start; /* the column where the line begins */
    bool broken;    /* the line begins on a row of its own for lack of room */
    size_t first;   /* bytes of the line to the left of what is shown */
    struct buf out; /* for the terminal: the caller writes and clears it */
};

/* Shows the prompt. */
void line_screen_prompt(struct line_screen *s);

/* Begins another line below, without a prompt. */
void line_screen_next(struct line_screen *s);

/* Shows the line and the cursor, which is before byte cursor. */
void line_screen_draw(struct line_screen *s, struct span line, size_t cursor);

/* Shows the prompt again from the row of the cursor on; with clear on an empty screen. */
void line_screen_again(struct line_screen *s, bool clear);

/* Prints lines, each ended by LF and safe to print, above the prompt. The caller draws the line. */
void line_screen_above(struct line_screen *s, struct span lines);

/* Shows a line that is done, and a sign after it; the cursor goes to the next row. */
void line_screen_done(struct line_screen *s, struct span line, const char *sign);

/* Where the character before this place begins, or the one at it ends, with its marks. */
size_t line_screen_left(struct span line, size_t at);
size_t line_screen_right(struct span line, size_t at);

#endif
