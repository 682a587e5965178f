/* SPDX-License-Identifier: ISC */
/*
 * script: a letter as a person writes it, key by key and in the editor, and what must be kept of it
 * after each key.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "base/buf.h"

#define SCRIPT_KEYS       128
#define SCRIPT_WAITS      4 /* of the editor: see there */
#define SCRIPT_LINE_BYTES 32

struct script_key {
    char bytes[8];
    size_t n;
    size_t lines; /* bytes of the lines that are complete after it, less the last line end */
    size_t typed; /* bytes of all that stands in the letter after it */
};

/* What sort of letter it is. */
struct script_sort {
    unsigned number;    /* makes it unlike any other */
    struct span before; /* what it begins with before anything is typed */
    bool typed;         /* it has keys */
    bool dot;           /* ... and ends with a dot in a line of its own, otherwise with Ctrl-D */
    bool edited;        /* the editor adds a line, after which more is typed if typed is set */
    unsigned waits;     /* the editor is killed at its wait with this number; 0: it is not */
};

struct script {
    struct buf text; /* with the line of the dot, which stands in a draft if nothing follows it */
    struct buf command; /* the same up to the line that starts the editor, which may stand there */
    size_t whole;       /* bytes of the text that is sent, with its last line end */
    struct script_key keys[SCRIPT_KEYS];
    size_t n;
    size_t starter;             /* the key that starts the editor; SIZE_MAX: none */
    size_t saved[SCRIPT_WAITS]; /* bytes of the letter of which the editor's file has the last */
};

/* The line that the editor adds: half of it, and the other half without its line end. */
void script_edited_line(unsigned number, char first[SCRIPT_LINE_BYTES],
                        char second[SCRIPT_LINE_BYTES]);

void script_make(struct script *s, const struct script_sort *sort);
void script_free(struct script *s);

/* Whether a text is what was written so far, at least this many bytes of it. */
bool script_is_part(const struct script *s, struct span text, size_t least);

/* Whether it is the whole letter. */
bool script_is_whole(const struct script *s, struct span text);

#endif
