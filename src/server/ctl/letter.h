/* SPDX-License-Identifier: ISC */
/*
 * letter: how pochtactl prints one message: first a line "column: value" for each column of its
 * row, then an empty line, then the text. For one thread.
 */
#ifndef CTL_LETTER_H
#define CTL_LETTER_H

#include "base/buf.h"
#include "ctl/options.h"

/* An output that is made in parts. Begins with the other members 0. */
struct letter {
    const char *columns; /* the names of the columns of the row, separated by tabs */
    bool json;           /* an array with one object, which has the text as its last member */
    bool terminal;       /* characters that could control a terminal are written as \x1b */
    bool begun;          /* the row has been appended */
    char rest[3];        /* the bytes at the end of a part that may be half a character */
    size_t nrest;
};

/* Whether the answer to a command is one message. */
bool letter_is_shown(const struct ctl_options *o);

/*
 * Appends a part of the answer. The first begins with the whole row, as mailbox list has it, and
 * its LF. last: it is the last part. JSON has U+FFFD in place of bytes that are not UTF-8. Pure.
 */
void letter_add(struct letter *l, struct buf *out, struct span part, bool last);

/* Prints a part on standard output at once, as format_print does. */
int letter_print(struct letter *l, const struct buf *part, bool last);

#endif
