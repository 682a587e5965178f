/* SPDX-License-Identifier: ISC */
/*
 * line_editor: edits lines on a terminal in raw mode: keys in, bytes for the screen out. Pure,
 * except that it wipes secrets. For one thread.
 *
 * A line that is wider than the screen moves sideways while it is edited, and is shown whole, up to
 * half a screen, when it is done.
 */
#ifndef CLIENT_LINE_EDITOR_H
#define CLIENT_LINE_EDITOR_H

#include "base/buf.h"
#include "client/line_keys.h"
#include "client/line_screen.h"

#define LINE_EDITOR_HISTORY 100 /* lines that are remembered */

enum line_editor_kind {
    LINE_ANSWER, /* remembered; the newlines of a paste become spaces */
    LINE_SECRET, /* neither shown nor remembered, and wiped */
    LINE_TEXT    /* one line after another; a paste may have many */
};

enum line_editor_event {
    LINE_EDITOR_MORE,   /* wants more input */
    LINE_EDITOR_LINE,   /* a line is done */
    LINE_EDITOR_ENDED,  /* Ctrl-D on an empty line, or in LINE_TEXT a single dot */
    LINE_EDITOR_CANCEL, /* Ctrl-C */
    LINE_EDITOR_STOP    /* Ctrl-Z: stop the process, then call line_editor_redraw */
};

struct line_editor {
    struct line_keys keys;
    enum line_editor_kind kind;
    struct line_screen screen; /* of it the caller writes and clears screen.out */
    struct buf line;
    size_t cursor;     /* bytes of the line before it */
    bool pasted;       /* part of the line was */
    bool pasted_end;   /* ... and its end, and more follows */
    bool typed;        /* the line counts as typed: it may be a command */
    bool newline;      /* of a paste: a space, once more text follows */
    bool done;         /* the next call begins another line */
    struct buf killed; /* by Ctrl-U and the like, for Ctrl-Y */
    struct buf history[LINE_EDITOR_HISTORY];
    size_t remembered;     /* lines in it */
    size_t recalled;       /* which one of them is shown; remembered: none */
    struct buf unfinished; /* the line, while another one is shown */
};

void line_editor_init(struct line_editor *e);
void line_editor_free(struct line_editor *e);

/*
 * Begins a line of at most limit bytes after a prompt, which must stay valid and may have several
 * lines; those that are wider than the screen are broken at spaces. Keeps the history.
 */
void line_editor_begin(struct line_editor *e, enum line_editor_kind kind, const char *prompt,
                       size_t limit, unsigned columns, unsigned rows);

/* Call this with each piece of input as it was read, and the time, before line_editor_next. */
void line_editor_input(struct line_editor *e, struct span in, int64_t now_ms);

/*
 * Takes keys off the input until something has happened, or there are no more. After
 * LINE_EDITOR_LINE the line, e->pasted, e->pasted_end and e->typed are valid until the next call,
 * which in LINE_TEXT begins another line.
 */
enum line_editor_event line_editor_next(struct line_editor *e, struct span *in);

/* The line so far. */
struct span line_editor_line(const struct line_editor *e);

/* Draws everything again, on a screen of this size. */
void line_editor_redraw(struct line_editor *e, unsigned columns, unsigned rows);

/* Prints lines, each ended by LF and safe to print, above the prompt. */
void line_editor_above(struct line_editor *e, struct span lines);

/* Removes a secret from memory. */
void line_editor_wipe(struct line_editor *e);

#endif
