/* SPDX-License-Identifier: ISC */
/*
 * format: how pochtactl prints rows, each ended by LF, their columns separated by tabs. Pure,
 * except for format_print.
 */
#ifndef CTL_FORMAT_H
#define CTL_FORMAT_H

#include "admin/verbs.h"
#include "base/buf.h"

/* Appends text of unknown origin, such as a file's name: all but printable ASCII as \xHH. */
void format_text(struct buf *out, struct span s);

/* An output that is made in parts. Begins with the other members 0. */
struct format {
    const char *columns;  /* the names of the columns, separated by tabs */
    enum verb_flags form; /* VERB_JSON, VERB_PROMETHEUS (a name and a number), or 0: as they are */
    bool begun;           /* rows have been appended */
};

/*
 * Appends what stands for this text in a string of JSON (RFC 8259, section 7). What is not safe to
 * show on a terminal (utf8.h) becomes \uXXXX; a byte that is no UTF-8, \ufffd.
 */
void format_json_text(struct buf *out, struct span s);

/* Appends rows; then, after the last ones, what ends the output. JSON is an array of objects. */
void format_rows(struct format *f, struct buf *out, struct span rows);
void format_end(struct format *f, struct buf *out);

/*
 * Prints rows on standard output at once; after the last ones, what ends the output, too. EX_OK, or
 * EX_OSERR or EX_IOERR and a message.
 */
int format_print(struct format *f, const struct buf *rows, bool last);

#endif
