/* SPDX-License-Identifier: ISC */
/*
 * line: reads the lines that a mail program sends: its commands and the responses of a login. For
 * the session's thread.
 */
#ifndef DOORS_LINE_H
#define DOORS_LINE_H

#include "base/span.h"
#include "session/state.h"

#define LINE_BYTES 4096 /* the longest line with a command or a password, with its end */

enum line_result {
    LINE_READY,    /* *line is a line that ended in CR LF, without this end */
    LINE_LF_ALONE, /* the same, but it ended in LF without CR */
    LINE_TOO_LONG, /* a line was longer than `most`; it has been dropped up to its end */
    LINE_WOKEN,    /* the host woke the session; call again */
    LINE_ENDED     /* no more will come; the session is closing */
};

/*
 * Reads the next line, of at most `most` bytes including its end. Writes s->out before it waits.
 * *line points into s->in and is valid until line_done. The caller puts the answer to each line,
 * even one that was too long, into s->out, and then calls line_done.
 */
enum line_result line_next(struct session *s, size_t most, struct span *line);

/*
 * Waits for more bytes of what is being read: LINE_READY, LINE_WOKEN or LINE_ENDED. For texts,
 * which are not read line by line.
 */
enum line_result line_more(struct session *s);
void line_done(struct session *s);

#endif
