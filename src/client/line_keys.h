/* SPDX-License-Identifier: ISC */
/*
 * line_keys: tells keys and text apart in what a terminal in raw mode sends. Pure.
 *
 * Pasted text is only text: no byte of it is a key. A terminal marks it (ESC[200~ and ESC[201~).
 * Not every terminal does, so input that comes at once and goes on after the end of a line counts
 * as pasted, too: nobody types that fast.
 */
#ifndef CLIENT_LINE_KEYS_H
#define CLIENT_LINE_KEYS_H

#include "base/span.h"

enum line_key {
    KEY_MORE,    /* there is no more input */
    KEY_TEXT,    /* bytes to insert */
    KEY_NEWLINE, /* a line ends in pasted text */
    KEY_ENTER,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_WORD_LEFT,
    KEY_WORD_RIGHT,
    KEY_HOME,
    KEY_END,
    KEY_UP,
    KEY_DOWN,
    KEY_DELETE,
    KEY_BACKSPACE,
    KEY_KILL_LEFT,      /* Ctrl-U */
    KEY_KILL_RIGHT,     /* Ctrl-K */
    KEY_KILL_WORD,      /* Ctrl-W */
    KEY_KILL_NEXT_WORD, /* Alt-D */
    KEY_YANK,           /* Ctrl-Y */
    KEY_SWAP,           /* Ctrl-T */
    KEY_CLEAR,          /* Ctrl-L */
    KEY_CANCEL,         /* Ctrl-C */
    KEY_EOF,            /* Ctrl-D */
    KEY_STOP,           /* Ctrl-Z */
    KEY_TAB,
    KEY_OTHER /* means nothing here */
};

#define LINE_KEYS_SEQUENCE 16 /* bytes of the longest escape sequence that is understood */

struct line_keys {
    bool marked;            /* between the marks of a paste */
    bool burst;             /* the input counts as pasted without marks */
    bool after_cr;          /* a LF that follows belongs to the CR before it */
    int64_t burst_until_ms; /* what comes until then belongs to the burst */
    int64_t escape_ms;      /* when the sequence began */
    size_t n;               /* bytes of the sequence that has begun */
    char sequence[LINE_KEYS_SEQUENCE];
};

/* Begins with all members zero. */
void line_keys_init(struct line_keys *k);

/* A paste without marks has ended: what comes next, however soon, does not belong to it. */
void line_keys_calm(struct line_keys *k);

/* Call this with each piece of input as it was read, and the time, before line_keys_next. */
void line_keys_input(struct line_keys *k, struct span in, int64_t now_ms);

/*
 * Takes the next key off the input. *text becomes the text of KEY_TEXT, valid until the next call.
 */
enum line_key line_keys_next(struct line_keys *k, struct span *in, struct span *text);

/* Whether the key just taken was pasted. */
bool line_keys_pasted(const struct line_keys *k);

#endif
