/* SPDX-License-Identifier: ISC */
/*
 * pop3_lines: writes a mail as the lines of an answer (RFC 1939, section 3): adds a dot to each
 * line that begins with one, and stops after as many lines of the body as TOP wants. Pure.
 */
#ifndef DOORS_POP3_LINES_H
#define DOORS_POP3_LINES_H

#include "base/buf.h"

struct pop3_lines {
    uint64_t left; /* lines of the body that are still wanted */
    bool body;     /* the header has ended */
    bool within;   /* a line has begun, and not ended */
    bool blank;    /* this line has nothing but its end so far */
};

/* most: how many lines of the body are wanted. */
struct pop3_lines pop3_lines_new(uint64_t most);

/*
 * Appends a piece of a mail whose lines end with CR LF; the piece may end anywhere. Returns false
 * once nothing more is wanted; the rest of the piece has then been left out.
 */
bool pop3_lines_add(struct pop3_lines *l, struct span piece, struct buf *out);

#endif
