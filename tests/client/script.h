/* SPDX-License-Identifier: ISC */
/*
 * script: a letter as a person types it, key by key, and what must be kept of it after each key.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "base/buf.h"

#define SCRIPT_KEYS 128

struct script_key {
    char bytes[8];
    size_t n;
    size_t lines; /* bytes of the lines that are complete after it, less the last line end */
    size_t typed; /* bytes of all that stands in the letter after it */
};

struct script {
    struct buf text; /* with the line of the dot, which stands in a draft if nothing follows it */
    size_t whole;    /* bytes of the text that is sent, with its last line end */
    struct script_key keys[SCRIPT_KEYS];
    size_t n;
};

/* Makes letter number run, unlike any other. dot: it ends with a dot in a line of its own,
 * otherwise with Ctrl-D. */
void script_make(struct script *s, unsigned run, bool dot);
void script_free(struct script *s);

/* Whether a text is what was typed so far, at least this many bytes of it. */
bool script_is_part(const struct script *s, struct span text, size_t least);

/* Whether it is the whole letter. */
bool script_is_whole(const struct script *s, struct span text);

#endif
