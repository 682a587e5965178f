/* SPDX-License-Identifier: ISC */
/*
 * rows: a list of messages or drafts, a line each: in columns that fit the screen, separated by
 * tabs for scripts, or as JSON. Pure except for the local time zone; for one thread.
 */
#ifndef CLIENT_ROWS_H
#define CLIENT_ROWS_H

#include "base/buf.h"
#include "proto/message.h"

enum rows_form {
    ROWS_TABS,    /* as view_row */
    ROWS_COLUMNS, /* with a heading before the first row */
    ROWS_JSON     /* an object a line */
};

struct rows {
    enum rows_form form;
    unsigned columns; /* of the screen, for ROWS_COLUMNS */
    bool colour;      /* unread messages are bold */
    bool begun;
};

/* ROWS_COLUMNS for a screen with this many columns, ROWS_TABS if that is unknown (0). */
enum rows_form rows_form(unsigned columns);

/* Appends a row. m may have only the first line of its body; a MIME text as letter_text() has it.
 */
void rows_add(struct rows *r, struct buf *out, const struct message *m);

/* A draft, as a list shows it. */
struct rows_draft {
    unsigned number;
    const char *state; /* marked with N_() */
    bool is_known;     /* the rest is known, too */
    int64_t changed;   /* when it was */
    struct span to;    /* its recipients */
    size_t bytes;
    struct span text;
};

/* Appends its row. r->form is ROWS_COLUMNS. */
void rows_add_draft(struct rows *r, struct buf *out, const struct rows_draft *d);

/*
 * What a list shows of a body: the first line with text, without "Subject: " before it; a line that
 * only greets is left out if there is another one. At most MESSAGE_LINE_BYTES; lies in body.
 */
struct span rows_subject(struct span body);

#endif
