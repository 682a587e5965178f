/* SPDX-License-Identifier: ISC */
/*
 * options: the command line of pochta, parsed. For one thread: getopt_long has global state.
 */
#ifndef CLIENT_OPTIONS_H
#define CLIENT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "client/settings.h"

#define OPTIONS_WORDS_MAX  128 /* more than most commands take */
#define OPTIONS_ATTACH_MAX 100

struct options {
    const char *setting[SETTINGS_COUNT];    /* the value of each that is given, or NULL */
    struct settings set;                    /* all of them; for the caller to read */
    const char *invite_file;                /* --invite-file FILE, or NULL */
    const char *new_password_file;          /* --new-password-file FILE, or NULL */
    const char *exec;                       /* --exec COMMAND, or NULL */
    const char *attach[OPTIONS_ATTACH_MAX]; /* --attach FILE, each that fits */
    size_t nattach;                         /* how many there are; may exceed OPTIONS_ATTACH_MAX */
    const char *format;                     /* --format FORMAT, or NULL */
    bool raw, edit, json, yes, print_config, help, version;
    bool erase;                           /* --delete */
    const char *words[OPTIONS_WORDS_MAX]; /* the command and its arguments that fit */
    size_t nwords;                        /* how many there are; may exceed OPTIONS_WORDS_MAX */
};

/*
 * Options may stand before, between and after the words; "--" ends them. A value is the next
 * argument or follows "=". Names are never abbreviated. Leaves o->set alone. On failure returns
 * false, and sets *wrong to the argument that is wrong and *why to the reason. All strings of *o
 * and *wrong lie in argv, or are constants.
 */
bool options_parse(struct options *o, int argc, char *const *argv, const char **wrong,
                   const char **why);

/* How many columns lines of the help may have: 80, or those of the terminal if it has fewer. */
unsigned options_columns(void);

/* Whether these are too few to show names and their help side by side. */
bool options_are_narrow(void);

/*
 * Appends help to a line of out that begins at start, in the column where all help stands, in lines
 * of at most options_columns().
 */
void options_add_help(struct buf *out, size_t start, struct span help);

/* Appends the options to a help text. */
void options_describe(struct buf *out);

#endif
