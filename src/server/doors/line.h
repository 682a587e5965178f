/* SPDX-License-Identifier: ISC */
/*
 * line: reads the lines that a mail program sends: its commands, and the texts of its messages. For
 * the session's thread.
 */
#ifndef DOORS_LINE_H
#define DOORS_LINE_H

#include "base/span.h"
#include "session/state.h"

#define LINE_BYTES 4096 /* the longest line with a command or a password, with its end */

enum line_result {
    LINE_READY,    /* *line is a line, without its end */
    LINE_LF_ALONE, /* the same, but it ended in LF without CR */
    LINE_TOO_LONG, /* a line was longer than most bytes; it has been dropped up to its end */
    LINE_WOKEN,    /* the host woke the session; call again */
    LINE_ENDED     /* no more will come; the session is closing */
};

/*
 * Reads the next line, of at most `most` bytes with its end. Writes s->out before it waits. *line
 * points into s->in and is valid until line_done, which must follow each line, also one that was
 * too long, after its answer is in s->out.
 */
enum line_result line_next(struct session *s, size_t most, struct span *line);
void line_done(struct session *s);

#endif
