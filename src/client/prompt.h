/* SPDX-License-Identifier: ISC */
/*
 * prompt: asks the user on the terminal, and asks again until the answer is valid. On a terminal,
 * what it shows is broken at spaces where its rows are full.
 *
 * Every function that asks returns false if there is no answer; prompt_end() then says why. For
 * one thread.
 */
#ifndef CLIENT_PROMPT_H
#define CLIENT_PROMPT_H

#include "base/buf.h"
#include "client/secret.h"

#define PROMPT_LINE_BYTES 4096               /* of an answer */
#define PROMPT_TEXT_BYTES ((size_t)16 << 20) /* of one line of a message */

enum prompt_end {
    PROMPT_ANSWERED,
    PROMPT_CANCELLED, /* the user does not want to answer: Ctrl-C, or an empty line */
    PROMPT_ENDED,     /* the input has ended, or memory is short */
    PROMPT_STOPPED    /* by prompt_meanwhile's act, or by prompt_writer's line */
};

/* How the last function that asks ended. */
enum prompt_end prompt_end(void);

/* Shows text and reads any line into *line, at most as long as the buffer's limit. */
bool prompt_line(struct buf *line, const char *text);

/*
 * A user name. An empty line means preset; if that is NULL, it cancels. A message ID; *line becomes
 * the number without leading zeros. Yes or no. In these two an empty line cancels.
 */
bool prompt_name(struct buf *line, const char *text, const char *preset);
bool prompt_id(struct buf *line, const char *text);
bool prompt_yes(struct buf *line, const char *text, bool *yes);

#define PROMPT_NO_LETTER SIZE_MAX

/*
 * Which of some letters the answer is: 0 for the first. letters: a text of the catalogue; those of
 * the user's language count, too. PROMPT_NO_LETTER: none of them.
 */
size_t prompt_letter(struct span answer, const char *letters);

/* A password, not echoed. An empty line cancels. The caller wipes the password. */
bool prompt_password(struct secret *s, const char *text);

/* Throws away what was typed before the next question. */
void prompt_drop_typed(void);

/* Prints a text. The next one, and that of prompt_key, go on in its last row. */
void prompt_say(const char *format, ...) __attribute__((format(__printf__, 1, 2)));

/* Shows text and waits for a key. */
bool prompt_key(const char *text);

/* How a line of a message came. */
enum prompt_line_kind {
    PROMPT_TYPED,       /* it may be a command */
    PROMPT_PART_PASTED, /* text, whatever it says, and then Enter was pressed */
    PROMPT_PASTED,      /* with its end: text */
    PROMPT_PLAIN        /* nobody can tell: not in raw mode */
};

/*
 * Takes the lines of a message as they are written, so that they can be kept. line is called for
 * each line that is complete, without its LF. false: stop reading. typing is called when the
 * unfinished line has changed, ending before a signal may end the process, or after the terminal is
 * gone; these two may be NULL.
 */
struct prompt_writer {
    bool (*line)(struct prompt_writer *w, struct span line, enum prompt_line_kind kind);
    void (*typing)(struct prompt_writer *w, struct span so_far);
    void (*ending)(struct prompt_writer *w);
};

/*
 * Shows text, and reads lines of at most PROMPT_TEXT_BYTES bytes until a typed line is a single
 * dot, which is not passed on, or until Ctrl-D on an empty line. Then it returns true. A line that
 * is unfinished when this returns false has been passed to typing.
 */
bool prompt_text(struct prompt_writer *w, const char *text);

/*
 * Something to do while the functions above wait. act is called when fd (-1: none) can be read, and
 * when os_clock_ms() reaches at_ms; it sets both for the next time. It may call prompt_above, and
 * must not ask or wait long. false: the prompt stops. *m stays the caller's; NULL: nothing.
 */
struct prompt_meanwhile {
    int fd;
    int64_t at_ms; /* INT64_MAX: never */
    bool (*act)(struct prompt_meanwhile *m);
};

void prompt_meanwhile(struct prompt_meanwhile *m);

/*
 * Prints lines that are safe to print, each ended by LF, above what is being typed. Between prompts
 * it just prints them.
 */
void prompt_above(struct span lines);

#endif
