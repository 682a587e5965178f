/* SPDX-License-Identifier: ISC */
/*
 * pop3_command: the commands of POP3 (RFC 1939, sections 5 to 7; RFC 2449; RFC 5034), and which of
 * them a line is. Pure.
 */
#ifndef DOORS_POP3_COMMAND_H
#define DOORS_POP3_COMMAND_H

#include "base/span.h"

enum pop3_flag {
    POP3_BEFORE = 1, /* allowed before login */
    POP3_AFTER = 2,  /* allowed after login */
    POP3_REST = 4    /* its only argument is the rest of the line, with all its spaces */
};

/*
 * Each command: the word, the function that carries it out, the least and the most arguments, and
 * its flags. The last row stands for all words that are no commands.
 */
#define POP3_COMMANDS(X)                          \
    X(CAPA, capa, 0, 0, POP3_BEFORE | POP3_AFTER) \
    X(USER, user, 1, 1, POP3_BEFORE)              \
    X(PASS, pass, 1, 1, POP3_BEFORE | POP3_REST)  \
    X(AUTH, auth, 0, 2, POP3_BEFORE)              \
    X(STAT, stat, 0, 0, POP3_AFTER)               \
    X(LIST, list, 0, 1, POP3_AFTER)               \
    X(UIDL, uidl, 0, 1, POP3_AFTER)               \
    X(RETR, retr, 1, 1, POP3_AFTER)               \
    X(TOP, top, 2, 2, POP3_AFTER)                 \
    X(DELE, dele, 1, 1, POP3_AFTER)               \
    X(RSET, rset, 0, 0, POP3_AFTER)               \
    X(NOOP, noop, 0, 0, POP3_AFTER)               \
    X(QUIT, quit, 0, 0, POP3_BEFORE | POP3_AFTER) \
    X(UNKNOWN, unknown, 0, SIZE_MAX, POP3_BEFORE | POP3_AFTER)

#define POP3_ID(id, ...) POP3_##id,
enum pop3_id { POP3_COMMANDS(POP3_ID) POP3_IDS };
#undef POP3_ID

struct pop3_row {
    const char *word;
    size_t least, most; /* arguments */
    unsigned flags;     /* of enum pop3_flag */
};

extern const struct pop3_row pop3_rows[POP3_IDS];

#define POP3_ARGS 2 /* the most that a command takes */

struct pop3_command {
    enum pop3_id id;
    size_t nargs; /* how many the line has, even if more than the command takes or arg holds */
    struct span arg[POP3_ARGS];
};

/* Parses a line, without its end. The arguments point into it. Words may be in any case; there may
 * be several spaces between arguments, and spaces at the end of the line. */
struct pop3_command pop3_command_parse(struct span line);

#endif
