/* SPDX-License-Identifier: ISC */
/*
 * options: the command line of pochta, parsed. For one thread: getopt_long has global state.
 */
#ifndef CLIENT_OPTIONS_H
#define CLIENT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define OPTIONS_WORDS_MAX  128 /* more than most commands take */
#define OPTIONS_ATTACH_MAX 100

struct options {
    const char *server;                     /* --server HOST[:PORT], or NULL */
    const char *user;                       /* --user NAME, or NULL */
    const char *password_file;              /* --password-file FILE, or NULL */
    const char *invite_file;                /* --invite-file FILE, or NULL */
    const char *new_password_file;          /* --new-password-file FILE, or NULL */
    const char *proxy_command;              /* --proxy-command COMMAND, or NULL */
    const char *udp_datagram;               /* --udp-datagram BYTES, or NULL */
    const char *message_limit;              /* --message-limit BYTES, or NULL */
    const char *attach[OPTIONS_ATTACH_MAX]; /* --attach FILE, each that fits */
    size_t nattach;                         /* how many there are; may exceed OPTIONS_ATTACH_MAX */
    bool udp, raw, json, yes, help, version;
    const char *words[OPTIONS_WORDS_MAX]; /* the command and its arguments that fit */
    size_t nwords;                        /* how many there are; may exceed OPTIONS_WORDS_MAX */
};

/*
 * Options may stand before, between and after the words; "--" ends them. A value is the next
 * argument or follows "=". Names are never abbreviated. On failure returns false, and sets *wrong
 * to the argument that is wrong and *why to the reason. All strings of *o and *wrong lie in argv.
 */
bool options_parse(struct options *o, int argc, char *const *argv, const char **wrong,
                   const char **why);

/* Appends the options to a help text. */
void options_describe(struct buf *out);

#endif
